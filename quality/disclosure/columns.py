"""The public columns of a schema: those of disclosure `open`, in the form in which they are published.

Source: DESIGN.md, decision 4. A masked column keeps only what of its schema holds of masked values.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from quality.disclosure.masks import DROPPING
from resource_catalog.errors import WorkspaceError
from resource_catalog.sharing_policy import SHARED
from resource_catalog.table_schema import Constraints, SchemaField, TableSchema

#: How the source writes a value; a release writes every type in one canonical way.
_SOURCE_FORM = {
    "format", "missing_values", "true_values", "false_values", "decimal_char", "group_char", "bare_number", "repair",
    "disclosure",
}  # fmt: skip
#: What a field says of its values as they are; masked ones are otherwise.
_SAID_OF_VALUES = {
    "format", "standard", "standard_date", "standard_legacy", "constraints", "code_list", "code_list_date", "codes",
}  # fmt: skip


@dataclass(frozen=True)
class Audience:
    """Who reads a release: the classes of disclosure that it sees, and its words in messages."""

    classes: frozenset[str]
    word: str
    seen: str


PUBLIC = Audience(frozenset({"open"}), "open", "public")
BUREAUS = Audience(SHARED, "share", "shared")

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


def _informative(field: SchemaField) -> bool:
    """Whether the codes say more than the enum: what they mean, or when they hold."""
    return any(code.label not in ("", code.code) or code.label_en or not code.always for code in field.codes)


def _declared(field: SchemaField) -> set[str]:
    """The properties that are written in the schema and known here; pydantic counts unknown ones among them."""
    return field.model_fields_set & set(SchemaField.model_fields)


def _masked(field: SchemaField) -> SchemaField:
    """The field without what no longer holds of its values; a mask leaves a value wherever one was, but for some."""
    kept = {name: getattr(field, name) for name in _declared(field) - _SAID_OF_VALUES}
    if field.constraints.required and field.mask and field.mask.kind not in DROPPING:
        kept["constraints"] = Constraints(required=True)
    return SchemaField(**kept, **(field.model_extra or {}))


def _published(field: SchemaField, names: set[str]) -> SchemaField:
    kept: dict[str, Any] = {
        name: getattr(field, name) for name in _declared(field) - _SOURCE_FORM if name != "constraints"
    }
    if field.type not in _TEMPORAL and field.format != "default":
        kept["format"] = field.format
    if "constraints" in field.model_fields_set:
        kept["constraints"] = _canonical_bounds(field)
    for dated in ("code_list_date", "standard_date"):
        if kept.get(dated) not in names:
            kept.pop(dated, None)
    if not _informative(field):
        kept.pop("codes", None)
    published = SchemaField(**kept, **(field.model_extra or {}))
    return _masked(published) if field.mask else published


def _condition_obstacle(schema: TableSchema, name: str, allowed: tuple[Any, ...], names: set[str]) -> tuple[str, str]:
    """Why a mask can't hang on a field's values, and what to do; ("", "") where it can."""
    other = schema.field(name)
    if name not in names or other.mask:
        # Whose name is masked is a natural person: that may be just what the hidden field holds.
        what = f"the mask's condition names {name}, which readers don't see: whether a value is masked would tell it"
        return what, "mask every row, or let the condition name an open field without a mask"
    known = {str(item) for item in other.constraints.enum or ()}
    unknown = [str(item) for item in allowed if known and item not in ("", None) and str(item) not in known]
    if unknown:
        what = f"the mask's condition names {', '.join(unknown)}, which {name} can't be: nothing would be masked by it"
        return what, f"use values of {name}'s list"
    return "", ""


def _check_conditions(schema: TableSchema, names: set[str], where: str) -> None:
    for field in schema.fields:
        conditions = field.mask.where if field.mask and field.name in names else {}
        for name, allowed in conditions.items():
            what, fix = _condition_obstacle(schema, name, allowed, names)
            if what:
                raise WorkspaceError(what, where=f"{where}, field {field.name}", fix=fix)


def public_schema(schema: TableSchema, where: str) -> TableSchema:
    """The schema as published: open columns only, canonical forms, keys that these columns carry.

    Raises:
        WorkspaceError: no column is open, the primary key has one that isn't, or a mask's condition can't hold.
    """
    return schema_for(schema, where, PUBLIC)


def schema_for(schema: TableSchema, where: str, audience: Audience) -> TableSchema:
    """The schema as an audience has it: its columns only, canonical forms, keys that these columns carry.

    A mask holds for every audience: nothing declares that bureaus may see what it hides.

    Raises:
        WorkspaceError: as of `public_schema`.
    """
    names = {field.name for field in schema.fields if field.disclosure in audience.classes}
    fields = tuple(_published(field, names) for field in schema.fields if field.name in names)
    if not fields:
        what = f"no field of the schema is {audience.word}"
        raise WorkspaceError(what, where=where, fix=f"set disclosure: {audience.word} for some")
    if not set(schema.primary_key) <= names:
        hidden = ", ".join(sorted(set(schema.primary_key) - names))
        what = f"the primary key has {hidden}, which may not be {audience.seen}"
        raise WorkspaceError(what, where=where, fix=f"choose a key of {audience.word} fields")
    _check_conditions(schema, names, where)
    empty_text_is_missing = not schema.missing_values or "" in schema.missing_values
    return schema.model_copy(
        update={
            "fields": fields,
            "foreign_keys": tuple(key for key in schema.foreign_keys if set(key.fields) <= names),
            "missing_values": ("",) if empty_text_is_missing else schema.missing_values[:1],
        }
    )
