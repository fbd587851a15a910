"""Code lists: read strictly, resolved into the schema, judged by the record's date, and shown to readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from resource_catalog.catalog import check_catalog, load_catalog
from resource_catalog.code_list import read_code_list, with_code_lists
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import TableSchema, parse_table_schema, read_table_schema
from resource_catalog.workspace import open_workspace, table_schema
from tests.workspace_factory import PortOffice, make_port_office

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
    assert check_catalog(catalog) == ()


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
    from tests.workspace_factory import run_command

    answer = run_command("check", "--data", str(data), "--schema", str(schema), "--json")
    assert [(found["rule"], found["row"]) for found in answer.datasets["data"]["findings"]] == [("enum", 3)]
