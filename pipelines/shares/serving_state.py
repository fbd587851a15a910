"""`state.sqlite`: what the sharing server reads, made of the acts and the tables, replaced in one transaction."""

from __future__ import annotations

import datetime
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.chain import Head
from pipelines.home import disk_failure, to_disk
from pipelines.shares.access import Access
from pipelines.shares.offers import Offers, described
from pipelines.shares.state import SharingState
from pipelines.shares.tables import SharedTable
from resource_catalog.vocabulary import Sharing

VERSION = 1
_FILE = "state.sqlite"
_SOURCE = "state.source.json"
_HARMED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_PATIENCE = 20  # seconds that the writer waits for another one
_COLUMNS: Mapping[str, str] = {
    "agency": "id TEXT, name TEXT, share TEXT, schema TEXT",
    "bureau": "id TEXT PRIMARY KEY, title TEXT, removed_at TEXT",
    "token": "hash TEXT PRIMARY KEY, prefix TEXT, bureau TEXT, issued_at TEXT, expires_at TEXT, revoked_at TEXT",
    "shared_table": "id TEXT PRIMARY KEY, dataset TEXT, policy TEXT, name TEXT, title TEXT, summary TEXT, owner TEXT, "
    "columns TEXT, conditions TEXT, cycle_days INTEGER, cycle TEXT, created_at TEXT, retired_at TEXT, "
    "first_version INTEGER, current_version INTEGER",
    "version": "table_id TEXT, version INTEGER, release INTEGER, at TEXT, rows INTEGER, added INTEGER, "
    "changed INTEGER, removed INTEGER, PRIMARY KEY (table_id, version)",
    "data_file": "table_id TEXT, path TEXT, kind TEXT, first_version INTEGER, last_version INTEGER, size INTEGER, "
    "rows INTEGER, sha256 TEXT, PRIMARY KEY (table_id, path)",
    "access": "id TEXT PRIMARY KEY, bureau TEXT, table_id TEXT, need TEXT, purpose TEXT, basis TEXT, valid_from TEXT, "
    "valid_to TEXT, revoked_at TEXT, history INTEGER",
    "need": "id TEXT PRIMARY KEY, bureau TEXT, dataset TEXT, submitted_at TEXT, due TEXT, state TEXT, decision TEXT, "
    "reason TEXT",
    "announcement": "dataset TEXT, what TEXT, effective_on TEXT, announced_at TEXT",
    "offer": "dataset TEXT PRIMARY KEY, title TEXT, summary TEXT, owner TEXT, sharing TEXT, condition TEXT, "
    "columns TEXT",
}
_INDEXES = ("access (bureau)", "token (bureau)", "need (bureau)")


@dataclass(frozen=True)
class Served:
    """All that is served: the state of sharing, where it comes from, and who may read which table."""

    state: SharingState
    head: Head
    offers: Offers
    tables: tuple[SharedTable, ...]
    access: tuple[Access, ...]
    due: Mapping[str, str]


def state_file(store: Path) -> Path:
    """Where the state lies in a sharing store."""
    return store / _FILE


def known_head(store: Path) -> Head | None:
    """The head of the chain that the state was made from; None where that isn't known.

    It stands in a file of its own, for even who only reads SQLite's WAL writes beside it.
    """
    source = _source(store)
    return Head(source["acts"], source["head"]) if source and state_file(store).exists() else None


def _source(store: Path) -> dict[str, Any] | None:
    """How many acts the state was made of, the last one's hash, the digests of all rows and of the file."""
    try:
        facts = json.loads((store / _SOURCE).read_text("utf-8"))
        known = {"acts": int(facts["acts"]), **{name: str(facts[name]) for name in ("head", "rows", "file")}}
    except (OSError, ValueError, KeyError, TypeError):
        return None  # then the state is written anew
    return known


def _digest_of(file: Path) -> str:
    """The SHA-256 of the file's bytes, and whether anything waits beside it to be taken into it."""
    wal = file.with_name(f"{file.name}-wal")
    waiting = wal.stat().st_size if wal.exists() else 0
    with file.open("rb") as content:
        return f"{hashlib.file_digest(content, 'sha256').hexdigest()}+{waiting}"


def write_state(store: Path, served: Served) -> None:
    """Replace the whole state in one transaction: a reader sees the state before or this one.

    An equal one stays as it is, if nobody else wrote in it: what was edited or harmed there is set right.

    Raises:
        OutsideError: the disk refuses it; the state before stays.
    """
    file = state_file(store)
    rows = {table: [tuple(map(_cell, row)) for row in make(served)] for table, make in _ROWS.items()}
    digest = hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()
    source = {"acts": served.head.count, "head": served.head.hash, "rows": digest}
    try:
        if file.exists() and _source(store) == {**source, "file": _digest_of(file)}:
            return
        store.mkdir(parents=True, exist_ok=True)
        try:
            _write(file, rows)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname not in _HARMED:
                raise
            _remove(file)  # all that it had is made of the acts
            _write(file, rows)
        _write_source(store, {**source, "file": _digest_of(file)})
    except (sqlite3.Error, OSError) as error:
        raise disk_failure("the state of sharing can't be written", file, error) from error


def _write(file: Path, rows: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
    with closing(sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)) as writer:
        # A reader waits for nobody, and a writer that is killed leaves nothing to be rolled back.
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA synchronous = FULL")  # a revocation that was told outlives a power cut
        writer.execute("BEGIN IMMEDIATE")
        _replace(writer, rows)
        writer.execute("COMMIT")
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _remove(file: Path) -> None:
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)


def _write_source(store: Path, facts: Mapping[str, Any]) -> None:
    draft = store / f"{_SOURCE}.new"
    draft.write_text(json.dumps(facts) + "\n", "utf-8")
    to_disk(draft)
    draft.replace(store / _SOURCE)
    to_disk(store)


def _replace(writer: sqlite3.Connection, rows: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
    """Have every table hold these rows; only rows that differ are written, for one act changes few of many."""
    (version,) = writer.execute("PRAGMA user_version").fetchone()
    for table, columns in _COLUMNS.items():
        if version not in (0, VERSION):
            writer.execute(f"DROP TABLE IF EXISTS {table}")
        writer.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
        known = {row[1:]: row[0] for row in writer.execute(f"SELECT rowid, * FROM {table}")}
        wanted = dict.fromkeys(rows[table])
        writer.executemany(
            f"DELETE FROM {table} WHERE rowid = ?", [(number,) for row, number in known.items() if row not in wanted]
        )
        new = [row for row in wanted if row not in known]
        if new:
            writer.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(new[0]))})", new)
    for index in _INDEXES:
        writer.execute(f"CREATE INDEX IF NOT EXISTS {index.replace(' (', '_').rstrip(')')} ON {index}")
    writer.execute(f"PRAGMA user_version = {VERSION}")


def _cell(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return int(value) if isinstance(value, bool) else value


_Rows = Iterable[Sequence[Any]]


def _agency(served: Served) -> _Rows:
    agency = served.offers.catalog.agency
    return [(agency.id, agency.name, agency.id, "resources")]


def _bureaus(served: Served) -> _Rows:
    return [(one.id, one.title, one.removed_at) for one in served.state.bureaus.values()]


def _tokens(served: Served) -> _Rows:
    tokens = served.state.tokens.values()
    return [(one.hash, one.prefix, one.bureau, one.issued_at, one.expires_at, one.revoked_at) for one in tokens]


def _tables(served: Served) -> Iterator[Sequence[Any]]:
    for one in served.tables:
        about = (one.id, one.dataset, one.policy, one.name, one.title, one.summary, one.owner)
        form = ([dict(column) for column in one.columns], dict(one.conditions), one.cycle_days, one.cycle)
        yield (*about, *form, one.created_at, one.retired_at, one.first_version, one.current_version)


def _versions(served: Served) -> Iterator[Sequence[Any]]:
    for table in served.tables:
        for one in table.versions:
            counts = (one.rows, one.added, one.changed, one.removed)
            yield (table.id, one.version, one.release, one.at, *counts)


def _files(served: Served) -> Iterator[Sequence[Any]]:
    for table in served.tables:
        for one in table.files:
            about = (one.path, one.kind, one.first_version, one.last_version)
            yield (table.id, *about, one.size, one.rows, one.sha256)


def _access(served: Served) -> Iterator[Sequence[Any]]:
    for one in served.access:
        need = _public_id(served.state, one.need) if one.need else ""
        about = (one.id, one.bureau, one.table, need, one.purpose, one.basis)
        yield (*about, one.valid_from, one.valid_to, one.revoked_at, one.history)


def _public_id(state: SharingState, need: str) -> str:
    """The id by which a bureau knows its need: what was handed in on the platform keeps the id that it got there."""
    return state.needs[need].origin.partition(":")[2] or need


def _needs(served: Served) -> Iterator[Sequence[Any]]:
    for one in served.state.needs.values():
        standing = (served.due[one.id], one.state, one.decision, one.reason)
        yield (_public_id(served.state, one.id), one.bureau, one.dataset, one.submitted_at, *standing)
    for told in served.state.notices.values():
        yield (told.origin.partition(":")[2], told.bureau, told.dataset, told.at, "", told.state, "", told.reason)


def _announcements(served: Served) -> _Rows:
    return [(one.dataset, one.what, one.effective_on, one.announced_at) for one in served.state.announcements]


def _offers(served: Served) -> Iterator[Sequence[Any]]:
    for one in served.offers:
        if one.kind is not Sharing.WITHHELD and one.columns:
            entry = one.entry
            about = (entry.id, entry.title, entry.summary, entry.owner, entry.sharing.written, entry.sharing_condition)
            yield (*about, described(one.fields))


_ROWS: Mapping[str, Callable[[Served], _Rows]] = {
    "agency": _agency,
    "bureau": _bureaus,
    "token": _tokens,
    "shared_table": _tables,
    "version": _versions,
    "data_file": _files,
    "access": _access,
    "need": _needs,
    "announcement": _announcements,
    "offer": _offers,
}
