"""Code lists: read strictly, resolved into the schema, judged by the record's date, and shown to readers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipelines.engines.duck import open_work
from pipelines.sources.rows import write_rows
from pipelines.targets.static.dictionary import dictionary
from quality.disclosure.columns import public_schema
from quality.finding import Finding
from quality.scan import Scan, scan
from resource_catalog.catalog import check_catalog, load_catalog
from resource_catalog.code_list import read_code_list, with_code_lists
from resource_catalog.data_dictionary import dictionary_csv
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import TableSchema, parse_table_schema, read_table_schema
from resource_catalog.workspace import open_workspace, table_schema
from tests.workspace_factory import PortOffice, make_port_office, run_command

HEADINGS = "code,label,label_en,valid_from,valid_to,source"
STATES = (
    "0,正常,valid,,,DB31/T 1\r\n"
    "1,撤销,revoked,,2017-12-31,DB31/T 1\r\n"
    "2,异议,disputed,2016-01-01,2016-12-31,DB31/T 1\r\n"
    "2,再议,disputed again,2018-07-01,,DB31/T 2\r\n"
)


def write_list(folder: Path, rows: str = STATES, headings: str = HEADINGS, name: str = "states") -> Path:
    """A code list beside the schemas of a folder."""
    file = folder / "code-lists" / f"{name}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(f"{headings}\r\n{rows}".encode())
    return file


def described(**more: Any) -> dict[str, Any]:
    """A schema with a dated code list."""
    state = {"name": "state", "type": "string", "codeList": "states", "codeListDate": "decided", **more}
    return {"fields": [state, {"name": "decided", "type": "date"}, {"name": "note", "type": "string"}]}


def resolved(folder: Path, descriptor: dict[str, Any]) -> TableSchema:
    """The schema of a descriptor with the lists beside it."""
    return with_code_lists(parse_table_schema(descriptor, "test"), folder / "a.schema.json")


def test_a_list_keeps_the_file_s_order_and_its_codes_once(tmp_path: Path) -> None:
    found = read_code_list(write_list(tmp_path))
    assert found.distinct == ("0", "1", "2")
    assert [(code.code, code.label, str(code.valid_from), str(code.valid_to)) for code in found.codes] == [
        ("0", "正常", "None", "None"),
        ("1", "撤销", "None", "2017-12-31"),
        ("2", "异议", "2016-01-01", "2016-12-31"),
        ("2", "再议", "2018-07-01", "None"),
    ]
    assert [code.always for code in found.codes] == [True, False, False, False]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_may_end_either_way_and_columns_stand_in_any_order(tmp_path: Path, newline: str) -> None:
    file = write_list(tmp_path)
    file.write_bytes(
        newline.join(["source,valid_to,code,valid_from,label,label_en", '"s, t",,𠮷,,"a\n""b""",', ""]).encode()
    )
    (code,) = read_code_list(file).codes
    assert (code.code, code.label) == ("𠮷", 'a\n"b"')


@pytest.mark.parametrize(
    ("rows", "headings", "line"),
    [
        (STATES, "code,label", 1),
        (STATES, f"{HEADINGS},colour", 1),
        (STATES, HEADINGS.replace("label_en", "label"), 1),
        (STATES + ",x,,,,\r\n", HEADINGS, 6),
        (STATES + " 3,x,,,,\r\n", HEADINGS, 6),
        (STATES + "\r\n", HEADINGS, 6),
        (STATES + "3,x,,\r\n", HEADINGS, 6),
        (STATES + "3,x,,20160101,,\r\n", HEADINGS, 6),
        (STATES + "3,x,,2016-02-30,,\r\n", HEADINGS, 6),
        (STATES + "3,x,,2016-02-02,2016-02-01,\r\n", HEADINGS, 6),
        (STATES + "0,x,,2016-02-02,,\r\n", HEADINGS, 6),
        (STATES + "2,x,,2016-12-31,2017-01-01,\r\n", HEADINGS, 6),
        ('"0\n","x\ny",,,,\r\n1,x,,never,,\r\n', HEADINGS, 2),
        ('"0","x\ny",,,,\r\n1,x,,never,,\r\n', HEADINGS, 4),
        ('0,"x"y,,,,\r\n', HEADINGS, 2),
    ],
)
def test_a_fault_names_its_file_and_line(tmp_path: Path, rows: str, headings: str, line: int) -> None:
    file = write_list(tmp_path, rows, headings)
    with pytest.raises(WorkspaceError) as caught:
        read_code_list(file)
    assert caught.value.where == f"{file}, line {line}"


def test_a_missing_empty_or_unreadable_list_names_its_file(tmp_path: Path) -> None:
    file = write_list(tmp_path, "")
    with pytest.raises(WorkspaceError) as caught:
        read_code_list(file)
    assert caught.value.where == str(file)
    file.write_bytes(STATES.encode("gb18030"))
    with pytest.raises(WorkspaceError) as caught:
        read_code_list(file)
    assert caught.value.where == str(file)
    file.unlink()
    with pytest.raises(WorkspaceError) as caught:
        resolved(tmp_path, described())
    assert caught.value.where == str(file)


@pytest.mark.parametrize("name", ["../states", "a/b", ".states", "状态", "States"])
def test_a_list_s_name_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    write_list(tmp_path)
    with pytest.raises(WorkspaceError):
        resolved(tmp_path, described(codeList=name))


def test_a_schema_takes_its_list_s_codes_as_enum(tmp_path: Path) -> None:
    write_list(tmp_path)
    field = resolved(tmp_path, described(constraints={"required": True})).field("state")
    assert field.constraints.enum == ("0", "1", "2")
    assert field.constraints.required
    assert [code.label for code in field.codes] == ["正常", "撤销", "异议", "再议"]
    same = resolved(tmp_path, described(constraints={"enum": ["2", "1", "0"]})).field("state")
    assert same.constraints.enum == ("0", "1", "2")


@pytest.mark.parametrize(
    "more",
    [
        {"constraints": {"enum": ["0", "1"]}},
        {"constraints": {"enum": ["0", "1", "2", "3"]}},
        {"codes": [{"code": "0"}]},
        {"type": "date"},
        {"codeListDate": "note"},
        {"codeListDate": "nowhere"},
        {"codeList": ""},
    ],
)
def test_a_schema_that_contradicts_its_list_is_refused(tmp_path: Path, more: dict[str, Any]) -> None:
    write_list(tmp_path)
    with pytest.raises(WorkspaceError) as caught:
        resolved(tmp_path, described(**more))
    assert caught.value.where.endswith("field state")


def scanned(folder: Path, descriptor: dict[str, Any], rows: Sequence[Sequence[str | None]], **options: Any) -> Scan:
    """Rows, numbered from 2, held against a schema with its lists."""
    write_list(folder)
    schema = resolved(folder, descriptor)
    with open_work(folder / "work.duckdb", folders=[folder]) as connection:
        write_rows(connection, options.pop("headings", schema.names), enumerate(rows, start=2))
        return scan(connection, schema, options.pop("present", schema.names), **options)


def not_in_force(found: Scan) -> list[Finding]:
    """The findings of the rule, which must be as many as it counts."""
    findings = [finding for finding in found.findings if finding.rule == "code-not-in-force"]
    assert found.counts.get("code-not-in-force", 0) == len(findings)
    return findings


DATED = [
    ("0", "1900-01-01", True),
    ("1", "2017-12-31", True),
    ("1", "2018-01-01", False),
    ("2", "2015-12-31", False),
    ("2", "2016-01-01", True),
    ("2", "2016-12-31", True),
    ("2", "2017-06-01", False),
    ("2", "2018-07-01", True),
    ("2", None, True),
    (None, "2017-06-01", True),
]


def test_a_code_must_be_valid_on_its_record_s_day(tmp_path: Path) -> None:
    found = not_in_force(scanned(tmp_path, described(), [(code, day, None) for code, day, _ in DATED]))
    assert [(finding.row, finding.column, finding.value) for finding in found] == [
        (row, "state", code) for row, (code, _, valid) in enumerate(DATED, start=2) if not valid
    ]
    assert found[0].severity == "must"
    for word in ("'1'", "2018-01-01", "decided", "to 2017-12-31"):
        assert word in found[0].message
    assert "from 2016-01-01 to 2016-12-31 and from 2018-07-01" in found[1].message


def test_a_code_of_no_list_is_another_rule_s_and_judged_once(tmp_path: Path) -> None:
    found = scanned(tmp_path, described(), [("9", "2017-01-01", None), ("1", "2019-01-01", None)])
    assert found.counts == {"enum": 1, "code-not-in-force": 1}
    judged = {outcome.check.rule.code: outcome.judged for outcome in found.outcomes}
    assert judged["code-not-in-force"] == 2


def test_without_a_date_no_code_is_out_of_force(tmp_path: Path) -> None:
    assert not_in_force(scanned(tmp_path, described(codeListDate=""), [("1", "2019-01-01", None)])) == []


def test_a_source_without_the_date_s_column_is_not_judged(tmp_path: Path) -> None:
    found = scanned(tmp_path, described(), [("1", "x")], headings=["state", "note"], present=["state", "note"])
    assert found.counts == {"missing-column": 1}


@pytest.mark.parametrize(
    ("form", "valid", "late"),
    [
        ({"type": "datetime"}, "2017-12-31T23:30:00-05:00", "2018-01-01T00:30:00+08:00"),
        ({"type": "datetime", "format": "any"}, "2017-12-31T23:59:59", "2018-01-01T00:00:00"),
        ({"type": "datetime", "format": "%d.%m.%Y %H:%M"}, "31.12.2017 23:59", "01.01.2018 00:00"),
        ({"type": "date", "format": "%d/%m/%Y"}, "31/12/2017", "01/01/2018"),
        ({"type": "date", "format": "any"}, "2017年12月31日", "2018年1月1日"),
    ],
)
def test_the_day_is_the_one_that_is_written(tmp_path: Path, form: dict[str, Any], valid: str, late: str) -> None:
    descriptor = described()
    descriptor["fields"][1] |= form
    found = not_in_force(scanned(tmp_path, descriptor, [("1", valid, None), ("1", late, None)]))
    assert [finding.row for finding in found] == [3]
    assert "2018-01-01" in found[0].message


def test_a_code_as_an_integer_is_judged_alike(tmp_path: Path) -> None:
    found = scanned(tmp_path, described(type="integer"), [("0", "2019-01-01", None), ("1", "2019-01-01", None)])
    assert [(finding.rule, finding.row) for finding in found.findings] == [("code-not-in-force", 3)]


def test_a_hidden_date_or_code_is_not_in_the_message(tmp_path: Path) -> None:
    descriptor = described()
    descriptor["fields"][1]["disclosure"] = "never"
    (found,) = not_in_force(scanned(tmp_path, descriptor, [("1", "2019-03-04", None)]))
    assert "2019" not in found.message
    (found,) = not_in_force(scanned(tmp_path, described(disclosure="share"), [("1", "2019-03-04", None)]))
    assert "2017-12-31" not in found.message


def test_readers_get_what_codes_mean_and_when_they_hold(tmp_path: Path) -> None:
    write_list(tmp_path)
    published = public_schema(resolved(tmp_path, described()), "file")
    (state, *_) = published.model_dump(mode="json", by_alias=True, exclude_defaults=True)["fields"]
    assert state["codeList"] == "states"
    assert state["codeListDate"] == "decided"
    assert state["constraints"] == {"enum": ["0", "1", "2"]}
    assert state["codes"][:2] == [
        {"code": "0", "label": "正常", "label_en": "valid"},
        {"code": "1", "label": "撤销", "label_en": "revoked", "valid_to": "2017-12-31"},
    ]
    again = parse_table_schema(json.loads(json.dumps({"fields": [state, {"name": "decided", "type": "date"}]})), "x")
    assert again.field("state") == published.field("state")
    row = next(csv.DictReader(io.StringIO(dictionary_csv(published))))
    assert row["codes"] == ("0 正常 | 1 撤销 (– 2017-12-31) | 2 异议 (2016-01-01 – 2016-12-31) | 2 再议 (2018-07-01 –)")
    shown = dictionary(published)[0]
    assert [(code.code, code.label, code.label_en, code.validity) for code in shown.codes][1] == (
        "1", "撤销", "revoked", "– 2017-12-31",
    )  # fmt: skip
    assert shown.constraints == ()


def test_codes_that_say_nothing_more_and_a_closed_date_are_not_published(tmp_path: Path) -> None:
    write_list(tmp_path, "0,0,,,,\n1,,,,,\n")
    descriptor = described()
    descriptor["fields"][1]["disclosure"] = "share"
    (state, _) = public_schema(resolved(tmp_path, descriptor), "file").model_dump(
        mode="json", by_alias=True, exclude_defaults=True
    )["fields"]
    assert state == {
        "name": "state", "type": "string", "codeList": "states", "constraints": {"enum": ["0", "1"]},
    }  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> PortOffice:
    """The port office, whose ports have a state by code and its date."""
    office = make_port_office(tmp_path, ["ports"])
    fields = [{**field, "codeList": "names"} if field["name"] == "name" else field for field in _fields(office)]
    office.schemas["ports"] = {**office.schemas["ports"], "fields": fields}
    office.schema("ports")
    write_list(office.root / "schemas", "东港,东港,,,,\n西港,西港,,,,\n南港,南港,,,,\n", name="names")
    return office


def _fields(office: PortOffice) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = office.schemas["ports"]["fields"]
    return fields


def test_a_workspace_s_schema_is_read_with_its_lists(office: PortOffice) -> None:
    workspace = open_workspace(office.root)
    catalog = load_catalog(workspace)
    schema = table_schema(workspace, catalog.entry("ports"))
    assert schema.field("name").constraints.enum == ("东港", "西港", "南港")
    assert [fault for fault in check_catalog(catalog) if fault.severity == "must"] == []


def test_the_catalogue_s_self_check_names_a_broken_list_and_its_line(office: PortOffice) -> None:
    file = write_list(office.root / "schemas", "东港,,,x,,\n", name="names")
    (fault,) = check_catalog(load_catalog(open_workspace(office.root)))
    assert fault.rule == "schema-unreadable"
    assert f"{file}, line 2" in fault.message


def test_one_file_is_checked_with_the_lists_beside_its_schema(tmp_path: Path, office: PortOffice) -> None:
    write_list(tmp_path)
    schema, data = tmp_path / "a.json", tmp_path / "a.csv"
    schema.write_text(json.dumps(described()), "utf-8")
    assert read_table_schema(schema).field("state").constraints.enum is None
    data.write_text("state,decided,note\n0,2017-01-01,\n9,2017-01-01,\n", "utf-8")
    answer = run_command("check", "--data", str(data), "--schema", str(schema), "--json")
    assert [(found["rule"], found["row"]) for found in answer.datasets["data"]["findings"]] == [("enum", 3)]


def test_a_changed_list_makes_another_release(office: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_TODAY", "2026-11-24")
    assert office.run("publish").verdicts == {"ports": "published"}
    assert office.run("publish").verdicts == {"ports": "unchanged"}
    write_list(office.root / "schemas", "东港,东港,East,,,\n西港,西港,,,,\n南港,南港,,,,\n", name="names")
    assert office.run("publish").verdicts == {"ports": "published"}
    page = (office.portal / "dataset/ports/index.html").read_text("utf-8")
    assert "East" in page
    write_list(office.root / "schemas", "东港,东港,East,,,\n西港,西港,,,,\n", name="names")
    answer = office.run("publish")
    assert answer.verdicts == {"ports": "blocked"}
    assert answer.code == 1
