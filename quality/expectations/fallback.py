"""What the compiler lacks: asked of GX's own pandas engine, on a frame of the typed table, up to a number of rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from sqlglot import exp

from quality.expectations.compiler import Compiled
from quality.expectations.frame import frame_of
from quality.expectations.question import Question
from quality.expectations.suite import Suite
from quality.masking import personal
from quality.rules.check import RowCheck, TableCheck, Verdict
from quality.scan import Outcome, row_outcome, table_outcome
from quality.table import ROW
from resource_catalog.errors import OpenDataError
from resource_catalog.table_schema import TableSchema

#: A frame of so many rows and a dozen columns of text takes some 500 MB; beyond, the expectation is refused.
MOST_ROWS = 500_000


def _names(question: Question) -> tuple[str, ...]:
    kwargs = question.expectation.kwargs
    listed = [kwargs.get("column"), kwargs.get("column_A"), kwargs.get("column_B"), *(kwargs.get("column_list") or [])]
    return tuple(name for name in listed if isinstance(name, str) and name in question.schema.names)


def _refused(suite: Suite, each: Compiled, answer: Mapping[str, Any]) -> OpenDataError:
    """What GX said, without what it quotes, which may be a cell."""
    info = answer["exception_info"]
    if "exception_message" not in info:
        info = next(iter(info.values()), {})
    said = re.sub(r"""'[^']*'|"[^"]*\"""", "…", str(info.get("exception_message", "")).splitlines()[0])[:200]
    what = f"GX itself had to be asked ({each.reason}) and can't answer: {said}"
    return suite.fault(each.position, what, "mend the expectation's kwargs, or take it out of the suite")


def _of_rows(
    connection: duckdb.DuckDBPyConnection, question: Question, answer: Mapping[str, Any], examples: int
) -> Outcome:
    result, names = answer["result"], _names(question)
    failing = sorted(int(row) for row in result.get("unexpected_index_list") or ())
    row = exp.column(exp.to_identifier(ROW, quoted=True))
    fails = row.isin(*(exp.Literal.number(number) for number in failing)) if failing else exp.false()
    check = RowCheck(
        question.rule,
        names[0],
        fails,
        {"expected": f"meet {question.expectation.type}"},
        beside=names[1:],
        judged=exp.true(),
        mostly=question.mostly,
        severity=question.severity,
        told_only=question.told_only,
        kept=question.kept,
    )
    rows, judged = result["element_count"], result["element_count"] - (result.get("missing_count") or 0)
    values = (rows, judged, result["unexpected_count"], failing[: max(examples, check.kept)])
    return row_outcome(connection, check, values, question.schema, examples)


def _of_table(question: Question, answer: Mapping[str, Any]) -> Outcome:
    names = _names(question)
    hidden = any(personal(question.schema.field(name)) for name in names)
    observed = "(not shown)" if hidden else answer["result"].get("observed_value")
    check = TableCheck(
        question.rule,
        names,
        (),
        lambda _: Verdict(False),
        {"expected": f"meet {question.expectation.type}"},
        severity=question.severity,
        told_only=question.told_only,
    )
    return table_outcome(check, Verdict(bool(answer["success"]), observed))


def ask_great_expectations(
    connection: duckdb.DuckDBPyConnection,
    suite: Suite,
    compiled: Sequence[Compiled],
    schema: TableSchema,
    headings: tuple[str, ...],
    *,
    rows: int,
    examples: int,
) -> dict[int, Outcome]:
    """The outcomes of the expectations that have no check, by their positions; needs CELLS.

    Raises:
        WorkspaceError: the table has too many rows for it, or GX can't answer.
    """
    asked = [each for each in compiled if each.check is None]
    if not asked:
        return {}
    if rows > MOST_ROWS:
        what = (
            f"GX itself would have to be asked ({asked[0].reason}), which holds {MOST_ROWS:,} rows; there are {rows:,}"
        )
        raise suite.fault(asked[0].position, what, "say it by an expectation that quality/README.md calls native")
    from quality.expectations.great_expectations_engine import validate

    answers = validate(frame_of(connection, schema, headings), [each.expectation for each in asked])
    outcomes = {}
    for each, answer in zip(asked, answers, strict=True):
        if answer["exception_info"].get("raised_exception", True):
            raise _refused(suite, each, answer)
        question = Question(each.expectation, schema, headings)
        by_row = "element_count" in answer["result"]
        outcomes[each.position] = (
            _of_rows(connection, question, answer, examples) if by_row else _of_table(question, answer)
        )
    return outcomes
