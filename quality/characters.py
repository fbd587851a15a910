"""Characters that no published table may hold, and which columns a check of the schema has cleared of them already.

To look for one costs as much as any pattern, and most patterns leave no place for one.
"""

from __future__ import annotations

from sqlglot import exp

from quality.cells import literal
from quality.closed_pattern import closed_pattern
from quality.rules.check import RowCheck, if_suspicious, text
from quality.rules.reading import CONTROL_CHARACTER
from quality.suspicion import UNWANTED, is_looked_at
from resource_catalog.table_schema import SchemaField

_BEHIND_CONTROLS, _REPLACEMENT = "\xa0", "\ufffd"
#: Types that accept plain characters only, where their values are written in the default format.
_CLEAR_TYPES = ("integer", "number", "date", "datetime", "time", "year", "yearmonth")


def _is_plain(character: str) -> bool:
    return " " <= character <= "~" or _BEHIND_CONTROLS <= character < _REPLACEMENT


def is_plain(value: str) -> bool:
    """Whether a text holds none but printable characters."""
    return all(map(_is_plain, value))


def _is_plain_range(first: str, last: str) -> bool:
    return is_plain(first + last) and (last <= "~" or first >= _BEHIND_CONTROLS)


def excludes_unwanted(pattern: str) -> bool:
    """Whether it is sure that no text with an unwanted character matches; False is no proof that one does."""
    closed = closed_pattern(pattern)
    return closed is not None and all(_is_plain_range(first, last) for first, last in closed.ranges)


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
    found: exp.Expr = exp.RegexpLike(this=text(field), expression=literal(UNWANTED))
    looked_at = is_looked_at(field)
    found = if_suspicious(field, found) if looked_at else found
    return RowCheck(CONTROL_CHARACTER, field.name, found, told_by_row={"code": code}, of_suspects=looked_at)
