"""A declared repair from source to readers: mended data, counts for everyone, before and after for officers alone."""

from __future__ import annotations

import csv
import json
from typing import Any

from tests.workspace_factory import PORTS, SCHEMAS, PortOffice

ROWS = [list(row) for row in PORTS]
ROWS[1][2] = "1901年5月1日"
ROWS[2][2] = "19551012"
ROWS[2][0] = " 002"
ROWS[3][2] = "长期"


def _declare(office: PortOffice) -> None:
    fields: list[dict[str, Any]] = [dict(field) for field in SCHEMAS["ports"]["fields"]]
    fields[0]["repair"] = ["trim"]
    fields[2]["repair"] = ["dates", "open-ended"]
    fields[4]["repair"] = ["upper"]
    office.ports(ROWS)
    office.schema("ports", fields=[*fields, {"name": "for_ever", "type": "boolean", "openEndedOf": "opened"}])


def _published(office: PortOffice) -> list[list[str]]:
    with (office.release("ports", 1) / "data" / "ports.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_readers_get_the_mended_cells_and_how_many_there_are(office: PortOffice) -> None:
    _declare(office)
    assert office.run("publish", "ports").code == 0
    assert _published(office) == [
        ["code", "name", "opened", "for_ever"],
        ["001", "东港", "1901-05-01", "false"],
        ["002", "西港", "1955-10-12", "false"],
        ["010", "南港", "", "true"],
    ]
    summary = json.loads((office.release("ports", 1) / "quality.json").read_text("utf-8"))
    assert summary["repairs"] == [
        {"repair": "trim", "column": "code", "count": 1},
        {"repair": "dates", "column": "opened", "count": 2},
        {"repair": "open-ended", "column": "opened", "count": 1},
    ]
    descriptor = json.loads((office.release("ports", 1) / "datapackage.json").read_text("utf-8"))
    assert all("repair" not in field for field in descriptor["resources"][0]["schema"]["fields"])
    assert office.run("plan", "ports").verdicts == {"ports": "unchanged"}


def test_officers_see_before_and_after_and_no_closed_value(office: PortOffice) -> None:
    _declare(office)
    answer = office.run("check", "ports")
    logs = {(log["column"], log["repair"]): log for log in answer.datasets["ports"]["repairs"]}
    assert [(cell["row"], cell["before"], cell["after"]) for cell in logs["opened", "dates"]["cells"]] == [
        (2, "1901年5月1日", "1901-05-01"),
        (3, "19551012", "1955-10-12"),
    ]
    assert logs["keeper_id", "upper"]["count"] == 3
    assert {cell["before"] for cell in logs["keeper_id", "upper"]["cells"]} == {"c" + "*" * 16}
    lines = office.run("check", "ports", json=False).out
    assert "repaired dates opened: 2" in lines


def test_officers_get_every_repaired_cell_as_a_table(office: PortOffice) -> None:
    _declare(office)
    assert office.run("check", "--repairs", str(office.home / "repairs")).code == 0
    assert [file.name for file in (office.home / "repairs").iterdir()] == ["ports.csv"]
    with (office.home / "repairs" / "ports.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row for row in rows if row[1] != "keeper_id"] == [
        ["row", "column", "repair", "before", "after"],
        ["2", "opened", "dates", "1901年5月1日", "1901-05-01"],
        ["3", "code", "trim", " 002", "002"],
        ["3", "opened", "dates", "19551012", "1955-10-12"],
        ["4", "opened", "open-ended", "长期", ""],
    ]
    assert [row[3] for row in rows if row[1] == "keeper_id"] == ["c" + "*" * 16] * 3


def test_a_dataset_that_declares_none_says_nothing_of_repairs(office: PortOffice) -> None:
    assert office.run("publish", "tides").code == 0
    assert "repairs" not in json.loads((office.release("tides", 1) / "quality.json").read_text("utf-8"))


def test_undeclared_it_is_found_and_blocks(office: PortOffice) -> None:
    office.ports(ROWS)
    ports = office.run("publish", "ports").datasets["ports"]
    assert ports["verdict"] == "blocked"
    found = office.run("check", "ports").datasets["ports"]
    assert (found["counts"]["type"], found["counts"]["pattern"], found["repairs"]) == (3, 1, [])
