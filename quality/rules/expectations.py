"""The rules that a Great Expectations suite may break: one per type of expectation that this project knows.

Which of them are asked, and how grave a failure is, says the suite.
"""

from __future__ import annotations

from quality.rules.rule import Rule

_IN_A_ROW = "{value!r} should {expected}"
_OF_THE_TABLE = "the data should {expected}; observed: {observed}"
_FIX = "correct the value in the source, or the expectation in the suite"
_FIX_ZH = "在源数据中改正；期望有误的，改正规则套件中的期望"
_FIX_TABLE = "look in the source for what is missing, doubled or wrong, or correct the expectation in the suite"

#: Type → (title, title in English, indicator of GB/T 36344-2018). Of one value, or of some values of one record.
_OF_ROWS = {
    "expect_column_values_to_not_be_null": ("取值不应为空", "Value missing", "0201"),
    "expect_column_values_to_be_null": ("取值应为空", "Value where none should be", "0302"),
    "expect_column_values_to_be_between": ("取值超出期望范围", "Value out of the expected range", "0302"),
    "expect_column_values_to_be_in_set": ("取值不在期望集合", "Value not in the expected set", "0105"),
    "expect_column_values_to_not_be_in_set": ("取值在禁用集合", "Value in a forbidden set", "0105"),
    "expect_column_values_to_be_unique": ("取值应唯一", "Value not unique as expected", "0304"),
    "expect_column_values_to_be_increasing": ("取值未递增", "Values not increasing", "0401"),
    "expect_column_values_to_be_decreasing": ("取值未递减", "Values not decreasing", "0401"),
    "expect_column_values_to_match_regex": ("取值不符合期望格式", "Value not of the expected pattern", "0302"),
    "expect_column_values_to_not_match_regex": ("取值符合禁用格式", "Value of a forbidden pattern", "0302"),
    "expect_column_values_to_match_regex_list": ("取值不符合期望格式之一", "Value of none of the patterns", "0302"),
    "expect_column_values_to_not_match_regex_list": ("取值符合禁用格式之一", "Value of a forbidden pattern", "0302"),
    "expect_column_values_to_match_like_pattern": ("取值不符合通配格式", "Value unlike the pattern", "0302"),
    "expect_column_values_to_not_match_like_pattern": (
        "取值符合禁用通配格式",
        "Value like a forbidden pattern",
        "0302",
    ),
    "expect_column_values_to_match_like_pattern_list": ("取值不符合通配格式之一", "Value unlike the patterns", "0302"),
    "expect_column_values_to_not_match_like_pattern_list": (
        "取值符合禁用通配格式之一",
        "Value like a forbidden pattern",
        "0302",
    ),
    "expect_column_value_lengths_to_equal": ("长度不符", "Unexpected length", "0302"),
    "expect_column_value_lengths_to_be_between": ("长度超出期望范围", "Length out of the expected range", "0302"),
    "expect_column_values_to_match_strftime_format": ("日期格式不符", "Date not in the expected format", "0302"),
    "expect_column_values_to_be_dateutil_parseable": ("无法解析为日期", "Value can't be read as a date", "0302"),
    "expect_column_values_to_be_json_parseable": ("不是有效的JSON", "Value is no JSON", "0302"),
    "expect_column_values_to_match_json_schema": ("JSON不符合模式", "JSON breaks its schema", "0302"),
    "expect_column_values_to_be_of_type": ("取值类型不符", "Value not of the expected type", "0302"),
    "expect_column_values_to_be_in_type_list": ("取值类型不在期望之列", "Value of none of the types", "0302"),
    "expect_column_value_z_scores_to_be_less_than": ("偏离均值过大", "Value far from the mean", "0302"),
    "expect_column_values_to_not_be_outliers": ("离群值", "Outlier", "0302"),
    "expect_column_pair_values_to_be_equal": ("两列取值应相等", "Values of two columns differ", "0401"),
    "expect_column_pair_values_a_to_be_greater_than_b": (
        "两列取值大小关系不符",
        "Values of two columns in wrong order",
        "0401",
    ),
    "expect_column_pair_values_to_be_in_set": ("两列取值组合不在期望集合", "Pair of values not in the set", "0401"),
    "expect_compound_columns_to_be_unique": ("多列组合应唯一", "Values of some columns together not unique", "0304"),
    "expect_select_column_values_to_be_unique_within_record": (
        "同一记录内取值应互不相同",
        "Same value twice in a record",
        "0401",
    ),
    "expect_multicolumn_values_to_be_equal": ("多列取值应相等", "Values of some columns differ", "0401"),
    # Of this project, not of GX: values that meet a Chinese standard.
    "expect_column_values_to_be_uscc": ("不是有效的统一社会信用代码", "No valid unified social credit code", "0101"),
    "expect_column_values_to_be_organisation_code": ("不是有效的组织机构代码", "No valid organisation code", "0101"),
    "expect_column_values_to_be_resident_id": ("不是有效的公民身份号码", "No valid resident id", "0101"),
    "expect_column_values_to_be_registration_number": ("不是有效的注册号", "No valid registration number", "0101"),
    "expect_column_values_to_be_division_code": ("不是有效的行政区划代码", "No valid division code", "0101"),
    "expect_column_values_to_be_industry_code": ("不是有效的国民经济行业代码", "No valid industry code", "0101"),
    "expect_column_values_to_be_mobile": ("不是有效的手机号码", "No valid mobile number", "0101"),
    "expect_column_values_to_be_bank_card": ("不是有效的银行卡号", "No valid bank card number", "0101"),
    "expect_column_values_to_be_plate": ("不是有效的号牌号码", "No valid number plate", "0101"),
    "expect_column_values_to_be_passport": ("不是有效的护照号码", "No valid passport number", "0101"),
    "expect_column_values_to_be_email": ("不是有效的电子邮箱", "No valid e-mail address", "0101"),
    "expect_multicolumn_sum_to_equal": ("多列合计不符", "Values of some columns don't add up", "0401"),
}
_OF_TABLES = {
    "expect_column_max_to_be_between": ("最大值超出期望范围", "Greatest value out of range", "0302"),
    "expect_column_min_to_be_between": ("最小值超出期望范围", "Least value out of range", "0302"),
    "expect_column_mean_to_be_between": ("平均值超出期望范围", "Mean out of range", "0302"),
    "expect_column_median_to_be_between": ("中位数超出期望范围", "Median out of range", "0302"),
    "expect_column_stdev_to_be_between": ("标准差超出期望范围", "Standard deviation out of range", "0302"),
    "expect_column_sum_to_be_between": ("合计超出期望范围", "Sum out of range", "0302"),
    "expect_column_quantile_values_to_be_between": ("分位数超出期望范围", "Quantile out of range", "0302"),
    "expect_column_unique_value_count_to_be_between": (
        "不同取值数超出期望范围",
        "Number of values out of range",
        "0302",
    ),
    "expect_column_proportion_of_unique_values_to_be_between": (
        "不同取值占比超出期望范围",
        "Share of different values out of range",
        "0304",
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": (
        "非空占比超出期望范围",
        "Share of values out of range",
        "0201",
    ),
    "expect_column_distinct_values_to_be_in_set": ("出现集合外的取值", "Values beyond the set", "0105"),
    "expect_column_distinct_values_to_contain_set": ("缺少应有的取值", "Values of the set missing", "0202"),
    "expect_column_distinct_values_to_equal_set": ("取值集合不符", "Values are not those of the set", "0105"),
    "expect_column_most_common_value_to_be_in_set": ("最常见取值不符", "Most common value not in the set", "0302"),
    "expect_column_kl_divergence_to_be_less_than": ("分布偏离过大", "Distribution drifted", "0302"),
    "expect_column_bootstrapped_ks_test_p_value_to_be_greater_than": ("分布检验不符", "Distribution drifted", "0302"),
    "expect_column_chisquare_test_p_value_to_be_greater_than": ("分布检验不符", "Distribution drifted", "0302"),
    "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than": (
        "分布检验不符",
        "Distribution drifted",
        "0302",
    ),
    "expect_column_pair_cramers_phi_value_to_be_less_than": ("两列关联过强", "Columns depend on each other", "0401"),
    "expect_column_type_to_be": ("列类型不符", "Column not of the expected type", "0102"),
    "expect_column_to_exist": ("缺少期望的列", "Expected column missing", "0102"),
    "expect_table_row_count_to_equal": ("行数不符", "Unexpected number of rows", "0202"),
    "expect_table_row_count_to_be_between": ("行数超出期望范围", "Number of rows out of range", "0202"),
    "expect_table_row_count_to_equal_other_table": (
        "与另一表行数不一致",
        "Number of rows not that of another table",
        "0401",
    ),
    "expect_table_column_count_to_equal": ("列数不符", "Unexpected number of columns", "0102"),
    "expect_table_column_count_to_be_between": ("列数超出期望范围", "Number of columns out of range", "0102"),
    "expect_table_columns_to_match_ordered_list": ("列及其顺序不符", "Columns or their order unexpected", "0102"),
    "expect_table_columns_to_match_set": ("列集合不符", "Unexpected columns", "0102"),
}


def _rule(kind: str, said: tuple[str, str, str], template: str, fix: str) -> Rule:
    title, title_en, indicator = said
    code = kind.replace("_", "-")
    return Rule(code, title, title_en, template, fix, indicator, waivable=True, fix_zh=_FIX_ZH)


#: Type of expectation → its rule.
EXPECTATION_RULES: dict[str, Rule] = {
    **{kind: _rule(kind, said, _IN_A_ROW, _FIX) for kind, said in _OF_ROWS.items()},
    **{kind: _rule(kind, said, _OF_THE_TABLE, _FIX_TABLE) for kind, said in _OF_TABLES.items()},
}
