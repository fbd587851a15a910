"""Complaints: ledger, statistics and traders' notices show the same cases, and small counts are withheld."""

from __future__ import annotations

import datetime
from collections import Counter
from decimal import Decimal

from resource_catalog.samples.city.working_days import add_working_days, is_working_day
from resource_catalog.samples.streams.complaint_statistics import SMALL
from tests.sample_tables import SampleRow, sample_rows, sample_schema

WHOLE_CITY, ALL_CHANNELS = "全市", "全部渠道"
COUNTS = ("complaints", "reports", "consultations")


def _ledger() -> tuple[SampleRow, ...]:
    return sample_rows("complaint-handling")


def _half_year(day: datetime.date) -> tuple[str, datetime.date]:
    first = day.month <= 6
    return f"{day.year}-H{1 if first else 2}", datetime.date(day.year, 6, 30) if first else datetime.date(
        day.year, 12, 31
    )


def _cases() -> Counter[tuple[str, str, str, str]]:
    """How many cases belong in each row of the statistics."""
    cases: Counter[tuple[str, str, str, str]] = Counter()
    for row in _ledger():
        month, category = f"{row['登记日期']:%Y-%m}", row["商品或服务类别"]
        cases[month, row["所在区"], category, ALL_CHANNELS] += 1
        cases[month, WHOLE_CITY, category, row["来源渠道"]] += 1
    return cases


def test_ledger_has_cases_enough_numbered_in_the_order_of_their_days() -> None:
    rows = _ledger()
    assert 6000 <= len(rows) <= 20_000
    assert [row["工单编号"] for row in rows] == [f"{number:010d}" for number in range(1, len(rows) + 1)]
    days = [row["登记日期"] for row in rows]
    assert days == sorted(days)


def test_traders_stand_in_the_register_and_were_founded_before_and_not_yet_closed() -> None:
    register = {row["uscc"]: row for row in sample_rows("enterprises")}
    for row in _ledger():
        trader = register[row["被诉经营者统一社会信用代码"]]
        assert (trader["name"], trader["district"]) == (row["被诉经营者"], row["所在区"])
        assert trader["founded_on"] < row["登记日期"]
        assert trader["status_on"] is None or trader["status_on"] > row["登记日期"]


def test_only_what_was_taken_up_has_a_result_and_it_comes_on_a_working_day() -> None:
    seen = set()
    for row in _ledger():
        handled = row["处理结果"], row["办结日期"], row["挽回损失"]
        seen.add((row["是否受理"], row["处理结果"]))
        assert len({each is None for each in handled}) == 1
        if row["办结日期"] is not None:
            assert row["是否受理"]
            assert is_working_day(row["办结日期"]) and row["办结日期"] > row["登记日期"]
            assert 0 <= row["挽回损失"] <= row["争议金额"]
            assert (row["挽回损失"] > 0) == (row["处理结果"] == "达成调解")
    assert seen == {
        (False, None),
        (True, None),
        *((True, result) for result in ("达成调解", "未达成调解", "投诉人撤回")),
    }


def test_the_complainant_leaves_in_no_form_and_his_words_only_to_bureaus() -> None:
    schema = sample_schema("complaint-handling")
    assert schema.field("投诉人").disclosure == "never"
    assert schema.field("诉求内容").disclosure == "share"
    names = {row["投诉人"] for row in _ledger()}
    for dataset in ("complaint-statistics", "trader-complaints"):
        assert not names & {cell for row in sample_rows(dataset) for cell in row.values() if isinstance(cell, str)}


def test_statistics_count_the_cases_or_withhold_a_small_count() -> None:
    cases = _cases()
    keys = [tuple(row[name] for name in sample_schema("complaint-statistics").primary_key) for row in _statistics()]
    assert len(keys) == len(set(keys))
    for row, key in zip(_statistics(), keys, strict=True):
        number = cases[key]  # type: ignore[index]
        assert row["complaints"] == (None if 0 < number < SMALL else number), key
    last_shown = max(row["period"] for row in _statistics())
    assert {key for key in cases if key[0] <= last_shown} <= set(keys)


def _statistics() -> tuple[SampleRow, ...]:
    return sample_rows("complaint-statistics")


def test_rows_say_whether_a_count_is_withheld_and_then_tell_neither_amount_nor_change() -> None:
    for row in _statistics():
        shown = [row[name] for name in COUNTS]
        assert row["suppressed"] == (None in shown)
        assert not any(count is not None and 0 < count < SMALL for count in shown)
        assert (row["amount_recovered"] is None) == (row["complaints"] is None)
        if row["complaints"] is None:
            assert row["yoy"] is None
    assert {row["suppressed"] for row in _statistics()} == {True, False}


def test_districts_and_channels_sum_alike_where_all_are_shown() -> None:
    by: dict[tuple[str, str, str], dict[bool, list[int | None]]] = {}
    for row in _statistics():
        for name in COUNTS:
            sides = by.setdefault((row["period"], row["category"], name), {True: [], False: []})
            sides[row["district"] == WHOLE_CITY].append(row[name])
    shown = [sides for sides in by.values() if None not in sides[True] + sides[False]]
    assert len(shown) > 10
    for sides in shown:
        assert sum(filter(None, sides[True])) == sum(filter(None, sides[False]))


def test_change_is_against_the_same_month_of_the_year_before() -> None:
    known = {(row["period"], row["district"], row["category"], row["channel"]): row for row in _statistics()}
    compared = 0
    for (period, *rest), row in known.items():
        before = known.get((f"{int(period[:4]) - 1}{period[4:]}", rest[0], rest[1], rest[2]))
        if row["yoy"] is None:
            assert not before or row["complaints"] is None or not before["complaints"]
            continue
        assert before
        change = Decimal(row["complaints"] - before["complaints"]) / before["complaints"]
        assert row["yoy"] == change.quantize(Decimal("0.0001"))
        compared += 1
    assert compared > 200


def test_nodes_are_those_of_the_months() -> None:
    nodes = {row["period"]: row["node"] for row in _statistics()}
    festival = {"2015-02", "2016-02", "2017-01"}
    assert {month for month, node in nodes.items() if node == "春节"} == festival
    for month, node in nodes.items():
        fixed = {"01": "元旦", "05": "五一", "10": "国庆"}.get(month[5:], "常规")
        assert node == ("春节" if month in festival else fixed)


def test_traders_notices_count_their_cases_as_things_stood_at_the_half_years_end() -> None:
    counts: dict[tuple[str, str], Counter[str]] = {}
    for row in _ledger():
        period, over = _half_year(row["登记日期"])
        found = counts.setdefault((row["被诉经营者统一社会信用代码"], period), Counter())
        found["total"] += 1
        closed = row["办结日期"] is not None and row["办结日期"] <= over
        found["closed_accepted"] += closed
        found["solved"] += closed and row["处理结果"] == "达成调解"
    rows = sample_rows("trader-complaints")
    assert len(rows) >= 200
    for row in rows:
        found = counts.get((row["uscc"], row["period"]), Counter())
        for measure in ("total", "closed_accepted", "solved"):
            assert row[measure] == found[measure], (row["uscc"], row["period"], measure)


def test_traders_notices_keep_the_rules_of_the_document() -> None:
    cases = {(row["uscc"], row["document_number"]): row for row in sample_rows("dishonest-records")}
    rows = sample_rows("trader-complaints")
    for row in rows:
        assert row["accepted"] + row["not_accepted"] <= row["total"]
        assert row["solved"] <= row["closed_accepted"] <= row["accepted"]
        rate = Decimal(row["solved"]) / row["closed_accepted"] if row["closed_accepted"] else None
        assert row["solve_rate"] == (None if rate is None else rate.quantize(Decimal("0.0001")))
        assert (row["case_no"] is None) == (row["case_name"] is None)
        if row["case_no"]:
            assert _half_year(cases[row["uscc"], row["case_no"]]["decided_on"])[0] == row["period"]
    assert any(row["accepted"] + row["not_accepted"] < row["total"] for row in rows)
    assert any(row["solve_rate"] is None for row in rows) and any(row["case_no"] for row in rows)


def test_numbers_come_out_on_working_days_soon_after_their_period() -> None:
    for dataset, days in (("complaint-statistics", 5), ("trader-complaints", 10)):
        for row in sample_rows(dataset):
            assert row["published_at"].date() == add_working_days(row["valid_from"], days)
            assert is_working_day(row["published_at"].date())
