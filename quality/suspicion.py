"""A first look at every text: one pattern that finds all that the rules of texts may object to, once per cell.

The rules ask further only where it matched, so that a dozen of them cost a sound cell no more than one.
"""

from __future__ import annotations

import re
from functools import cache

import duckdb
from sqlglot import exp

from quality.cells import literal, only_if
from quality.check_digits import personal_kinds
from quality.personal_text import EMAIL, KINDS, MOBILE, RESIDENT_ID
from quality.table import suspect_column
from resource_catalog.standard_names import PERSONAL
from resource_catalog.table_schema import SchemaField, TableSchema

_FREE = ("string", "any", "list", "array", "object")
_NUMBERS = ("integer", "number")
_PHONES = "电话|手机|联系方式"
#: The digits of a mobile number.
_SHORTEST = 11
#: Numbers of eleven digits and more, also grouped and in full width; addresses.
_PERSONAL = r"(?:[0-9０-９][ 　\-－]?){11}|[@＠]"
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
_ALL = (_PERSONAL, MOJIBAKE, LOST, UNSEEN, f"^(?:{NO_VALUE})$", TOTAL, NOTE, SCIENTIFIC, LINE_BREAK)


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


def kinds_held(field: SchemaField, text: exp.Expr) -> exp.Expr:
    """Which of the kinds that a field may not hold are in its text, by their labels; NULL for none."""
    title = literal(field.title or field.name)
    kinds = exp.Anonymous(this=_macro(kinds_not_allowed(field)), expressions=[text.copy(), title])
    looks_so = exp.Anonymous(this="regexp_matches", expressions=[text.copy(), literal(_PERSONAL)])
    suspect: exp.Expr = exp.column(suspect_column(field.name), quoted=True)
    if field.type in _NUMBERS:
        length = exp.Anonymous(this="strlen", expressions=[text.copy()])
        suspect = exp.GTE(this=length, expression=exp.Literal.number(_SHORTEST))
    return only_if(suspect, only_if(looks_so, kinds))


def suspicion(text: exp.Expr) -> exp.Expr:
    """Whether there is anything in a text that a rule should look at."""
    return exp.Anonymous(this="regexp_matches", expressions=[text.copy(), literal("|".join(_ALL))])
