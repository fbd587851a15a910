"""A table against its Table Schema and its suite: one scan for both, then what only GX can answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from quality.expectations.compiler import compile_suite
from quality.expectations.fallback import ask_great_expectations
from quality.expectations.last_release import LastRelease
from quality.expectations.question import Question
from quality.expectations.results import result_of, validation_of
from quality.expectations.suite import Suite
from quality.finding import Validation
from quality.rules.check import Check
from quality.scan import Scan, as_in_source, scan
from resource_catalog.table_schema import TableSchema


def judge(
    connection: duckdb.DuckDBPyConnection,
    schema: TableSchema,
    headings: Sequence[str],
    suite: Suite | None,
    *,
    previous: LastRelease | None = None,
    others: Mapping[str, int] | None = None,
    examples: int = 10,
    further: Sequence[Check] = (),
    **options: Any,
) -> tuple[Scan, Validation | None]:
    """Check EXTRACT against its schema and a suite.

    Args:
        connection: The work connection that holds EXTRACT.
        schema: The table's schema.
        headings: The columns that EXTRACT has.
        suite: What is expected beside; None: nothing.
        previous: The release that readers see, whose file the connection may read; None: there is none.
        others: How many rows other datasets have, of those that the suite names.
        examples: How many findings each check shows.
        further: Checks beside the schema's and the suite's.
        options: Those of `quality.scan.scan`.

    Returns:
        The scan with an outcome per expectation more, and the suite's validation result.

    Raises:
        WorkspaceError: the schema or the suite asks for what can't be evaluated.
    """
    if suite is None:
        return scan(connection, schema, headings, examples=examples, further=further, **options), None
    here = tuple(headings)
    compiled = compile_suite(suite, schema, here, previous, others)
    checks = [each.check for each in compiled if each.check is not None]
    found = scan(connection, schema, headings, examples=examples, further=[*checks, *further], **options)
    answered = ask_great_expectations(connection, suite, compiled, schema, here, rows=found.rows, examples=examples)
    own = {id(outcome.check): outcome for outcome in found.outcomes}
    results = []
    for each in compiled:
        outcome = answered.get(each.position) if each.check is None else own.get(id(each.check))
        results.append(result_of(connection, Question(each.expectation, schema, here), outcome, each.reason))
    written = options.get("source_headings") or {}
    beside = tuple(as_in_source(outcome, written) for outcome in answered.values())
    fell_back = tuple(
        f"{each.position + 1} {each.expectation.type}: {each.reason}" for each in compiled if each.check is None
    )
    validation = Validation(suite.name, validation_of(suite, results), fell_back)
    return replace(found, outcomes=(*found.outcomes, *beside)), validation
