"""The public columns of a schema: those of disclosure `open`, in the form in which they are published."""

from __future__ import annotations

import datetime
from typing import Any

from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import Constraints, SchemaField, TableSchema

#: How the source writes a value; a release writes every type in one canonical way.
_SOURCE_FORM = {
    "format", "missing_values", "true_values", "false_values", "decimal_char", "group_char", "bare_number", "repair",
    "disclosure",
}  # fmt: skip
_BOUNDS = {"minimum", "maximum", "exclusive_minimum", "exclusive_maximum"}
_TEMPORAL = ("date", "datetime", "time")


def _iso(field: SchemaField, value: Any) -> Any:
    """A date or time that the schema has in the source's format, in ISO's; anything else as it is."""
    if field.type not in _TEMPORAL or not isinstance(value, str) or field.format in ("default", "any"):
        return value
    try:
        moment = datetime.datetime.strptime(value, str(field.format).removeprefix("fmt:"))
    except ValueError:
        return value
    forms: dict[str, datetime.date | datetime.time] = {"date": moment.date(), "time": moment.time(), "datetime": moment}
    return forms[field.type].isoformat()


def _canonical_bounds(field: SchemaField) -> Constraints:
    """The field's constraints with its dates and times as the release writes them."""
    constraints = field.constraints
    changed: dict[str, Any] = {
        name: _iso(field, getattr(constraints, name)) for name in constraints.model_fields_set & _BOUNDS
    }
    if constraints.enum:
        changed["enum"] = tuple(_iso(field, item) for item in constraints.enum)
    return constraints.model_copy(update=changed)


def _published(field: SchemaField) -> SchemaField:
    kept: dict[str, Any] = {
        name: getattr(field, name) for name in field.model_fields_set - _SOURCE_FORM if name != "constraints"
    }
    if field.type not in _TEMPORAL and field.format != "default":
        kept["format"] = field.format
    if "constraints" in field.model_fields_set:
        kept["constraints"] = _canonical_bounds(field)
    return SchemaField(**kept, **(field.model_extra or {}))


def public_schema(schema: TableSchema, where: str) -> TableSchema:
    """The schema as published: open columns only, canonical forms, keys that these columns carry.

    Raises:
        WorkspaceError: no column is open, or the primary key has one that isn't.
    """
    fields = tuple(_published(field) for field in schema.fields if field.disclosure == "open")
    names = {field.name for field in fields}
    if not fields:
        raise WorkspaceError("no field of the schema is open", where=where, fix="set disclosure: open for some")
    if not set(schema.primary_key) <= names:
        hidden = ", ".join(sorted(set(schema.primary_key) - names))
        raise WorkspaceError(
            f"the primary key has {hidden}, which may not be public", where=where, fix="choose a key of open fields"
        )
    empty_text_is_missing = not schema.missing_values or "" in schema.missing_values
    return schema.model_copy(
        update={
            "fields": fields,
            "foreign_keys": tuple(key for key in schema.foreign_keys if set(key.fields) <= names),
            "missing_values": ("",) if empty_text_is_missing else schema.missing_values[:1],
        }
    )
