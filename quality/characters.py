"""Characters that no published table may hold, and which columns a check of the schema has cleared of them already.

To look for one costs as much as any pattern, and most patterns leave no place for one.
"""

from __future__ import annotations

import re

from sqlglot import exp

from quality.cells import literal
from quality.rules.check import RowCheck, text
from quality.rules.reading import CONTROL_CHARACTER
from resource_catalog.table_schema import SchemaField

#: Control characters but tab, line feed and carriage return; and U+FFFD, which stands where something was lost.
UNWANTED = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x{9F}\x{FFFD}]"
#: A pattern of plain characters, ASCII classes, closed character sets, groups and repetitions.
_PLAIN = re.compile(r"(?:[^\\.\[\]]|\\[dw.()\[\]{}+*?|/^$-]|\[(?!\^)(?:[^\\\[\]]|\\[dw.\]-])+\])*", re.ASCII)
_RANGE = re.compile(r"(.)-(.)", re.DOTALL)
_BEHIND_CONTROLS, _REPLACEMENT = "\xa0", "\ufffd"
#: Types that accept plain characters only, where their values are written in the default format.
_CLEAR_TYPES = ("integer", "number", "date", "datetime", "time", "year", "yearmonth")


def _holds_none(first: str, last: str) -> bool:
    """Whether no unwanted character lies between two that are none."""
    return first <= last and (last <= "~" or first >= _BEHIND_CONTROLS and last < _REPLACEMENT)


def _is_plain(character: str) -> bool:
    return " " <= character <= "~" or _BEHIND_CONTROLS <= character < _REPLACEMENT


def is_plain(value: str) -> bool:
    """Whether a text holds none but printable characters."""
    return all(map(_is_plain, value))


def excludes_unwanted(pattern: str) -> bool:
    """Whether it is sure that no text with an unwanted character matches; False is no proof that one does."""
    if not is_plain(pattern) or not _PLAIN.fullmatch(pattern):
        return False
    return all(_holds_none(first, last) for first, last in _RANGE.findall(pattern))


def is_cleared(field: SchemaField) -> bool:
    """Whether a value that passes the field's other checks holds no unwanted character."""
    constraints = field.constraints
    if field.repair:
        return False  # what a repair cleared away was in the source all the same
    if constraints.pattern is not None and excludes_unwanted(constraints.pattern):
        return True
    if field.type == "string":
        return constraints.enum is not None and all(is_plain(str(value)) for value in constraints.enum)
    signs = is_plain(field.decimal_char + field.group_char)
    return field.type in _CLEAR_TYPES and field.format == "default" and field.bare_number and signs


def character_check(field: SchemaField) -> RowCheck:
    """A check of the field's text for unwanted characters; it tells the code of the first."""
    first = exp.Anonymous(this="regexp_extract", expressions=[text(field), literal(UNWANTED)])
    code = exp.Anonymous(this="unicode", expressions=[first])
    found = exp.RegexpLike(this=text(field), expression=literal(UNWANTED))
    return RowCheck(CONTROL_CHARACTER, field.name, found, told_by_row={"code": code})
