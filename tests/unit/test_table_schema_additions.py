"""What a schema may add for open-ended days and allowed personal data, and what it is refused for."""

from __future__ import annotations

from typing import Any

import pytest

from quality.disclosure.columns import public_schema
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import parse_table_schema

END = {"name": "valid_to", "type": "date", "repair": ["open-ended"]}


def _schema(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"fields": list(fields)}


@pytest.mark.parametrize(
    "companion",
    [
        {"name": "open_ended", "type": "string", "openEndedOf": "valid_to"},
        {"name": "open_ended", "type": "boolean", "openEndedOf": "missing"},
        {"name": "open_ended", "type": "boolean", "openEndedOf": "open_ended"},
    ],
)
def test_a_companion_is_a_boolean_of_a_day(companion: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError):
        parse_table_schema(_schema(END, companion), "test")


def test_a_companion_tells_nobody_of_a_day_that_he_may_not_see() -> None:
    companion = {"name": "open_ended", "type": "boolean", "openEndedOf": "valid_to"}
    with pytest.raises(WorkspaceError):
        parse_table_schema(_schema({**END, "disclosure": "share"}, companion), "test")
    parse_table_schema(_schema({**END, "disclosure": "share"}, {**companion, "disclosure": "never"}), "test")


def test_readers_learn_of_which_day_the_companion_is_and_the_schema_is_one_again() -> None:
    companion = {"name": "open_ended", "type": "boolean", "openEndedOf": "valid_to"}
    schema = public_schema(parse_table_schema(_schema(END, companion), "test"), "test")
    descriptor = schema.model_dump(by_alias=True, exclude_unset=True)
    assert descriptor["fields"][1]["openEndedOf"] == "valid_to"
    assert "repair" not in descriptor["fields"][0]
    assert parse_table_schema(descriptor, "published").fields[1].open_ended_of == "valid_to"


@pytest.mark.parametrize(
    "name",
    [
        {"name": "name", "type": "string", "nameOf": "missing"},
        {"name": "name", "type": "string", "nameOf": "name"},
        {"name": "name", "type": "integer", "nameOf": "valid_to"},
    ],
)
def test_a_name_is_a_text_beside_another_field(name: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError, match="nameOf"):
        parse_table_schema(_schema(END, name), "test")
