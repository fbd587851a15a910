"""The outcomes of a suite as a GX validation result, in the form that GX's own classes read.

Values are those of the source, masked where they may be personal; rows are numbered as there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from sqlglot import exp

from quality.aggregates import sql_of
from quality.expectations.question import MOST_TOLD, Question
from quality.expectations.suite import Expectation, Suite
from quality.masking import shown
from quality.rules.check import RowCheck
from quality.scan import Outcome
from quality.table import EXTRACT, ROW

_NOT_RAISED = {"raised_exception": False, "exception_traceback": None, "exception_message": None}
#: Of these, GX doesn't count the missing values apart.
_ABOUT_MISSING = ("expect_column_values_to_not_be_null", "expect_column_values_to_be_null")


def _percent(part: int, whole: int) -> float | None:
    return part / whole * 100 if whole else None


def _values(
    connection: duckdb.DuckDBPyConnection, question: Question, check: RowCheck, rows: Sequence[int]
) -> list[Any]:
    """What stands in the failing rows: a value, a pair, or the values by their columns, as GX lists them."""
    if not rows:
        return []
    names = check.columns
    columns = [exp.column(exp.to_identifier(name, quoted=True)) for name in (ROW, *names)]
    listed = columns[0].copy().isin(*(exp.Literal.number(row) for row in rows))
    query = exp.select(*columns).from_(EXTRACT).where(listed).order_by(columns[0].copy())
    values: list[Any] = []
    for _row, *cells in connection.execute(sql_of(query)).fetchall():
        masked = [shown(question.schema.field(name), cell) for name, cell in zip(names, cells, strict=True)]
        values.append(_listed(question.expectation, names, masked))
    return values


def _listed(expectation: Expectation, names: Sequence[str], cells: list[str | None]) -> Any:
    if "column_list" in expectation.kwargs:
        return dict(zip(names, cells, strict=True))
    return cells if len(cells) > 1 else cells[0]


def _counted(question: Question, outcome: Outcome) -> dict[str, Any]:
    rows, judged, failed = outcome.concerned, outcome.judged, outcome.failed + outcome.tolerated
    counts: dict[str, Any] = {
        "element_count": rows,
        "unexpected_count": failed,
        "unexpected_percent": _percent(failed, judged) if rows else None,
    }
    if question.expectation.type in _ABOUT_MISSING:
        return counts
    return counts | {
        "missing_count": rows - judged,
        "missing_percent": _percent(rows - judged, rows),
        "unexpected_percent_total": _percent(failed, rows),
        "unexpected_percent_nonmissing": _percent(failed, judged) if rows else None,
    }


def _lists(
    connection: duckdb.DuckDBPyConnection, question: Question, check: RowCheck, outcome: Outcome
) -> dict[str, Any]:
    """The lists of failing values and rows that the result format asks for."""
    wanted = question.result_format
    partial = wanted.get("partial_unexpected_count", 20)
    first = partial if isinstance(partial, int) else 20
    failing = list(outcome.failing[: question.kept])
    values = [] if wanted.get("exclude_unexpected_values") else _values(connection, question, check, failing)
    lists: dict[str, Any] = {"partial_unexpected_list": values[:first]}
    if wanted["result_format"] == "BASIC":
        return lists
    lists["partial_unexpected_index_list"] = failing[:first]
    if all(isinstance(value, str | None) for value in values):
        common = Counter(values).most_common(first)
        ordered = sorted(common, key=lambda pair: (-pair[1], pair[0] or ""))
        lists["partial_unexpected_counts"] = [{"value": value, "count": count} for value, count in ordered]
    if wanted["result_format"] == "COMPLETE":
        lists |= {"unexpected_list": values[:MOST_TOLD], "unexpected_index_list": failing}
    return lists


def _result(connection: duckdb.DuckDBPyConnection, question: Question, outcome: Outcome) -> dict[str, Any]:
    if question.result_format["result_format"] == "BOOLEAN_ONLY":
        return {}
    if isinstance(outcome.check, RowCheck):
        return {**_counted(question, outcome), **_lists(connection, question, outcome.check, outcome)}
    verdict = outcome.verdict
    return {} if verdict is None else {"observed_value": verdict.observed, **verdict.details}


def _met(outcome: Outcome) -> bool:
    if isinstance(outcome.check, RowCheck):
        return outcome.check.is_met(outcome.judged, outcome.failed + outcome.tolerated)
    return outcome.verdict is not None and outcome.verdict.met


def _configuration(expectation: Expectation) -> dict[str, Any]:
    known = expectation.model_dump(include={"id", "description", "notes"}, exclude_none=True)
    return {
        "type": expectation.type,
        "kwargs": dict(expectation.kwargs),
        "meta": expectation.meta or {},
        "severity": expectation.severity,
        **known,
    }


def result_of(
    connection: duckdb.DuckDBPyConnection, question: Question, outcome: Outcome | None, fell_back: str = ""
) -> dict[str, Any]:
    """One expectation's validation result.

    Args:
        connection: The work connection that holds EXTRACT.
        question: The expectation.
        outcome: What it came to; None where the source lacks a column of it.
        fell_back: Why GX itself answered it; "" where it didn't.
    """
    raised: Mapping[str, object] = _NOT_RAISED
    if outcome is None:
        what = "the source lacks a column that it is about"
        raised = {"raised_exception": True, "exception_traceback": None, "exception_message": what}
    return {
        "success": outcome is not None and _met(outcome),
        "expectation_config": _configuration(question.expectation),
        "result": {} if outcome is None else _result(connection, question, outcome),
        "meta": {"answered_by_great_expectations": fell_back} if fell_back else {},
        "exception_info": dict(raised),
    }


def validation_of(suite: Suite, results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The validation result of a whole suite."""
    met = sum(bool(result["success"]) for result in results)
    return {
        "success": met == len(results),
        "results": list(results),
        "suite_name": suite.name,
        "suite_parameters": {},
        "statistics": {
            "evaluated_expectations": len(results),
            "successful_expectations": met,
            "unsuccessful_expectations": len(results) - met,
            "success_percent": _percent(met, len(results)),
        },
        "meta": {},
        "id": None,
    }
