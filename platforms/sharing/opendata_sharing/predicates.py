"""Which files a client's predicate can't match, by their statistics; in doubt a file stays.

The predicates are those of PROTOCOL.md ("JSON predicates for Filtering"). One is judged to the set of what it can come
to for the rows of a file: true, false, unknown (SQL's NULL). A file goes only where true isn't among them. Whatever
isn't understood can come to anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

#: What a predicate can come to for a row: True, False, None (unknown).
Outcomes = frozenset[bool | None]
ANYTHING: Outcomes = frozenset((True, False, None))
_DEEPEST = 100
#: A greatest text of so many bytes in the statistics may have been cut off, and then isn't the greatest.
_WHOLE_TEXT = 32
_COMPARISONS = ("equal", "lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual")
_MIRRORED = {
    "equal": "equal",
    "lessThan": "greaterThan",
    "lessThanOrEqual": "greaterThanOrEqual",
    "greaterThan": "lessThan",
    "greaterThanOrEqual": "lessThanOrEqual",
}
_KINDS = {
    "byte": "whole",
    "short": "whole",
    "integer": "whole",
    "long": "long",
    "int": "whole",
    # no "float": its statistics are rounded as texts, and compare otherwise than its values
    "double": "fraction",
    "string": "text",
    "date": "date",
    "boolean": "truth",
    "bool": "truth",
    "timestamp": "instant",
}
#: A literal of either kind compares with a column of the other.
_WIDE: Mapping[str | None, str] = {"whole": "long"}


class NotUnderstood(Exception):  # noqa: N818 - no failure: the file stays
    """A predicate, or a part of it, that can come to anything."""


@dataclass(frozen=True, slots=True)
class Range:
    """What the statistics say of a column in a file; None where they say nothing, or nothing to rely on."""

    kind: str
    least: Any
    greatest: Any
    nulls: int | None
    rows: int | None


class FileStatistics:
    """The statistics of one file, typed by the table's schema."""

    def __init__(self, kinds: Mapping[str, str], stats: str | None) -> None:
        self._kinds = kinds
        try:
            read = json.loads(stats) if stats else {}
        except ValueError:
            read = {}
        self._stats: Mapping[str, Any] = read if isinstance(read, dict) else {}

    def range(self, column: str) -> Range:
        """What is known of a column.

        Raises:
            NotUnderstood: the table has no such column, or one of a kind that isn't compared.
        """
        kind = self._kinds.get(column)
        if kind is None:
            raise NotUnderstood(column)
        least, greatest = self._bound("minValues", column, kind), self._bound("maxValues", column, kind)
        if kind == "text" and greatest is not None and len(greatest.encode()) >= _WHOLE_TEXT:
            greatest = None
        if kind == "fraction":
            greatest = None  # NaN is greater than all numbers, and no statistics show it
        if kind == "instant" and greatest is not None:
            greatest += timedelta(milliseconds=1)  # statistics are cut to milliseconds
        nulls, rows = self._count("nullCount", column), self._stats.get("numRecords")
        return Range(kind, least, greatest, nulls, rows if isinstance(rows, int) else None)

    def _bound(self, name: str, column: str, kind: str) -> Any:
        values = self._stats.get(name)
        value = values.get(column) if isinstance(values, dict) else None
        try:
            return None if value is None else _value(kind, value)
        except NotUnderstood:
            return None

    def _count(self, name: str, column: str) -> int | None:
        values = self._stats.get(name)
        value = values.get(column) if isinstance(values, dict) else None
        return value if isinstance(value, int) else None


def column_kinds(schema: str) -> Mapping[str, str]:
    """Column → kind of comparison, of a Delta schema (JSON); columns of other types are left out."""
    fields = json.loads(schema).get("fields", [])
    return {field["name"]: _KINDS[field["type"]] for field in fields if str(field["type"]) in _KINDS}


def can_match(predicate: object, file: FileStatistics) -> bool:
    """Whether a row of the file may satisfy the predicate, a tree as the protocol's jsonPredicateHints have it."""
    return True in outcomes(predicate, file)


def outcomes(predicate: object, file: FileStatistics, depth: int = 0) -> Outcomes:
    """What the predicate can come to for the file's rows."""
    try:
        if not isinstance(predicate, dict) or depth > _DEEPEST:
            raise NotUnderstood(str(depth))
        children = predicate.get("children")
        judge = _JUDGES.get(str(predicate.get("op")))
        if judge is None or not isinstance(children, list) or not children:
            raise NotUnderstood(str(predicate.get("op")))
        return judge(str(predicate["op"]), children, file, depth)
    except NotUnderstood:
        return ANYTHING


def _every(children: Iterable[Outcomes], combine: Callable[[bool | None, bool | None], bool | None]) -> Outcomes:
    found: Outcomes | None = None
    for child in children:
        found = child if found is None else frozenset(combine(one, other) for one in found for other in child)
    return found if found is not None else ANYTHING


def _and(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _or(one: bool | None, other: bool | None) -> bool | None:
    if one is True or other is True:
        return True
    return None if one is None or other is None else False


def _judge_and(_op: str, children: list[object], file: FileStatistics, depth: int) -> Outcomes:
    return _every((outcomes(child, file, depth + 1) for child in children), _and)


def _judge_or(_op: str, children: list[object], file: FileStatistics, depth: int) -> Outcomes:
    return _every((outcomes(child, file, depth + 1) for child in children), _or)


def _judge_not(_op: str, children: list[object], file: FileStatistics, depth: int) -> Outcomes:
    if len(children) != 1:
        return ANYTHING
    return frozenset(None if one is None else not one for one in outcomes(children[0], file, depth + 1))


def _judge_null(_op: str, children: list[object], file: FileStatistics, _depth: int) -> Outcomes:
    name, _kind = _column(children[0])
    known = file.range(name)
    found: set[bool | None] = set()
    if known.nulls is None or known.nulls > 0:
        found.add(True)
    if known.nulls is None or known.rows is None or known.nulls < known.rows:
        found.add(False)
    return frozenset(found)


def _judge_comparison(op: str, children: list[object], file: FileStatistics, _depth: int) -> Outcomes:
    if len(children) != 2:
        raise NotUnderstood(op)
    column, literal = children
    if isinstance(column, dict) and column.get("op") == "literal":
        column, literal, op = literal, column, _MIRRORED[op]
    name, said_kind = _column(column)
    known = file.range(name)
    if said_kind != known.kind and (said_kind, known.kind) != ("long", "whole"):
        raise NotUnderstood(op)  # a cast that isn't a widening has rules of its own
    return _compared(op, known, _literal(literal, known.kind))


def _judge_in(_op: str, children: list[object], file: FileStatistics, _depth: int) -> Outcomes:
    column, *literals = children
    equal = [outcomes({"op": "equal", "children": [column, literal]}, file) for literal in literals]
    return _every(equal, _or)


_JUDGES: Mapping[str, Callable[[str, list[object], FileStatistics, int], Outcomes]] = {
    "and": _judge_and,
    "or": _judge_or,
    "not": _judge_not,
    "isNull": _judge_null,
    "in": _judge_in,
    **dict.fromkeys(_COMPARISONS, _judge_comparison),
}


def _compared(op: str, known: Range, literal: Any) -> Outcomes:
    """Comparing the column's values, anywhere between least and greatest, with a literal."""
    found: set[bool | None] = set()
    if known.nulls is None or known.nulls > 0:
        found.add(None)
    if known.nulls is not None and known.nulls == known.rows:
        return frozenset(found)
    least, greatest = known.least, known.greatest
    below = least is None or least < literal  # may a value be less than the literal?
    above = greatest is None or greatest > literal
    same = (least is None or least <= literal) and (greatest is None or literal <= greatest)
    true = {
        "equal": same,
        "lessThan": below,
        "lessThanOrEqual": below or same,
        "greaterThan": above,
        "greaterThanOrEqual": above or same,
    }[op]
    false = {
        "equal": below or above,
        "lessThan": above or same,
        "lessThanOrEqual": above,
        "greaterThan": below or same,
        "greaterThanOrEqual": below,
    }[op]
    return frozenset(found | ({True} if true else set()) | ({False} if false else set()))


def _column(node: object) -> tuple[str, str | None]:
    """(name, kind) of a column node."""
    if not isinstance(node, dict) or node.get("op") != "column" or not isinstance(node.get("name"), str):
        raise NotUnderstood("column")
    return node["name"], _KINDS.get(str(node.get("valueType")))


def _literal(node: object, kind: str) -> Any:
    if not isinstance(node, dict) or node.get("op") != "literal":
        raise NotUnderstood("literal")
    if _WIDE.get(said := _KINDS.get(str(node.get("valueType"))), said) != _WIDE.get(kind, kind):
        raise NotUnderstood("literal")
    return _value(kind, node.get("value"))


def _value(kind: str, value: Any) -> Any:
    """A value as the kind compares it.

    Raises:
        NotUnderstood: it is none of that kind.
    """
    try:
        return _READERS[kind](value)
    except (ValueError, TypeError, OverflowError, KeyError) as error:
        raise NotUnderstood(kind) from error


def _whole(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(value)
    return int(value)


def _fraction(value: Any) -> float:
    read = float(value)
    if isinstance(value, bool) or read != read:
        raise ValueError(value)
    return read


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _instant(value: Any) -> datetime:
    read = datetime.fromisoformat(value)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "whole": _whole,
    "long": _whole,
    "fraction": _fraction,
    "text": _text,
    "date": date.fromisoformat,
    "truth": lambda value: {"true": True, "false": False}[str(value).lower()],
    "instant": _instant,
}
