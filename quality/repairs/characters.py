"""Repairs of single characters: spaces nobody sees, full width for half width, the case of letters, separators.

Of Unicode's NFKC only the part that is one to one is here: what it does to ① or ℃ could not be taken back
(standards.md 8 no. 7).
"""

from __future__ import annotations

from sqlglot import exp

from quality.cells import literal, matches
from quality.repairs.repair import substituted, translated
from resource_catalog.table_schema import SchemaField, TableSchema

_FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
_HALF_WIDTH = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + " "
#: Unicode spaces and format characters (standards.md 8 no. 8: strip() misses U+200B and U+FEFF).
_UNSEEN = r"[\s\p{Z}\p{Cf}]+"
_EDGES = f"^{_UNSEEN}|{_UNSEEN}$"
#: What people put between the items of a list; a comma of either width may be part of one.
_SEPARATORS = r"[\s]*[、；;\r\n]+[\s]*"


def is_code(field: SchemaField) -> bool:
    """Whether the schema says that the field holds codes, by its standard, its pattern or its list."""
    own = field.constraints
    return field.type == "string" and bool(field.standard or own.pattern or own.enum or field.code_list)


def codes_and_values(field: SchemaField, _schema: TableSchema) -> str:
    """For repairs that would change what a name or a free text says."""
    if field.type not in ("string", "any") or is_code(field):
        return ""
    return "is for codes, numbers and dates, and the field is free text: it has no standard, pattern, enum or code list"


def trimmed(text: exp.Expr) -> exp.Expr:
    """No Unicode space or format character at either end."""
    return substituted(text, _EDGES, "")


def half_width(text: exp.Expr) -> exp.Expr:
    """Full-width letters, digits, signs and the ideographic space as the half-width ones that they double."""
    return translated(text, _FULL_WIDTH, _HALF_WIDTH)


def trim(_field: SchemaField, text: exp.Expr) -> exp.Expr:
    """No Unicode space or format character at either end."""
    return trimmed(text)


def spaces(_field: SchemaField, text: exp.Expr) -> exp.Expr:
    """No Unicode space or format character anywhere; in names they may part words, so only codes and values have it."""
    return substituted(text, _UNSEEN, "")


def full_width(_field: SchemaField, text: exp.Expr) -> exp.Expr:
    """Half-width characters for full-width ones."""
    return half_width(text)


def upper(_field: SchemaField, text: exp.Expr) -> exp.Expr:
    """Capital letters: the check letter x of a resident id, a code in small letters."""
    return exp.Upper(this=text.copy())


def _delimiter(field: SchemaField) -> str:
    return str((field.model_extra or {}).get("delimiter", ","))


def lists_only(field: SchemaField, _schema: TableSchema) -> str:
    """For the separators of a list."""
    return "" if field.type == "list" else f"is for fields of type list, and this one is {field.type}"


def separators(field: SchemaField, text: exp.Expr) -> exp.Expr:
    """项目、项目；项目 with the list's declared delimiter, where that stands in no item yet."""
    delimiter = _delimiter(field)
    mixed = exp.and_(
        matches(text.copy(), rf"(?s).*[^、；;\r\n]{_SEPARATORS}[^、；;\r\n].*"),
        exp.not_(call_contains(text, delimiter)),
    )
    return exp.Case().when(mixed, substituted(text, _SEPARATORS, delimiter)).else_(text.copy())


def call_contains(text: exp.Expr, part: str) -> exp.Expr:
    """Whether a text has a part."""
    return exp.Anonymous(this="contains", expressions=[text.copy(), literal(part)])
