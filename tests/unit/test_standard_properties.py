"""What a schema may say of a standard: names, date, old forms; what of that is published; what nobody knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from frictionless import Schema

from quality.disclosure.columns import public_schema
from quality.masking import personal
from resource_catalog.catalog import check_catalog, load_catalog
from resource_catalog.errors import WorkspaceError
from resource_catalog.standard_names import EDITIONS, NUMBERS, PERSONAL, StandardName, standard_named
from resource_catalog.table_schema import SchemaField, parse_table_schema
from tests.catalogue_factory import make_workspace, write_schema


def _described(**value: Any) -> dict[str, Any]:
    fields = [
        {"name": "值", "type": "string", **value},
        {"name": "日期", "type": "date"},
        {"name": "注", "type": "string"},
    ]
    return {"fields": fields}


def _published(described: dict[str, Any]) -> dict[str, Any]:
    schema = public_schema(parse_table_schema(described, "here"), "here")
    dumped = schema.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    Schema.from_descriptor(dumped)  # stock frictionless opens it
    first: dict[str, Any] = dumped["fields"][0]
    return first


def test_names_numbers_and_editions_lead_to_their_standard() -> None:
    for name, numbers in NUMBERS.items():
        assert {standard_named(written) for written in (name, name.upper(), *numbers)} == {StandardName(name)}
    for name, editions in EDITIONS.items():
        for year, number in editions.items():
            assert standard_named(number) == standard_named(number.replace(" ", "")) == StandardName(name, year)
    assert standard_named("GB 32100-1999") is standard_named("") is standard_named("ISO 8601") is None


@pytest.mark.parametrize("name", NUMBERS)
def test_a_value_is_personal_by_whatever_name_its_standard_is_called(name: str) -> None:
    for written in (name, *NUMBERS[name]):
        assert personal(SchemaField(name="值", standard=written)) is (name in PERSONAL)


@pytest.mark.parametrize(
    "value",
    [
        {"standardDate": "日期"},
        {"standardLegacy": True},
        {"standard": "uscc", "standardDate": "注"},
        {"standard": "uscc", "standardDate": "nowhere"},
    ],
)
def test_a_standards_date_is_a_day_of_the_table(value: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError) as raised:
        parse_table_schema(_described(**value), "here")
    assert "值" in raised.value.where


def test_the_published_schema_says_which_standard_a_column_meets_and_by_which_date() -> None:
    said = {"standard": "registration-number", "standardDate": "日期", "standardLegacy": True}
    field = _published(_described(**said))
    assert {name: field[name] for name in said} == said


def test_a_date_that_is_not_open_is_not_named() -> None:
    described = _described(standard="registration-number", standardDate="日期")
    described["fields"][1]["disclosure"] = "share"
    assert "standardDate" not in _published(described)


def test_masked_values_meet_no_standard() -> None:
    field = _published(_described(standard="mobile", standardDate="日期", standardLegacy=True, mask="mobile"))
    assert not {name for name in field if name.startswith("standard")}


def test_the_catalogues_self_check_names_a_standard_that_none_has(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {"source": {"path": "samples/tides.csv"}})
    write_schema(workspace, "tides")
    file = workspace.schemas_dir / "tides.schema.json"
    schema = json.loads(file.read_text("utf-8"))
    assert not check_catalog(load_catalog(workspace))
    schema["fields"][0]["standard"] = "GB 99999"
    file.write_text(json.dumps(schema), "utf-8")
    assert [(fault.rule, fault.severity, fault.entry) for fault in check_catalog(load_catalog(workspace))] == [
        ("standard-unknown", "must", "tides")
    ]
