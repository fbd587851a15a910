"""Twins: tables that wait, whole and indexed, out of readers' reach until a switch puts them in a live one's place."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ckanext.release.columns import Column, comment_text, names_of, words_of
from ckanext.release.database import beside, select, waiting
from ckanext.release.differences import Base, fill_from_live, written_by
from ckanext.release.indexes import full_text_indexes, give_names, key_indexes
from ckanext.release.rows import Rows
from ckanext.release.settings import waiting_schema
from psycopg2 import sql

_READ_SIZE = 2**20
_NAME_START = "twin_"
_ROOM_TO_SORT = "SET LOCAL maintenance_work_mem = '256MB'"


@dataclass(frozen=True)
class Content:
    """What a table holds: the number of rows, and a checksum that doesn't depend on their order."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Twin:
    """A waiting table: whose it is, by which token a switch names it, what it holds."""

    resource_id: str
    token: str
    content: Content

    @property
    def name(self) -> str:
        """The table's name: CKAN looks tables up by name in all schemas, so it is not the resource's id."""
        return _name(self.token)


@dataclass(frozen=True)
class Layout:
    """What a table is to look like: columns in the file's order, the key, and further indexes."""

    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Unfinished:
    """A table that waits and lacks indexes, and what it remembers of the transaction that wrote its rows."""

    resource_id: str
    token: str
    written: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The table's name."""
        return _name(self.token)


def list_twins(cursor: Any, resource_id: str | None = None) -> list[Twin]:
    """The twins that wait, of all resources or of one."""
    query = "SELECT c.relname, d.description FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    query += "JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0 "
    query += "WHERE n.nspname = {schema} AND c.relkind = 'r' AND starts_with(c.relname, {start}) ORDER BY 1"
    found = select(cursor, query, schema=waiting_schema(), start=_NAME_START)
    twins = [_read_twin(name, json.loads(description)) for name, description in found]
    return [twin for twin in twins if resource_id in (None, twin.resource_id)]


def drop_twins(cursor: Any, resource_id: str) -> int:
    """Drop a resource's twins, and say how many there were."""
    twins = list_twins(cursor, resource_id)
    for twin in twins:
        drop_twin(cursor, twin.name)
    return len(twins)


def drop_twin(cursor: Any, name: str) -> None:
    """Drop one; harmless where it is gone."""
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(waiting(name)))


def fill_twin(cursor: Any, resource_id: str, layout: Layout, rows: Rows, base: str | None = None) -> Unfinished:
    """Load rows into a new twin. `_id` is the row's number in the file, from 1.

    Args:
        cursor: Of a transaction that has claimed the resource's table.
        resource_id: Whose table it is.
        layout: What it is to look like.
        rows: All of them; or, with a base, those that differ, as `fill_from_live` takes them.
        base: The live table's digest.
    """
    token = secrets.token_hex(8)
    name, raw = _name(token), f"rows_{token}"
    cursor.execute(f"{_ROOM_TO_SORT}; SET LOCAL datestyle = 'ISO, YMD'")
    _copy(cursor, raw, layout.columns, rows, numbered=base is not None)
    if base is None:
        _fill(cursor, raw, name, layout.columns)
    else:
        fill_from_live(cursor, Base(resource_id, base, layout.primary_key), raw, name, layout.columns)
    cursor.execute(sql.SQL("DROP TABLE {}").format(waiting(raw)))
    _complete(cursor, name, layout.columns)
    unfinished = Unfinished(resource_id, token, written_by(cursor))
    _describe(cursor, unfinished, None)
    return unfinished


def finish_twin(cursor: Any, unfinished: Unfinished, layout: Layout) -> Twin:
    """Index a twin, and measure it; earlier ones of its resource are dropped.

    The indexes of words are the dearest part of a load, and PostgreSQL makes them by one process: another one does the
    rest meanwhile. So the twin must be committed.
    """
    name, owner = unfinished.name, unfinished.resource_id
    words = full_text_indexes(cursor, owner, name, layout.columns)
    keys = key_indexes(cursor, owner, name, [layout.primary_key], unique=True)
    keys += key_indexes(cursor, owner, name, layout.indexes, unique=False)
    with beside(cursor.connection, [_ROOM_TO_SORT, *(index.make for index in words)]):
        cursor.execute(_ROOM_TO_SORT)
        content = _measure(cursor, name, layout.columns)
        for index in keys:
            cursor.execute(index.make)
    _drop_others(cursor, unfinished)
    give_names(cursor, [*words, *keys])
    _describe(cursor, unfinished, content)
    _describe_columns(cursor, name, layout.columns)
    _analyze(cursor, name)
    return Twin(owner, unfinished.token, content)


def _drop_others(cursor: Any, unfinished: Unfinished) -> None:
    for twin in list_twins(cursor, unfinished.resource_id):
        if twin.name != unfinished.name:
            drop_twin(cursor, twin.name)


def _name(token: str) -> str:
    return _NAME_START + token


def _read_twin(name: str, comment: dict[str, Any]) -> Twin:
    """A twin by its comment, which has no content where the load broke off: then no token of it was ever given."""
    content = Content(comment.get("rows", 0), comment.get("digest", ""))
    return Twin(comment["resource_id"], name.removeprefix(_NAME_START), content)


def _copy(cursor: Any, name: str, columns: Sequence[Column], rows: Rows, *, numbered: bool) -> None:
    """Load the file into a table; where it is numbered, its rows have their places in the twin, or none."""
    # One session draws the numbers, so they have no gaps; 1,000 at a time it asks the sequence seldom.
    number = sql.SQL("_id int4 UNIQUE" if numbered else "_id int4 GENERATED ALWAYS AS IDENTITY (CACHE 1000)")
    uploaded = (Column("_id", "int4", {}, False), *columns) if numbered else tuple(columns)
    definitions = [number, *(column.definition for column in columns)]
    make = sql.SQL("CREATE UNLOGGED TABLE {} ({})").format(waiting(name), sql.SQL(", ").join(definitions))
    cursor.execute(make)
    # A quoted empty cell is an empty text, an unquoted one no value; where the type has no empty value both are none.
    others = [column for column in uploaded if column.type != "text"]
    options: list[sql.Composable] = [sql.SQL("FORMAT csv, HEADER true, ENCODING 'UTF8'")]
    if others:
        options.append(sql.SQL("FORCE_NULL ({})").format(names_of(others)))
    copy = sql.SQL("COPY {} ({}) FROM STDIN WITH ({})").format(
        waiting(name), names_of(uploaded), sql.SQL(", ").join(options)
    )
    cursor.copy_expert(copy, rows, size=_READ_SIZE)


def _fill(cursor: Any, raw: str, name: str, columns: Sequence[Column]) -> None:
    """Make the twin of the raw rows. PostgreSQL makes the words in parallel here, which it never does in an INSERT."""
    fill = sql.SQL("CREATE TABLE {} AS SELECT _id, {} AS _full_text, {} FROM {}")
    cursor.execute(fill.format(waiting(name), words_of(columns), names_of(columns), waiting(raw)))


def _complete(cursor: Any, name: str, columns: Sequence[Column]) -> None:
    """Make the twin as CKAN would have made it; the full text is there already, and not by the trigger row by row."""
    table, sequence = waiting(name), waiting(f"{name}_id")
    place = sql.Literal(sequence.as_string(cursor))
    # In one statement, so that one scan checks all columns; and the highest number is then the last of an index.
    changes = [sql.SQL("ALTER _id SET DEFAULT nextval({})").format(place), sql.SQL("ADD PRIMARY KEY (_id)")]
    changes += [sql.SQL("ALTER {} SET NOT NULL").format(column.identifier) for column in columns if column.in_key]
    cursor.execute(sql.SQL("CREATE SEQUENCE {} AS int OWNED BY {}._id").format(sequence, table))
    cursor.execute(sql.SQL("ALTER TABLE {} {}").format(table, sql.SQL(", ").join(changes)))
    next_number = "SELECT setval({}, coalesce(max(_id), 0) + 1, false) FROM {}"
    cursor.execute(sql.SQL(next_number).format(place, table))
    trigger = "CREATE TRIGGER zfulltext BEFORE INSERT OR UPDATE ON {} FOR EACH ROW"
    cursor.execute(sql.SQL(trigger + " EXECUTE PROCEDURE public.populate_full_text_trigger()").format(table))


def _measure(cursor: Any, name: str, columns: Sequence[Column]) -> Content:
    """Count the rows, and add up the first 8 bytes of each one's SHA-256 modulo 2^64.

    A row is its values' texts as a JSON array, as `json.dumps(texts, ensure_ascii=False, separators=(",", ":"))`
    writes it, with null where there is no value.
    """
    texts = sql.SQL(", ").join([column.text for column in columns])
    row = sql.SQL("sha256(convert_to(array_to_json(ARRAY[{}])::text, 'UTF8'))").format(texts)
    number = sql.SQL("('x' || encode(substr({}, 1, 8), 'hex'))::bit(64)::bigint").format(row)
    cursor.execute(sql.SQL("SELECT count(*), coalesce(sum({}), 0) FROM {}").format(number, waiting(name)))
    rows, total = cursor.fetchone()
    return Content(rows, f"{int(total) % 2**64:016x}")


def _analyze(cursor: Any, name: str) -> None:
    """Tell the planner what the rows are like, by a sample a tenth of the usual.

    Autovacuum takes the usual one within a minute of the commit, whatever was sampled here: all rows are new to it.
    """
    cursor.execute("SET LOCAL default_statistics_target = 10")
    cursor.execute(sql.SQL("ANALYZE {}").format(waiting(name)))


def _describe(cursor: Any, unfinished: Unfinished, content: Content | None) -> None:
    words = {"resource_id": unfinished.resource_id, **(asdict(content) if content else {}), **unfinished.written}
    comment = sql.Literal(json.dumps(words))
    cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(waiting(unfinished.name), comment))


def _describe_columns(cursor: Any, name: str, columns: Sequence[Column]) -> None:
    for column in columns:
        if column.info:
            place = sql.SQL("{}.{}").format(waiting(name), column.identifier)
            comment = sql.Literal(comment_text(column.info, {}))
            cursor.execute(sql.SQL("COMMENT ON COLUMN {} IS {}").format(place, comment))
