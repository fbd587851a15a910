"""Masked columns: no byte that readers get, and no line that anyone is shown, has a value as it was."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import frictionless
import openpyxl
import pyarrow.parquet
import pytest

from tests.workspace_factory import TODAY, Answer, PortOffice, files_with, make_port_office, text_field

NAMES = ("金丝雀甲", "𠮷丝雀乙", "䶮丝雀丙")
FIRM = "金丝雀航运有限公司"
PHONE, ADDRESS, MAIL = "13873917391", "江苏省南京市鼓楼区金丝雀路7391号", "canary7391@example.cn"
#: No reader may find any of these.
CANARIES = (*NAMES, "丝雀甲", "丝雀乙", "丝雀丙", PHONE, "7391号", "canary7391")
HEADINGS = ("no", "master", "kind", "phone", "home", "mail")
ROWS = (
    ("1", NAMES[0], "自然人", PHONE, ADDRESS, MAIL),
    ("2", NAMES[1], "自然人", "", "金丝雀小区7391号", ""),
    ("3", NAMES[2], "", PHONE, "", MAIL),
    ("4", FIRM, "法人", "", "", ""),
)
PUBLIC = (
    ("1", "金***", "自然人", "138****7391", "江苏省南京市鼓楼区", "c***@example.cn"),
    ("2", "𠮷***", "自然人", "", "", ""),
    ("3", "䶮***", "", "138****7391", "", "c***@example.cn"),
    ("4", FIRM, "法人", "", "", ""),
)
MASK = {"as": "person-name", "where": {"kind": ["自然人", ""]}}
FIELDS = [
    {"name": "no", "type": "integer", "constraints": {"required": True}},
    text_field("master", title="船长", mask=MASK, constraints={"required": True, "pattern": ".{3,20}", "minLength": 3}),
    text_field("kind"),
    text_field("phone", mask="mobile", standard="mobile"),
    text_field("home", mask="address"),
    text_field("mail", mask="email", format="email"),
]


def write_rows(office: PortOffice, rows: Sequence[Sequence[str]]) -> None:
    """Write the masters' CSV."""
    with (office.samples / "masters.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADINGS, *rows])


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    """The port office with a register of masters of ships, whose names are masked; nothing is published yet."""
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path, ["ports"])
    schema = {"fields": FIELDS, "primaryKey": "no"}
    office.add("masters", "307002/000099", schema, title="船长", source={"path": "samples/masters.csv"})
    write_rows(office, ROWS)
    return office


def said(answer: Answer) -> str:
    """All that a command said."""
    return answer.out + answer.err


def leaks(office: PortOffice, *answers: Answer) -> list[tuple[str, str]]:
    """(canary, where) wherever readers or officers could see one; work files are nobody's but the program's."""
    found = [
        (canary, name)
        for canary in CANARIES
        for name in files_with(office.home, canary)
        if not name.startswith("work/")
    ]
    return found + [(canary, "said") for canary in CANARIES for answer in answers if canary in said(answer)]


def tables(folder: Path, name: str = "masters") -> dict[str, list[tuple[str, ...]]]:
    """The rows of a release in each of its formats as their own readers give them, missing values as ""."""
    data = folder / "data"
    with (data / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        _, *as_csv = csv.reader(stream)
    lines = [json.loads(line) for line in (data / f"{name}.jsonl").read_text("utf-8").splitlines()]
    sheet = openpyxl.load_workbook(data / f"{name}.xlsx").active
    _, *cells = sheet.iter_rows(values_only=True)
    columns = pyarrow.parquet.read_table(data / f"{name}.parquet").to_pylist()
    rows = {"csv": as_csv, "jsonl": [line.values() for line in lines], "xlsx": cells}
    rows["parquet"] = [record.values() for record in columns]
    return {
        form: [tuple("" if cell is None else str(cell) for cell in row) for row in each] for form, each in rows.items()
    }


def test_no_format_page_or_line_has_a_value_as_it_was(office: PortOffice) -> None:
    answers = [office.run("plan"), office.run("publish"), office.run("publish", json=False), office.run("verify")]
    assert answers[1].verdicts["masters"] == "published"
    assert answers[3].code == 0
    folder = office.release("masters", 1)
    assert tables(folder) == dict.fromkeys(("csv", "jsonl", "xlsx", "parquet"), list(PUBLIC))
    changes = pyarrow.parquet.read_table(folder / "changes.parquet").to_pylist()
    assert [row["master"] for row in changes] == [row[1] for row in PUBLIC]
    assert leaks(office, *answers) == []
    assert files_with(office.portal, "金***") != []


def test_stock_tools_find_the_package_valid_and_readers_are_told(office: PortOffice) -> None:
    office.run("publish")
    folder = office.release("masters", 1)
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.flatten(["rowNumber", "fieldNumber", "type"]) == []
    schema = json.loads((folder / "datapackage.json").read_bytes())["resources"][0]["schema"]
    master = next(field for field in schema["fields"] if field["name"] == "master")
    assert master["mask"] == MASK
    assert master["constraints"] == {"required": True}
    with (folder / "dictionary.csv").open(encoding="utf-8", newline="") as stream:
        masks = {row["name"]: row["mask"] for row in csv.DictReader(stream)}
    assert masks["phone"] == "mobile"
    assert masks["kind"] == ""
    page = (office.portal / "dataset/masters/index.html").read_text("utf-8")
    assert page.count("已脱敏") == 4


def test_a_change_behind_the_mask_is_no_release_and_one_before_it_is(office: PortOffice) -> None:
    office.run("publish")
    write_rows(office, [("1", "金丝雀丁", *ROWS[0][2:]), *ROWS[1:]])
    assert office.run("publish").verdicts["masters"] == "unchanged"
    write_rows(office, [("1", "银丝雀甲", *ROWS[0][2:]), *ROWS[1:]])
    answer = office.run("publish")
    assert answer.datasets["masters"]["changes"] == {"added": 0, "removed": 0, "changed": 1}
    assert leaks(office, answer) == []


def test_a_mask_set_later_tells_nothing_of_the_release_before(office: PortOffice) -> None:
    plain = [{key: value for key, value in field.items() if key != "mask"} for field in FIELDS]
    office.schema("masters", fields=plain)
    assert office.run("publish").verdicts["masters"] == "published"
    assert files_with(office.portal, NAMES[0]) != []
    office.schema("masters", fields=FIELDS)
    answer = office.run("publish")
    assert answer.verdicts["masters"] == "published"
    changes = pyarrow.parquet.read_table(office.release("masters", 2) / "changes.parquet").to_pylist()
    before = {(row["no"], row["master"]) for row in changes if row["_change_type"] == "update_preimage"}
    assert before == {(number, None) for number in (1, 2, 3, 4)}
    first = office.release("masters", 1)
    assert [name for canary in CANARIES for name in files_with(office.release("masters", 2), canary)] == []
    assert [name for canary in CANARIES for name in files_with(office.portal, canary)] == []
    assert files_with(first, NAMES[0]) != []  # the store's own, which no reader reaches
    back = office.run("rollback", "masters", "--to", "1")
    assert back.code == 4


def test_findings_and_reports_show_masked_values(office: PortOffice) -> None:
    write_rows(
        office, [("1", NAMES[0] + "x" * 30, *ROWS[0][2:]), ("x", *ROWS[1][1:]), ("3", NAMES[2], "", "", "", NAMES[2])]
    )
    answers = [
        office.run("check"),
        office.run("check", json=False),
        office.run("publish"),
        office.run("publish", json=False),
    ]
    found = {(each["rule"], each["row"], each["column"]) for each in answers[0].datasets["masters"]["findings"]}
    assert found == {("pattern", 2, "master"), ("type", 3, "no"), ("type", 4, "mail")}
    assert answers[2].verdicts["masters"] == "blocked"
    assert leaks(office, *answers) == []


def test_a_fault_of_the_file_shows_no_masked_value(office: PortOffice) -> None:
    write_rows(office, [("1", NAMES[0] + "\x07", *ROWS[0][2:])])
    answers = [office.run("check"), office.run("publish", json=False)]
    assert [each["rule"] for each in answers[0].datasets["masters"]["findings"]] == ["control-character"]
    assert leaks(office, *answers) == []


def refer_to(office: PortOffice, column: str) -> None:
    """One more dataset, whose foreign key points to a column of the masters."""
    key = {"fields": "who", "reference": {"resource": "masters", "fields": column}}
    schema = {"fields": [text_field("who")], "foreignKeys": [key]}
    office.add("voyages", "307002/000098", schema, title="航次", source={"path": "samples/voyages.csv"})
    (office.samples / "voyages.csv").write_text(f"who\n{NAMES[0]}\n", "utf-8")


def test_a_masked_column_may_not_be_referred_to(office: PortOffice) -> None:
    refer_to(office, "master")
    answers = [office.run("publish"), office.run("check")]
    assert answers[0].verdicts == {"masters": "published", "ports": "published", "voyages": "failed"}
    assert "masked" in answers[0].datasets["voyages"]["reason"]
    assert leaks(office, *answers) == []


@pytest.mark.parametrize(("broken", "reason"), [(False, "masked"), (True, "foreign keys can't be checked")])
def test_nor_through_a_release_of_a_time_before_the_mask(office: PortOffice, broken: bool, reason: str) -> None:
    plain = [{key: value for key, value in field.items() if key != "mask"} for field in FIELDS]
    office.schema("masters", fields=plain)
    office.run("publish")
    office.schema("masters", fields=FIELDS)
    refer_to(office, "master")
    if broken:
        (office.samples / "masters.csv").write_bytes(b"")
    answer = office.run("publish")
    assert answer.verdicts["voyages"] == "failed"
    assert reason in answer.datasets["voyages"]["reason"]
    assert not office.release("voyages", 1).exists()
