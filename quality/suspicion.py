"""A first look at every text: one pattern that finds all that the rules of texts may object to, once per cell.

The rules ask further only where it matched, so that a dozen of them cost a sound cell no more than one.
"""

from __future__ import annotations

import re
from functools import cache

import duckdb
from sqlglot import exp

from quality.cells import literal, matches, only_if
from quality.check_digits import personal_kinds
from quality.closed_pattern import ClosedPattern, closed_pattern
from quality.personal_shape import shape_of
from quality.personal_text import EMAIL, KINDS, MOBILE, RESIDENT_ID
from quality.table import suspect_column
from resource_catalog.standard_names import PERSONAL
from resource_catalog.table_schema import SchemaField, TableSchema

_FREE = ("string", "any", "list", "array", "object")
_NUMBERS = ("integer", "number")
_PHONES = "电话|手机|联系方式"
#: The digits of a mobile number: no kind has fewer.
_SHORTEST = 11
#: Numbers of so many digits and more, also grouped and in full width; addresses.
_NUMBER_OR_ADDRESS = r"(?:[0-9０-９][ 　\-－]?){11}|[@＠]"
#: GBK as Latin-1; what replaces a text that is lost, as GBK shows U+FFFD and memory that nobody filled.
MOJIBAKE = r"[\x{A1}-\x{FE}]{4}"
LOST = r"\x{FFFD}|锟斤|烫烫烫|屯屯屯"
UNSEEN = r"\p{Cf}|[\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}]|^[ \t\x{3000}]|[ \t\x{3000}]$"
NO_VALUE = r"[/／—－-]{1,4}|(?i:N/?A|NULL|NONE|NAN)|空|空白|不详|未填|0000-00-00|0000/00/00"
TOTAL = r"^(?:合|总|小|共)\s*计[:：]?$"
NOTE = r"^(?:注|说明|填表人|制表人|审核人)[:：]"
#: What spreadsheets make of twelve digits and more; 3E5 may be a model's name.
SCIENTIFIC = r"^[0-9](?:\.[0-9]+[Ee]\+?|[Ee]\+)(?:1[1-9]|[2-9][0-9])$"
LINE_BREAK = r"[\r\n]"
#: Control characters but tab, line feed and carriage return; and U+FFFD, which stands where something was lost.
UNWANTED = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x{9F}\x{FFFD}]"
_ANY_TEXT = (MOJIBAKE, LOST, UNSEEN, f"^(?:{NO_VALUE})$", TOTAL, NOTE, SCIENTIFIC, LINE_BREAK, UNWANTED)
#: Of texts of these characters, without those of _TELLING, none of these patterns matches but a short NO_VALUE.
_INNOCENT = (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"), ("〔", "〕"), ("一", "龥"), ("（", "）"))
_TELLING = "锟烫屯空详填计"
_LONGEST_WORD = 4


def is_looked_at(field: SchemaField) -> bool:
    """Whether a field's texts are looked at: those of a closed list are all known, those of other types have a form."""
    return field.type in _FREE and not field.codes and field.constraints.enum is None


def kinds_not_allowed(field: SchemaField) -> tuple[str, ...]:
    """The kinds of personal data that a field's texts may not hold; none where readers don't see them as they are."""
    always_masked = field.mask is not None and not field.mask.where
    meant = field.meant_standard
    declared = meant is not None and meant.name in PERSONAL
    if field.disclosure != "open" or always_masked or declared:
        return ()
    allowed: set[str] = set(field.personal_data.allow if field.personal_data else ())
    if field.format == "email":
        allowed.add(EMAIL)
    return tuple(kind for kind in _kinds_possible(field) if kind not in allowed)


def _kinds_possible(field: SchemaField) -> tuple[str, ...]:
    """In a column of numbers only a resident id is told from others by itself, and a mobile by the heading."""
    if field.type in _NUMBERS and field.constraints.enum is None:
        return (RESIDENT_ID, MOBILE) if re.search(_PHONES, field.title or field.name) else (RESIDENT_ID,)
    return KINDS if is_looked_at(field) else ()


@cache
def _definition(kinds: tuple[str, ...]) -> str:
    held = personal_kinds(exp.column("cell"), exp.column("title"), kinds).sql("duckdb")
    return f"CREATE OR REPLACE MACRO {_macro(kinds)}(cell, title) AS {held}"


def _macro(kinds: tuple[str, ...]) -> str:
    return "_".join(("personal_kinds", *(str(KINDS.index(kind)) for kind in kinds)))


def define_kinds(connection: duckdb.DuckDBPyConnection, schema: TableSchema) -> None:
    """Define in the work database what `kinds_held` calls there: written out per column it took seconds to plan."""
    for kinds in {kinds_not_allowed(field) for field in schema.fields} - {()}:
        connection.execute(_definition(kinds))


def _found(text: exp.Expr, pattern: str) -> exp.Expr:
    """Whether there is a match anywhere, asked as one of the whole.

    That DuckDB asks once for each value of a column with a dictionary; `regexp_matches` it asks in every row (1.5.5).
    """
    return matches(text.copy(), f"(?s:.*)(?:{pattern})(?s:.*)")


def _title(field: SchemaField) -> str:
    return field.title or field.name


def kinds_held(field: SchemaField, text: exp.Expr) -> exp.Expr:
    """Which of the kinds that a field may not hold are in its text, by their labels; NULL for none."""
    wanted = kinds_not_allowed(field)
    kinds = exp.Anonymous(this=_macro(wanted), expressions=[text.copy(), literal(_title(field))])
    if field.type in _NUMBERS:
        length = exp.Anonymous(this="strlen", expressions=[text.copy()])
        long_enough = exp.GTE(this=length, expression=exp.Literal.number(_SHORTEST))
        return only_if(long_enough, only_if(_found(text, shape_of(wanted, _title(field))), kinds))
    # The shape again would take long to compile; a suspect without these has no personal data.
    suspect = exp.column(suspect_column(field.name), quoted=True)
    return only_if(suspect, only_if(_found(text, _NUMBER_OR_ADDRESS), kinds))


def _holds_numbers_alone(field: SchemaField) -> ClosedPattern | None:
    """The field's pattern, if texts that match it can hold nothing suspicious but numbers; None where it may be so."""
    pattern = field.constraints.pattern
    closed = closed_pattern(pattern) if pattern is not None else None
    if closed is None or closed.can_hold_any(_TELLING):
        return None
    innocent = all(any(low <= first and last <= high for low, high in _INNOCENT) for first, last in closed.ranges)
    return closed if innocent and (closed.shortest > _LONGEST_WORD or not closed.can_hold_any("Nn")) else None


def is_judged_by_pattern(field: SchemaField) -> bool:
    """Whether a text that matches the field's pattern needs hardly a look (`suspicion`)."""
    return is_looked_at(field) and _holds_numbers_alone(field) is not None


def suspicion(field: SchemaField, text: exp.Expr, fits: exp.Expr) -> exp.Expr:
    """Whether there is anything in a field's text that a rule should look at.

    `fits` is whether the text matches the field's pattern; asked where the field `is_judged_by_pattern`.
    """
    wanted = kinds_not_allowed(field)
    shape = (shape_of(wanted, _title(field)),) if wanted else ()
    anything = _found(text, "|".join((*shape, *_ANY_TEXT)))
    closed = _holds_numbers_alone(field)
    if closed is None:
        return anything
    length = exp.Anonymous(this="strlen", expressions=[text.copy()])
    long_enough = exp.GTE(this=length, expression=exp.Literal.number(closed.other_bytes + _SHORTEST))
    numbers = only_if(long_enough, _found(text, *shape)) if shape else exp.false()
    return exp.Case().when(fits, numbers).else_(anything)
