"""The sections' workbooks: every bad row with its marks, answers that come back, and what a re-check makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.reporting.section_workbooks import section_files, sheets
from tests.workspace_factory import PORTS, Answer, PortOffice, snapshot

HEADING, GOOD, *_ = PORTS
#: Rows 3 to 6 are bad: a date, a code, a missing name, and one that looks like a formula.
BAD: tuple[tuple[str, ...], ...] = (
    HEADING,
    GOOD,
    ("002", "西港", "1955-13-12", "甲", "乙"),
    ("1", "南港", "1955-10-12", "甲", "乙"),
    ("011", "", "1955-10-12", "甲", "乙"),
    ("012", "=1+1", "@x", "甲", "乙"),
)
CORRECTED, RIGHT, OTHER = "已改正", "情况属实无需改", "其他"
OUTCOMES = ("closed", "gone", "reopened", "explained", "standing", "unanswered", "opened")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "workbooks"


def check(office: PortOffice, folder: Path, *more: str) -> Answer:
    return office.run("check", *more, "--workbook", str(folder))


def counts(answer: Answer, section: str = "观测处") -> dict[str, int]:
    """The outcomes of a section that are not zero."""
    found = next(one for one in answer.document["answers"] if one["section"] == section)
    return {outcome: found[outcome] for outcome in OUTCOMES if found[outcome]}


def columns(sheet: Worksheet) -> tuple[int, dict[str, int]]:
    """(row of the headings, heading → column) of a sheet's lines."""
    for row in sheet.iter_rows():
        if str(row[0].value or "").startswith("opendata-lines"):
            found: dict[str, int] = {}
            for cell in row:
                found.setdefault(str(cell.value), cell.column)
            return row[0].row, found
    raise AssertionError("no lines")


def lines(sheet: Worksheet) -> Iterator[dict[str, Any]]:
    top, names = columns(sheet)
    for row in sheet.iter_rows(min_row=top + 1):
        yield {name: row[column - 1] for name, column in names.items()}


def rows(folder: Path, title: str, section: str = "观测处") -> list[dict[str, Any]]:
    """The lines of one sheet, each cell by its heading."""
    with closing(openpyxl.load_workbook(folder / f"{section}.xlsx")) as workbook:
        return list(lines(workbook[title]))


def fill(folder: Path, answers: dict[int, tuple[str, str]], title: str = "港口", section: str = "观测处") -> None:
    """Answer the lines of these rows of the source, as a section does in its spreadsheet program."""
    file = folder / f"{section}.xlsx"
    with closing(openpyxl.load_workbook(file)) as workbook:
        found = {int(line["行号"].value): line for line in lines(workbook[title])}
        for row, (answer, note) in answers.items():
            found[row]["处理结果"].value = answer
            found[row]["说明"].value = note
        workbook.save(file)


def test_each_bad_row_stands_as_in_the_source_with_its_bad_cells_marked(office: PortOffice, folder: Path) -> None:
    office.ports(BAD)
    assert check(office, folder, "ports").code == 1
    found = {int(line["行号"].value): line for line in rows(folder, "港口")}
    assert {row: [line[name].value for name in HEADING[:3]] for row, line in found.items()} == {
        3: ["002", "西港", "1955-13-12"],
        4: ["1", "南港", "1955-10-12"],
        5: ["011", None, "1955-10-12"],
        6: ["012", "=1+1", "@x"],
    }
    marked = {
        (row, name)
        for row, line in found.items()
        for name in HEADING
        if line[name].fill.fill_type and line[name].comment
    }
    assert marked == {(3, "opened"), (4, "code"), (5, "name"), (6, "opened")}
    assert "必填项为空" in found[5]["问题与改法"].value and "补填该值" in found[5]["问题与改法"].value
    assert "必填项为空" in found[5]["name"].comment.text
    assert {line["来源"].value for line in found.values()} == {"samples/ports.csv"}


def test_text_never_becomes_a_formula_and_only_answers_can_be_written(office: PortOffice, folder: Path) -> None:
    office.ports(BAD)
    check(office, folder, "ports", "--due", "2026-12-24")
    with closing(openpyxl.load_workbook(folder / "观测处.xlsx")) as workbook:
        for sheet in workbook:
            assert sheet.protection.sheet
            assert sheet.column_dimensions["A"].hidden
            assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        assert any("2026-12-24" in str(cell.value) for row in workbook["总览"].iter_rows() for cell in row)
        line = next(lines(workbook["港口"]))
        assert not line["处理结果"].protection.locked and line["name"].protection.locked
        choices = workbook["港口"].data_validations.dataValidation[0]
        assert all(answer in choices.formula1 for answer in (CORRECTED, RIGHT, OTHER))


def test_a_section_without_findings_has_no_workbook_and_another_folder_is_not_touched(
    office: PortOffice, folder: Path
) -> None:
    before = snapshot(office.root)
    answer = check(office, folder)
    assert [one["workbook"] for one in answer.document["answers"]] == [None]
    assert not folder.exists() and not office.home.exists()
    assert snapshot(office.root) == before


def test_each_section_gets_its_own_datasets(office: PortOffice, folder: Path) -> None:
    office.ports(BAD)
    office.entry("tides", owner="潮位/处")
    office.tides(({"port": "001", "at": "x", "height": 1},))
    check(office, folder, "ports", "tides")
    assert sorted(file.name for file in folder.iterdir()) == ["潮位_处.xlsx", "观测处.xlsx"]
    assert [line["行号"].value for line in rows(folder, "潮汐", "潮位_处")] == ["1"]


def test_answers_are_held_against_the_recheck(office: PortOffice, folder: Path) -> None:
    office.ports(BAD)
    assert counts(check(office, folder, "ports")) == {"opened": 4}
    fill(folder, {3: (CORRECTED, ""), 4: (CORRECTED, "改过"), 5: (RIGHT, "确无名称"), 6: ("", "")})
    office.ports((HEADING, GOOD, ("002", "西港", "1955-12-12", "甲", "乙"), *BAD[3:], ("x", "新港", "", "", "")))
    answer = check(office, folder, "ports")
    assert counts(answer) == {"closed": 1, "reopened": 1, "explained": 1, "unanswered": 1, "opened": 1}
    found = {int(line["行号"].value): line for line in rows(folder, "港口")}
    assert sorted(found) == [4, 5, 6, 7]
    said = {row: [line[name].value for name in ("处理结果", "说明")] for row, line in found.items()}
    assert said == {4: [None, None], 5: [RIGHT, "确无名称"], 6: [None, None], 7: [None, None]}
    assert "改过" in found[4]["上次处理情况"].value and "复查仍有" in found[4]["上次处理情况"].value
    assert "确无名称" in found[5]["上次处理情况"].value


def test_a_line_is_known_again_where_rows_moved_and_where_its_other_cells_changed(
    office: PortOffice, folder: Path
) -> None:
    office.ports(BAD)
    check(office, folder, "ports")
    fill(folder, {row: (RIGHT, f"row {row}") for row in (3, 4, 5, 6)})
    moved = [("050", "新港", "1901-05-01", "甲", "乙"), *reversed(BAD[2:])]
    office.ports((HEADING, *moved, ("051", "新港二", "1901-05-01", "甲", "乙")))
    assert counts(check(office, folder, "ports")) == {"explained": 4}
    assert {line["code"].value: line["说明"].value for line in rows(folder, "港口")} == {
        "002": "row 3",
        "1": "row 4",
        "011": "row 5",
        "012": "row 6",
    }


def test_a_row_without_a_public_key_is_known_by_its_place_where_another_of_its_cells_was_mended(
    office: PortOffice, folder: Path
) -> None:
    schema = {"fields": [{"name": "n", "type": "integer"}, {"name": "d", "type": "date"}]}
    office.add("logs", "307002/000099", schema, title="日志", source={"path": "samples/logs.csv"})
    logs = office.samples / "logs.csv"
    logs.write_text("n,d\nx,y\nx,y\n1,2017-01-01\n", "utf-8")
    assert counts(check(office, folder, "logs")) == {"opened": 4}
    fill(folder, {2: (CORRECTED, ""), 3: (OTHER, "再查")}, "日志")
    logs.write_text("n,d\n7,y\nx,y\n1,2017-01-01\n", "utf-8")
    assert counts(check(office, folder, "logs")) == {"closed": 1, "reopened": 1, "standing": 2}


def test_a_returned_workbook_is_kept_and_the_same_check_writes_the_same_bytes(office: PortOffice, folder: Path) -> None:
    office.ports(BAD)
    check(office, folder, "ports")
    fresh = (folder / "观测处.xlsx").read_bytes()
    check(office, folder, "ports")
    assert (folder / "观测处.xlsx").read_bytes() == fresh
    assert [file.name for file in folder.iterdir()] == ["观测处.xlsx"]  # nothing came back, and nothing to keep
    fill(folder, {3: (CORRECTED, "")})
    returned = (folder / "观测处.xlsx").read_bytes()
    office.ports()
    kept = Path(check(office, folder, "ports").document["answers"][0]["kept"])
    assert kept.is_relative_to(folder / "answered") and kept.read_bytes() == returned
    assert not (folder / "观测处.xlsx").exists()  # all is mended, and nothing left to ask


def test_faults_of_no_row_are_asked_about_on_the_overview(office: PortOffice, folder: Path) -> None:
    office.ports(tuple(row[:4] for row in PORTS))
    assert counts(check(office, folder, "ports")) == {"opened": 1}
    file = folder / "观测处.xlsx"
    with closing(openpyxl.load_workbook(file)) as workbook:
        assert workbook.sheetnames == ["总览"]
        (line,) = lines(workbook["总览"])
        assert "缺少列" in line["问题与改法"].value
        line["处理结果"].value = RIGHT
        line["说明"].value = "该列停用"
        workbook.save(file)
    assert counts(check(office, folder, "ports")) == {"explained": 1}
    with closing(openpyxl.load_workbook(file)) as workbook:
        assert [line["说明"].value for line in lines(workbook["总览"])] == ["该列停用"]
    office.ports()
    assert counts(check(office, folder, "ports")) == {"closed": 1}


def test_answers_wait_while_a_source_cannot_be_read(office: PortOffice, folder: Path) -> None:
    office.ports(BAD)
    check(office, folder, "ports")
    fill(folder, {3: (RIGHT, "属实")})
    returned = (folder / "观测处.xlsx").read_bytes()
    for broken in (lambda: (office.samples / "ports.csv").write_bytes(b""), (office.samples / "ports.csv").unlink):
        broken()
        answer = check(office, folder, "ports")
        assert answer.document["answers"][0]["waiting"] == ["ports"]
        assert (folder / "观测处.xlsx").read_bytes() == returned
    office.ports(BAD)
    assert counts(check(office, folder, "ports")) == {"explained": 1, "unanswered": 3}


@pytest.mark.parametrize("answers", [{}, {3: (RIGHT, "属实")}], ids=["unanswered", "answered"])
def test_a_workbook_about_a_dataset_that_is_not_checked_stays(
    office: PortOffice, folder: Path, answers: dict[int, tuple[str, str]]
) -> None:
    office.ports(BAD)
    check(office, folder, "ports")
    fill(folder, answers)
    before = snapshot(folder)
    answer = check(office, folder, "tides")
    assert answer.code == 2 and "观测处.xlsx › 港口 › row 3" in answer.err
    assert snapshot(folder) == before


Tamper = Callable[[Any], None]


def _sheet_deleted(workbook: Any) -> None:
    del workbook["港口"]


def _overview_deleted(workbook: Any) -> None:
    del workbook["总览"]


def _identity_changed(workbook: Any) -> None:
    cell = workbook["港口"]["A4"]
    cell.value = cell.value.replace("ports/", "tides/")


def _line_copied(workbook: Any) -> None:
    workbook["港口"]["A4"].value = workbook["港口"]["A3"].value


def _other_answer(workbook: Any) -> None:
    workbook["港口"]["E5"].value = "随便"


def _note_below(workbook: Any) -> None:
    workbook["港口"]["D9"].value = "请看上面"


def _column_deleted(workbook: Any) -> None:
    workbook["港口"]["E2"].value = "结果"


@pytest.mark.parametrize(
    ("tamper", "place"),
    [
        (_sheet_deleted, "观测处.xlsx"),
        (_overview_deleted, "观测处.xlsx"),
        (_identity_changed, "观测处.xlsx › 港口 › row 4"),
        (_line_copied, "观测处.xlsx › 港口 › row 4"),
        (_other_answer, "观测处.xlsx › 港口 › row 5"),
        (_note_below, "观测处.xlsx › 港口 › row 9"),
        (_column_deleted, "观测处.xlsx › 港口 › row 2"),
    ],
)
def test_a_workbook_that_was_changed_is_refused_with_its_place(
    office: PortOffice, folder: Path, tamper: Tamper, place: str
) -> None:
    office.ports(BAD)
    check(office, folder, "ports")
    file = folder / "观测处.xlsx"
    with closing(openpyxl.load_workbook(file)) as workbook:
        tamper(workbook)
        workbook.save(file)
    before = snapshot(folder)
    answer = check(office, folder, "ports")
    assert answer.code == 2
    assert f"{place}:" in answer.err
    assert snapshot(folder) == before


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", None])
def test_a_foreign_file_is_refused_with_its_name(office: PortOffice, folder: Path, content: bytes | None) -> None:
    folder.mkdir()
    if content is None:
        openpyxl.Workbook().save(folder / "foreign.xlsx")
    else:
        (folder / "foreign.xlsx").write_bytes(content)
    answer = check(office, folder, "ports")
    assert answer.code == 2 and "foreign.xlsx:" in answer.err


def test_columns_may_be_sorted_and_other_columns_put_between(office: PortOffice, folder: Path) -> None:
    office.ports(BAD)
    check(office, folder, "ports")
    fill(folder, {3: (RIGHT, "属实")})
    file = folder / "观测处.xlsx"
    with closing(openpyxl.load_workbook(file)) as workbook:
        sheet = workbook["港口"]
        sheet.insert_cols(3)
        sheet["C2"].value = "承办人"
        sheet.move_range("A3:M3", rows=10)
        workbook.save(file)
    assert counts(check(office, folder, "ports")) == {"explained": 1, "unanswered": 3}


def test_a_sheet_is_bounded_and_says_what_it_leaves_out(
    office: PortOffice, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    many = [HEADING, *((f"{number:03}", "港", "x", "", "") for number in range(20))]
    office.ports(many)
    check(office, folder, "ports")
    assert [line["行号"].value for line in rows(folder, "港口")] == ["2", "3", "4"]
    with closing(openpyxl.load_workbook(folder / "观测处.xlsx")) as workbook:
        assert "17" in workbook["港口"]["B1"].value
    fill(folder, {4: (RIGHT, "属实")})
    office.ports([HEADING, *((f"9{number:02}", "港", "x", "", "") for number in range(5)), *many[1:]])
    answer = check(office, folder, "ports")
    assert counts(answer) == {"explained": 1, "unanswered": 2, "opened": 22}
    # What was answered before is listed beyond the bound, so that no explanation is lost.
    assert [(line["行号"].value, line["说明"].value) for line in rows(folder, "港口")] == [
        ("2", None),
        ("3", None),
        ("4", None),
        ("9", "属实"),
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_any_file_has_its_workbook_too(tmp_path: Path, office: PortOffice, folder: Path, kind: str) -> None:
    office.ports(BAD)
    data, schema = office.samples / "ports.csv", office.root / "schemas" / "ports.schema.json"
    utf8 = tmp_path / "ports.csv"
    utf8.write_text(data.read_bytes().decode("gb18030"), "utf-8")
    files = {"--report": tmp_path / "page.html", "--junit": tmp_path / "junit.xml", "--workbook": folder}
    words = [str(word) for pair in files.items() for word in pair]
    if kind == "parquet":  # which a check without workbooks judges where it lies
        table = duckdb.read_csv(str(utf8), all_varchar=True)
        utf8 = tmp_path / "ports.parquet"
        table.write_parquet(str(utf8))
    answer = office.run("check", "--data", str(utf8), "--schema", str(schema), *words)
    assert answer.code == 1
    assert all(file.exists() for file in files.values())
    assert counts(answer, "whoever keeps the file") == {"opened": 4}


def test_an_interrupted_writing_loses_no_answer(
    office: PortOffice, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.ports(BAD)
    check(office, folder, "ports")
    fill(folder, {3: (RIGHT, "属实")})
    returned = (folder / "观测处.xlsx").read_bytes()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(section_files, "timeless_copy", killed)
        assert check(office, folder, "ports").code == 130
    assert (folder / "观测处.xlsx").read_bytes() == returned
    assert counts(check(office, folder, "ports")) == {"explained": 1, "unanswered": 3}
