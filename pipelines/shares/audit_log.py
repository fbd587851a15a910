"""The servers' audit log, read by the pipeline: its head, to be kept elsewhere, and whether it is still what it was.

Source: `platforms/sharing/STORE.md` and the log's own arithmetic, by which a bureau goes, too. Two chains run through
its rows: bureau_hash = SHA-256(the bureau's last, newline, the content as a JSON array); hash = SHA-256(the last hash,
newline, seq, newline, bureau_hash).
"""

from __future__ import annotations

import datetime
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

#: The log's file in the store; it stands for the dataset in the log's proof.
AUDIT_LOG = "calls.sqlite"
_START = "0" * 64
_CONTENT = (
    "at",
    "bureau",
    "bureau_seq",
    "token_prefix",
    "access",
    "method",
    "action",
    "table_id",
    "version",
    "status",
    "bytes",
    "detail",
    "request",
)
_COLUMNS = ", ".join(("seq", "bureau_hash", "hash", *_CONTENT))


@dataclass(frozen=True)
class AuditHead:
    """How many rows the log had at an instant, and the last one's hash; `signed` is the signed document of it."""

    rows: int
    hash: str
    at: datetime.datetime
    signed: str


def calls_file(store: Path) -> Path:
    """Where the servers keep their log."""
    return store / AUDIT_LOG


def _reading(calls: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{calls.absolute().as_uri()}?mode=ro", uri=True, timeout=20)


def newest_row(calls: Path, after: AuditHead | None) -> tuple[int, str] | None:
    """Number and hash of the log's last row; None where there is no row since `after`, or that one is not there.

    Raises:
        sqlite3.Error: the log can't be read.
    """
    if not calls.is_file():
        return None
    with closing(_reading(calls)) as reader:
        last = reader.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        if last is None or (after and last[0] <= after.rows):
            return None
        if after and reader.execute("SELECT hash FROM audit WHERE seq = ?", (after.rows,)).fetchone() != (after.hash,):
            return None  # a head of a log that was tampered with is never noted: `verify` goes on telling of it
    return int(last[0]), str(last[1])


def audit_faults(calls: Path, noted: Sequence[AuditHead]) -> list[str]:
    """What is wrong with the log, within itself and against the heads that were noted; nothing where it is whole."""
    if not calls.is_file():
        return [f"it is gone, and had {noted[-1].rows} rows on {noted[-1].at:%Y-%m-%d}"] if noted else []
    heads = {one.rows: one for one in noted}
    try:
        with closing(_reading(calls)) as reader:
            rows, fault = _first_fault(reader.execute(f"SELECT {_COLUMNS} FROM audit ORDER BY seq"), heads)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return [f"it can't be read: {error}"]
    if fault:
        return [fault]
    lost = next((one for one in noted if one.rows > rows), None)
    return [f"it ends at row {rows}, and had {lost.rows} on {lost.at:%Y-%m-%d}: its end was cut off"] if lost else []


def _first_fault(rows: Iterable[tuple[object, ...]], heads: dict[int, AuditHead]) -> tuple[int, str]:
    """How many rows were right, and what is wrong with the next one; "" for nothing."""
    own: dict[object, str] = {}
    count, head = 0, _START
    for seq, of_bureau, digest, *content in rows:
        if seq != count + 1:
            return count, f"row {count + 1} is missing"
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        chain = content[1]
        own[chain] = hashlib.sha256(f"{own.get(chain, _START)}\n{text}".encode()).hexdigest()
        head = hashlib.sha256(f"{head}\n{seq}\n{own[chain]}".encode()).hexdigest()
        if (of_bureau, digest) != (own[chain], head):
            return count, f"row {seq} is not the one that was written, or not where it was"
        noted = heads.get(count + 1)
        if noted and noted.hash != head:
            said = f"{noted.at:%Y-%m-%d}"
            return count, f"row {seq} is another than on {said}: what came before it was written anew"
        count += 1
    return count, ""
