"""A Table Schema (specs.frictionlessdata.io/table-schema) with this project's additions.

The additions per field: `title` (label), `standard`, `standardDate` and `standardLegacy`, `disclosure` (open | share |
never), `repair`, `unit`, `codeList` and `codeListDate`, `mask`, `openEndedOf`, `nameOf` and `personalData`; of the
table: `duplicates` (flag | collapse). Properties that are not known here are kept, and published as they were.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from resource_catalog.errors import WorkspaceError
from resource_catalog.field_mask import MASKS, Mask
from resource_catalog.personal_data import PersonalData
from resource_catalog.standard_names import StandardName, standard_named

FieldType = Literal[
    "string", "number", "integer", "boolean", "object", "array", "list", "date", "time", "datetime",
    "year", "yearmonth", "duration", "geopoint", "geojson", "any",
]  # fmt: skip


class _Loose(BaseModel):
    """Base of what a published schema may extend: unknown properties are kept."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)


class Constraints(_Loose):
    """The constraints of one field; bounds and enum are as written, to be read by the field's type."""

    required: bool = False
    unique: bool = False
    enum: tuple[Any, ...] | None = None
    pattern: str | None = None
    minimum: Any = None
    maximum: Any = None
    exclusive_minimum: Any = Field(None, alias="exclusiveMinimum")
    exclusive_maximum: Any = Field(None, alias="exclusiveMaximum")
    min_length: int | None = Field(None, alias="minLength")
    max_length: int | None = Field(None, alias="maxLength")


class Code(_Loose):
    """One code of a list and what it means, from `valid_from` to `valid_to`, both included; None is open."""

    code: str = Field(min_length=1)
    label: str = ""
    label_en: str = ""
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None

    @property
    def always(self) -> bool:
        """Whether the code has no first and no last day."""
        return self.valid_from is None and self.valid_to is None


class SchemaField(_Loose):
    """One column; `codes` are those of its code list, filled in where the list is at hand."""

    name: str = Field(min_length=1)
    type: FieldType = "any"
    format: Any = "default"
    title: str = ""
    description: str = ""
    constraints: Constraints = Constraints()
    missing_values: tuple[str, ...] | None = Field(None, alias="missingValues")
    true_values: tuple[str, ...] = Field(("true", "True", "TRUE", "1"), alias="trueValues")
    false_values: tuple[str, ...] = Field(("false", "False", "FALSE", "0"), alias="falseValues")
    decimal_char: str = Field(".", alias="decimalChar")
    group_char: str = Field("", alias="groupChar")
    bare_number: bool = Field(True, alias="bareNumber")
    standard: str = ""
    standard_date: str = Field("", alias="standardDate")
    standard_legacy: bool = Field(False, alias="standardLegacy")
    disclosure: Literal["open", "share", "never"] = "open"
    repair: tuple[str, ...] = ()
    unit: str = ""
    code_list: str = Field("", alias="codeList")
    code_list_date: str = Field("", alias="codeListDate")
    codes: tuple[Code, ...] = ()
    mask: Mask | None = None
    personal_data: PersonalData | None = Field(None, alias="personalData")
    open_ended_of: str = Field("", alias="openEndedOf")
    name_of: str = Field("", alias="nameOf")

    @property
    def meant_standard(self) -> StandardName | None:
        """The standard that `standard` names; None where it names none that is known here."""
        return standard_named(self.standard)


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class Reference(_Loose):
    """What a foreign key points to: another dataset's id, or "" for the table itself."""

    resource: str = ""
    fields: Annotated[tuple[str, ...], Field(min_length=1)]

    _fields = field_validator("fields", mode="before")(_as_tuple)


class ForeignKey(_Loose):
    """Columns whose values must stand in another table."""

    fields: Annotated[tuple[str, ...], Field(min_length=1)]
    reference: Reference

    _fields = field_validator("fields", mode="before")(_as_tuple)


class TableSchema(_Loose):
    """The columns, keys and missing values of one table."""

    fields: Annotated[tuple[SchemaField, ...], Field(min_length=1)]
    primary_key: tuple[str, ...] = Field((), alias="primaryKey")
    foreign_keys: tuple[ForeignKey, ...] = Field((), alias="foreignKeys")
    missing_values: tuple[str, ...] = Field(("",), alias="missingValues")
    duplicates: Literal["flag", "collapse"] = "flag"

    _key = field_validator("primary_key", mode="before")(_as_tuple)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> SchemaField:
        """The field of that name; KeyError where there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


def _first_fault(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _check_names(schema: TableSchema, where: str) -> None:
    names = schema.names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise WorkspaceError(f"the schema has two fields named {', '.join(twice)}", where=where, fix="rename one")
    keys = [*schema.primary_key, *(name for key in schema.foreign_keys for name in key.fields)]
    for name in keys:
        if name not in names:
            raise WorkspaceError(f"a key names the field {name!r}, which the schema lacks", where=where, fix="mend it")
    for key in schema.foreign_keys:
        if len(key.fields) != len(key.reference.fields):
            raise WorkspaceError("a foreign key has other field counts on its two sides", where=where, fix="mend it")


def _check_date(schema: TableSchema, key: str, named: str, place: str) -> None:
    """The date of a code list or standard must be a day that every row can have."""
    kind = schema.field(named).type if named in schema.names else None
    if kind not in ("date", "datetime"):
        what = f"is of type {kind}" if kind else "is no field of the schema"
        fix = "name a date or datetime field of the same table"
        raise WorkspaceError(f"{key} names {named!r}, which {what}", where=place, fix=fix)


def _check_dates(schema: TableSchema, field: SchemaField, where: str) -> None:
    place = f"{where}, field {field.name}"
    if field.code_list_date:
        if not field.code_list:
            fix = "name the code list, or delete the date"
            raise WorkspaceError("codeListDate without codeList", where=place, fix=fix)
        _check_date(schema, "codeListDate", field.code_list_date, place)
    if (field.standard_date or field.standard_legacy) and not field.standard:
        key = "standardDate" if field.standard_date else "standardLegacy"
        raise WorkspaceError(f"{key} without standard", where=place, fix=f"name the standard, or delete {key}")
    if field.standard_date:
        _check_date(schema, "standardDate", field.standard_date, place)


def _keyed(schema: TableSchema) -> dict[str, str]:
    """Fields that tell rows apart or tie them to others → how."""
    keyed = {field.name: "unique" for field in schema.fields if field.constraints.unique}
    for key in schema.foreign_keys:
        keyed |= dict.fromkeys(key.fields, "part of a foreign key")
        if not key.reference.resource:
            keyed |= dict.fromkeys(key.reference.fields, "what a foreign key refers to")
    return keyed | dict.fromkeys(schema.primary_key, "part of the primary key")


def _mask_obstacles(schema: TableSchema, field: SchemaField, mask: Mask) -> Iterator[tuple[str, str]]:
    """(why the field can't have its mask, what to do)."""
    if mask.kind not in MASKS:
        yield f"there is no mask {mask.kind!r}", f"use one of {', '.join(MASKS)}"
    if field.type != "string":
        yield f"a mask needs a field of type string, and this one is {field.type}", "make it a string, or close it"
    keyed = _keyed(schema).get(field.name)
    if keyed:
        yield f"the field is {keyed}, which masked values can't be", "take it out of the key, or don't mask it"
    for name in mask.where:
        if name not in schema.names:
            yield f"the mask's condition names {name!r}, which the schema lacks", "name a field of the same table"


def _check_companion(schema: TableSchema, field: SchemaField, where: str) -> None:
    """What keeps that an end date is open must be a boolean beside it, as public as it is at most."""
    named = field.open_ended_of
    if not named:
        return
    place = f"{where}, field {field.name}"
    if named not in schema.names or schema.field(named).type not in ("date", "datetime"):
        what = f"openEndedOf names {named!r}, which is no date of the schema"
        raise WorkspaceError(what, where=place, fix="name a date or datetime field of the same table")
    if field.type != "boolean":
        what = f"openEndedOf needs a field of type boolean, and this one is {field.type}"
        raise WorkspaceError(what, where=place, fix="make it a boolean")
    order = ("never", "share", "open")
    if order.index(field.disclosure) > order.index(schema.field(named).disclosure):
        what = f"the field would tell of {named}, which fewer may see"
        raise WorkspaceError(what, where=place, fix=f"give it the disclosure of {named}")


def _check_name(schema: TableSchema, field: SchemaField, where: str) -> None:
    """What names the owner of a code is a text beside that code."""
    place = f"{where}, field {field.name}"
    if field.name_of and (field.name_of == field.name or field.name_of not in schema.names):
        what = f"nameOf names {field.name_of!r}, which is no other field of the schema"
        raise WorkspaceError(what, where=place, fix="name the field that has the code of whom this field names")
    if field.name_of and field.type != "string":
        what = f"nameOf needs a field of type string, and this one is {field.type}"
        raise WorkspaceError(what, where=place, fix="make it a string")


def _check_field(schema: TableSchema, field: SchemaField, where: str) -> None:
    _check_dates(schema, field, where)
    _check_name(schema, field, where)
    _check_companion(schema, field, where)
    for what, fix in _mask_obstacles(schema, field, field.mask) if field.mask else ():
        raise WorkspaceError(what, where=f"{where}, field {field.name}", fix=fix)


def parse_table_schema(descriptor: Any, where: str) -> TableSchema:
    """The schema of a descriptor.

    Raises:
        WorkspaceError: it is no Table Schema, or its names contradict each other; `where` says of what.
    """
    try:
        schema = TableSchema.model_validate(descriptor)
    except ValidationError as error:
        raise WorkspaceError(
            f"not a Table Schema: {_first_fault(error)}", where=where, fix="see specs.frictionlessdata.io/table-schema"
        ) from error
    _check_names(schema, where)
    for field in schema.fields:
        _check_field(schema, field, where)
    return schema


def read_table_schema(path: Path) -> TableSchema:
    """The schema in a JSON file.

    Raises:
        WorkspaceError: the file is missing, no JSON, or no Table Schema.
    """
    try:
        descriptor = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise WorkspaceError("there is no such schema", where=str(path), fix="write it, or name another") from error
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"the schema is no readable JSON: {error}", where=str(path), fix="mend it") from error
    return parse_table_schema(descriptor, str(path))
