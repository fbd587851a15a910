"""The columns of a shared table: their types in Delta and DuckDB, and the text of a value that digests are made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.engines.duck import quote_name
from resource_catalog.table_schema import SchemaField

#: DuckDB's type of a release's Parquet column → the type in the shared table. What is not here is told as text:
#: lists and objects as JSON, times and durations as they are written.
_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "long",
    "INTEGER": "long",
    "DOUBLE": "double",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
}
_DUCK = {
    "string": "VARCHAR",
    "long": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
}


def delta_type(duck: str) -> str:
    """The type in the shared table of a release's column."""
    return _TYPES.get(duck, "string")


@dataclass(frozen=True)
class SharedColumn:
    """One column of a shared table; `type` is Delta's word."""

    name: str
    type: str
    title: str = ""
    description: str = ""
    unit: str = ""
    standard: str = ""

    @property
    def duck(self) -> str:
        """DuckDB's type."""
        return _DUCK[self.type]

    @property
    def comment(self) -> str:
        """What readers are told of it: label, description, unit, standard."""
        said = [self.title, self.description, self.unit and f"单位：{self.unit}", self.standard]
        return "；".join(one for one in said if one)

    @property
    def document(self) -> dict[str, str]:
        """The column as the store's state has it."""
        optional = {"standard": self.standard, "unit": self.unit}
        return {"name": self.name, "title": self.title or self.name, "type": self.type} | {
            key: value for key, value in optional.items() if value
        }

    def expression(self, had: str) -> str:
        """SQL of its value, of a release's column whose type in DuckDB is `had`."""
        name = quote_name(self.name)
        if self.type == "timestamp" and had == "TIMESTAMP":
            return f"timezone('UTC', {name})"
        return f"CAST({name} AS {self.duck})"

    @property
    def text(self) -> str:
        """SQL of the text of its value in a shared table, which the rows' digest is made of; NULL for none.

        Text as it is; long in decimal; double by C's %.17g; boolean true or false; date as 2017-06-01; timestamp as
        2017-06-01T08:00:00.000000Z in UTC.
        """
        name = quote_name(self.name)
        if self.type == "double":
            return f"format('{{:.17g}}', {name})"
        if self.type == "timestamp":
            return f"strftime(timezone('UTC', {name}), '%Y-%m-%dT%H:%M:%S.%fZ')"
        return f"CAST({name} AS VARCHAR)"


def shared_column(one: SchemaField, duck: str) -> SharedColumn:
    """A release's field as the shared table has it."""
    return SharedColumn(one.name, delta_type(duck), one.title, one.description, one.unit, one.standard)


def delta_schema(columns: Sequence[SharedColumn]) -> str:
    """The schema as Delta's metadata has it."""
    fields: list[dict[str, Any]] = [
        {
            "name": one.name,
            "type": one.type,
            "nullable": True,
            "metadata": {"comment": one.comment} if one.comment else {},
        }
        for one in columns
    ]
    return json.dumps({"type": "struct", "fields": fields}, ensure_ascii=False, separators=(",", ":"))
