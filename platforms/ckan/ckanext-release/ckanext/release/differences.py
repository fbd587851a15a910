"""Twins by differences: the live table's rows, but for those that a caller removes, changes or adds.

They are copied inside the database with their full text. That the live rows are those which the caller means is not
believed but looked up: the table remembers its digest and the transaction that wrote it, and every row knows its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.release.columns import Column, names_of, refused, words_of
from ckanext.release.database import public, select, waiting
from psycopg2 import sql

_COLUMNS = """
SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = {table}::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
#: PostgreSQL's number of this transaction as each row has it: without the epoch.
_WRITER = "SELECT (txid_current() & 4294967295)::text, get_current_ts_config()::text"
#: What a row's place is once the new ones stand at theirs: the free place of the same rank.
_FILL = """
CREATE TABLE {twin} AS
SELECT (_place + width_bucket(_place - 1, _before))::int AS _id, _full_text, {names}
FROM (
    SELECT row_number() OVER (ORDER BY _id) AS _place, _full_text, {names} FROM {live} AS l
    WHERE NOT EXISTS (SELECT FROM {changes} AS c WHERE {same_key})
) AS kept, (
    SELECT coalesce(array_agg(_free ORDER BY _free), '{{}}') AS _before
    FROM (SELECT _id - row_number() OVER (ORDER BY _id) AS _free FROM {changes} WHERE _id IS NOT NULL) AS new
) AS places
UNION ALL SELECT _id, {words}, {names} FROM {changes} WHERE _id IS NOT NULL
"""


@dataclass(frozen=True)
class Base:
    """The live table that a caller means: of which resource, with which digest, its rows named by which columns."""

    resource_id: str
    digest: str
    key: tuple[str, ...]


def written_by(cursor: Any) -> dict[str, str]:
    """What a table is to remember, so that a later load can tell that nobody touched its rows or their full text."""
    cursor.execute(_WRITER)
    transaction, language = cursor.fetchone()
    return {"transaction": transaction, "language": language}


def fill_from_live(cursor: Any, base: Base, changes: str, name: str, columns: Sequence[Column]) -> None:
    """Make a table of the live one's rows and of changes to them.

    Args:
        cursor: Of the transaction that makes the twin.
        base: The live table.
        changes: The waiting table of what changes. A row with an `_id` is the new table's at this place, from 1; one
            without removes the row of its key. All others follow in the live table's order on the places left.
        name: The table to be made.
        columns: Those that both have.

    Raises:
        ValidationError: the live table is another than the caller means, or was touched since it was loaded; or the
            places are none.
    """
    live = public(base.resource_id)
    remembered = _remembered(cursor, base, live, columns)
    same_key = [sql.SQL("l.{0} = c.{0}").format(sql.Identifier(column)) for column in base.key]
    fill = sql.SQL(_FILL).format(
        twin=waiting(name),
        live=live,
        changes=waiting(changes),
        names=names_of(columns),
        words=words_of(columns),
        same_key=sql.SQL(" AND ").join(same_key),
    )
    cursor.execute(fill)
    _require_untouched(cursor, live, remembered)
    _require_places(cursor, name, changes)


def _remembered(cursor: Any, base: Base, live: sql.Identifier, columns: Sequence[Column]) -> Mapping[str, Any]:
    """What the live table remembers of its load, once it is the one that the caller means."""
    place = live.as_string(cursor)
    ((oid,),) = select(cursor, "SELECT to_regclass({table})::oid", table=place)
    if oid is None:
        raise refused("base", f"{base.resource_id} has no table; load it whole")
    # From here on nobody puts another in its place; readers and writers go on.
    cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(live))
    found = select(cursor, _COLUMNS, table=place)
    if found != [("_id", "int4"), ("_full_text", "tsvector"), *((column.name, column.type) for column in columns)]:
        raise refused("base", "the live table has other columns; load it whole")
    ((text,),) = select(cursor, "SELECT obj_description({table}::regclass, 'pg_class')", table=place)
    remembered = _read_comment(text)
    if remembered.get("digest") != base.digest:
        raise refused("base", f"the live table was not loaded with the digest {base.digest}; load it whole")
    if remembered.get("language") != written_by(cursor)["language"]:
        raise refused("base", "words are found by another language now; load the table whole")
    return remembered


def _read_comment(text: str | None) -> Mapping[str, Any]:
    """A table's comment where this plugin wrote it, else nothing."""
    try:
        content = json.loads(text or "")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _require_untouched(cursor: Any, live: sql.Identifier, remembered: Mapping[str, Any]) -> None:
    """Refuse a table of which a row was changed, added or removed since it was loaded.

    Asked after the rows were copied: what was ever changed can't have been written by the load any more.
    """
    query = "SELECT count(*), count(*) FILTER (WHERE xmin::text = {}) FROM {}"
    cursor.execute(sql.SQL(query).format(sql.Literal(remembered["transaction"]), live))
    if cursor.fetchone() != (remembered["rows"], remembered["rows"]):
        raise refused("base", "rows of the live table were changed since it was loaded; load it whole")


def _require_places(cursor: Any, name: str, changes: str) -> None:
    """Refuse rows at places that the table does not have, so that the rows' numbers are theirs in the file."""
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(waiting(name)))
    (rows,) = cursor.fetchone()
    query = "SELECT min(_id) FROM {} WHERE _id NOT BETWEEN 1 AND {}"
    cursor.execute(sql.SQL(query).format(waiting(changes), sql.Literal(rows)))
    (wrong,) = cursor.fetchone()
    if wrong is not None:
        raise refused("upload", f"_id {wrong} is no place among {rows} rows")
