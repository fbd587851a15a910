"""The indexes that CKAN would make of a table, under CKAN's own names: it knows by the name that one is there.

They have another name at first, since a table of the same resource that waits already has one of that name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.datastore.helpers import should_fts_index_field_type
from ckanext.release.columns import Column
from ckanext.release.database import waiting
from ckanext.release.settings import full_text_language, full_text_method
from psycopg2 import sql

#: Emptier pages are split less often: a fifth less time for the dearest step of a load, and words are found no later.
_ROOM = {"gist": " WITH (fillfactor = 60)"}


@dataclass(frozen=True)
class Index:
    """An index of a waiting table: its name in the end, that until then, and the statement that makes it."""

    name: str
    provisional: str
    make: str


def key_indexes(
    cursor: Any, resource_id: str, table: str, keys: Sequence[Sequence[str]], *, unique: bool
) -> list[Index]:
    """Those of some columns each, for a waiting table of a resource."""
    make = sql.SQL("CREATE UNIQUE INDEX {} ON {} ({})" if unique else "CREATE INDEX {} ON {} ({})")
    found = []
    for columns in filter(None, keys):
        fields = sql.SQL(", ").join([sql.Identifier(column) for column in columns])
        found.append(_index(cursor, resource_id, table, make, fields))
    return found


def full_text_indexes(cursor: Any, resource_id: str, table: str, columns: Sequence[Column]) -> list[Index]:
    """Those for searches by words: of all columns, and of each that the portal wants one of."""
    expressions: list[sql.Composable] = [sql.Identifier("_full_text")]
    for column in columns:
        if should_fts_index_field_type(column.type):
            text = column.identifier if column.type == "text" else sql.SQL("cast({} AS text)").format(column.identifier)
            expressions.append(sql.SQL("to_tsvector({}, {})").format(sql.Literal(full_text_language()), text))
    method = full_text_method()
    make = sql.SQL("CREATE INDEX {} ON {} USING " + method + " ({})" + _ROOM.get(method, ""))
    return [_index(cursor, resource_id, table, make, expression) for expression in expressions]


def _index(cursor: Any, resource_id: str, table: str, make: sql.SQL, fields: sql.Composable) -> Index:
    name = hashlib.sha1((resource_id + fields.as_string(cursor)).encode(), usedforsecurity=False).hexdigest()
    # Of 57 characters: PostgreSQL cuts what is longer than 63.
    provisional = f"{name}_{table.rpartition('_')[2]}"
    return Index(name, provisional, make.format(sql.Identifier(provisional), waiting(table), fields).as_string(cursor))


def give_names(cursor: Any, indexes: Iterable[Index]) -> None:
    """Rename indexes to what CKAN calls them."""
    for index in indexes:
        rename = sql.SQL("ALTER INDEX {} RENAME TO {}")
        cursor.execute(rename.format(waiting(index.provisional), sql.Identifier(index.name)))
