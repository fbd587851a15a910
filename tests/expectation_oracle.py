"""The same expectations asked of the compiler and of GX's own pandas engine, on the same typed table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from quality.expectations.compiler import compile_suite
from quality.expectations.frame import frame_of
from quality.expectations.great_expectations_engine import validate
from quality.expectations.suite import Suite
from quality.rules.check import RowCheck
from quality.scan import Outcome, scan
from quality.table import EXTRACT, ROW
from resource_catalog.table_schema import TableSchema, parse_table_schema

Answer = dict[str, Any]


@dataclass(frozen=True)
class Answers:
    """What the two say of each expectation, in order."""

    ours: list[Answer]
    theirs: list[Answer]


def expectation(kind: str, **kwargs: Any) -> dict[str, Any]:
    return {"type": kind, "kwargs": kwargs}


def fill(connection: duckdb.DuckDBPyConnection, names: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
    """EXTRACT with the rows, numbered from 2."""
    columns = ", ".join(f'"{name}" VARCHAR' for name in names)
    connection.execute(f'CREATE OR REPLACE TABLE {EXTRACT} ("{ROW}" BIGINT, {columns})')
    if rows:
        places = ", ".join("?" * (len(names) + 1))
        numbered = [(number, *row) for number, row in enumerate(rows, start=2)]
        connection.executemany(f"INSERT INTO {EXTRACT} VALUES ({places})", numbered)


def _ours(outcome: Outcome) -> Answer:
    check = outcome.check
    if isinstance(check, RowCheck):
        met = outcome.failed == 0
        return {
            "success": met,
            "element_count": outcome.concerned,
            "unexpected_count": outcome.failed + outcome.tolerated,
            "rows": list(outcome.failing),
        }
    assert outcome.verdict is not None
    counts = {name: outcome.verdict.details[name] for name in outcome.verdict.details if name.endswith("_count")}
    return {"success": outcome.verdict.met, "observed": outcome.verdict.observed, **counts}


def _theirs(document: Mapping[str, Any], by_row: bool) -> Answer:
    info = document["exception_info"]
    if info.get("raised_exception", True):
        return {"raised": str(info)[-400:]}
    result = document["result"]
    answer = {"success": bool(document["success"])}
    if by_row:
        counts = {name: result[name] for name in ("element_count", "unexpected_count")}
        return {**answer, **counts, "rows": result.get("unexpected_index_list") or []}
    counts = {name: result[name] for name in ("unexpected_count", "missing_count") if name in result}
    return {**answer, "observed": result.get("observed_value"), **counts}


def ask(
    schema: Mapping[str, Any],
    rows: Sequence[Sequence[str | None]],
    expectations: Sequence[Mapping[str, Any]],
    *,
    oracle: bool = True,
) -> Answers:
    """What the compiler's scan says, and GX."""
    table: TableSchema = parse_table_schema(schema, "test")
    suite = Suite.model_validate({"name": "test", "expectations": list(expectations)})
    compiled = compile_suite(suite, table, table.names)
    checks = [each.check for each in compiled]
    assert all(checks), [each.reason for each in compiled if each.check is None]
    with duckdb.connect() as connection:
        fill(connection, table.names, rows)
        found = scan(connection, table, table.names, further=[check for check in checks if check], examples=100)
        outcomes = found.outcomes[len(found.outcomes) - len(checks) :]
        frame = frame_of(connection, table, tuple(table.names))
    documents = validate(frame, suite.expectations) if oracle else []
    by_row = [isinstance(check, RowCheck) for check in checks]
    return Answers(
        [_ours(outcome) for outcome in outcomes],
        [_theirs(document, row) for document, row in zip(documents, by_row, strict=oracle)],
    )
