"""One officer's workbook with titles, merged headings and two sheets, published under the schemas' field names."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import frictionless
import pytest
import xlsxwriter

from tests.workspace_factory import TODAY, PortOffice, files_with, make_port_office, text_field

POWERS: dict[str, Any] = {
    "fields": [
        text_field("power_code", title="权力编码", constraints={"required": True}),
        text_field("power_name", title="权力名称", constraints={"required": True}),
        {"name": "legal_days", "title": "办理时限_法定期限", "type": "integer"},
        {"name": "promised_days", "title": "办理时限_承诺期限", "type": "integer"},
        text_field("keeper", title="经办人", disclosure="never"),
    ],
    "primaryKey": "power_code",
}
DUTIES: dict[str, Any] = {
    "fields": [
        text_field("duty_code", title="责任编码", constraints={"required": True}),
        text_field("power_code", title="对应权力"),
        text_field("stage", title="责任事项_环节"),
        text_field("duty", title="责任事项_内容"),
    ],
    "primaryKey": "duty_code",
    "foreignKeys": [{"fields": ["power_code"], "reference": {"resource": "powers", "fields": ["power_code"]}}],
}
POWER_ROWS: Sequence[Sequence[Any]] = (
    ("0100001", "食品经营许可", 20, 10, "canary-keeper"),
    ("0100002", "广告发布登记", 5, 3, "canary-keeper"),
)


def write_workbook(file: Path, powers: Sequence[Sequence[Any]] = POWER_ROWS, *, duties_of: str = "0100001") -> None:
    """A title, headings over two rows and a note in each of two sheets; one merged cell over two rows of data."""
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("权力清单")
        sheet.merge_range("A1:E1", "行政权力清单（2017年）")
        for block, heading in (
            ("A2:A3", "权力编码"),
            ("B2:B3", "权力名称"),
            ("C2:D2", "办理时限"),
            ("E2:E3", "经办人"),
        ):
            sheet.merge_range(block, heading)
        sheet.write_row("C3", ["法定期限", "承诺期限"])
        for number, row in enumerate(powers, start=3):
            sheet.write_row(number, 0, row)
        sheet.write(3 + len(powers), 0, "注：期限按工作日计")
        sheet = book.add_worksheet("责任清单")
        sheet.merge_range("A1:D1", "行政责任清单（2017年）")
        for block, heading in (("A2:A3", "责任编码"), ("B2:B3", "权力"), ("C2:D2", "责任事项")):
            sheet.merge_range(block, heading)
        sheet.write_row("C3", ["环节", "内容"])
        sheet.merge_range("B4:B5", duties_of)
        sheet.write_row("C4", ["受理", "一次告知补正材料"])
        sheet.write_row("C5", ["审查", "提出审查意见"])
        sheet.write_column("A4", ["D1", "D2"])


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    """The two lists, of which only the first has all its headings from the schema."""
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    made = make_port_office(tmp_path, ())
    first = {"path": "samples/lists.xlsx", "sheet": "权力清单", "header_row": [2, 3], "footer_rows": 1}
    second = {"path": "samples/lists.xlsx", "sheet": "责任清单", "columns": {"权力": "power_code"}}
    made.add("powers", "307002/000001", POWERS, title="权力清单", source=first)
    made.add("duties", "307002/000002", DUTIES, title="责任清单", source=second)
    write_workbook(made.samples / "lists.xlsx")
    return made


def released(office: PortOffice, dataset: str) -> list[list[str]]:
    with (office.release(dataset, 1) / f"data/{dataset}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_releases_have_the_field_names(office: PortOffice) -> None:
    assert office.run("publish").verdicts == {"powers": "published", "duties": "published"}
    assert released(office, "powers") == [
        ["power_code", "power_name", "legal_days", "promised_days"],
        ["0100001", "食品经营许可", "20", "10"],
        ["0100002", "广告发布登记", "5", "3"],
    ]
    assert released(office, "duties") == [
        ["duty_code", "power_code", "stage", "duty"],
        ["D1", "0100001", "受理", "一次告知补正材料"],
        ["D2", "0100001", "审查", "提出审查意见"],
    ]
    for dataset in ("powers", "duties"):
        assert frictionless.validate(str(office.release(dataset, 1) / "datapackage.json")).valid
    assert files_with(office.home, "canary-keeper") == []
    assert office.run("publish").verdicts == {"powers": "unchanged", "duties": "unchanged"}


def test_faults_are_told_in_the_officers_own_headings(office: PortOffice) -> None:
    write_workbook(office.samples / "lists.xlsx", [*POWER_ROWS, ("0100003", "", "十日", 1, "甲")], duties_of="0100009")
    checked = office.run("check").datasets
    places = {
        name: [(found["rule"], found["sheet"], found["row"], found["column"]) for found in facts["findings"]]
        for name, facts in checked.items()
    }
    assert places == {
        "powers": [("type", "权力清单", 6, "办理时限_法定期限"), ("required", "权力清单", 6, "权力名称")],
        "duties": [("foreign-key", "责任清单", 4, "权力"), ("foreign-key", "责任清单", 5, "权力")],
    }
    planned = office.run("plan").datasets
    assert "lists.xlsx › 权力清单 › row 6 › " in planned["powers"]["reason"]
    assert "lists.xlsx › 责任清单 › row 4 › 权力: " in planned["duties"]["reason"]


def test_changed_columns_are_read_anew(office: PortOffice) -> None:
    office.run("publish")
    swapped = {"权力": "power_code", "责任事项_环节": "duty", "责任事项_内容": "stage"}
    office.entry("duties", source={**office.entries["duties"]["source"], "columns": swapped})
    planned = office.run("plan").datasets
    assert (planned["powers"]["verdict"], planned["duties"]["verdict"]) == ("unchanged", "update")
    assert planned["duties"]["changes"] == {"added": 0, "removed": 0, "changed": 2}
