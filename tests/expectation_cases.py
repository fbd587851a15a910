"""Every natively supported type of expectation, asked of one schema in several ways: what the oracle test runs."""

from __future__ import annotations

from typing import Any

from quality.expectations.standards import STANDARD_TYPES
from tests.expectation_oracle import expectation

SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "名称"},
        {"name": "区 1"},
        {"name": "数", "type": "integer"},
        {"name": "额", "type": "number"},
        {"name": "日", "type": "date"},
        {"name": "时", "type": "datetime"},
        {"name": "是", "type": "boolean"},
    ]
}
#: Nulls, mixed types, Chinese and full-width characters, a line end, a day beyond pandas' times, and values that
#: their type refuses.
ROWS = [
    ("张三", "甲", "1", "1.5", "2017-01-01", "2017-01-01T00:00:00", "true"),
    (None, "甲", "2", None, None, None, None),
    ("李四", None, None, "3", "2018-01-01", "2018-01-01T10:00:00", "false"),
    ("李四", "乙", "3", "NaN", "2019-05-01", "2016-01-01T00:00:00", "true"),
    ("a１b\n", "乙", "3", "x", "9999-12-31", None, "true"),
    ('{"a": 1}', "2017-05-18", "-7", "-0.25", "1949-10-01", "2099-12-31T23:59:59", "1"),
    ("", "", "", "", "", "", ""),
]
TABLES = {
    "mixed": ROWS,
    "empty": [],
    "one row": ROWS[:1],
    "one row without values": [(None,) * 7],
    "no missing values": [ROWS[0], ROWS[3][:3] + ("2", *ROWS[3][4:])],
    "all the same": [ROWS[0]] * 4,
    "infinite": [ROWS[0], (*ROWS[2][:3], "INF", *ROWS[2][4:]), *ROWS[4:]],
}

IN_JIA = {"type": "comparison", "column": {"name": "区 1"}, "operator": "==", "parameter": "甲"}
NOT_JIA = {"type": "comparison", "column": {"name": "区 1"}, "operator": "NOT_IN", "parameter": ["甲"]}
SMALL = {"type": "comparison", "column": {"name": "数"}, "operator": "<=", "parameter": 2}
OTHER = {"type": "comparison", "column": {"name": "数"}, "operator": "!=", "parameter": 3}
UNDATED = {"type": "nullity", "column": {"name": "日"}, "is_null": True}
SOME = {"type": "or", "conditions": [OTHER, UNDATED]}
BOTH = {"type": "and", "conditions": [SMALL, {"type": "nullity", "column": {"name": "名称"}, "is_null": False}]}
LISTED = {"type": "comparison", "column": {"name": "数"}, "operator": "IN", "parameter": [1, 3]}
CONDITIONS = (IN_JIA, NOT_JIA, SMALL, OTHER, SOME, BOTH, LISTED)
_e = expectation

OF_VALUES = [
    _e("expect_column_values_to_not_be_null", column="名称"),
    _e("expect_column_values_to_not_be_null", column="额", mostly=0.4),
    _e("expect_column_values_to_be_null", column="名称", mostly=0.2),
    _e("expect_column_values_to_be_between", column="数", min_value=2),
    _e("expect_column_values_to_be_between", column="数", min_value=1, max_value=3, strict_min=True, mostly=0.5),
    _e("expect_column_values_to_be_between", column="数", max_value=2.5, strict_max=True),
    _e("expect_column_values_to_be_between", column="额", min_value="1.5", strict_min=True),
    _e("expect_column_values_to_be_between", column="日", max_value="2018-06-01"),
    _e("expect_column_values_to_be_between", column="时", max_value="2017-06-01T00:00:00"),
    _e("expect_column_values_to_be_in_set", column="名称", value_set=["李四", "张三"], mostly=0.75),
    _e("expect_column_values_to_be_in_set", column="数", value_set=[1, 2.0]),
    _e("expect_column_values_to_be_in_set", column="额", value_set=[]),
    _e("expect_column_values_to_be_in_set", column="是", value_set=[True]),
    _e("expect_column_values_to_not_be_in_set", column="名称", value_set=["李四"]),
    _e("expect_column_values_to_be_unique", column="名称"),
    _e("expect_column_values_to_be_unique", column="额"),
    _e("expect_column_values_to_be_increasing", column="数"),
    _e("expect_column_values_to_be_increasing", column="数", strictly=True),
    _e("expect_column_values_to_be_increasing", column="日"),
    _e("expect_column_values_to_be_increasing", column="时", mostly=0.5),
    _e("expect_column_values_to_be_decreasing", column="额"),
    _e("expect_column_values_to_be_decreasing", column="数", strictly=True),
    _e("expect_column_value_z_scores_to_be_less_than", column="数", threshold=1, double_sided=True),
    _e("expect_column_value_z_scores_to_be_less_than", column="额", threshold=0.5, double_sided=False),
    _e("expect_column_values_to_not_be_outliers", column="数"),
    _e("expect_column_values_to_not_be_outliers", column="数", method="std", multiplier=1),
    _e("expect_column_values_to_not_be_outliers", column="额", method="iqr", multiplier=0.1),
]
OF_TEXTS = [
    _e("expect_column_values_to_match_regex", column="名称", regex=r"^\w+$"),
    _e("expect_column_values_to_match_regex", column="名称", regex=r"\d"),
    _e("expect_column_values_to_match_regex", column="名称", regex="^[\\u4e00-\\u9fa5]{2,4}$", mostly=0.6),
    _e("expect_column_values_to_match_regex", column="名称", regex="(?!张).."),
    _e("expect_column_values_to_match_regex", column="额", regex=r"^\d+\.5$"),
    _e("expect_column_values_to_match_regex", column="日", regex="^2017"),
    _e("expect_column_values_to_match_regex", column="是", regex="^T"),
    _e("expect_column_values_to_not_match_regex", column="名称", regex="^[张李].$"),
    _e("expect_column_values_to_not_match_regex", column="名称", regex=r"\s"),
    _e("expect_column_values_to_match_regex_list", column="名称", regex_list=["张", "三"], match_on="all"),
    _e("expect_column_values_to_match_regex_list", column="名称", regex_list=["张", "(?<!李)四"]),
    _e("expect_column_values_to_not_match_regex_list", column="名称", regex_list=["张", "x"]),
    _e("expect_column_value_lengths_to_equal", column="名称", value=2),
    _e("expect_column_value_lengths_to_be_between", column="名称", min_value=2, max_value=3, strict_max=True),
    _e("expect_column_value_lengths_to_be_between", column="是", min_value=5),
    _e("expect_column_values_to_match_strftime_format", column="区 1", strftime_format="%Y-%m-%d"),
    _e("expect_column_values_to_be_json_parseable", column="名称"),
    _e("expect_column_values_to_be_dateutil_parseable", column="区 1"),
]
OF_RECORDS = [
    _e("expect_column_pair_values_to_be_equal", column_A="名称", column_B="区 1"),
    _e("expect_column_pair_values_to_be_equal", column_A="数", column_B="额", ignore_row_if="neither", mostly=0.1),
    _e("expect_column_pair_values_to_be_equal", column_A="是", column_B="是", ignore_row_if="either_value_is_missing"),
    _e("expect_column_pair_values_a_to_be_greater_than_b", column_A="数", column_B="额", or_equal=True),
    _e(
        "expect_column_pair_values_a_to_be_greater_than_b",
        column_A="名称",
        column_B="区 1",
        ignore_row_if="either_value_is_missing",
    ),
    _e("expect_column_pair_values_a_to_be_greater_than_b", column_A="时", column_B="时", ignore_row_if="neither"),
    _e("expect_column_pair_values_a_to_be_greater_than_b", column_A="日", column_B="日", or_equal=True),
    _e("expect_column_pair_values_to_be_in_set", column_A="名称", column_B="区 1", value_pairs_set=[["张三", "甲"]]),
    _e("expect_column_pair_values_to_be_in_set", column_A="数", column_B="额", value_pairs_set=[[1, 1.5], [2, None]]),
    _e("expect_compound_columns_to_be_unique", column_list=["名称", "数"]),
    _e("expect_compound_columns_to_be_unique", column_list=["区 1", "是"], ignore_row_if="never"),
    _e("expect_compound_columns_to_be_unique", column_list=["区 1", "日"], ignore_row_if="any_value_is_missing"),
    _e("expect_select_column_values_to_be_unique_within_record", column_list=["数", "额"]),
    _e(
        "expect_select_column_values_to_be_unique_within_record",
        column_list=["名称", "区 1", "数"],
        ignore_row_if="never",
    ),
    _e("expect_multicolumn_sum_to_equal", column_list=["数", "额"], sum_total=2.5),
    _e("expect_multicolumn_sum_to_equal", column_list=["数", "额", "数"], sum_total=3.5, ignore_row_if="never"),
    _e("expect_multicolumn_values_to_be_equal", column_list=["名称", "区 1"]),
]
_QUANTILES = {"quantiles": [0, 0.25, 0.5, 0.7, 1], "value_ranges": [[1, 1], [1, 2], [2, 3], [2, 3], [None, 3]]}
OF_COLUMNS = [
    _e("expect_column_max_to_be_between", column="数", max_value=3),
    _e("expect_column_max_to_be_between", column="额", max_value=2),
    _e("expect_column_min_to_be_between", column="日", min_value="1949-10-02"),
    _e("expect_column_min_to_be_between", column="时", min_value="2016-01-01T00:00:00", strict_min=True),
    _e("expect_column_mean_to_be_between", column="数", min_value=1),
    _e("expect_column_median_to_be_between", column="额", min_value=1, max_value=2),
    _e("expect_column_sum_to_be_between", column="额", min_value=2),
    _e("expect_column_sum_to_be_between", column="数", max_value=2),
    _e("expect_column_stdev_to_be_between", column="数", min_value=2),
    _e("expect_column_unique_value_count_to_be_between", column="名称", min_value=2, max_value=3),
    _e("expect_column_proportion_of_unique_values_to_be_between", column="名称", min_value=0.8),
    _e("expect_column_proportion_of_non_null_values_to_be_between", column="名称", min_value=0.7),
    _e("expect_column_distinct_values_to_be_in_set", column="区 1", value_set=["甲", "丙"]),
    _e("expect_column_distinct_values_to_contain_set", column="区 1", value_set=["甲", "丙"]),
    _e("expect_column_distinct_values_to_equal_set", column="数", value_set=[1, 2, 3, -7]),
    _e("expect_column_distinct_values_to_contain_set", column="日", value_set=["2017-01-01"]),
    _e("expect_column_most_common_value_to_be_in_set", column="区 1", value_set=["甲"]),
    _e("expect_column_most_common_value_to_be_in_set", column="区 1", value_set=["甲"], ties_okay=True),
    _e("expect_column_most_common_value_to_be_in_set", column="数", value_set=[3]),
    _e("expect_column_quantile_values_to_be_between", column="数", quantile_ranges=_QUANTILES),
    _e(
        "expect_column_quantile_values_to_be_between",
        column="额",
        quantile_ranges={"quantiles": [0.3], "value_ranges": [[0.5, 2]]},
        allow_relative_error="linear",
    ),
]
OF_TABLES = [
    _e("expect_table_row_count_to_equal", value=7),
    _e("expect_table_row_count_to_be_between", min_value=1, max_value=4),
    _e("expect_table_column_count_to_equal", value=7),
    _e("expect_table_column_count_to_be_between", min_value=8),
    _e("expect_table_columns_to_match_ordered_list", column_list=["数"]),
    _e("expect_table_columns_to_match_ordered_list", column_list=[field["name"] for field in SCHEMA["fields"]]),
    _e("expect_table_columns_to_match_set", column_set=["数"]),
    _e("expect_table_columns_to_match_set", column_set=["数"], exact_match=False),
    _e("expect_column_to_exist", column="额", column_index=3),
    _e("expect_column_to_exist", column="额", column_index=2),
    _e("expect_column_to_exist", column="无"),
]
OF_STANDARDS = [
    _e("expect_column_values_to_be_uscc", column="名称"),
    _e("expect_column_values_to_be_mobile", column="区 1", mostly=0.5),
    *(_e(kind, column="名称") for kind in STANDARD_TYPES),
]
CASES = [*OF_VALUES, *OF_TEXTS, *OF_RECORDS, *OF_COLUMNS, *OF_TABLES, *OF_STANDARDS]
#: Types that GX's pandas engine hasn't: they are held against a reference of the test's own.
WITHOUT_ORACLE = {
    "expect_table_row_count_to_equal_other_table",
    "expect_column_values_to_match_like_pattern",
    "expect_column_values_to_not_match_like_pattern",
    "expect_column_values_to_match_like_pattern_list",
    "expect_column_values_to_not_match_like_pattern_list",
}
#: One case of each type.
OF_EACH_TYPE = list({case["type"]: case for case in reversed(CASES)}.values())
_NO_CONDITION = (
    "expect_column_pair_values_to_be_in_set",  # where GX goes wrong: see DIFFERENCES of the test
    "expect_table_column_count_to_equal",
    "expect_table_column_count_to_be_between",
    "expect_table_columns_to_match_ordered_list",
    "expect_table_columns_to_match_set",
    "expect_column_to_exist",
)


def within(case: dict[str, Any], condition: dict[str, Any]) -> dict[str, Any]:
    """The same expectation, of the rows of a condition."""
    if case["type"] in _NO_CONDITION:
        return case
    return {**case, "kwargs": {**case["kwargs"], "row_condition": condition}}
