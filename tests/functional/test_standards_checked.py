"""A register whose columns name their standards: wrong cells hold it back; mended, its package says what they meet."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import frictionless
import pytest

from tests.workspace_factory import TODAY, PortOffice, make_port_office, text_field

HEADINGS = ("no", "code", "number", "person", "on")
FIELDS = [
    {"name": "no", "type": "integer", "constraints": {"required": True}},
    text_field("code", title="统一社会信用代码", standard="GB 32100-2015", repair=["trim", "fullwidth", "upper"]),
    text_field("number", title="注册号", standard="registration-number", standardDate="on"),
    text_field("person", title="身份证号", standard="resident-id", standardDate="on", disclosure="never"),
    {"name": "on", "title": "登记日期", "type": "date"},
]
RIGHT = (
    ("1", "91310000132260250X", "310115000633673", "11010519491231002X", "2017-05-18"),
    ("2", "９１３１００００６３１６９６３８２ｃ", "3101152003775", "110105491231002", "2006-05-18"),
    ("3", "", "", "", ""),
)
PERSON = "110105194912310021"
WRONG = (
    RIGHT[0],
    ("2", "913100001322602511", "3101152003775", PERSON, "2017-05-18"),
    ("3", "91310000132260205X", "310000000012345", "11010519491231002x", "1949-12-01"),
)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path, ["ports"])
    schema = {"fields": FIELDS, "primaryKey": "no"}
    office.add("firms", "307002/000099", schema, title="企业", source={"path": "samples/firms.csv"})
    return office


def _write(office: PortOffice, rows: Sequence[Sequence[str]]) -> None:
    with (office.samples / "firms.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADINGS, *rows])


def test_each_wrong_cell_is_named_by_its_rule_row_and_column(office: PortOffice) -> None:
    _write(office, WRONG)
    answer = office.run("check", "firms")
    assert answer.code == 1
    (dataset,) = answer.document["datasets"]
    found = [(finding["row"], finding["column"], finding["rule"]) for finding in dataset["findings"]]
    assert sorted(found) == [
        (3, "code", "uscc-organisation-code"),
        (3, "number", "registration-number-legacy"),
        (3, "person", "resident-id-check-digit"),
        (4, "code", "uscc-check-digit"),
        (4, "number", "registration-number-check-digit"),
        (4, "person", "resident-id-born-after-record"),
    ]
    assert not dataset["valid"]


def test_nothing_that_anyone_is_shown_has_a_persons_number(office: PortOffice) -> None:
    _write(office, WRONG)
    for command in ("check", "plan", "publish"):
        for as_json in (True, False):
            answer = office.run(command, "firms", json=as_json)
            assert answer.code == 1
            for secret in (PERSON, PERSON[6:14], WRONG[2][3]):
                assert secret not in answer.out + answer.err


def test_the_package_says_which_standard_a_column_meets(office: PortOffice) -> None:
    _write(office, RIGHT)
    assert office.run("publish", "firms").verdicts == {"firms": "published"}
    release = office.release("firms", 1)
    (resource,) = json.loads((release / "datapackage.json").read_text("utf-8"))["resources"][:1]
    said = {field["name"]: (field.get("standard"), field.get("standardDate")) for field in resource["schema"]["fields"]}
    assert said == {
        "no": (None, None),
        "code": ("GB 32100-2015", None),
        "number": ("registration-number", "on"),
        "on": (None, None),
    }
    assert frictionless.validate(str(release / "datapackage.json")).valid
    with (release / "data" / "firms.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["code"] for row in csv.DictReader(stream)] == ["91310000132260250X", "91310000631696382C", ""]
