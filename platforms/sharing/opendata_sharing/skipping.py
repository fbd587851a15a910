"""Which files of a snapshot an answer names: those that the client's hints leave, first by predicate, then by limit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from opendata_sharing.delta_log import Action, Snapshot
from opendata_sharing.predicates import FileStatistics, can_match, column_kinds
from opendata_sharing.sql_hints import Tree, read_hint

#: Longer hints are passed over, as the reference server does.
_LONGEST = 1 << 20


def files_left(
    snapshot: Snapshot, sql_hints: Sequence[str], json_hint: str | None, limit: int | None
) -> tuple[Action, ...]:
    """The snapshot's files in the order of their paths, without those that hold no row the client wants.

    A limit only counts where there is no predicate: of the rows of the first files perhaps none would satisfy it.
    """
    adds: Iterable[Action] = (snapshot.adds[path] for path in sorted(snapshot.adds))
    if sql_hints or json_hint is not None:
        kinds = column_kinds(str(snapshot.metadata["schemaString"]))
        trees = [tree for hint in sql_hints if (tree := read_hint(hint, kinds))]
        trees.extend(_json_trees(json_hint))
        return tuple(add for add in adds if _is_wanted(add, trees, kinds))
    return tuple(adds) if limit is None else tuple(_first(adds, limit))


def _is_wanted(add: Action, trees: Sequence[object], kinds: Mapping[str, str]) -> bool:
    statistics = FileStatistics(kinds, add.get("stats"))
    return all(can_match(tree, statistics) for tree in trees)


def _json_trees(hint: str | None) -> list[Tree]:
    """The tree of a JSON hint, alone in a list; empty where it can't be read, which is no error."""
    if hint is None or len(hint) > _LONGEST:
        return []
    try:
        tree = json.loads(hint)
    except (ValueError, RecursionError):
        return []
    return [tree] if isinstance(tree, dict) else []


def _first(adds: Iterable[Action], limit: int) -> Iterable[Action]:
    """The first files that have so many rows; a file that doesn't tell its rows counts as none."""
    rows = 0
    for add in adds:
        if rows >= limit:
            return
        yield add
        rows += _rows(add)


def _rows(add: Action) -> int:
    try:
        rows = json.loads(add.get("stats") or "{}").get("numRecords", 0)
    except (ValueError, AttributeError):
        return 0
    vector = add.get("deletionVector")
    deleted = vector.get("cardinality", rows) if isinstance(vector, dict) else 0
    return rows - deleted if isinstance(rows, int) else 0
