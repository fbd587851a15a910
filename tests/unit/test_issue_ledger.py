"""The ledger of issues (数据质量问题台账) keeps over runs when an issue was found, and says when it was gone."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from resource_catalog.errors import UsageError, WorkspaceError
from resource_catalog.issue_ledger import HEADINGS, IssueLedger, Row, read_issue_ledger, write_issue_ledger
from tests.workspace_factory import Answer, PortOffice, make_port_office, write_yaml

KINDS = (".csv", ".xlsx")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    """A workspace of one dataset, with two faults to mend: its theme and a related code."""
    for name in ("OPENDATA_HOME", "OPENDATA_WORKSPACE", "OPENDATA_LEDGER_URL"):
        monkeypatch.delenv(name, raising=False)
    office = make_port_office(tmp_path, ["ports"])
    office.entry("ports", theme="星空", related=["307002/9"])
    return office


def check_on(office: PortOffice, day: str, ledger: Path, *options: str) -> Answer:
    """One self-check on a day, entered in the ledger."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENDATA_TODAY", day)
        return office.run("catalog check", "--ledger", str(ledger), *options)


def rows_of(ledger: Path, *rules: str) -> list[Row]:
    return [row for row in read_issue_ledger(ledger).rows if row["rule"] in rules]


def days(row: Row) -> tuple[str, str, str]:
    return row["found_on"], row["due_on"], row["fixed_on"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_issue_keeps_its_day_and_gets_one_when_it_is_gone(office: PortOffice, tmp_path: Path, kind: str) -> None:
    ledger = tmp_path / f"issues{kind}"
    assert check_on(office, "2017-07-01", ledger).code == 1
    theme, related = rows_of(ledger, "theme-unknown", "related-unknown")
    assert days(theme) == days(related) == ("2017-07-01", "2017-07-08", "")
    assert (theme["resource_code"], theme["severity"], theme["owner"]) == ("307002/000001", "must", "观测处")
    office.entry("ports", theme="海洋")
    issues = len(read_issue_ledger(ledger).rows)
    counts = check_on(office, "2017-07-03", ledger).document["ledger"]
    # New is that no EU theme stands for 海洋; of 星空, which is no theme, nobody asks one.
    assert counts == {"new": 1, "mended": 1, "open": issues}
    fixed, still = rows_of(ledger, "theme-unknown", "related-unknown")
    assert (fixed["issue_id"], days(fixed)) == (theme["issue_id"], ("2017-07-01", "2017-07-08", "2017-07-03"))
    assert (still["issue_id"], days(still)) == (related["issue_id"], ("2017-07-01", "2017-07-08", ""))


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_run_on_the_same_day_changes_no_byte(office: PortOffice, tmp_path: Path, kind: str) -> None:
    ledger = tmp_path / f"issues{kind}"
    check_on(office, "2017-07-01", ledger)
    before = ledger.read_bytes()
    check_on(office, "2017-07-01", ledger)
    assert ledger.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [ledger.name]


def test_an_issue_that_comes_back_is_a_row_of_its_own(office: PortOffice, tmp_path: Path) -> None:
    ledger = tmp_path / "issues.csv"
    check_on(office, "2017-07-01", ledger)
    for day, theme in (("2017-07-02", "海洋"), ("2017-07-03", "星空"), ("2017-07-04", "海洋"), ("2017-07-05", "星空")):
        office.entry("ports", theme=theme)
        check_on(office, day, ledger)
    rows = rows_of(ledger, "theme-unknown")
    first = rows[0]["issue_id"]
    assert [(row["issue_id"], row["found_on"], row["fixed_on"]) for row in rows] == [
        (first, "2017-07-01", "2017-07-02"),
        (f"{first}-2", "2017-07-03", "2017-07-04"),
        (f"{first}-3", "2017-07-05", ""),
    ]


def test_a_line_that_moves_and_days_that_go_by_make_no_new_issue(office: PortOffice, tmp_path: Path) -> None:
    """A stale dataset's message tells other days every time."""
    ledger = tmp_path / "issues.csv"
    office.entry("ports", opened="2017-06-01")
    check_on(office, "2017-07-01", ledger)
    before = [row["issue_id"] for row in read_issue_ledger(ledger).rows]
    office.entry("ports", opened="2017-06-03", title_en="Ports")
    check_on(office, "2017-08-01", ledger)
    assert [row["issue_id"] for row in read_issue_ledger(ledger).rows] == before
    assert [row["fixed_on"] for row in rows_of(ledger, "stale", "theme-unknown")] == ["", ""]


def write_rows(ledger: Path, headings: Sequence[str], rows: Sequence[Row]) -> None:
    write_issue_ledger(IssueLedger(tuple(rows), tuple(headings)), ledger)


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_officer_wrote_stays(office: PortOffice, tmp_path: Path, kind: str) -> None:
    ledger = tmp_path / f"issues{kind}"
    check_on(office, "2017-07-01", ledger)
    rows = [dict(row) for row in read_issue_ledger(ledger).rows]
    for row in rows:
        row.update({"owner": "法制处", "due_on": "2017-09-30", "verified_by": "信息中心", "备注": "已通知"})
    own = dict.fromkeys(HEADINGS, "") | {"issue_id": "WT2017-0001", "rule": "theme-unknown", "备注": "电话反映"}
    write_rows(ledger, [*HEADINGS, "备注"], [own, *rows])
    answer = check_on(office, "2017-07-05", ledger)
    after = read_issue_ledger(ledger)
    assert after.headings == (*HEADINGS, "备注")
    assert list(after.rows) == [own, *rows]
    assert {(fault["owner"], fault["found"], fault["due"]) for fault in answer.document["faults"]} == {
        ("法制处", "2017-07-01", "2017-09-30")
    }


def test_what_this_run_did_not_look_at_is_not_called_mended(office: PortOffice, tmp_path: Path) -> None:
    ledger = tmp_path / "issues.csv"
    office.ports([("code", "name"), ("001", "东港")])
    office.schema("ports", fields=office.schemas["ports"]["fields"][:4])
    check_on(office, "2017-07-01", ledger)
    assert {row["fixed_on"] for row in rows_of(ledger, "item-missing", "item-untitled")} == {""}
    source = office.samples / "ports.csv"
    kept = source.read_bytes()
    source.unlink()
    check_on(office, "2017-07-02", ledger)
    assert {row["fixed_on"] for row in rows_of(ledger, "item-missing")} == {""}
    source.write_bytes(kept)
    schema = office.root / "schemas" / "ports.schema.json"
    described = schema.read_text(encoding="utf-8")
    schema.write_text("{", encoding="utf-8")
    check_on(office, "2017-07-03", ledger)
    assert {row["fixed_on"] for row in rows_of(ledger, "item-missing", "item-untitled")} == {""}
    schema.write_text(described, encoding="utf-8")
    write_yaml(office.entry_file("ports"), {**office.entries["ports"], "unknown": 1})
    check_on(office, "2017-07-04", ledger)
    assert {row["fixed_on"] for row in rows_of(ledger, "item-missing", "theme-unknown")} == {""}
    office.entry("ports")
    office.ports()
    office.schema("ports", fields=[{**field, "title": "名"} for field in office.schemas["ports"]["fields"]])
    check_on(office, "2017-07-05", ledger)
    assert {row["fixed_on"] for row in rows_of(ledger, "item-missing", "item-untitled")} == {"2017-07-05"}


def test_the_issues_of_a_deleted_entry_are_gone(office: PortOffice, tmp_path: Path) -> None:
    ledger = tmp_path / "issues.csv"
    check_on(office, "2017-07-01", ledger)
    office.entry_file("ports").unlink()
    check_on(office, "2017-07-02", ledger)
    assert {row["fixed_on"] for row in rows_of(ledger, "theme-unknown", "related-unknown")} == {"2017-07-02"}


def test_a_ledger_that_a_spreadsheet_saved_is_read(office: PortOffice, tmp_path: Path) -> None:
    """In the code page of a Chinese system; and, as a workbook, with dates that became date cells."""
    ledger = tmp_path / "issues.csv"
    check_on(office, "2017-07-01", ledger)
    ledger.write_bytes(ledger.read_text(encoding="utf-8-sig").encode("gb18030"))
    check_on(office, "2017-07-02", ledger)
    assert days(rows_of(ledger, "theme-unknown")[0]) == ("2017-07-01", "2017-07-08", "")
    workbook = tmp_path / "issues.xlsx"
    check_on(office, "2017-07-01", workbook)
    book = openpyxl.load_workbook(workbook)
    sheet = book.worksheets[0]
    column = HEADINGS.index("found_on") + 1
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, column).value = datetime.date(2017, 6, 30)
        sheet.cell(row, column).number_format = "yyyy/m/d"
    book.save(workbook)
    check_on(office, "2017-07-02", workbook)
    assert rows_of(workbook, "theme-unknown")[0]["found_on"] == "2017-06-30"


def test_csv_has_the_form_of_the_ledger(office: PortOffice, tmp_path: Path) -> None:
    ledger = tmp_path / "issues.csv"
    check_on(office, "2017-07-01", ledger)
    content = ledger.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(content.decode("utf-8-sig").splitlines()))
    assert lines[0] == [
        "issue_id", "resource_code", "rule", "evidence", "severity", "found_on", "owner", "due_on", "fixed_on",
        "verified_by",
    ]  # fmt: skip
    assert len({line[0] for line in lines[1:]}) == len(lines) - 1


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("issues.txt", b"", UsageError),
        ("issues.csv", b"issue_id,rule\n", WorkspaceError),
        ("issues.csv", b"", WorkspaceError),
        ("issues.csv", (",".join(HEADINGS) + "\n1,2\n").encode(), WorkspaceError),
        (
            "issues.csv",
            (",".join(HEADINGS) + "\nWT0123456789ab,c,r,e,must,soon,o,2017-07-01,,\n").encode(),
            WorkspaceError,
        ),
        ("issues.csv", b"\xff\xff\xff", WorkspaceError),
        ("issues.xlsx", b"no workbook", WorkspaceError),
    ],
)
def test_a_ledger_that_cannot_be_kept_is_refused_and_left_as_it_was(
    office: PortOffice, tmp_path: Path, name: str, content: bytes, error: type[Exception]
) -> None:
    ledger = tmp_path / name
    ledger.write_bytes(content)
    with pytest.raises(error):
        read_issue_ledger(ledger)
    answer = check_on(office, "2017-07-01", ledger)
    assert (answer.code, answer.out, ledger.read_bytes()) == (2, "", content)


def test_a_folder_that_is_not_there_is_said(office: PortOffice, tmp_path: Path) -> None:
    answer = check_on(office, "2017-07-01", tmp_path / "none" / "issues.csv")
    assert (answer.code, answer.out) == (3, "")
    assert "none" in answer.err
