"""Totals below a table, which are no data: what one says, its column's rows add up to (standards.md 8 no. 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from sqlglot import exp

from quality.cells import literal, only_if, typed
from quality.finding import Severity
from quality.footer import Footer
from quality.masking import personal, shown
from quality.rules.check import TableCheck, Verdict, text, value
from quality.rules.rule import Rule
from resource_catalog.table_schema import SchemaField, TableSchema

RULE = Rule(
    code="total-mismatch",
    title="合计与各行之和不符",
    title_en="Total that the rows don't add up to",
    template="the total {stated!r} below the table is not what its rows add up to: {observed}",
    fix="find out which of the two is wrong, a row or the total, and correct it in the source",
    fix_zh="核对各行与合计数，在源数据中改正有误的一方",
    indicator="0301",
    scored=False,
    severity=Severity.SHOULD,
)
_DECIMALS = re.compile(r"[.．](\d+)")


def _verdict(values: Sequence[object], *, tolerance: float, secret: bool) -> Verdict:
    found, stated = (0.0 if one is None else float(str(one)) for one in values[:2])
    sure = values[1] is not None and values[2] == 0
    met = not sure or abs(found - stated) <= tolerance + 1e-9 * abs(stated)
    return Verdict(met, "(not shown)" if secret else f"{found:.15g}")


def _check(field: SchemaField, footer: Footer) -> TableCheck:
    written = footer.cells[field.name]
    decimals = _DECIMALS.search(written)
    # A total may be rounded, to its own last digit.
    tolerance = 0.5 * 10.0 ** -len(decimals[1]) if decimals else 0.0
    stated = exp.Max(this=exp.cast(typed(field, literal(written)), "DOUBLE", dialect="duckdb"))
    total = exp.Anonymous(this="fsum", expressions=[exp.cast(value(field), "DOUBLE", dialect="duckdb")])
    unread = exp.Count(this=only_if(value(field).is_(exp.null()), text(field)))
    verdict = partial(_verdict, tolerance=tolerance, secret=personal(field))
    facts = {"stated": shown(field, written)}
    return TableCheck(RULE, (field.name,), (total, stated, unread), verdict, facts, row=footer.row)


def checks(schema: TableSchema, footers: Sequence[Footer]) -> Iterator[TableCheck]:
    """One per number of each total; what is no number says nothing, in the total or in a row above it."""
    for footer in footers:
        if footer.is_total:
            for field in schema.fields:
                if field.type in ("number", "integer") and footer.cells.get(field.name):
                    yield _check(field, footer)
