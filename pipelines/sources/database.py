"""A table or query of a database: SQLite by the standard library, PostgreSQL and MySQL by DuckDB's scanners.

A server is reached over a connection of its own, apart from the locked one; its rows stream into the work file as text.
One statement reads them all, in a transaction that is repeatable read on PostgreSQL and InnoDB, so they are one
snapshot. What a server says of a failure is given without the statement and the connection's parameters.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.engines.duck import open_source, quote_text
from pipelines.sources.characters import refuse_characters
from pipelines.sources.mysql_table import MYSQL
from pipelines.sources.postgres_table import POSTGRES
from pipelines.sources.reading import Reading, UnreadableError, check_headings
from pipelines.sources.rows import BATCH, write_batches
from pipelines.sources.server import ServerKind
from pipelines.sources.sqlite_table import read_sqlite
from quality.rules import reading as rules
from resource_catalog.agency import Database
from resource_catalog.entry import Source
from resource_catalog.errors import OutsideError, SourceError

_SERVERS = {"postgres": POSTGRES, "mysql": MYSQL}
_CONNECT_SECONDS = 10
_SERVER_WORDS = re.compile(r"(?:ERROR|FATAL):\s*(.+)|\": (.+)")
_NO_TABLE = re.compile(r"does(n't| not) exist|permission denied for|command denied", re.IGNORECASE)


def _cause(error: Exception, password: str) -> str:
    """What the server said, without DuckDB's words around it, which may hold the statement or the parameters."""
    found = _SERVER_WORDS.search(str(error))
    words = (found[1] or found[2]) if found else str(error).partition("\n")[0]
    return words.replace(password, "…") if password else words


def _password(database: Database) -> str:
    if not database.password_env:
        return ""
    password = os.environ.get(database.password_env)
    if password is None:
        raise SourceError(
            f"the environment has no variable {database.password_env}, which should hold the password",
            where=_place(database),
            fix="set it where the command runs, or name another as password_env in agency.yaml",
        )
    return password


def _port(database: Database) -> int:
    return database.port or _SERVERS[database.kind].port


def _place(database: Database) -> str:
    return f"{database.kind} database {database.name!r} on {database.host}:{_port(database)}"


def _reach(database: Database) -> None:
    """Pass a server that answers; the scanners would wait for minutes."""
    if database.host.startswith("/"):
        return
    try:
        socket.create_connection((database.host, _port(database)), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        raise OutsideError(
            f"no server answers: {error.strerror or error}",
            where=_place(database),
            fix="start the server, or mend host and port in agency.yaml",
        ) from error


def _attach(connection: duckdb.DuckDBPyConnection, database: Database, password: str) -> None:
    """Attach the server's database, read only, under the name `source`.

    Raises:
        OutsideError: the server refuses.
    """
    server = _SERVERS[database.kind]
    values = {"HOST": database.host, "DATABASE": database.name, "USER": database.user, "PASSWORD": password}
    secret = ", ".join(f"{key} {quote_text(value)}" for key, value in values.items() if value)
    try:
        connection.execute(server.settings)
        connection.execute(f"CREATE SECRET login (TYPE {database.kind}, PORT {_port(database)}, {secret})")
        connection.execute(
            f"ATTACH {quote_text(server.attach_options)} AS source (TYPE {database.kind}, SECRET login, READ_ONLY)"
        )
        connection.execute("BEGIN")
        return
    except duckdb.Error as error:
        cause = _cause(error, password)
    # Raised out here, so that the error that may hold the parameters is not this one's context.
    raise OutsideError(
        f"the server refuses the connection: {cause}",
        where=_place(database),
        fix="check name, user and password_env in agency.yaml, and the account's rights",
    )


def _relation(server: ServerKind, source: Source) -> str:
    """What stands after FROM: a quoted `schema.table`, or the query in brackets."""
    if source.table is None:
        query = (source.query or "").strip().removesuffix(";")
        # The line break ends a comment that may close the query.
        return f"({query}\n)"
    return ".".join(server.quote_name(part) for part in source.table.split(".", maxsplit=1))


def _refusal(source: Source, database: Database, cause: str) -> UnreadableError | OutsideError:
    if source.table is None or "duplicate column" in cause.lower():
        place = f"the table {source.table}" if source.table else "the query"
        return UnreadableError(rules.QUERY_REFUSED.finding(place=place, detail=cause))
    if _NO_TABLE.search(cause):
        return UnreadableError(rules.MISSING_TABLE.finding(table=source.table, user=database.user or "the account"))
    return OutsideError(
        f"the table {source.table} can't be read: {cause}", where=_place(database), fix="ask who runs the database"
    )


def _ask(
    connection: duckdb.DuckDBPyConnection, database: Database, source: Source, password: str
) -> tuple[list[str], Iterator[pa.RecordBatch]]:
    """The headings, and the rows as they arrive.

    Raises:
        UnreadableError, OutsideError: the server refuses, now or while its rows arrive.
    """
    server = _SERVERS[database.kind]
    try:
        headings, query = server.text_query(connection, _relation(server, source))
        rows = connection.execute(query).to_arrow_reader(BATCH)
        return headings, _stream(rows, database, source, password)
    except duckdb.Error as error:
        cause = _cause(error, password)
    raise _refusal(source, database, cause)


def _stream(rows: pa.RecordBatchReader, database: Database, source: Source, password: str) -> Iterator[pa.RecordBatch]:
    try:
        yield from rows
        return
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        cause = _cause(error, password)
    raise _refusal(source, database, cause)


def _read_server(connection: duckdb.DuckDBPyConnection, database: Database, source: Source) -> Reading:
    password = _password(database)
    _reach(database)
    with open_source([_SERVERS[database.kind].extension]) as server:
        _attach(server, database, password)
        headings, batches = _ask(server, database, source, password)
        names = check_headings(headings, row=None)
        return Reading(names, write_batches(connection, names, batches), encoding="utf-8")


def read_database(
    connection: duckdb.DuckDBPyConnection, database: Database, source: Source, *, sqlite_file: Path | None
) -> Reading:
    """Fill EXTRACT from one table (`table` or `schema.table`) or query; rows are numbered from 1 as they come.

    Args:
        connection: A work connection.
        database: Where the database is; its password comes from the environment variable that it names.
        source: The table or the query.
        sqlite_file: The resolved file of an SQLite database.

    Raises:
        UnreadableError: no such table, a query that the database refuses, names or text that can't be published.
        SourceError: the password's variable is not set.
        OutsideError: the server does not answer, refuses the account, or fails while it is read.
    """
    if database.kind == "sqlite":
        if sqlite_file is None:
            raise SourceError("the database has no file", where=database.path, fix="set path in agency.yaml")
        reading = read_sqlite(connection, sqlite_file, source)
    else:
        reading = _read_server(connection, database, source)
    refuse_characters(connection, reading.headings)
    return reading
