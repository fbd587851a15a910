"""Fiscal information (财政信息, D05): budgets, final accounts and what goes with them, in lines whose sums close."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream, provenance

_COLUMNS = (
    "fiscal_year", "org", "table_kind", "line_code", "line_name", "amount", "unit", "level", "approved_on",
    "published_on", *PROVENANCE,
)  # fmt: skip
_FORM = Sheet(
    "fiscal-information.xls",
    "财政信息",
    title="财政信息公开表（示例数据，非真实）",
    subtitle="单位：见“计量单位”栏",
    notes=("注：2017年度决算于2018年批复，批复后另行公布。", "填表人：示例"),
    merged=("fiscal_year", "table_kind"),
)
_CENT = Decimal("0.01")
#: The clock of fiscal information, in calendar days from the approval.
_PUBLICITY_DAYS = 20


class LineWords(TypedDict):
    """A line of a table; `amount` is what a line without parts has in the first year, roughly."""

    code: str
    name: str
    amount: int


class TableWords(TypedDict):
    """A kind of table; `clock` names the approval that it waits for.

    `balance` {line, of, to}: the line is what makes the total `of` equal the total `to`; empty where nothing balances.
    """

    kind: str
    unit: str
    clock: str
    balance: dict[str, str]
    lines: list[LineWords]


class Words(TypedDict):
    """`words/fiscal-information.json`; a year has the days on which its tables were approved, `levels` by depth."""

    tables: list[TableWords]
    levels: list[str]
    years: list[dict[str, str]]


def _rows(city: City) -> Iterator[Row]:
    words: Words = city.words_of("fiscal-information")
    chance = city.chance("fiscal-information")
    for later, year in enumerate(words["years"]):
        for table in words["tables"]:
            if table["clock"] in year:
                yield from _table(city, chance, table, year, Decimal(100 + 6 * later) / 100)


def _table(
    city: City, chance: random.Random, table: TableWords, year: Mapping[str, str], growth: Decimal
) -> Iterator[Row]:
    words: Words = city.words_of("fiscal-information")
    approved = datetime.date.fromisoformat(year[table["clock"]])
    latest = approved + datetime.timedelta(days=_PUBLICITY_DAYS)
    published = city.draw_day(chance, approved + datetime.timedelta(days=1), latest)
    amounts = _amounts(chance, table, growth)
    for line in table["lines"]:
        code = line["code"]
        yield (
            int(year["year"]),
            city.words["authority"],
            table["kind"],
            code,
            line["name"],
            amounts[code],
            table["unit"],
            words["levels"][code.count(".")],
            approved,
            published,
            *provenance(f"CZ{year['year']}-{table['kind']}-{code}", approved, published),
        )


def _amounts(chance: random.Random, table: TableWords, growth: Decimal) -> dict[str, Decimal]:
    """Every line's amount: that of a line with parts is their sum."""
    leaves = {
        line["code"]: (line["amount"] * growth * chance.randint(9200, 10800) / 10000).quantize(_CENT)
        for line in table["lines"]
        if not any(other["code"].startswith(f"{line['code']}.") for other in table["lines"])
    }
    balance = table["balance"]
    if balance:
        leaves[balance["line"]] = Decimal(0)
        leaves[balance["line"]] = _total(leaves, balance["to"]) - _total(leaves, balance["of"])
    return {line["code"]: _total(leaves, line["code"]) for line in table["lines"]}


def _total(leaves: Mapping[str, Decimal], code: str) -> Decimal:
    return sum((amount for leaf, amount in leaves.items() if f"{leaf}.".startswith(f"{code}.")), Decimal(0))


STREAM = Stream("fiscal-information", _COLUMNS, _FORM, _rows)
