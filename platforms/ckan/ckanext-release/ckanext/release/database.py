"""The DataStore's database as this plugin writes to it: plain psycopg2, with names quoted and never any parameter.

Parameters and quoted names don't go together in psycopg2, where a column may be called 占比%.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2
from ckanext.datastore.backend.postgres import _cache_types, get_write_engine
from ckanext.release.settings import waiting_schema
from psycopg2 import sql
from psycopg2.extras import wait_select

_CLIENT_CHECK_SINCE = 140000
_CLIENT_CHECK = "SET LOCAL client_connection_check_interval = '2s'"
_LOCK_SPACE = "ckanext-release:"


@contextmanager
def write_connection() -> Iterator[Any]:
    """A psycopg2 connection of the DataStore's write role, rolled back at the end unless it was committed.

    After an error it is closed for good, whatever state it is in.
    """
    pooled = get_write_engine().raw_connection()
    try:
        yield pooled.driver_connection
    except BaseException:
        pooled.invalidate()
        raise
    finally:
        pooled.close()


def select(cursor: Any, query: str, **values: object) -> list[tuple[Any, ...]]:
    """The rows that a query gives; `{name}` in it stands for a literal of that name."""
    literals = {name: sql.Literal(value) for name, value in values.items()}
    cursor.execute(sql.SQL(query).format(**literals))
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def prepare_database() -> None:
    """Make what has to be there before the first table, once and by one process: the schema where tables wait.

    And the type "nested", which CKAN makes when it first reads or writes any table: where several readers come first,
    all but one get an error. Tables that CKAN makes are never read before; ours would be.
    """
    ready = "SELECT to_regnamespace(quote_ident({schema})) IS NOT NULL AND to_regtype('public.nested') IS NOT NULL"
    with write_connection() as connection, connection.cursor() as cursor:
        if select(cursor, ready, schema=waiting_schema())[0][0]:
            return
        cursor.execute(f"SELECT pg_advisory_xact_lock({lock_number('database')})")
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(waiting_schema())))
        _cache_types(get_write_engine())
        connection.commit()


def lock_number(name: str) -> str:
    """The SQL of the advisory lock's number for a name, the same in both of CKAN's databases."""
    return f"hashtextextended('{_LOCK_SPACE}{name}', 0)"


def claim_table(cursor: Any, resource_id: str) -> bool:
    """Whether this transaction is from now on the only one of ours that works on a resource's table."""
    return bool(select(cursor, f"SELECT pg_try_advisory_xact_lock({lock_number(resource_id)})")[0][0])


def abandon_with_client(cursor: Any) -> None:
    """Let the server end this transaction's statements when CKAN dies, and not only when they are through."""
    if cursor.connection.server_version >= _CLIENT_CHECK_SINCE:
        cursor.execute(_CLIENT_CHECK)


@contextmanager
def beside(connection: Any, statements: Sequence[str]) -> Iterator[None]:
    """Run statements in a transaction of their own, on a second connection like the first, while the block runs.

    Without a thread, which some servers of CKAN don't have: PostgreSQL works while nobody waits for it. Where the block
    fails, the connection is closed, and PostgreSQL gives up.

    Raises:
        psycopg2.Error: a statement failed.
    """
    known = connection.info
    second = psycopg2.connect(**{**known.dsn_parameters, "password": known.password}, async_=True)
    try:
        wait_select(second)
        with second.cursor() as cursor:
            own = [_CLIENT_CHECK] if connection.server_version >= _CLIENT_CHECK_SINCE else []
            cursor.execute("; ".join(["BEGIN", *own, *statements, "COMMIT"]))
            yield
            wait_select(second)
    finally:
        second.close()


def waiting(name: str) -> sql.Identifier:
    """A table in the schema where tables wait."""
    return sql.Identifier(waiting_schema(), name)


def public(name: str) -> sql.Identifier:
    """A table where readers find it."""
    return sql.Identifier("public", name)
