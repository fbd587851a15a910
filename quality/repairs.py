"""The repairs that a schema may declare for a field: lossless, each one expression, none ever made undeclared."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import SchemaField

_FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
_HALF_WIDTH = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + " "
#: Unicode spaces and format characters at either end (standards.md 8 no. 8: strip() misses U+200B and U+FEFF).
_EDGES = r"^[\s\p{Z}\p{Cf}]+|[\s\p{Z}\p{Cf}]+$"


def _trim(text: exp.Expr) -> exp.Expr:
    arguments = [text, exp.Literal.string(_EDGES), exp.Literal.string(""), exp.Literal.string("g")]
    return exp.Anonymous(this="regexp_replace", expressions=arguments)


def _full_width(text: exp.Expr) -> exp.Expr:
    arguments = [text, exp.Literal.string(_FULL_WIDTH), exp.Literal.string(_HALF_WIDTH)]
    return exp.Anonymous(this="translate", expressions=arguments)


def _upper(text: exp.Expr) -> exp.Expr:
    return exp.Upper(this=text)


REPAIRS: dict[str, Callable[[exp.Expr], exp.Expr]] = {
    "trim": _trim,
    "fullwidth": _full_width,
    "upper": _upper,
}


def repaired(field: SchemaField, cell: exp.Expr) -> exp.Expr:
    """The cell after the field's declared repairs, in their order.

    Raises:
        WorkspaceError: the schema declares a repair that there is none of.
    """
    for name in field.repair:
        if name not in REPAIRS:
            raise WorkspaceError(
                f"there is no repair {name!r}; there are {', '.join(REPAIRS)}",
                where=f"field {field.name}",
                fix="mend the field's repair in the schema",
            )
        cell = REPAIRS[name](cell)
    return cell
