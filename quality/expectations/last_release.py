"""Limits that are told by the last release: `{"$PARAMETER": "0.75 * previous"}` as min_value or max_value.

`previous` is the value of the very same aggregate in the release that readers see now: its number of rows, the mean of
its column, and so on. Where there is no release yet, nothing is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from quality.aggregates import named
from quality.cells import column, literal
from quality.expectations.column import Misuse, NotCompiled
from quality.table import text_column, value_column
from resource_catalog.table_schema import TableSchema

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_WORDS = re.compile(rf"\s*(?:(?P<factor>{_NUMBER})\s*\*\s*)?previous\s*(?:(?P<sign>[+-])\s*(?P<more>{_NUMBER}))?\s*")
#: The word that a suite's parameter has for the last release.
PREVIOUS = "previous"


@dataclass(frozen=True)
class LastRelease:
    """The release that readers see: its Parquet file, and the columns that it has as they are in the source."""

    file: Path
    columns: tuple[str, ...]

    def aggregate(self, own: exp.Expr, names: tuple[str, ...], schema: TableSchema) -> exp.Expr | None:
        """An aggregate over CELLS, over the release instead; None where the release lacks a column of it."""
        needed = {each.name for each in own.find_all(exp.Column)}
        fields = [name for name in schema.names if {value_column(name), text_column(name)} & needed]
        if not {*fields, *names} <= set(self.columns):
            return None
        cells = [named(column(name), value_column(name)) for name in fields] or [exp.Star()]
        source = exp.Table(this=exp.Anonymous(this="read_parquet", expressions=[literal(str(self.file))]))
        rows = exp.select(*cells).from_(source).subquery("cells")
        return exp.select(own.copy()).from_(rows).subquery()


@dataclass(frozen=True)
class Relative:
    """A limit by the last release: so many times its value, and so much more."""

    factor: float
    more: float

    def of(self, previous: float) -> float:
        """The limit, given the value of the last release."""
        return self.factor * previous + self.more


def relative(limit: object) -> Relative | None:
    """The limit if the last release tells it; None for one that is written out.

    Raises:
        Misuse: it speaks of the last release in another way.
        NotCompiled: it is another parameter, which only a run of GX fills in.
    """
    if not isinstance(limit, dict) or "$PARAMETER" not in limit:
        return None
    words = str(limit["$PARAMETER"])
    if PREVIOUS not in words:
        raise NotCompiled(f"{words!r} is a suite parameter")
    found = _WORDS.fullmatch(words)
    if found is None:
        raise Misuse(f"{words!r} is not as in 0.75 * previous + 10")
    more = float(found["more"] or 0)
    return Relative(float(found["factor"] or 1), -more if found["sign"] == "-" else more)
