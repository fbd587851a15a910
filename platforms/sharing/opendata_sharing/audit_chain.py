"""The audit log's arithmetic: how its rows are chained, and how anybody checks that none was changed, dropped or moved.

A row's content is the JSON array of CONTENT's columns, compact, not ASCII-escaped. Two chains run through the rows:

- a bureau's own: bureau_hash = SHA-256(its last bureau_hash, newline, content); rows of nobody known form one more;
- of all: hash = SHA-256(the last hash, newline, seq, newline, bureau_hash).

A bureau gets its rows whole, and of others only the `hash` before each of its own. With that it recomputes its own
chain and every link of its rows into the chain of all, and learns nothing of another's calls but how many there were.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: Where both chains begin.
START = "0" * 64
#: The columns of a row that its bureau_hash covers, in this order.
CONTENT = (
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


def bureau_hash(previous: str, content: Sequence[object]) -> str:
    """The bureau's chain after a row with that content (the values of CONTENT)."""
    text = json.dumps(list(content), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def row_hash(previous: str, seq: int, of_bureau: str) -> str:
    """The chain of all after row `seq`."""
    return hashlib.sha256(f"{previous}\n{seq}\n{of_bureau}".encode()).hexdigest()


def first_fault(rows: Iterable[Mapping[str, Any]], heads: Mapping[str, tuple[int, str]]) -> str | None:
    """What is wrong with a whole log, read in the order of seq; None: nothing.

    `heads` has, by chain (a bureau's id, "" for nobody known, "*" for all), the number and hash of its last row, as
    they are kept apart.
    """
    chains: dict[str, tuple[int, str]] = {}
    count, head = 0, START
    for row in rows:
        seq = row["seq"]
        if seq != count + 1:
            return f"row {count + 1} is missing: after row {count} comes row {seq}"
        chain = row["bureau"] or ""
        number, previous = chains.get(chain, (0, START))
        if row["bureau_seq"] != number + 1:
            return f"row {seq} should be number {number + 1} of its bureau and says {row['bureau_seq']}"
        of_bureau = bureau_hash(previous, [row[column] for column in CONTENT])
        if of_bureau != row["bureau_hash"]:
            return f"row {seq} isn't what it was: its content doesn't give its bureau_hash"
        if row_hash(head, seq, of_bureau) != row["hash"]:
            return f"row {seq} isn't where it was: its hash doesn't follow from the row before"
        chains[chain] = (number + 1, of_bureau)
        count, head = seq, row["hash"]
    if count:
        chains["*"] = (count, head)
    differing = [chain for chain in {*chains, *heads} if chains.get(chain) != heads.get(chain)]
    return f"the log ends at row {count}, and its head is another: rows at the end are missing" if differing else None


def first_fault_of_slice(entries: Sequence[Mapping[str, Any]], previous: str = START) -> str | None:
    """What is wrong with a bureau's rows as `/audit` gives them; None: nothing.

    `previous` is the bureau_hash of the row before the first; left out, the entries begin with the bureau's first.
    """
    number: int | None = None if previous != START else 0
    for entry in entries:
        if number is not None and entry["bureau_seq"] != number + 1:
            return f"number {number + 1} is missing"
        number = entry["bureau_seq"]
        of_bureau = bureau_hash(previous, [entry[column] for column in CONTENT])
        if of_bureau != entry["bureau_hash"]:
            return f"number {number} isn't what it was"
        if row_hash(entry["previous"], entry["seq"], of_bureau) != entry["hash"]:
            return f"number {number} isn't linked into the chain of all"
        previous = of_bureau
    return None
