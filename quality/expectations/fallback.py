"""What the compiler lacks: asked of GX's own pandas engine, on a frame of the columns that the expectation is about.

GX keeps what it judged, a list a row that fails and more, so what it says of each row alone it is asked part by part.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import duckdb
from sqlglot import exp

from quality.aggregates import sql_of
from quality.expectations.compiler import Compiled
from quality.expectations.frame import frame_of
from quality.expectations.question import Question
from quality.expectations.suite import Expectation, Suite
from quality.masking import personal
from quality.rules.check import RowCheck, TableCheck, Verdict
from quality.scan import Outcome, row_outcome, table_outcome
from quality.table import ROW
from resource_catalog.errors import OpenDataError
from resource_catalog.table_schema import TableSchema

if TYPE_CHECKING:
    import pandas

#: What stays below 2 GiB: five million rows of two columns where each row is judged alone, half of that where GX
#: compares rows. Beyond, the expectation is refused.
MOST_CELLS, MOST_COMPARED_CELLS = 10_000_000, 5_000_000
#: Rows that GX is given at once where it judges each alone.
PART = 250_000
#: Expectations whose verdict on a row needs no other row. Not here: uniqueness, order, z-scores, and types, which GX
#: asks of a column as a whole.
_ROW_BY_ROW = frozenset(
    f"expect_{name}"
    for name in (
        "column_values_to_be_between",
        "column_values_to_be_in_set",
        "column_values_to_not_be_in_set",
        "column_values_to_be_null",
        "column_values_to_not_be_null",
        "column_value_lengths_to_be_between",
        "column_value_lengths_to_equal",
        "column_values_to_match_regex",
        "column_values_to_not_match_regex",
        "column_values_to_match_regex_list",
        "column_values_to_not_match_regex_list",
        "column_values_to_match_strftime_format",
        "column_values_to_be_dateutil_parseable",
        "column_values_to_be_json_parseable",
        "column_values_to_match_json_schema",
        "column_pair_values_to_be_equal",
        "column_pair_values_a_to_be_greater_than_b",
        "column_pair_values_to_be_in_set",
        "select_column_values_to_be_unique_within_record",
        "multicolumn_sum_to_equal",
    )
)
#: Tables of failing rows: each judgement keeps its own, for a table whose bad rows are held back is judged twice.
_TABLES = itertools.count(1)
#: What GX counts of each part.
_COUNTS = ("element_count", "missing_count", "unexpected_count")


def _names(question: Question) -> tuple[str, ...]:
    kwargs = question.expectation.kwargs
    listed = [kwargs.get("column"), kwargs.get("column_A"), kwargs.get("column_B"), *(kwargs.get("column_list") or [])]
    return tuple(name for name in listed if isinstance(name, str) and name in question.schema.names)


def _asked_of(question: Question) -> tuple[str, ...]:
    """The source's columns that an expectation or its condition names; all of them where it names none."""
    said = list(_texts(question.expectation.kwargs))
    named = tuple(name for name in question.headings if any(name in text for text in said))
    return named or question.headings


def _texts(value: object) -> Iterator[str]:
    """Every text in a value of JSON, but for the names of objects' members."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from itertools.chain.from_iterable(map(_texts, value.values()))
    elif isinstance(value, Sequence):
        yield from itertools.chain.from_iterable(map(_texts, value))


def _answer(frame: pandas.DataFrame, expectation: Expectation) -> Mapping[str, Any]:
    """What GX says of an expectation on a frame, put together where it was asked part by part."""
    from quality.expectations.great_expectations_engine import validate

    rows = len(frame) if expectation.type not in _ROW_BY_ROW else PART
    whole: dict[str, Any] = {}
    for start in range(0, max(1, len(frame)), max(1, rows)):
        [answer] = validate(frame.iloc[start : start + rows], [expectation])
        result = answer["result"]
        if answer["exception_info"].get("raised_exception", True) or "element_count" not in result:
            return answer
        before = whole.get("result", {})
        counts = {name: (before.get(name) or 0) + (result.get(name) or 0) for name in _COUNTS}
        failing = before.get("unexpected_index_list", [])
        failing.extend(result.get("unexpected_index_list") or ())
        whole = {**answer, "result": {**counts, "unexpected_index_list": failing}}
    return whole


def _refused(suite: Suite, each: Compiled, answer: Mapping[str, Any]) -> OpenDataError:
    """What GX said, without what it quotes, which may be a cell."""
    info = answer["exception_info"]
    if "exception_message" not in info:
        info = next(iter(info.values()), {})
    said = re.sub(r"""'[^']*'|"[^"]*\"""", "…", str(info.get("exception_message", "")).splitlines()[0])[:200]
    what = f"GX itself had to be asked ({each.reason}) and can't answer: {said}"
    return suite.fault(each.position, what, "mend the expectation's kwargs, or take it out of the suite")


def _is_one_of(connection: duckdb.DuckDBPyConnection, numbers: Sequence[int]) -> exp.Expression:
    """Whether a row has one of the numbers, which may be millions: they are kept in a table of their own."""
    import pyarrow

    connection.register("numbers", pyarrow.table({"number": pyarrow.array(numbers, pyarrow.int64())}))
    kept = exp.to_identifier(f"failing rows {next(_TABLES)}", quoted=True)
    query = exp.select("number").from_("numbers")
    connection.execute(sql_of(exp.Create(this=exp.Table(this=kept), kind="TABLE", expression=query)))
    connection.unregister("numbers")
    row = exp.column(exp.to_identifier(ROW, quoted=True))
    return row.isin(query=exp.select("number").from_(exp.Table(this=kept.copy())))


def _of_rows(
    connection: duckdb.DuckDBPyConnection, question: Question, answer: Mapping[str, Any], examples: int
) -> Outcome:
    result, names = answer["result"], _names(question)
    failing = sorted(int(row) for row in result.get("unexpected_index_list") or ())
    fails = _is_one_of(connection, failing) if failing else exp.false()
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
        WorkspaceError: an expectation is about too many cells for it, or GX can't answer.
    """
    outcomes = {}
    for each in compiled:
        if each.check is not None:
            continue
        question = Question(each.expectation, schema, headings)
        columns = _asked_of(question)
        most = MOST_CELLS if each.expectation.type in _ROW_BY_ROW else MOST_COMPARED_CELLS
        if rows * len(columns) > most:
            what = (
                f"GX itself would have to be asked ({each.reason}), which holds {most:,} cells;"
                f" there are {rows:,} rows of {len(columns)} columns"
            )
            raise suite.fault(each.position, what, "say it by an expectation that quality/README.md calls native")
        answer = _answer(frame_of(connection, schema, columns), each.expectation)
        if answer["exception_info"].get("raised_exception", True):
            raise _refused(suite, each, answer)
        by_row = "element_count" in answer["result"]
        outcomes[each.position] = (
            _of_rows(connection, question, answer, examples) if by_row else _of_table(question, answer)
        )
    return outcomes
