"""A Table Schema (specs.frictionlessdata.io/table-schema) with this project's additions per field.

The additions: `title` (label), `standard`, `disclosure` (open | share | never), `repair`, `unit`. Properties that are
not known here are kept, and reach the published package as they were.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from resource_catalog.errors import WorkspaceError

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


class SchemaField(_Loose):
    """One column."""

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
    disclosure: Literal["open", "share", "never"] = "open"
    repair: tuple[str, ...] = ()
    unit: str = ""


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
