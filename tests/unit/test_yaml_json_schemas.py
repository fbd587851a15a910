"""The committed JSON Schemas are current, and accept and refuse what the models do."""

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from resource_catalog.agency import Agency
from resource_catalog.entry import Entry
from resource_catalog.json_schema import agency_json_schema, entry_json_schema, write_json_schemas
from resource_catalog.yaml_document import YamlFaults
from resource_catalog.yaml_file import load_yaml, validate
from tests.catalogue_factory import AGENCY, ENTRY

REPOSITORY = Path(__file__).parents[2]
PATH = {"path": "a.csv"}

WHOLE_ENTRIES: list[dict[str, Any]] = [
    {},
    {"source": PATH},
    {"source": {"url": "https://data.example/a.csv", "path": None}},
    {"source": {"database": "main", "table": "t"}},
    {"source": {"database": "main", "query": "select 1", "table": None}},
    {"source": {**PATH, "sheet": 2, "header_row": [1, 2]}},
    {"source": {**PATH, "sheet": "二", "header_row": 3, "quote": ""}},
    {"openness": "依申请公开", "openness_basis": "条例"},
    {"sharing": "不予共享", "sharing_basis": "法"},
    {"sharing": "按需共享", "sharing_condition": "用途"},
    {"opened": "2017-05-18", "channels": [], "deadline": {"rule": "x"}, "schema": "other"},
    {"issued": None, "channels": None, "suite": None, "deadline": None},
    {"deadline": [{"rule": "x"}, {"rule": "y"}]},
]
FAULTY_ENTRIES: list[dict[str, Any]] = [
    {"id": "Bad Id"},
    {"id": "x" * 101},
    {"code": 307002},
    {"code": ""},
    {"title": "x" * 501},
    {"owner": ""},
    {"owner": None},
    {"unknown": 1},
    {"schema_name": "other"},
    {"keywords": "x"},
    {"keywords": [2017]},
    {"openness": "开放"},
    {"openness": "依申请公开"},
    {"openness": "不公开", "openness_basis": ""},
    {"sharing": "不予共享"},
    {"sharing": "有条件共享", "sharing_basis": "法"},
    {"update_cycle": "6"},
    {"opened": "2017/05/18"},
    {"opened": 20170518},
    {"source": {}},
    {"source": {"path": None}},
    {"source": {**PATH, "url": "https://data.example/a.csv"}},
    {"source": {**PATH, "table": "t"}},
    {"source": {"database": "main"}},
    {"source": {"database": "main", "table": "t", "query": "select 1"}},
    {"source": {**PATH, "format": "pdf"}},
    {"source": {**PATH, "delimiter": ""}},
    {"source": {**PATH, "header_row": [1, 2, 3]}},
    {"source": {**PATH, "header_row": "1"}},
    {"source": {**PATH, "footer_rows": -1}},
    {"source": {**PATH, "hidden": "yes"}},
    {"source": {**PATH, "pth": "x"}},
    {"deadline": {}},
    {"deadline": "x"},
    {"deadline": [{"rule": "x", "until": "2017-12-31"}]},
    {"suite": "A B"},
]
WHOLE_AGENCIES: list[dict[str, Any]] = [
    {},
    {"data_roots": ["/data"], "databases": {"main": {"kind": "sqlite", "path": "a.sqlite"}}},
    {"targets": {"static": {"base_url": "https://data.example"}}, "thresholds": {"minimum_score": 80}},
    {"contact": {"phone": "12315"}, "theme_uris": {"海洋": "https://theme.example/sea"}, "approval": "required"},
]
RULE = {"title": "及时公布", "basis": "办法"}
COUNTED = {**RULE, "within": 7, "unit": "working-days", "starts": "决定"}
WHOLE_AGENCIES += [
    {"deadline_rules": {"x": rule}}
    for rule in (
        COUNTED,
        [{**COUNTED, "extension": 7, "valid_to": "2019-05-14"}, {**COUNTED, "valid_from": "2019-05-15"}],
        {**RULE, "by": "2017-12-31"},
        {**RULE, "nodes": ["元旦"], "node_side": "after"},
        {**RULE, "follows": "cycle", "starts": "办结"},
    )
]
FAULTY_AGENCIES: list[dict[str, Any]] = [
    {"id": "X"},
    {"name": ""},
    {"code": 1},
    {"unknown": 1},
    {"data_roots": ["data"]},
    {"databases": {"main": {"kind": "oracle"}}},
    {"databases": {"main": {}}},
    {"databases": {"main": {"kind": "mysql", "password": "x"}}},
    {"targets": {"static": {"base_url": "ftp://data.example"}}},
    {"thresholds": {"minimum_score": 101}},
    {"thresholds": {"examples_per_rule": 0}},
    {"approval": "perhaps"},
    {"contact": {"phone": 12315}},
]
FAULTY_AGENCIES += [
    {"deadline_rules": {"x": rule}}
    for rule in (
        [],
        RULE,
        {**COUNTED, "by": "2017-12-31"},
        {**COUNTED, "within": 0},
        {**COUNTED, "within": "7"},
        {**COUNTED, "unit": "weeks"},
        {**COUNTED, "starts": ""},
        {**COUNTED, "title": ""},
        {**RULE, "within": 7, "starts": "决定"},
        {**RULE, "by": "2017-12-31", "extension": 3},
        {**RULE, "by": "2017-12-31", "unit": "hours"},
        {**RULE, "nodes": []},
        {**RULE, "follows": "whim"},
    )
]
CASES = [
    *((Entry, {**ENTRY, **changes}, True) for changes in WHOLE_ENTRIES),
    *((Entry, {**ENTRY, **changes}, False) for changes in FAULTY_ENTRIES),
    *((Entry, {name: ENTRY[name] for name in ENTRY if name != absent}, False) for absent in ("id", "code", "title")),
    *((Agency, {**AGENCY, **changes}, True) for changes in WHOLE_AGENCIES),
    *((Agency, {**AGENCY, **changes}, False) for changes in FAULTY_AGENCIES),
    *((Agency, {name: AGENCY[name] for name in AGENCY if name != absent}, False) for absent in ("id", "name", "code")),
]
SCHEMAS: Mapping[type[Entry] | type[Agency], dict[str, Any]] = {
    Entry: entry_json_schema(),
    Agency: agency_json_schema(),
}


def test_the_committed_schemas_are_current(tmp_path: Path) -> None:
    for written in write_json_schemas(tmp_path):
        committed = REPOSITORY / "schemas" / "yaml" / written.name
        assert committed.read_bytes() == written.read_bytes()


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=["entry", "agency"])
def test_they_are_json_schemas_that_describe_their_keys(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    undescribed = [name for name, key in schema["properties"].items() if not key.get("description")]
    assert undescribed == []


@pytest.mark.parametrize(("model", "data", "whole"), CASES)
def test_schema_and_model_agree(
    tmp_path: Path, model: type[Entry] | type[Agency], data: dict[str, Any], whole: bool
) -> None:
    file = tmp_path / "file.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    assert Draft202012Validator(SCHEMAS[model]).is_valid(data) is whole
    assert is_valid(model, file) is whole


def is_valid(model: type[Entry] | type[Agency], file: Path) -> bool:
    try:
        validate(model, load_yaml(file))
    except YamlFaults:
        return False
    return True


def workspace_files() -> list[tuple[str, Path]]:
    roots = [REPOSITORY, *sorted((REPOSITORY / "tests" / "workspaces").glob("*/"))]
    folders = [root / "resource_catalog" for root in roots]
    return [
        *(("agency", folder / "agency.yaml") for folder in folders if folder.is_dir()),
        *(("entry", file) for folder in folders for file in sorted((folder / "entries").glob("*.yaml"))),
    ]


@pytest.mark.parametrize(("kind", "file"), workspace_files(), ids=lambda value: getattr(value, "stem", value))
def test_the_files_of_the_workspaces_are_accepted(kind: str, file: Path) -> None:
    schema = json.loads((REPOSITORY / "schemas" / "yaml" / f"{kind}.json").read_text(encoding="utf-8"))
    data = load_yaml(file).value
    plain = json.loads(json.dumps(data, default=datetime.date.isoformat))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(plain)] == []
