"""The office's streams (D14-D20): clocks kept, counts that add up, reasons where due, nothing personal open."""

from __future__ import annotations

import datetime
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.working_days import FIRST_DAY, LAST_DAY, add_working_days, is_working_day
from resource_catalog.samples.generate import all_streams
from resource_catalog.samples.stream import PROVENANCE
from resource_catalog.samples.streams.disclosure_request_statistics import FREQUENT_PERCENT
from resource_catalog.samples.streams.proposals import reply_due
from resource_catalog.table_schema import read_table_schema

REPOSITORY = Path(__file__).parents[2]
CATALOGUE = REPOSITORY / "resource_catalog"
WITHHELD = ("disclosure-requests", "openness-safeguards", "opinion-responses")
OPEN = (
    "consultations",
    "disclosure-catalogue",
    "disclosure-request-statistics",
    "official-documents",
    "opinion-response-results",
    "proposals",
)
DATASETS = (*OPEN, *WITHHELD)
#: Days on which offices act; the others are calendar days (an occurrence, a due day, the end of a month).
WORKING_DATES = {
    "consultations": ("from", "to", "published_at"),
    "disclosure-catalogue": ("valid_from", "published_at"),
    "disclosure-request-statistics": ("published_at",),
    "disclosure-requests": ("received_on", "answered_on"),
    "official-documents": ("signed_on", "published_on", "status_on", "marked_on", "published_at"),
    "openness-safeguards": ("done_on",),
    "opinion-response-results": ("published_at",),
    "opinion-responses": ("valid_from",),
    "proposals": ("replied_on", "published_at"),
}
STREAMS = {stream.dataset: stream for stream in all_streams()}
Record = Mapping[str, Any]


def records(dataset: str, scale: int = 1) -> Iterator[Record]:
    stream = STREAMS[dataset]
    for row in stream.rows(City(CATALOGUE / "samples" / "words", scale)):
        yield dict(zip(stream.columns, row, strict=True))


@cache
def table(dataset: str) -> Sequence[Record]:
    return list(records(dataset))


def day(value: datetime.date | datetime.datetime) -> datetime.date:
    return value.date() if isinstance(value, datetime.datetime) else value


def working_days_after(row: Record, start: str, end: str, count: int) -> bool:
    return bool(row[start] <= row[end] <= add_working_days(row[start], count))


# --- all of them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dataset", DATASETS)
def test_rows_are_many_keyed_and_within_the_citys_days(dataset: str) -> None:
    rows, schema = table(dataset), read_table_schema(REPOSITORY / "schemas" / f"{dataset}.schema.json")
    assert 200 <= len(rows) <= 20_000
    assert schema.names[-5:] == PROVENANCE
    assert len({tuple(row[name] for name in schema.primary_key) for row in rows}) == len(rows)
    assert len({row["source_row_id"] for row in rows}) == len(rows)
    dated = [name for name in schema.names if schema.field(name).type in ("date", "datetime")]
    days = {day(row[name]) for row in rows for name in dated if row[name]}
    assert FIRST_DAY <= min(days) <= max(days) <= LAST_DAY


@pytest.mark.parametrize("dataset", DATASETS)
def test_offices_act_on_working_days(dataset: str) -> None:
    for name in WORKING_DATES[dataset]:
        days = {day(row[name]) for row in table(dataset) if row[name]}
        assert days
        assert [each for each in days if not is_working_day(each)] == [], name


@pytest.mark.parametrize("dataset", ["disclosure-requests", "opinion-responses"])
def test_what_the_city_asks_grows_with_it(dataset: str) -> None:
    assert sum(1 for _ in records(dataset, 3)) == 3 * len(table(dataset))


@pytest.mark.parametrize("dataset", ["official-documents", "proposals"])
def test_what_offices_issue_does_not_grow(dataset: str) -> None:
    assert list(records(dataset, 3)) == table(dataset)


def test_a_large_citys_rows_come_one_by_one() -> None:
    assert len(list(islice(records("disclosure-requests", 1000), 5))) == 5


@pytest.mark.parametrize(
    ("dataset", "personal"),
    [
        ("disclosure-requests", {"applicant", "applicant_document", "contact", "subject"}),
        ("openness-safeguards", {"officer", "office_phone", "mobile"}),
        ("opinion-responses", {"handler", "poster", "assessment"}),
        *((dataset, set()) for dataset in OPEN),
    ],
)
def test_what_is_personal_leaves_in_no_form(dataset: str, personal: set[str]) -> None:
    schema = read_table_schema(REPOSITORY / "schemas" / f"{dataset}.schema.json")
    assert {field.name for field in schema.fields if field.disclosure == "never"} == personal
    assert {field.disclosure for field in schema.fields} <= {"open", "never"}


@pytest.mark.parametrize("dataset", WITHHELD)
def test_what_is_withheld_was_never_published(dataset: str) -> None:
    assert {row["published_at"] for row in table(dataset)} == {None}


# --- D14: documents --------------------------------------------------------------------------------------------------


def test_documents_are_disclosed_and_marked_in_time() -> None:
    changed = [row for row in table("official-documents") if row["status"] != "有效"]
    assert changed
    for row in table("official-documents"):
        assert re.fullmatch(r"沪工商[一-鿿]〔\d{4}〕\d+号", row["doc_no"])
        assert f"〔{row['signed_on'].year}〕" in row["doc_no"]
        assert (row["published_on"] is None) == (row["openness"] == "不予公开")
        assert row["published_on"] is None or working_days_after(row, "signed_on", "published_on", 20)
        assert (row["status_on"] is None) == (row["marked_on"] is None) == (row["status"] == "有效")
        assert row["record_version"] == (1 if row["status"] == "有效" else 2)
    for row in changed:
        assert (row["published_on"] or row["signed_on"]) < row["status_on"]
        assert working_days_after(row, "status_on", "marked_on", 20)


def test_documents_say_why_they_are_not_disclosed() -> None:
    for row in table("official-documents"):
        active = row["openness"] == "主动公开"
        assert (row["reason"] is None) == (row["url"] is not None) == active
        assert (row["interpretation_url"] is not None) == row["needs_interpretation"] <= active
    assert {row["openness"] for row in table("official-documents")} == {"主动公开", "依申请公开", "不予公开"}
    assert {row["needs_interpretation"] for row in table("official-documents")} == {True, False}


def test_numbers_run_through_each_year_in_the_order_of_signature() -> None:
    series: dict[str, list[tuple[int, datetime.date]]] = {}
    for row in table("official-documents"):
        head, number = row["doc_no"].removesuffix("号").split("〕")
        series.setdefault(head, []).append((int(number), row["signed_on"]))
    for numbered in series.values():
        assert [number for number, _ in numbered] == list(range(1, len(numbered) + 1))
        assert [signed for _, signed in numbered] == sorted(signed for _, signed in numbered)


def test_the_query_leaves_out_and_the_summary_counts_what_may_not_be_disclosed() -> None:
    entry = yaml.safe_load((CATALOGUE / "entries" / "official-documents.yaml").read_text("utf-8"))
    with closing(sqlite3.connect(CATALOGUE / "samples" / "data" / "official-documents.sqlite")) as database:
        found = database.execute(entry["source"]["query"])
        names, rows = [each[0] for each in found.description], found.fetchall()
    schema = read_table_schema(REPOSITORY / "schemas" / "official-documents.schema.json")
    assert tuple(names) == schema.names
    expected = {row["doc_no"] for row in table("official-documents") if row["openness"] != "不予公开"}
    assert {row[0] for row in rows} == expected
    assert len(rows) >= 600
    assert f"不予公开的{len(table('official-documents')) - len(rows)}件不列入" in entry["summary"]


# --- D15: public opinion ---------------------------------------------------------------------------------------------


def test_answers_to_public_opinion_keep_their_hours() -> None:
    hours = datetime.timedelta(hours=1)
    for row in table("opinion-responses"):
        assert row["occurred_at"] < row["first_report_at"] < row["authority_at"] <= row["occurred_at"] + 5 * hours
        assert (row["press_at"] is not None) == (row["severity"] == "重大")
        assert row["press_at"] is None or row["authority_at"] < row["press_at"] <= row["occurred_at"] + 24 * hours
    assert any(not is_working_day(row["occurred_at"].date()) for row in table("opinion-responses"))


def test_results_are_the_ledgers_public_answers() -> None:
    ledger = {row["case_id"]: row for row in table("opinion-responses")}
    results = table("opinion-response-results")
    assert {row["case_id"] for row in results} == {case for case, row in ledger.items() if row["url"]}
    assert len(results) < len(ledger)
    shared = set(STREAMS["opinion-response-results"].columns) - set(PROVENANCE)
    for row in results:
        assert {name: row[name] for name in shared} == {name: ledger[row["case_id"]][name] for name in shared}
        assert row["authority_at"].date() <= row["valid_from"] <= row["published_at"].date()


# --- D16-D18 ---------------------------------------------------------------------------------------------------------


def test_opinions_that_were_not_adopted_have_reasons_that_add_up() -> None:
    rejecting = 0
    for row in table("consultations"):
        rejected = row["opinions"] - row["adopted"]
        assert row["adopted"] >= 0
        assert rejected >= 0
        counts = [int(count) for count in re.findall(r"(\d+)条：", row["cluster_reasons"] or "")]
        assert (row["cluster_reasons"] is None) == (rejected == 0)
        assert sum(counts) == rejected
        assert row["from"] < row["to"] < row["published_at"].date() <= add_working_days(row["to"], 20)
        rejecting += rejected > 0
    assert 0 < rejecting < len(table("consultations"))


def test_the_catalogue_of_disclosure_was_out_by_the_end_of_2017() -> None:
    by_version: dict[int, list[datetime.date]] = {}
    for row in table("disclosure-catalogue"):
        by_version.setdefault(row["record_version"], []).append(row["published_at"].date())
    assert max(by_version[1]) <= datetime.date(2017, 12, 31) < min(by_version[2])
    categories = {row["item_code"][:2]: row["category"] for row in table("disclosure-catalogue")}
    items = {row["item_code"][:5]: (row["category"], row["item_name"]) for row in table("disclosure-catalogue")}
    assert len(set(categories.values())) == len(categories)
    assert len(set(items.values())) == len(items)


def test_proposals_are_answered_within_three_months() -> None:
    rounds = City(CATALOGUE / "samples" / "words").words_of("proposals")["rounds"]
    assigned = {each[kind]: each["assigned"] for each in rounds for kind in ("人大建议", "政协提案")}
    for row in table("proposals"):
        begun = datetime.date.fromisoformat(assigned[row["session"]])
        assert begun <= row["replied_on"] <= reply_due(begun)
        assert (row["full_text_url"] is not None) == (row["openness"] == "全文公开")
        assert row["no"][:2] == {"人大建议": "RD", "政协提案": "ZX"}[row["kind"]]
        assert row["session"] in {each[row["kind"]] for each in rounds}


@pytest.mark.parametrize(
    ("assigned", "due"),
    [("2017-02-10", "2017-05-10"), ("2016-11-30", "2017-02-28"), ("2017-12-01", "2018-03-01")],
)
def test_three_months_end_on_the_same_day_or_the_months_last(assigned: str, due: str) -> None:
    assert reply_due(datetime.date.fromisoformat(assigned)) == datetime.date.fromisoformat(due)


# --- D19: requests ---------------------------------------------------------------------------------------------------


def test_requests_are_answered_within_their_clock() -> None:
    for row in table("disclosure-requests"):
        assert row["received_on"] < row["answered_on"]
        assert working_days_after(row, "received_on", "answered_on", 30 if row["extended"] else 15)
        if row["extended"]:
            assert not working_days_after(row, "received_on", "answered_on", 15)
        assert row["topic_key"] != "T00"
    assert {row["extended"] for row in table("disclosure-requests")} == {True, False}


def test_an_organisation_that_asks_had_been_founded() -> None:
    city = City(CATALOGUE / "samples" / "words")
    founded = {one.social_credit_code: one.founded for one in city.enterprises()}
    asking = [row for row in table("disclosure-requests") if row["applicant_kind"] == "法人其他组织"]
    assert asking
    for row in asking:
        assert founded[row["applicant_document"]] < row["received_on"]


def test_statistics_are_the_ledger_counted_both_ways() -> None:
    by_answer, by_topic, extended = Counter[Any](), Counter[Any](), Counter[str]()
    for row in table("disclosure-requests"):
        month = f"{row['answered_on']:%Y-%m}"
        by_answer[month, row["channel"], row["answer"]] += 1
        by_topic[month, row["topic_key"]] += 1
        extended[month] += row["extended"]
    crossed = [row for row in table("disclosure-request-statistics") if row["topic_key"] == "T00"]
    topics = [row for row in table("disclosure-request-statistics") if row["topic_key"] != "T00"]
    assert Counter({(row["period"], row["channel"], row["answer"]): row["requests"] for row in crossed}) == by_answer
    assert Counter({(row["period"], row["topic_key"]): row["requests"] for row in topics}) == by_topic
    for part in (crossed, topics):
        months = Counter[str]()
        for row in part:
            months[row["period"]] += row["extended"]
            assert row["extended"] <= row["requests"] == row["answered_in_time"]
        assert months == extended
    assert sum(row["requests"] for row in crossed) == len(table("disclosure-requests"))


def test_a_topic_is_frequent_from_its_share_of_the_month() -> None:
    rows = table("disclosure-request-statistics")
    whole = Counter[str]()
    for row in rows:
        whole[row["period"]] += row["requests"] if row["topic_key"] == "T00" else 0
    for row in rows:
        if row["topic_key"] == "T00":
            assert row["frequent"] is None
        else:
            assert row["frequent"] == (row["requests"] / whole[row["period"]] >= FREQUENT_PERCENT / 100)
    assert {row["frequent"] for row in rows} == {True, False, None}


# --- D20: safeguards -------------------------------------------------------------------------------------------------


def test_every_unit_has_its_safeguards_in_time() -> None:
    kinds: dict[str, Counter[str]] = {}
    for row in table("openness-safeguards"):
        kinds.setdefault(row["unit"], Counter())[row["kind"]] += 1
        early = row["kind"] in ("政务员名单", "工作计划")
        assert row["due_on"] == (datetime.date(2017, 6, 17) if early else datetime.date(2017, 12, 31))
        assert datetime.date(2017, 5, 18) <= row["done_on"] <= row["due_on"]
        assert (row["officer"] is not None) == (row["mobile"] is not None) == (row["kind"] == "政务员名单")
        assert (row["weight"] is not None) == (row["kind"] == "工作计划")
        assert row["weight"] is None or row["weight"] >= 4
    assert len(kinds) == 36
    for counts in kinds.values():
        assert counts == {"政务员名单": 2, "工作计划": 1, "培训": 2, "督查": 1}
