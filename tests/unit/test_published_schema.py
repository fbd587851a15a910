"""What a reader gets of a schema's fields: properties that this program does not know are passed on as they are."""

from __future__ import annotations

from quality.disclosure.columns import public_schema
from resource_catalog.table_schema import parse_table_schema


def test_properties_that_are_not_known_here_reach_the_published_field() -> None:
    item = {"type": "string", "constraints": {"minLength": 1}}
    described = {"fields": [{"name": "需求", "type": "array", "arrayItem": item, "x-own": "值"}]}
    published = public_schema(parse_table_schema(described, "here"), "here")
    (field,) = published.model_dump(mode="json", by_alias=True, exclude_defaults=True)["fields"]
    assert field["arrayItem"] == item
    assert field["x-own"] == "值"


def test_they_reach_the_field_beside_a_mask_too() -> None:
    described = {"fields": [{"name": "姓名", "type": "string", "mask": "person-name", "x-own": "值"}]}
    (field,) = public_schema(parse_table_schema(described, "here"), "here").fields
    assert field.model_extra == {"x-own": "值"}
