"""From a suite to checks of the one scan: which types and arguments are compiled, and what goes to GX itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from quality.expectations import column_aggregates, records, standards, tables, texts, values
from quality.expectations.column import Misuse, NotCompiled
from quality.expectations.last_release import LastRelease
from quality.expectations.question import COMMON, Question
from quality.expectations.suite import OTHER_TABLE, Expectation, Suite
from quality.rules.check import RowCheck, TableCheck
from quality.rules.expectations import EXPECTATION_RULES
from resource_catalog.table_schema import TableSchema

Compile = Callable[[Question], RowCheck | TableCheck]
_ROWS = ("row_condition", "condition_parser")
_VALUE = ("column", "mostly", *_ROWS)
_PAIR = ("column_A", "column_B", "ignore_row_if", "mostly", *_ROWS)
_SEVERAL = ("column_list", "ignore_row_if", "mostly", *_ROWS)
_BOUNDS = ("min_value", "max_value", "strict_min", "strict_max")
_AGGREGATE = ("column", *_ROWS)

#: Type → (what compiles it, its arguments beside those that all have). Of a value, a record, a column, the table.
COMPILED: Mapping[str, tuple[Compile, tuple[str, ...]]] = {
    "expect_column_values_to_not_be_null": (values.not_null, _VALUE),
    "expect_column_values_to_be_null": (values.null, _VALUE),
    "expect_column_values_to_be_between": (values.between, (*_VALUE, *_BOUNDS)),
    "expect_column_values_to_be_in_set": (values.in_set, (*_VALUE, "value_set")),
    "expect_column_values_to_not_be_in_set": (values.not_in_set, (*_VALUE, "value_set")),
    "expect_column_values_to_be_unique": (values.unique, _VALUE),
    "expect_column_values_to_be_increasing": (values.increasing, (*_VALUE, "strictly")),
    "expect_column_values_to_be_decreasing": (values.decreasing, (*_VALUE, "strictly")),
    "expect_column_value_z_scores_to_be_less_than": (values.z_score, (*_VALUE, "threshold", "double_sided")),
    "expect_column_values_to_not_be_outliers": (values.outlier, (*_VALUE, "method", "multiplier")),
    "expect_column_values_to_match_regex": (texts.matches, (*_VALUE, "regex")),
    "expect_column_values_to_not_match_regex": (texts.matches_not, (*_VALUE, "regex")),
    "expect_column_values_to_match_regex_list": (texts.matches_list, (*_VALUE, "regex_list", "match_on")),
    "expect_column_values_to_not_match_regex_list": (texts.matches_none, (*_VALUE, "regex_list")),
    "expect_column_values_to_match_like_pattern": (texts.like, (*_VALUE, "like_pattern", "escape")),
    "expect_column_values_to_not_match_like_pattern": (texts.like_not, (*_VALUE, "like_pattern", "escape")),
    "expect_column_values_to_match_like_pattern_list": (
        texts.like_list,
        (*_VALUE, "like_pattern_list", "match_on", "escape"),
    ),
    "expect_column_values_to_not_match_like_pattern_list": (
        texts.like_none,
        (*_VALUE, "like_pattern_list", "escape"),
    ),
    "expect_column_value_lengths_to_equal": (texts.length_equals, (*_VALUE, "value")),
    "expect_column_value_lengths_to_be_between": (texts.length_between, (*_VALUE, *_BOUNDS)),
    "expect_column_values_to_match_strftime_format": (texts.strftime, (*_VALUE, "strftime_format")),
    "expect_column_values_to_be_json_parseable": (texts.json_parseable, _VALUE),
    "expect_column_values_to_be_dateutil_parseable": (texts.dateutil_parseable, _VALUE),
    "expect_column_pair_values_to_be_equal": (records.pair_equal, _PAIR),
    "expect_column_pair_values_a_to_be_greater_than_b": (records.pair_greater, (*_PAIR, "or_equal")),
    "expect_column_pair_values_to_be_in_set": (records.pair_in_set, (*_PAIR, "value_pairs_set")),
    "expect_compound_columns_to_be_unique": (records.compound_unique, _SEVERAL),
    "expect_select_column_values_to_be_unique_within_record": (records.unique_within_record, _SEVERAL),
    "expect_multicolumn_values_to_be_equal": (records.equal_within_record, _SEVERAL),
    "expect_multicolumn_sum_to_equal": (records.sum_equal, (*_SEVERAL, "sum_total")),
    "expect_column_max_to_be_between": (column_aggregates.maximum, (*_AGGREGATE, *_BOUNDS)),
    "expect_column_min_to_be_between": (column_aggregates.minimum, (*_AGGREGATE, *_BOUNDS)),
    "expect_column_mean_to_be_between": (column_aggregates.mean, (*_AGGREGATE, *_BOUNDS)),
    "expect_column_median_to_be_between": (column_aggregates.median, (*_AGGREGATE, *_BOUNDS)),
    "expect_column_sum_to_be_between": (column_aggregates.total, (*_AGGREGATE, *_BOUNDS)),
    "expect_column_stdev_to_be_between": (column_aggregates.standard_deviation, (*_AGGREGATE, *_BOUNDS)),
    "expect_column_unique_value_count_to_be_between": (column_aggregates.unique_count, (*_AGGREGATE, *_BOUNDS)),
    "expect_column_proportion_of_unique_values_to_be_between": (
        column_aggregates.unique_share,
        (*_AGGREGATE, *_BOUNDS),
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": (
        column_aggregates.value_share,
        (*_AGGREGATE, *_BOUNDS),
    ),
    "expect_column_distinct_values_to_be_in_set": (column_aggregates.distinct_in_set, (*_AGGREGATE, "value_set")),
    "expect_column_distinct_values_to_contain_set": (
        column_aggregates.distinct_contain_set,
        (*_AGGREGATE, "value_set"),
    ),
    "expect_column_distinct_values_to_equal_set": (column_aggregates.distinct_equal_set, (*_AGGREGATE, "value_set")),
    "expect_column_most_common_value_to_be_in_set": (
        column_aggregates.most_common,
        (*_AGGREGATE, "value_set", "ties_okay"),
    ),
    "expect_column_quantile_values_to_be_between": (
        column_aggregates.quantiles,
        (*_AGGREGATE, "quantile_ranges", "allow_relative_error"),
    ),
    "expect_table_row_count_to_equal": (tables.row_count_equal, ("value", *_ROWS)),
    "expect_table_row_count_to_be_between": (tables.row_count_between, (*_BOUNDS, *_ROWS)),
    "expect_table_row_count_to_equal_other_table": (tables.row_count_equal_to_other, (OTHER_TABLE,)),
    "expect_table_column_count_to_equal": (tables.column_count_equal, ("value",)),
    "expect_table_column_count_to_be_between": (tables.column_count_between, ("min_value", "max_value")),
    "expect_table_columns_to_match_ordered_list": (tables.columns_in_order, ("column_list",)),
    "expect_table_columns_to_match_set": (tables.columns_in_set, ("column_set", "exact_match")),
    "expect_column_to_exist": (tables.column_exists, ("column", "column_index")),
    **{kind: (standards.meets_standard, _VALUE) for kind in standards.STANDARD_TYPES},
}


@dataclass(frozen=True)
class Compiled:
    """One expectation of a suite: its check, or why GX itself is asked."""

    position: int
    expectation: Expectation
    check: RowCheck | TableCheck | None
    reason: str = ""


def _check(question: Question) -> RowCheck | TableCheck:
    """The check of one expectation.

    Raises:
        Misuse: its arguments are wrong.
        NotCompiled: only GX can answer it.
    """
    kind = question.expectation.type
    if kind not in COMPILED:
        raise NotCompiled("its type is not compiled")
    compiled, arguments = COMPILED[kind]
    unknown = sorted(set(question.expectation.kwargs) - {*arguments, *COMMON})
    if unknown:
        raise Misuse(f"it has no argument {', '.join(unknown)}; it has {', '.join(arguments)}")
    if question.expectation.windows:
        raise NotCompiled("it has windows")
    return compiled(question)


def _compiled(
    suite: Suite,
    position: int,
    schema: TableSchema,
    headings: Sequence[str],
    previous: LastRelease | None,
    others: Mapping[str, int],
) -> Compiled:
    expectation = suite.expectations[position]
    if expectation.type not in EXPECTATION_RULES:
        raise suite.fault(position, "there is no such expectation", "see quality/RULES.md for those that there are")
    question = Question(expectation, schema, tuple(headings), previous, others)
    try:
        _refuse_unknown_columns(question)
        return Compiled(position, expectation, _check(question))
    except Misuse as error:
        raise suite.fault(position, str(error), "mend the expectation's kwargs, or the schema") from error
    except NotCompiled as error:
        return Compiled(position, expectation, None, str(error))


def _refuse_unknown_columns(question: Question) -> None:
    kwargs = question.expectation.kwargs
    if question.expectation.type == "expect_column_to_exist":
        return
    for name in ("column", "column_A", "column_B"):
        if name in kwargs:
            question.column(kwargs[name])
    if "column_list" in kwargs and "table" not in question.expectation.type:
        for name in question.texts("column_list"):
            question.column(name)


def compile_suite(
    suite: Suite,
    schema: TableSchema,
    headings: Sequence[str],
    previous: LastRelease | None = None,
    others: Mapping[str, int] | None = None,
) -> tuple[Compiled, ...]:
    """The checks of a suite's expectations, in its order.

    Args:
        suite: The suite.
        schema: The table's schema, which says of what type each column is.
        headings: The columns that the source has.
        previous: The release that readers see; None: there is none.
        others: How many rows other datasets have, of those that the suite names.

    Raises:
        WorkspaceError: an expectation has a type, a column or an argument that there is none of.
    """
    positions = range(len(suite.expectations))
    return tuple(_compiled(suite, position, schema, headings, previous, others or {}) for position in positions)
