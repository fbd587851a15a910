"""A table or query of a database: SQLite by the standard library, PostgreSQL and MySQL by DuckDB's scanners.

A server is reached over a connection of its own, apart from the locked one; its rows stream into the work file as text.
One statement reads them all, in a transaction that is repeatable read on PostgreSQL and InnoDB, so they are one
snapshot. What a server says of a failure is given without the statement and the connection's parameters.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.engines.duck import open_source, quote_text
from pipelines.sources.characters import refuse_characters
from pipelines.sources.reading import Reading, UnreadableError, check_headings
from pipelines.sources.rows import BATCH, write_batches
from pipelines.sources.server import ServerKind
from pipelines.sources.server_address import ServerAddress, server_address
from pipelines.sources.sqlite_table import read_sqlite
from quality.rules import reading as rules
from resource_catalog.agency import Database
from resource_catalog.entry import Source
from resource_catalog.errors import OutsideError

if TYPE_CHECKING:
    import pyarrow as pa

_CONNECT_SECONDS = 10
_SERVER_WORDS = re.compile(r"(?:ERROR|FATAL):\s*(.+)|\": (.+)")
_NO_TABLE = re.compile(r"does(n't| not) exist|permission denied for|command denied", re.IGNORECASE)
#: What PostgreSQL and MySQL say where it is the connection that ended, and not the query that was wrong.
_LOST = re.compile("terminating connection|closed the connection|lost connection|connection (was )?(lost|killed)", re.I)


def _cause(error: Exception, address: ServerAddress) -> str:
    """What the server said, without DuckDB's words around it, which may hold the statement or the parameters."""
    found = _SERVER_WORDS.search(str(error))
    words = (found[1] or found[2]) if found else str(error).partition("\n")[0]
    return words.replace(address.password, "…") if address.password else words


def _reach(address: ServerAddress) -> None:
    """Pass a server that answers; the scanners would wait for minutes."""
    if address.host.startswith("/"):
        return
    try:
        socket.create_connection((address.host, address.port), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        raise OutsideError(
            f"no server answers: {error.strerror or error}",
            where=address.place,
            fix=f"start the server, or mend {address.said_in}",
        ) from error


def _attach(connection: duckdb.DuckDBPyConnection, address: ServerAddress) -> None:
    """Attach the server's database, read only, under the name `source`.

    Raises:
        OutsideError: the server refuses.
    """
    server = address.server
    values = {"HOST": address.host, "DATABASE": address.name, "USER": address.user, "PASSWORD": address.password}
    secret = ", ".join(f"{key} {quote_text(value)}" for key, value in values.items() if value)
    try:
        connection.execute(server.settings)
        connection.execute(f"CREATE SECRET login (TYPE {address.kind}, PORT {address.port}, {secret})")
        connection.execute(
            f"ATTACH {quote_text(server.attach_options)} AS source (TYPE {address.kind}, SECRET login, READ_ONLY)"
        )
        connection.execute("BEGIN")
        return
    except duckdb.Error as error:
        cause = _cause(error, address)
    # Raised out here, so that the error that may hold the parameters is not this one's context.
    raise OutsideError(
        f"the server refuses the connection: {cause}",
        where=address.place,
        fix=f"check {address.said_in}, and the account's rights",
    )


def _relation(server: ServerKind, source: Source) -> str:
    """What stands after FROM: a quoted `schema.table`, or the query in brackets."""
    if source.table is None:
        query = (source.query or "").strip().removesuffix(";")
        # The line break ends a comment that may close the query.
        return f"({query}\n)"
    return ".".join(server.quote_name(part) for part in source.table.split(".", maxsplit=1))


def _refusal(source: Source, address: ServerAddress, cause: str) -> UnreadableError | OutsideError:
    if _LOST.search(cause):
        what = f"the connection ended while the rows were read: {cause}"
        return OutsideError(what, where=address.place, fix="run again; if it stays so, ask who runs the database")
    if source.table is None or "duplicate column" in cause.lower():
        place = f"the table {source.table}" if source.table else "the query"
        return UnreadableError(rules.QUERY_REFUSED.finding(place=place, detail=cause))
    if _NO_TABLE.search(cause):
        return UnreadableError(rules.MISSING_TABLE.finding(table=source.table, user=address.user or "the account"))
    return OutsideError(
        f"the table {source.table} can't be read: {cause}", where=address.place, fix="ask who runs the database"
    )


def _ask(
    connection: duckdb.DuckDBPyConnection, address: ServerAddress, source: Source
) -> tuple[list[str], Iterator[pa.RecordBatch]]:
    """The headings, and the rows as they arrive.

    Raises:
        UnreadableError, OutsideError: the server refuses, now or while its rows arrive.
    """
    try:
        headings, query = address.server.text_query(connection, _relation(address.server, source))
        rows = connection.execute(query).to_arrow_reader(BATCH)
        return headings, _stream(rows, address, source)
    except duckdb.Error as error:
        cause = _cause(error, address)
    raise _refusal(source, address, cause)


def _stream(rows: pa.RecordBatchReader, address: ServerAddress, source: Source) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    try:
        yield from rows
        return
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        cause = _cause(error, address)
    raise _refusal(source, address, cause)


def _read_server(connection: duckdb.DuckDBPyConnection, address: ServerAddress, source: Source) -> Reading:
    _reach(address)
    with open_source([address.server.extension]) as server:
        _attach(server, address)
        try:
            headings, batches = _ask(server, address, source)
            names = check_headings(headings, row=None)
            return Reading(names, write_batches(connection, names, batches), encoding="utf-8")
        finally:
            _end(server)


def _end(connection: duckdb.DuckDBPyConnection) -> None:
    """End the transaction while a server that died is an error: in closing, DuckDB 1.5.5 aborts the whole process."""
    with suppress(duckdb.Error):
        connection.execute("ROLLBACK")


def read_database(
    connection: duckdb.DuckDBPyConnection, database: Database, source: Source, *, sqlite_file: Path | None
) -> Reading:
    """Fill EXTRACT from one table (`table` or `schema.table`) or query; rows are numbered from 1 as they come.

    Args:
        connection: A work connection.
        database: Where the database is; address and password come from the environment variables that it names.
        source: The table or the query.
        sqlite_file: The resolved file of an SQLite database.

    Raises:
        UnreadableError: no such table, a query that the database refuses, names or text that can't be published.
        SourceError: the address's variable holds none, or the password's is not set.
        OutsideError: the server does not answer, refuses the account, or fails while it is read.
    """
    if database.is_file and sqlite_file is not None:
        reading = read_sqlite(connection, sqlite_file, source)
    else:
        reading = _read_server(connection, server_address(database), source)
    refuse_characters(connection, reading.headings)
    return reading
