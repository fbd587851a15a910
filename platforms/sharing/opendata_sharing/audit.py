"""The audit log calls.sqlite: nothing is answered before its row is on the disk.

One thread per server writes. It takes all rows that wait, chains and commits them together, and so one fsync serves
many callers. Several servers take turns by SQLite's write lock (BEGIN IMMEDIATE), within which the chains' heads are
read anew.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opendata_sharing.audit_chain import CONTENT, START, bureau_hash, first_fault, row_hash

_TABLES = """
CREATE TABLE IF NOT EXISTS audit (
  seq INTEGER PRIMARY KEY, at TEXT, bureau TEXT, bureau_seq INTEGER, token_prefix TEXT, access TEXT, method TEXT,
  action TEXT, table_id TEXT, version INTEGER, status INTEGER, bytes INTEGER, detail TEXT, request TEXT,
  bureau_hash TEXT, hash TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS audit_of_bureau ON audit (bureau, bureau_seq);
CREATE TABLE IF NOT EXISTS head (chain TEXT PRIMARY KEY, seq INTEGER, hash TEXT);
CREATE TABLE IF NOT EXISTS submitted_need (id TEXT PRIMARY KEY, at TEXT, bureau TEXT, document TEXT);
CREATE TRIGGER IF NOT EXISTS audit_keeps BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
"""
_COLUMNS = ("seq", *CONTENT, "bureau_hash", "hash")
_INSERT = f"INSERT INTO audit ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One call: when, who, what, with which outcome; `bytes` are the answer's. Never a token or a signature."""

    at: str
    bureau: str | None
    token_prefix: str | None
    access: str | None
    method: str
    action: str
    table_id: str | None
    version: int | None
    status: int
    bytes: int
    detail: str
    request: str


_Waiting = tuple[Entry, asyncio.AbstractEventLoop, "asyncio.Future[None]"]


class AuditLog:
    """The log of one store, open for writing by this server."""

    def __init__(self, path: Path) -> None:
        self._path = path
        _found(path)
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="audit", daemon=True)
        self._thread.start()

    async def record(self, entry: Entry) -> None:
        """Append a row; returns when it is on the disk.

        Raises:
            sqlite3.Error: it can't be written; then nothing may be answered.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.put((entry, loop, done))
        await done

    def close(self) -> None:
        """Write what waits, and end."""
        self._waiting.put(None)
        self._thread.join()

    def _write_all(self) -> None:
        with closing(_opened(self._path)) as connection:
            while (first := self._waiting.get()) is not None:
                taken, ends = [first], False
                while len(taken) < _AT_ONCE and not self._waiting.empty():
                    following = self._waiting.get()
                    if following is None:
                        ends = True
                        break
                    taken.append(following)
                _answer(taken, _append(connection, [entry for entry, _, _ in taken]))
                if ends:
                    return


def _answer(taken: list[_Waiting], failure: sqlite3.Error | None) -> None:
    """Wake the callers, each loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for _, loop, done in taken:
        by_loop.setdefault(loop, []).append(done)
    for loop, waiting in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, waiting, failure)


def _settle(waiting: list[asyncio.Future[None]], failure: sqlite3.Error | None) -> None:
    for done in waiting:
        if done.done():
            continue
        if failure is None:
            done.set_result(None)
        else:
            done.set_exception(failure)


def _append(connection: sqlite3.Connection, entries: list[Entry]) -> sqlite3.Error | None:
    """Chain and commit the entries; the error where that failed."""
    try:
        with _writing(connection):
            heads = {chain: (seq, digest) for chain, seq, digest in connection.execute("SELECT * FROM head")}
            rows = [_chained(entry, heads) for entry in entries]
            connection.executemany(_INSERT, rows)
            connection.executemany(
                "INSERT OR REPLACE INTO head VALUES (?, ?, ?)", [(chain, *head) for chain, head in heads.items()]
            )
    except sqlite3.Error as error:
        return error
    return None


def _chained(entry: Entry, heads: dict[str, tuple[int, str]]) -> tuple[object, ...]:
    """The row of an entry; moves the heads on."""
    chain = entry.bureau or ""
    number, own = heads.get(chain, (0, START))
    seq, head = heads.get("*", (0, START))
    content = (
        entry.at,
        entry.bureau,
        number + 1,
        entry.token_prefix,
        entry.access,
        entry.method,
        entry.action,
        entry.table_id,
        entry.version,
        entry.status,
        entry.bytes,
        entry.detail,
        entry.request,
    )
    own = bureau_hash(own, content)
    head = row_hash(head, seq + 1, own)
    heads[chain], heads["*"] = (number + 1, own), (seq + 1, head)
    return (seq + 1, *content, own, head)


def add_need(path: Path, identifier: str, at: str, bureau: str, document: str) -> None:
    """Keep a need that a bureau handed in, until the pipeline takes it over.

    Raises:
        sqlite3.Error: it can't be written.
    """
    with closing(_opened(path)) as connection, _writing(connection):
        connection.execute("INSERT INTO submitted_need VALUES (?, ?, ?, ?)", (identifier, at, bureau, document))


def needs_of(path: Path, bureau: str) -> list[tuple[str, str, str]]:
    """(id, at, document) of what the bureau handed in, newest first."""
    with closing(_opened(path)) as connection:
        return connection.execute(
            "SELECT id, at, document FROM submitted_need WHERE bureau = ? ORDER BY at DESC, rowid DESC LIMIT 100",
            (bureau,),
        ).fetchall()


def latest_of(path: Path, bureau: str, limit: int) -> list[dict[str, Any]]:
    """A bureau's latest rows, newest first."""
    with closing(_opened(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(
            "SELECT * FROM audit WHERE bureau = ? ORDER BY bureau_seq DESC LIMIT ?", (bureau, limit)
        ).fetchall()
    return [dict(row) for row in rows]


def slice_of(path: Path, bureau: str, after: int, limit: int) -> dict[str, Any]:
    """A bureau's rows after number `after`, each with the hash before it, and the heads of its chain and of all."""
    with closing(_opened(path)) as connection:
        connection.row_factory = sqlite3.Row
        with _reading(connection):
            rows = connection.execute(
                "SELECT audit.*, coalesce(before.hash, ?) AS previous FROM audit"
                " LEFT JOIN audit AS before ON before.seq = audit.seq - 1"
                " WHERE audit.bureau = ? AND audit.bureau_seq > ? ORDER BY audit.bureau_seq LIMIT ?",
                (START, bureau, after, limit),
            ).fetchall()
            heads = {
                chain: {"seq": seq, "hash": digest} for chain, seq, digest in connection.execute("SELECT * FROM head")
            }
    return {
        "bureau": bureau,
        "content": CONTENT,
        "entries": [dict(row) for row in rows],
        "bureau_head": heads.get(bureau),
        "head": heads.get("*"),
    }


def find_fault(path: Path) -> tuple[int, str | None]:
    """(number of rows, what is wrong with the log or None).

    Raises:
        sqlite3.Error: it is no such log, or unreadable.
    """
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        with _reading(connection):
            heads = {chain: (seq, digest) for chain, seq, digest in connection.execute("SELECT * FROM head")}
            (count,) = connection.execute("SELECT count(*) FROM audit").fetchone()
            rows = connection.execute("SELECT * FROM audit ORDER BY seq")
            return count, first_fault((dict(row) for row in rows), heads)


def _found(path: Path) -> None:
    """Make the log where there is none; readable by its owner alone, for it says who reads what."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with closing(_opened(path)) as connection:
        connection.executescript(_TABLES)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=20, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _reading(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")
