"""The work on the catalogue: plan, needs and issues speak of the catalogue's own resources, and keep their clocks."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from quality.rules.catalogue import RULES
from resource_catalog.catalog import load_catalog
from resource_catalog.samples.city.catalogue_work import CatalogueWords
from resource_catalog.samples.city.working_days import LAST_DAY, add_working_days, is_working_day
from resource_catalog.samples.streams.opening_plan import QUALITY_GATE
from resource_catalog.samples.streams.sharing_needs import ANSWER_DAYS
from resource_catalog.vocabulary import Openness
from resource_catalog.workspace import open_workspace
from tests.sample_tables import REPOSITORY, sample_city, sample_rows, sample_schema

CATALOG = load_catalog(open_workspace(REPOSITORY))
WORDS: CatalogueWords = sample_city().words_of("catalogue-work")


def test_resources_are_the_catalogues_that_are_not_withheld() -> None:
    entries = {entry.code: entry for entry in CATALOG.entries if entry.openness.code is not Openness.WITHHELD}
    assert set(WORDS["resources"]) == set(entries)
    for code, resource in WORDS["resources"].items():
        entry = entries[code]
        assert resource["title"] == entry.title
        assert (resource["theme"], resource["owner"]) == (entry.theme, entry.owner)
        assert (resource["openness"], resource["sharing"]) == (entry.openness.written, entry.sharing.written)
        assert resource["opened"] == (f"{entry.opened}" if entry.opened else "")
        fields = sample_schema(entry.id).fields
        assert set(resource["items"]) <= {field.title or field.name for field in fields if field.disclosure == "open"}


@pytest.mark.parametrize("dataset", ["opening-plan", "sharing-needs", "quality-issues"])
def test_columns_and_keys(dataset: str) -> None:
    rows, schema = sample_rows(dataset), sample_schema(dataset)
    assert tuple(rows[0]) == schema.names
    assert len({tuple(row[name] for name in schema.primary_key) for row in rows}) == len(rows)
    assert {row["resource_code"] for row in rows} <= set(WORDS["resources"])
    assert all(is_working_day(row["published_at"].date()) for row in rows)


# --- plan ------------------------------------------------------------------------------------------------------------


def test_candidates_are_what_was_not_open_when_the_year_began_livelihood_first() -> None:
    for year in (2015, 2016, 2017, 2018):
        rows = [row for row in sample_rows("opening-plan") if row["plan_year"] == year]
        assert {row["resource_code"] for row in rows} == {
            code
            for code, each in WORDS["resources"].items()
            if each["since"] <= year and (each["opened"] or "9999") >= f"{year}-01-01"
        }
        assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
        livelihood = [row["livelihood"] for row in rows]
        assert livelihood == sorted(livelihood, reverse=True)
        assert livelihood == [row["theme"] == "民生服务" for row in rows]


def test_what_is_listed_passed_every_gate_and_what_is_not_has_its_reason() -> None:
    for row in sample_rows("opening-plan"):
        good = row["quality_score"] is not None and row["quality_score"] >= QUALITY_GATE
        passed = row["schema_ready"] and good and row["privacy_passed"] and row["secrecy_review"] == "通过"
        assert passed == (row["decision"] == "列入")
        assert (row["reason"] is None) == (row["planned_quarter"] is not None) == passed
        assert (row["secrecy_reviewed_on"] is not None) == (row["secrecy_review"] == "通过")
        assert row["secrecy_reviewed_on"] is None or row["secrecy_reviewed_on"] <= row["valid_from"]
    decisions = Counter(row["decision"] for row in sample_rows("opening-plan"))
    assert set(decisions) == {"列入", "暂缓", "不列入"}


def test_before_the_last_plan_whatever_was_listed_was_opened_in_its_year() -> None:
    for row in sample_rows("opening-plan"):
        opened = WORDS["resources"][row["resource_code"]]["opened"]
        if row["opened_on"]:
            assert f"{row['opened_on']}" == opened and row["opened_on"].year == row["plan_year"]
        elif row["plan_year"] < 2018:
            assert row["decision"] != "列入"


# --- needs -----------------------------------------------------------------------------------------------------------


def test_needs_are_answered_within_ten_working_days_or_still_open_at_the_end() -> None:
    for row in sample_rows("sharing-needs"):
        assert is_working_day(row["asked_on"])
        if row["answered_on"] is None:
            assert row["decision"] is None and add_working_days(row["asked_on"], ANSWER_DAYS) == LAST_DAY
            continue
        assert row["asked_on"] < row["answered_on"] <= add_working_days(row["asked_on"], ANSWER_DAYS)
        assert (row["reason"] is None) == (row["decision"] == "同意")


def test_answers_follow_the_resources_sharing() -> None:
    answers = Counter(
        (WORDS["resources"][row["resource_code"]]["sharing"], row["decision"])
        for row in sample_rows("sharing-needs")
        if row["decision"]
    )
    assert {decision for sharing, decision in answers if sharing == "无条件共享"} == {"同意"}
    assert {decision for sharing, decision in answers if sharing == "不予共享"} == {"不同意"}
    assert {decision for sharing, decision in answers if sharing == "有条件共享"} == {"同意", "部分同意", "不同意"}


def test_needed_items_are_the_resources() -> None:
    for row in sample_rows("sharing-needs"):
        items = json.loads(row["items"])
        assert items and set(items) <= set(WORDS["resources"][row["resource_code"]]["items"])


# --- issues ----------------------------------------------------------------------------------------------------------


def test_issues_name_rules_as_they_are_and_their_severity() -> None:
    known = {code: rule.severity for code, rule in RULES.items()}
    for row in sample_rows("quality-issues"):
        assert row["severity"] == known[row["rule"]]
    assert {row["severity"] for row in sample_rows("quality-issues")} == {"must", "should"}


def test_issues_are_due_in_twenty_working_days_and_verified_once_mended() -> None:
    rows = sample_rows("quality-issues")
    for row in rows:
        assert row["due_on"] == add_working_days(row["found_on"], 20)
        assert (row["fixed_on"] is None) == (row["verified_by"] is None)
        assert row["fixed_on"] is None or row["found_on"] < row["fixed_on"]
        assert row["owner"] == WORDS["resources"][row["resource_code"]]["owner"]
    assert any(row["fixed_on"] is None for row in rows)
    assert any(row["fixed_on"] and row["fixed_on"] > row["due_on"] for row in rows)
