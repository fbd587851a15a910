"""JSON values as cells: numbers with the digits that they were written with, nested values as compact JSON.

What JSON forbids and Python would pass over (a name twice in one object, NaN) is kept as a `Fault` in its place, to be
refused with the number of the record it stands in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.sources.reading import UnreadableError
from quality.rules import reading as rules

_SURROGATE = re.compile("[\ud800-\udfff]")


class _Number(str):
    """A number as written."""

    __slots__ = ()


@dataclass(frozen=True)
class Fault:
    """What stands where JSON is broken without being unreadable: the doubled name, or the word that is no number."""

    doubled: str = ""
    word: str = ""

    def refusal(self, row: int | None) -> UnreadableError:
        """The refusal of the record that holds it."""
        if self.doubled:
            return UnreadableError(rules.DUPLICATE_KEY.finding(row=row, column=self.doubled))
        return UnreadableError(rules.NOT_FINITE.finding(row=row, value=self.word))


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any] | Fault:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    names = [name for name, _ in pairs]
    return Fault(doubled=next(name for name in names if names.count(name) > 1))


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_Number,
    parse_int=_Number,
    parse_constant=lambda word: Fault(word=word),
)


def parse_json(text: str, *, row: int | None, format: str) -> Any:
    """The value of a JSON text: numbers as written in text, broken places as `Fault`.

    Raises:
        UnreadableError: broken JSON, with line and column, or nested too deeply.
    """
    line = row
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        line = row or error.lineno
        detail = f"line {line}, column {error.colno}: {error.msg}"
    except RecursionError:
        detail = "its values are nested too deeply"
    raise UnreadableError(rules.NOT_THIS_FORMAT.finding(row=line, format=format, detail=detail))


def compact_json(value: Any, row: int) -> str:
    """A value of record `row` as compact JSON, its numbers as written.

    Raises:
        UnreadableError: a fault stands in it.
    """
    match value:
        case _Number():
            return str(value)
        case Fault():
            raise value.refusal(row)
        case dict():
            members = (f"{compact_json(name, row)}:{compact_json(member, row)}" for name, member in value.items())
            return "{" + ",".join(members) + "}"
        case list():
            return "[" + ",".join(compact_json(item, row) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def cell_of(value: Any, row: int, heading: str = "") -> str | None:
    r"""A value of record `row` as a cell: null is no value, text and numbers as written, the rest as compact JSON.

    Raises:
        UnreadableError: a fault, or half a character (`\ud800`), which no encoding can write.
    """
    if value is None:
        return None
    text = str(value) if isinstance(value, str) else compact_json(value, row)
    if half := _SURROGATE.search(text):
        raise UnreadableError(rules.CONTROL_CHARACTER.finding(row=row, column=heading, code=ord(half[0])))
    return text
