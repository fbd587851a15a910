"""Judges values by a standard through the real scan: each value's rule, and what the cells' view has of it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import duckdb

from quality.rules.catalogue import RULES
from quality.scan import Scan, scan
from quality.table import CELLS, EXTRACT, ROW, form_column
from resource_catalog.table_schema import parse_table_schema

Row = tuple[str | None, datetime.date | None]


def schema_of(standard: str, dated: bool = False, **properties: Any) -> dict[str, Any]:
    """A table of one value, and of the record's date where it is dated."""
    value = {"name": "值", "type": "string", "standard": standard, **properties}
    if not dated:
        return {"fields": [value]}
    return {"fields": [{"standardDate": "日期", **value}, {"name": "日期", "type": "date"}]}


def judged(connection: duckdb.DuckDBPyConnection, schema: dict[str, Any], rows: Sequence[Sequence[str | None]]) -> Scan:
    """The scan of some rows, numbered from 0, all findings shown."""
    names = [field["name"] for field in schema["fields"]]
    columns = ", ".join(f'"{name}" VARCHAR' for name in names)
    connection.execute(f'CREATE OR REPLACE TABLE {EXTRACT} ("{ROW}" BIGINT, {columns})')
    cells = ", ".join("unnest(?::VARCHAR[])" for _ in names)
    by_column = [[row[place] for row in rows] for place in range(len(names))]
    connection.execute(f"INSERT INTO {EXTRACT} SELECT unnest(range({len(rows)})), {cells}", by_column)
    return scan(connection, parse_table_schema(schema, "test"), names, examples=10_000)


#: Rules of texts of any kind, which may say more of the same cell.
OF_ANY_TEXT = {code for code, rule in RULES.items() if not rule.scored}


def rules_by_row(found: Scan) -> dict[int, list[str]]:
    """Row → the rules that it breaks, as often as it does."""
    rules: dict[int, list[str]] = {}
    for finding in found.findings:
        if finding.row is not None and finding.rule not in OF_ANY_TEXT:
            rules.setdefault(finding.row, []).append(finding.rule)
    assert sum(found.counts.values()) == len(found.findings)
    return rules


def verdicts(
    connection: duckdb.DuckDBPyConnection, schema: dict[str, Any], values: Sequence[str]
) -> list[tuple[str, ...]]:
    """The rules that each of some values breaks, in their order; the schema is of one column."""
    rules = rules_by_row(judged(connection, schema, [[value] for value in values]))
    return [tuple(rules.get(row, ())) for row in range(len(values))]


def forms(connection: duckdb.DuckDBPyConnection) -> list[str | None]:
    """The standard forms of what was judged last."""
    query = f'SELECT "{form_column("值")}" FROM {CELLS} ORDER BY "{ROW}"'
    return [form for (form,) in connection.execute(query).fetchall()]
