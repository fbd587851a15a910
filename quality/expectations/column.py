"""A column as expectations see it: its kind, its cell as GX's pandas engine would have it, and constants beside it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from sqlglot import exp

from quality.cells import literal, one_of, only_if
from quality.rules.check import value
from resource_catalog.table_schema import SchemaField


class Kind(Enum):
    """What of a column's values can be asked."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"


NUMERIC = (Kind.INTEGER, Kind.NUMBER)
ORDERED = (*NUMERIC, Kind.DATE, Kind.DATETIME)
_KINDS = {
    "integer": Kind.INTEGER,
    "year": Kind.INTEGER,
    "number": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "time": Kind.TIME,
}
_JSON = ("object", "geojson", "array")


class NotCompiled(Exception):  # noqa: N818 (an expectation that goes to GX itself is no error)
    """The compiler has no SQL that is sure to say what GX says; GX itself is asked."""


class Misuse(Exception):  # noqa: N818 (told as a WorkspaceError by who knows its place in the suite)
    """An argument that no table could meet: the suite is wrong."""


@dataclass(frozen=True)
class Column:
    """One column of CELLS."""

    field: SchemaField

    @property
    def name(self) -> str:
        """The field's name."""
        return self.field.name

    @property
    def kind(self) -> Kind:
        """What can be asked of its values."""
        return _KINDS.get(self.field.type, Kind.TEXT)

    @property
    def cell(self) -> exp.Expr:
        """The value; NULL where it is missing, its type refuses it, or it is NaN, which pandas takes for missing."""
        own = value(self.field)
        if self.kind is Kind.NUMBER:
            return only_if(exp.not_(exp.Anonymous(this="isnan", expressions=[own])), own.copy())
        return exp.cast(own, "VARCHAR") if self.field.type in _JSON else own

    @property
    def text(self) -> exp.Expr:
        """The value as Python's `str` writes it, for patterns and lengths.

        Raises:
            NotCompiled: pandas writes times by what else is in the column.
        """
        if self.kind is Kind.TEXT:
            return self.cell
        if self.kind is Kind.BOOLEAN:
            return exp.Case().when(self.cell, literal("True")).when(exp.not_(self.cell), literal("False"))
        if self.kind in (Kind.DATETIME, Kind.TIME):
            raise NotCompiled(f"the text of a {self.kind.value} is pandas' own")
        return exp.cast(self.cell, "VARCHAR")

    @property
    def missing(self) -> exp.Expr:
        """Whether there is no value."""
        return self.cell.is_(exp.null())

    @property
    def there(self) -> exp.Expr:
        """Whether there is a value."""
        return self.missing.not_()

    def only(self, kinds: Sequence[Kind]) -> Column:
        """The same column.

        Raises:
            Misuse: it is of another kind.
        """
        if self.kind not in kinds:
            wanted = " or ".join(kind.value for kind in kinds)
            raise Misuse(f"{self.name} is a {self.kind.value} column; this can be asked of a {wanted} column only")
        return self

    def bound(self, limit: object) -> exp.Expr:
        """A limit that values are held against.

        Raises:
            Misuse: it can't be compared with the column's values.
        """
        if self.kind in NUMERIC:
            return number(limit)
        if self.kind is Kind.DATE and _is_iso(datetime.date, limit):
            return exp.cast(literal(str(limit)), "DATE")
        if self.kind is Kind.DATETIME and _is_iso(datetime.datetime, limit):
            return exp.cast(literal(str(limit)), "TIMESTAMP")
        raise Misuse(f"{limit!r} can't be compared with the {self.kind.value} column {self.name}")

    def member(self, option: object) -> exp.Expr:
        """A constant that values may equal.

        Raises:
            NotCompiled: it is of another kind, where pandas has rules of its own.
        """
        if self.kind is Kind.TEXT and isinstance(option, str):
            return literal(option)
        if self.kind is Kind.BOOLEAN and isinstance(option, bool):
            return exp.true() if option else exp.false()
        if self.kind in NUMERIC and isinstance(option, int | float) and not isinstance(option, bool):
            return number(option)
        if self.kind in (Kind.DATE, Kind.DATETIME) and isinstance(option, str):
            try:
                return self.bound(option)
            except Misuse as error:
                raise NotCompiled(str(error)) from error
        raise NotCompiled(f"{option!r} beside values of a {self.kind.value} column")

    def among(self, options: Sequence[object]) -> exp.Expr:
        """Whether the value equals one of the options; NULL for no value."""
        constants = [self.member(option) for option in options if option is not None]
        if not constants:
            return only_if(self.there, exp.false())
        if self.kind in NUMERIC:
            constants = [exp.cast(constant, "DOUBLE") for constant in constants] if _any_float(options) else constants
        cell = exp.cast(self.cell, "DOUBLE") if self.kind is Kind.INTEGER and _any_float(options) else self.cell
        return one_of(cell, constants)


def _any_float(options: Sequence[object]) -> bool:
    return any(isinstance(option, float) for option in options)


def _is_iso(kind: type[datetime.date], written: object) -> bool:
    """Whether it is such a day or time, without a zone."""
    try:
        read = kind.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return False
    return read is not None and getattr(read, "tzinfo", None) is None


def number(limit: object) -> exp.Expr:
    """A number as GX reads it, also one that is written as text.

    Raises:
        Misuse: it is none.
    """
    if isinstance(limit, int) and not isinstance(limit, bool):
        return exp.cast(exp.Literal.number(limit), "BIGINT") if abs(limit) < 2**63 else _double(float(limit))
    try:
        read = float(limit) if isinstance(limit, str | float) and not isinstance(limit, bool) else None
    except ValueError:
        read = None
    if read is None or read != read:
        raise Misuse(f"{limit!r} is no number")
    return _double(read)


def _double(read: float) -> exp.Expr:
    return exp.cast(literal(repr(read)), "DOUBLE")


def spread(cell: exp.Expr, over: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """The standard deviation of a sample; NULL beside infinity and numbers whose squares are too great for it.

    `over` is given each aggregate, and may make a window of it.
    """
    great = exp.GT(this=exp.Abs(this=cell.copy()), expression=_double(1e150))
    beyond = over(exp.Count(this=only_if(great, exp.Literal.number(1))))
    small = only_if(exp.not_(great.copy()), cell.copy())
    deviation = over(exp.Anonymous(this="stddev_samp", expressions=[small]))
    return only_if(exp.EQ(this=beyond, expression=exp.Literal.number(0)), deviation)


def comparable(first: Column, second: Column) -> bool:
    """Whether values of two columns can be held against each other."""
    return first.kind is second.kind or (first.kind in NUMERIC and second.kind in NUMERIC)
