"""Repairs of codes and document numbers: brackets of 文号, and leading zeros that a spreadsheet took."""

from __future__ import annotations

import re

from sqlglot import exp

from quality.cells import literal, matches, one_of
from quality.repairs.repair import call, substituted
from resource_catalog.table_schema import SchemaField, TableSchema

_OPENING, _CLOSING = r"[\[(（【［〔﹝]", r"[\])）】］〕﹞]"
_YEAR = r"((?:19|20)[0-9]{2})"
#: One year in brackets of any kind, after the issuing office's word and before the number (standards.md 8 no. 21).
_IN_BRACKETS = rf"[^\[(（【［〔﹝]*[\p{{Han}}A-Za-z]{_OPENING}{_YEAR}{_CLOSING}[^\[(（【［〔﹝]*[0-9]+\s*号.*"
_DIGITS_ALONE = re.compile(r"\^?(?:\[0-9\]|\\d)\{(\d+)\}\$?")


def texts_only(field: SchemaField, _schema: TableSchema) -> str:
    """For fields of text."""
    return "" if field.type in ("string", "any") else f"is for fields of text, and this one is {field.type}"


def document_number(_field: SchemaField, text: exp.Expr) -> exp.Expr:
    """某办[2017]107号 with 〔2017〕, where one year stands in brackets; lost brackets are for a person to restore."""
    right = substituted(text, f"{_OPENING}{_YEAR}{_CLOSING}", r"〔\1〕")
    return exp.Case().when(matches(text.copy(), _IN_BRACKETS), right).else_(text.copy())


def _fixed_length(field: SchemaField) -> int | None:
    own = field.constraints
    if own.min_length is not None and own.min_length == own.max_length:
        return own.min_length
    found = _DIGITS_ALONE.fullmatch(own.pattern or "")
    return int(found[1]) if found else None


def _known(field: SchemaField) -> list[str]:
    """The codes that a padded text must be one of."""
    return [code.code for code in field.codes] or [str(item) for item in field.constraints.enum or ()]


def fixed_codes(field: SchemaField, _schema: TableSchema) -> str:
    """For codes of one length that a list vouches for."""
    if field.type == "string" and _fixed_length(field) and _known(field):
        return ""
    return "needs a field of text with one fixed length and an enum or code list, which vouches for the padded code"


def leading_zeros(field: SchemaField, text: exp.Expr) -> exp.Expr:
    """Zeros before a code of digits that is too short, where what comes of it is a code of the list."""
    length = _fixed_length(field) or 0
    padded = call("lpad", text, exp.Literal.number(length), literal("0"))
    listed = one_of(padded, [literal(code) for code in _known(field)])
    short = exp.and_(matches(text.copy(), f"[0-9]{{1,{max(length - 1, 1)}}}"), listed)
    return exp.Case().when(short, padded.copy()).else_(text.copy())
