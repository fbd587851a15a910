"""The columns of a table as a caller describes them, checked, and their SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit
from ckanext.datastore.helpers import is_valid_field_name
from psycopg2 import sql

#: The types that a column may have, by every name under which CKAN or PostgreSQL knows them.
TYPES = {
    "text": "text",
    "int": "int4",
    "integer": "int4",
    "int4": "int4",
    "bigint": "int8",
    "int8": "int8",
    "numeric": "numeric",
    "float": "float8",
    "float8": "float8",
    "bool": "bool",
    "boolean": "bool",
    "date": "date",
    "timestamp": "timestamp",
}
#: PostgreSQL cuts longer names silently.
_LONGEST_NAME = 63
_MOST_COLUMNS = 1500


@dataclass(frozen=True)
class Column:
    """One column: its name, PostgreSQL type, entry in the data dictionary, and whether it is of the key."""

    name: str
    type: str
    info: Mapping[str, Any]
    in_key: bool

    @property
    def identifier(self) -> sql.Identifier:
        """The name, quoted."""
        return sql.Identifier(self.name)

    @property
    def definition(self) -> sql.Composable:
        """The column's part of CREATE TABLE. A key without a value is no key, though CKAN's own unique index has it."""
        rest = f" {self.type} NOT NULL" if self.in_key else f" {self.type}"
        return self.identifier + sql.SQL(rest)

    @property
    def text(self) -> sql.Composable:
        """The value as text: as `datastore_search` shows it in JSON, without quotes."""
        if self.type == "timestamp":
            return sql.SQL("to_json({}) #>> '{{}}'").format(self.identifier)
        return sql.SQL("{}::text").format(self.identifier)


def read_columns(fields: object, primary_key: Sequence[str]) -> tuple[Column, ...]:
    """The columns that `fields` describes, in the file's order.

    Args:
        fields: a list of `{"id", "type", "info"}` as `datastore_create` takes them; `type` is one of `TYPES`.
        primary_key: names of the columns that make the key.

    Raises:
        ValidationError: a field is no such thing, or PostgreSQL or CKAN could not keep it as it is.
    """
    if not isinstance(fields, list) or not 0 < len(fields) <= _MOST_COLUMNS:
        raise refused("fields", f"give a list of 1 to {_MOST_COLUMNS} fields")
    columns = tuple(_read_column(field, primary_key) for field in fields)
    names = [column.name for column in columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise refused("fields", f"these columns are there twice: {', '.join(twice)}")
    require_columns("primary_key", primary_key, columns)
    return columns


def require_columns(parameter: str, names: Sequence[str], columns: Sequence[Column]) -> None:
    """Refuse names that are no column's.

    Raises:
        ValidationError: a name is unknown, or given twice.
    """
    known = {column.name for column in columns}
    if unknown := [name for name in names if name not in known]:
        raise refused(parameter, f"no column has this name: {', '.join(map(str, unknown))}")
    if len(set(names)) < len(names):
        raise refused(parameter, f"a column is named twice: {', '.join(names)}")


def names_of(columns: Sequence[Column]) -> sql.Composable:
    """The columns' names, quoted."""
    return sql.SQL(", ").join([column.identifier for column in columns])


def words_of(columns: Sequence[Column]) -> sql.Composable:
    """A row's full text, as CKAN's trigger makes it."""
    texts = sql.SQL(", ").join([column.text for column in columns])
    return sql.SQL("to_tsvector(array_to_string(ARRAY[{}], ' '))").format(texts)


def refused(parameter: str, reason: str) -> toolkit.ValidationError:
    """The answer 409 about one parameter."""
    return toolkit.ValidationError({parameter: [reason]})


def comment_text(info: Mapping[str, Any], others: Mapping[str, Any]) -> str:
    """A column's comment, which is where the DataStore keeps the data dictionary.

    The space in front tells CKAN that `_info` holds the dictionary's entry, and other keys belong to other plugins.
    """
    content = {**others, "_info": dict(info)}
    return " " + json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _read_column(field: object, primary_key: Sequence[str]) -> Column:
    if not isinstance(field, dict) or not isinstance(field.get("id"), str):
        raise refused("fields", f"a field is an object with an id: {field!r}")
    name, kind, info = field["id"], field.get("type"), field.get("info", {})
    if not is_valid_field_name(name) or len(name.encode()) > _LONGEST_NAME:
        rule = f"at most {_LONGEST_NAME} bytes of UTF-8, no leading _, no quote, no control character, no outer space"
        raise refused("fields", f"{name!r} can't be a column's name: {rule}")
    if kind not in TYPES:
        raise refused("fields", f"{name}: {kind!r} is none of the types {', '.join(TYPES)}")
    if not isinstance(info, dict):
        raise refused("fields", f"{name}: info is an object, such as {{'label': …, 'notes': …}}")
    return Column(name, TYPES[kind], info, name in primary_key)
