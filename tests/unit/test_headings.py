"""A source's headings lead to the schema's fields by the entry's word, by name or by title, and never by a guess."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
import xlsxwriter
import xlwt

from pipelines.engines.duck import quote_name
from pipelines.fingerprint import inputs_of
from pipelines.sources.headings import expect, meet
from pipelines.sources.reading import UnreadableError
from resource_catalog.agency import Agency
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import TableSchema
from tests.catalogue_factory import AGENCY, make_entry
from tests.workspace_factory import PortOffice, make_port_office, run_command, text_field

SCHEMA: dict[str, Any] = {
    "fields": [
        text_field("power_code", title="权力编码", constraints={"required": True}),
        text_field("power_name", title="权力名称", constraints={"required": True}),
        {"name": "legal_days", "title": "办理时限_法定期限", "type": "integer"},
        {"name": "promised_days", "title": "办理时限_承诺期限", "type": "integer"},
    ],
    "primaryKey": ["power_code", "power_name"],
}
HEADINGS = ("权力编码", "权力名称", "办理时限_法定期限", "办理时限_承诺期限")
#: The second has a word where days should be; the third has the key of the first.
ROWS: Sequence[tuple[str, str, str | int, int]] = (
    ("0100001", "食品经营许可", 20, 10),
    ("0100002", "广告发布登记", "五日", 3),
    ("0100001", "食品经营许可", 15, 5),
)


def fields(*named: tuple[str, str]) -> Any:
    return TableSchema.model_validate({"fields": [{"name": name, "title": title} for name, title in named]}).fields


CODE_AND_NAME = fields(("code", "编码"), ("name", "名称"))


@pytest.mark.parametrize(
    ("headings", "columns", "met"),
    [
        (("code", "name"), {}, ("code", "name")),
        (("编码", "name"), {}, ("code", "name")),
        (("权力编码", "名称"), {"权力编码": "code"}, ("code", "name")),
        (("name", "code"), {"name": "code", "code": "name"}, ("code", "name")),
        (("备注", "名称", "编码 "), {}, ("备注", "name", "编码 ")),
        (("code", "编码"), {}, ("code", "编码")),
        (("代码", "编码"), {"代码": "code"}, ("code", "编码")),
    ],
)
def test_a_heading_leads_to_a_field_by_the_entrys_word_by_name_or_by_title(
    headings: tuple[str, ...], columns: dict[str, str], met: tuple[str, ...]
) -> None:
    assert meet(headings, expect(CODE_AND_NAME, columns)) == dict(zip(headings, met, strict=True))


def test_a_name_comes_before_the_same_title_of_another_field() -> None:
    crossed = fields(("code", "name"), ("name", ""))
    assert meet(("name",), expect(crossed, {})) == {"name": "name"}


@pytest.mark.parametrize(
    ("headings", "columns", "rule", "named"),
    [
        (("代码", "编号"), {"代码": "code", "编号": "code"}, "ambiguous-heading", ("代码", "编号")),
        (("code", "代码"), {"代码": "code"}, "ambiguous-heading", ("code", "代码")),
        (("CODE", "编码"), {}, "ambiguous-heading", ("CODE", "编码")),
        (("日期",), {}, "ambiguous-title", ("日期", "from", "to")),
        (("from", "日期"), {}, "ambiguous-title", ("日期", "from", "to")),
        (("行号",), {}, "reserved-heading", ("行号",)),
    ],
)
def test_what_may_mean_two_things_is_refused(
    headings: tuple[str, ...], columns: dict[str, str], rule: str, named: tuple[str, ...]
) -> None:
    known = (*CODE_AND_NAME, *fields(("from", "日期"), ("to", "日期"), ("__ROW__", "行号")))
    with pytest.raises(UnreadableError) as caught:
        meet(headings, expect(known, columns), "数据")
    (found,) = caught.value.findings
    assert (found.rule, found.sheet, found.column) == (rule, "数据", headings[-1])
    assert all(word in found.message for word in named)


def test_a_shared_title_is_no_fault_where_both_fields_are_met() -> None:
    known = expect(fields(("from", "日期"), ("to", "日期")), {"起": "from", "止": "to"})
    assert meet(("起", "止", "日期"), known)["日期"] == "日期"


def test_the_entrys_word_must_name_a_field_of_the_schema() -> None:
    with pytest.raises(WorkspaceError, match="'codes'"):
        expect(CODE_AND_NAME, {"编码": "codes"})


def write_xlsx(file: Path) -> None:
    """Two sheets, a title row, headings over two rows, a merged cell of data, a total and who filled it in."""
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("说明").write(0, 0, "本表由法规处填报")
        sheet = book.add_worksheet("权力清单")
        sheet.merge_range("A1:D1", "行政权力清单（2017年）")
        sheet.merge_range("A2:A3", "权力编码")
        sheet.merge_range("B2:B3", "权力名称")
        sheet.merge_range("C2:D2", "办理时限")
        sheet.write_row("C3", ["法定期限", "承诺期限"])
        for number, row in enumerate(ROWS, start=3):
            sheet.write_row(number, 0, row)
        sheet.merge_range("A7:A8", "0100003")
        sheet.write_row("B7", ["商标代理备案", 30, 1])
        sheet.write_row("B8", ["商标印制备案", 31, 2])
        sheet.write_row("A9", ["合计", "", 96, 21])
        sheet.write("A11", "填表人：某某")


def write_xls(file: Path) -> None:
    """The same as a legacy workbook."""
    book = xlwt.Workbook(encoding="utf-8")
    book.add_sheet("说明").write(0, 0, "本表由法规处填报")
    sheet = book.add_sheet("权力清单")
    sheet.write_merge(0, 0, 0, 3, "行政权力清单（2017年）")
    sheet.write_merge(1, 2, 0, 0, "权力编码")
    sheet.write_merge(1, 2, 1, 1, "权力名称")
    sheet.write_merge(1, 1, 2, 3, "办理时限")
    below = [("法定期限", 2, 2), ("承诺期限", 2, 3), ("合计", 8, 0), (96, 8, 2), (21, 8, 3), ("填表人：某某", 10, 0)]
    below += [("商标代理备案", 6, 1), (30, 6, 2), (1, 6, 3), ("商标印制备案", 7, 1), (31, 7, 2), (2, 7, 3)]
    below += [(cell, 3 + row, column) for row, cells in enumerate(ROWS) for column, cell in enumerate(cells)]
    for cell, row, column in below:
        sheet.write(row, column, cell)
    sheet.write_merge(6, 7, 0, 0, "0100003")
    book.save(str(file))


def as_text(delimiter: str = ",") -> str:
    return "".join(delimiter.join(map(str, row)) + "\r\n" for row in (HEADINGS, *ROWS))


def records() -> list[dict[str, Any]]:
    return [dict(zip(HEADINGS, row, strict=True)) for row in ROWS]


def write_sqlite(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        columns = ", ".join(map(quote_name, HEADINGS))
        database.execute(f"CREATE TABLE powers ({columns})")
        database.executemany("INSERT INTO powers VALUES (?, ?, ?, ?)", ROWS)
        database.commit()


def write_parquet(file: Path) -> None:
    columns = [[str(cell) for cell in column] for column in zip(*ROWS, strict=True)]
    pyarrow.parquet.write_table(pa.table(columns, names=list(HEADINGS)), file)


def write_titled_csv(file: Path) -> None:
    text = f"行政权力清单\r\n{as_text()}合计,,40,18\r\n注：法定期限按工作日计\r\n"
    file.write_bytes(text.encode("gb18030"))


#: file → how it is written, what the entry says of it, the row of its first record, how many records it has
FORMS: dict[str, tuple[Callable[[Path], Any], dict[str, Any], int, int]] = {
    "declared.xlsx": (write_xlsx, {"sheet": "权力清单", "header_row": [2, 3], "footer_rows": 3}, 4, 5),
    "found.xlsx": (write_xlsx, {"sheet": "权力清单", "footer_rows": 3}, 4, 5),
    "declared.xls": (write_xls, {"sheet": "权力清单", "header_row": [2, 3], "footer_rows": 3}, 4, 5),
    "found.xls": (write_xls, {"sheet": 2, "footer_rows": 3}, 4, 5),
    "bom.csv": (lambda file: file.write_bytes(as_text().encode("utf-8-sig")), {}, 2, 3),
    "chinese.csv": (lambda file: file.write_bytes(as_text().encode("gb18030")), {}, 2, 3),
    "semicolons.csv": (lambda file: file.write_bytes(as_text(";").encode()), {}, 2, 3),
    "titled.csv": (write_titled_csv, {"header_row": 2, "footer_rows": 2}, 3, 3),
    "tabs.tsv": (lambda file: file.write_bytes(as_text("\t").encode()), {}, 2, 3),
    "interface.json": (
        lambda file: file.write_text(json.dumps({"code": 0, "data": {"total": 3, "items": records()}}), "utf-8"),
        {"records": "data.items"},
        1,
        3,
    ),
    "lines.jsonl": (
        lambda file: file.write_text("".join(json.dumps(record) + "\n" for record in records()), "utf-8"),
        {},
        1,
        3,
    ),
    "columns.parquet": (write_parquet, {}, 1, 3),
}


def office_with(root: Path, **source: Any) -> PortOffice:
    office = make_port_office(root, ())
    office.add("powers", "307002/000001", SCHEMA, title="权力清单", source=source)
    return office


def found_in(office: PortOffice) -> tuple[int, set[tuple[str, int, str]]]:
    """(rows, {(rule, row, column)}) of the one dataset."""
    facts = office.run("check").datasets["powers"]
    return facts["rows"], {(found["rule"], found["row"], found["column"]) for found in facts["findings"]}


def faults_from(first: int) -> set[tuple[str, int, str]]:
    return {
        ("type", first + 1, "办理时限_法定期限"),
        ("primary-key", first + 2, "权力编码, 权力名称"),
    }


@pytest.mark.parametrize("name", FORMS)
def test_titles_serve_in_every_form_and_findings_show_them(tmp_path: Path, name: str) -> None:
    write, source, first, rows = FORMS[name]
    office = office_with(tmp_path, path=f"samples/{name}", **source)
    write(office.samples / name)
    assert found_in(office) == (rows, faults_from(first))


@pytest.mark.parametrize("source", [{"table": "powers"}, {"query": "SELECT * FROM powers"}])
def test_titles_serve_in_a_database(tmp_path: Path, source: dict[str, str]) -> None:
    office = office_with(tmp_path, database="powers", **source)
    office.agency(databases={"powers": {"kind": "sqlite", "path": "samples/powers.sqlite"}})
    write_sqlite(office.samples / "powers.sqlite")
    assert found_in(office) == (3, faults_from(1))


def test_the_entrys_columns_lead_headings_that_are_neither_name_nor_title(tmp_path: Path) -> None:
    office = office_with(tmp_path, path="samples/a.csv", columns={"编号": "power_code"})
    text = as_text().replace("权力编码", "编号").replace("权力名称", "power_name")
    (office.samples / "a.csv").write_text(text, encoding="utf-8")
    assert found_in(office)[1] == {
        ("type", 3, "办理时限_法定期限"),
        ("primary-key", 4, "编号, power_name"),
    }


def test_without_headings_columns_name_the_numbered_ones(tmp_path: Path) -> None:
    columns = {"column1": "power_code", "column2": "power_name", "column3": "legal_days"}
    office = office_with(tmp_path, path="samples/a.csv", header_row=0, columns=columns)
    (office.samples / "a.csv").write_text("1,甲,x\n", encoding="utf-8")
    assert found_in(office)[1] == {("type", 1, "column3"), ("missing-column", None, "promised_days")}


def test_a_missing_column_is_shown_by_name_and_title_beside_the_sources_headings(tmp_path: Path) -> None:
    office = office_with(tmp_path, path="samples/a.csv")
    (office.samples / "a.csv").write_text(as_text().replace("权力名称", "名称"), encoding="utf-8")
    findings = office.run("check").datasets["powers"]["findings"]
    missing, extra = (found for found in findings if found["rule"].endswith("-column"))
    if missing["rule"] == "extra-column":
        missing, extra = extra, missing
    assert (missing["column"], extra["column"]) == ("power_name", "名称")
    assert "power_name (权力名称)" in missing["message"]
    assert "权力编码, 名称, 办理时限_法定期限" in missing["message"]


def test_an_ambiguous_heading_blocks_its_dataset(tmp_path: Path) -> None:
    office = office_with(tmp_path, path="samples/a.csv", columns={"编号": "power_code"})
    (office.samples / "a.csv").write_text("power_code,编号,power_name\n1,2,甲\n", encoding="utf-8")
    assert found_in(office) == (0, {("ambiguous-heading", None, "编号")})
    assert office.run("plan").verdicts == {"powers": "blocked"}


def test_a_column_that_names_no_field_fails_its_dataset_and_the_self_check(tmp_path: Path) -> None:
    columns = {"编号": "code", "权力编码": "power_code", "甲": "power_code"}
    office = office_with(tmp_path, path="samples/a.csv", columns=columns)
    (office.samples / "a.csv").write_text(as_text(), encoding="utf-8")
    assert "'code'" in office.run("check").datasets["powers"]["error"]
    faults = office.run("catalog check").document["faults"]
    lines = office.entry_file("powers").read_text(encoding="utf-8").splitlines()
    assert [(fault["rule"], lines[fault["line"] - 1].strip()) for fault in faults if fault["severity"] == "must"] == [
        ("column-unknown", "编号: code"),
        ("column-duplicate", "甲: power_code"),
    ]


def test_a_file_is_checked_by_titles_without_a_catalogue(tmp_path: Path) -> None:
    data, schema = tmp_path / "a.csv", tmp_path / "a.schema.json"
    data.write_text(as_text(), encoding="utf-8")
    schema.write_text(json.dumps(SCHEMA), encoding="utf-8")
    answer = run_command("check", "--data", str(data), "--schema", str(schema), "--json")
    (facts,) = answer.document["datasets"]
    assert {(found["rule"], found["row"], found["column"]) for found in facts["findings"]} == faults_from(2)


def test_changed_columns_are_another_input(tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text("{}")
    agency = Agency.model_validate(AGENCY)
    first, second = (
        make_entry(source={"path": "a.csv", "columns": columns}) for columns in ({"编码": "a"}, {"编码": "b"})
    )
    assert inputs_of(first, agency, schema, ["sha256:0"]) != inputs_of(second, agency, schema, ["sha256:0"])
