"""A dataset's suite from command line to release: it blocks, travels along, re-checks, and knows the last release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.expectation_oracle import expectation
from tests.workspace_factory import BUOYS, PORTS, PortOffice, snapshot

NAMED = expectation("expect_column_values_to_match_regex", column="name", regex="^东港$")
AS_MANY_AS_BUOYS = expectation("expect_table_row_count_to_equal_other_table", other_table_name="buoys")
CODE = "expect-column-values-to-match-regex"
VOLUME = expectation("expect_table_row_count_to_be_between", min_value={"$PARAMETER": "0.75 * previous"})


def _suite(office: PortOffice, *expectations: dict[str, Any], name: str = "ports") -> Path:
    file = office.root / "quality" / "suites" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    document = {"name": name, "expectations": list(expectations), "meta": {}}
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return file


def test_a_new_suite_is_checked_though_the_data_is_the_same(published: PortOffice) -> None:
    assert published.run("plan").verdicts["ports"] == "unchanged"
    _suite(published, NAMED)

    planned = published.run("plan")
    assert planned.verdicts["ports"] == "blocked"
    assert planned.datasets["ports"]["findings"] == {"must": 2, "should": 0}


def test_a_warning_travels_with_the_release(office: PortOffice) -> None:
    _suite(office, {**NAMED, "severity": "warning"}, {**VOLUME, "severity": "info"})

    assert office.run("publish").verdicts["ports"] == "published"
    quality = json.loads((office.release("ports", 1) / "quality.json").read_text("utf-8"))
    assert [(rule["rule"], rule["severity"], rule["count"]) for rule in quality["rules"]] == [(CODE, "should", 2)]
    assert quality["expectations"] == {
        "suite": "ports",
        "evaluated": 2,
        "met": 1,
        "told_only": [],
        "answered_by_great_expectations": [],
    }
    first = snapshot(office.release("ports", 1))
    assert office.run("publish").verdicts["ports"] == "unchanged"
    assert snapshot(office.release("ports", 1)) == first


def test_volume_against_the_last_release(office: PortOffice) -> None:
    _suite(office, VOLUME)

    assert office.run("publish").verdicts["ports"] == "published"
    office.ports([*PORTS[:2], *PORTS[3:]])  # two of three rows
    assert office.run("publish").verdicts["ports"] == "blocked"
    office.ports([*PORTS, ("011", "北港", "", "", "")])
    assert office.run("publish").datasets["ports"]["release"] == 2


def test_as_many_rows_as_another_dataset(office: PortOffice, tmp_path: Path) -> None:
    """And where the other one moves, the suite is asked again, though nothing moved here."""
    _suite(office, AS_MANY_AS_BUOYS, name="stations")
    assert office.run("publish").verdicts["stations"] == "published"
    assert office.run("publish").verdicts["stations"] == "unchanged"
    office.buoys([*BUOYS, ("310000199001011235", "三号浮标", 1)])

    assert office.run("publish").verdicts["stations"] == "blocked"
    office.run("check", "stations", "--validation-results", str(tmp_path))
    [result] = json.loads((tmp_path / "stations.json").read_text("utf-8"))["results"]
    assert (result["success"], result["result"]["observed_value"]) == (False, {"self": 2, "other": 3})


def test_another_dataset_that_is_none_stops_its_own_alone(office: PortOffice) -> None:
    _suite(office, {**AS_MANY_AS_BUOYS, "kwargs": {"other_table_name": "ships"}})
    answer = office.run("publish")
    assert answer.verdicts["ports"] == "failed"
    assert "the rows of 'ships' are not at hand" in answer.datasets["ports"]["reason"]
    assert answer.verdicts["buoys"] == "published"


def test_check_says_what_became_of_the_suite_and_saves_it(office: PortOffice, tmp_path: Path) -> None:
    _suite(office, NAMED, expectation("expect_column_values_to_be_unique", column="code"), name="havens")
    office.entry("ports", suite="havens")

    answer = office.run("check", "ports", "--validation-results", str(tmp_path / "results"))
    assert answer.code == 1
    [dataset] = answer.document["datasets"]
    assert [(one["rule"], one["row"], one["column"]) for one in dataset["findings"]] == [
        (CODE, 3, "name"),
        (CODE, 4, "name"),
    ]
    assert (dataset["expectations"]["suite"], dataset["expectations"]["met"]) == ("havens", 1)
    saved = json.loads((tmp_path / "results" / "ports.json").read_text("utf-8"))
    assert [result["success"] for result in saved["results"]] == [False, True]


def test_a_broken_suite_stops_its_dataset_alone(office: PortOffice) -> None:
    _suite(office, expectation("expect_column_values_to_be_unique", column="harbour"))
    office.entry("buoys", suite="nowhere")

    answer = office.run("publish")
    assert answer.code == 1
    assert {name for name, verdict in answer.verdicts.items() if verdict == "failed"} == {"ports", "buoys"}
    assert "expectation 1" in answer.datasets["ports"]["reason"]
    assert "nowhere.json: there is no such suite" in answer.datasets["buoys"]["reason"]


def test_a_suite_for_any_file_and_table_schema(office: PortOffice, tmp_path: Path) -> None:
    schema = tmp_path / "s.schema.json"
    schema.write_text(json.dumps({"fields": [{"name": "a", "type": "integer"}]}), encoding="utf-8")
    data = tmp_path / "d.csv"
    data.write_text("a\n1\n3\n", encoding="utf-8")
    suite = _suite(office, expectation("expect_column_values_to_be_between", column="a", max_value=2))

    answer = office.run("check", "--data", str(data), "--schema", str(schema), "--suite", str(suite))
    [finding] = answer.document["datasets"][0]["findings"]
    assert (finding["rule"], finding["row"], finding["value"]) == ("expect-column-values-to-be-between", 3, "3")
    assert office.run("check", "ports", "--suite", str(suite)).code == 2
