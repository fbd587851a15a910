"""A release's columns as a DataStore table's: ids that fit PostgreSQL's 63 bytes, types, keys, and the dictionary."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.targets.ckan.words import sentence
from resource_catalog.table_schema import SchemaField, TableSchema

#: PostgreSQL cuts a name at so many bytes; CKAN counts characters (reliability.md M16).
LONGEST_ID = 63
_TYPES: Mapping[str, str] = {
    "string": "text",
    "integer": "int8",
    "number": "numeric",
    "boolean": "bool",
    "date": "date",
    "datetime": "timestamp",
}


@dataclass(frozen=True)
class Column:
    """One column: the release's name for it, the table's, its PostgreSQL type, label and notes for the dictionary."""

    name: str
    id: str
    type: str
    label: str
    notes: str

    @property
    def descriptor(self) -> dict[str, Any]:
        """As `datastore_create` takes it."""
        info = {"label": self.label, "notes": self.notes}
        return {"id": self.id, "type": self.type, "info": {key: value for key, value in info.items() if value}}


@dataclass(frozen=True)
class Table:
    """A DataStore table as it shall be; keys and indexes are the schema's, in ids."""

    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    indexes: tuple[str, ...]

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The columns, as `datastore_create` takes them."""
        return [column.descriptor for column in self.columns]

    @property
    def shape(self) -> str:
        """What a table can't change while it stays: 16 hex of its columns, types, keys and indexes."""
        columns = [[column.id, column.type] for column in self.columns]
        return _word([columns, self.primary_key, self.indexes])

    @property
    def labels(self) -> str:
        """16 hex of the dictionary."""
        return _word([[column.label, column.notes] for column in self.columns])


def _word(document: object) -> str:
    return hashlib.sha256(json.dumps(document, ensure_ascii=False).encode()).hexdigest()[:16]


def _cut(text: str, size: int) -> str:
    """The longest beginning of a text that has so many bytes in UTF-8."""
    return text.encode()[:size].decode(errors="ignore")


def column_id(name: str, taken: set[str]) -> str:
    """The DataStore's id of a column: its name where that fits, else cut at a character, with 4 hex of its hash.

    CKAN refuses a leading underscore, quotation marks, line breaks and spaces at the ends; names that differ in their
    case only are kept apart, since people are not.
    """
    plain = " ".join(name.replace('"', "”").split()).lstrip("_")
    if plain == name and len(name.encode()) <= LONGEST_ID and name.casefold() not in taken:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()
    for length in range(4, 65):
        chosen = f"{_cut(plain, LONGEST_ID - 1 - length)}_{digest[:length]}".lstrip("_")
        if chosen.casefold() not in taken:
            return chosen
    raise AssertionError("two columns have one name")


def _notes(field: SchemaField, own_id: str, language: str, zoned: bool) -> str:
    parts = [field.description, f"{field.unit}" if field.unit else "", sentence("utc", language) if zoned else ""]
    if own_id != field.name:
        parts.append(sentence("full_name", language) + field.name)
    return "\n".join(part for part in parts if part)


def table_of(schema: TableSchema, language: str, zones: Mapping[str, str]) -> Table:
    """The table of a published schema.

    Args:
        schema: The release's schema.
        language: The agency's, for the dictionary.
        zones: Of a datetime field whose values have a time zone "all", of one where some have "some": the first are
            times in UTC, as the dictionary then says; the second stay text, so that nothing is lost.
    """
    ids: dict[str, str] = {}
    for field in schema.fields:
        ids[field.name] = column_id(field.name, {taken.casefold() for taken in ids.values()} | {"_id", "_full_text"})
    columns = tuple(
        Column(
            field.name,
            ids[field.name],
            "text" if zones.get(field.name) == "some" else _TYPES.get(field.type, "text"),
            field.title or field.name,
            _notes(field, ids[field.name], language, zones.get(field.name) == "all"),
        )
        for field in schema.fields
    )
    keyed = [name for key in schema.foreign_keys for name in key.fields]
    keyed += [field.name for field in schema.fields if field.constraints.unique]
    primary = tuple(ids[name] for name in schema.primary_key)
    indexes = tuple(dict.fromkeys(ids[name] for name in keyed if (ids[name],) != primary))
    return Table(columns, primary, indexes)
