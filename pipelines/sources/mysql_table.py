"""MySQL's and MariaDB's part: how their servers spell each type as text.

DuckDB's scanner makes a double of a DECIMAL of more than 38 digits and has no word for the date 0000-00-00, so every
column is turned into text by the server, which knows its own types.
"""

from __future__ import annotations

import duckdb

from pipelines.engines.duck import quote_text
from pipelines.sources.server import ServerKind

#: TINYINT(1) may hold 7, so it stays a number; a long read is no fault.
_SETTINGS = "SET mysql_tinyint1_as_boolean = false; SET mysql_query_timeout_enabled = false"


def _quote(name: str) -> str:
    """A name as MySQL quotes it."""
    return "`" + name.replace("`", "``") + "`"


def _scan(query: str) -> str:
    """The DuckDB table that a query on the server gives."""
    return f"mysql_query('source', {quote_text(query)})"


def _as_text(column: str, kind: str) -> str:
    name = _quote(column)
    text = f"CAST({name} AS CHAR CHARACTER SET utf8mb4)"
    match kind:
        case "BLOB":
            return f"REPLACE(TO_BASE64({name}), '\\n', '')"
        case "TIMESTAMP" | "TIMESTAMP WITH TIME ZONE":
            return f"REPLACE({text}, ' ', 'T')"
        case "BOOLEAN":  # BIT(1)
            return f"CAST({name} + 0 AS CHAR CHARACTER SET utf8mb4)"
        case "FLOAT":  # the server's own text of it has six digits only
            return f"CAST(CAST({name} AS DOUBLE) AS CHAR CHARACTER SET utf8mb4)"
    return text


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    """(name, DuckDB's type) of each column; text with a binary collation, which DuckDB calls a BLOB too, is VARCHAR."""
    described = connection.execute(f"DESCRIBE SELECT * FROM {_scan(f'SELECT * FROM {relation} AS q LIMIT 0')}")
    columns = [(str(row[0]), str(row[1])) for row in described.fetchall()]
    charsets = ", ".join(f"CHARSET(q.{_quote(name)}) AS c{position}" for position, (name, _) in enumerate(columns))
    # A join that finds nothing leaves one row of NULLs, which have a character set even where there are no rows.
    asked = f"SELECT {charsets} FROM (SELECT 1) AS one LEFT JOIN {relation} AS q ON 1 = 0"
    found = connection.execute(f"SELECT * FROM {_scan(asked)}").fetchone() or ()
    return [
        (name, "VARCHAR" if kind == "BLOB" and charset != "binary" else kind)
        for (name, kind), charset in zip(columns, found, strict=True)
    ]


def _text_query(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[list[str], str]:
    """The headings of a relation, and the SELECT for DuckDB that gives its columns as text.

    DATETIME and TIMESTAMP are ISO 8601 with `T`, both as the server shows them: a query's result does not tell the two
    apart, so TIMESTAMP stands in the server's own time zone. Binary strings and BIT(n) are base64, BIT(1) and
    TINYINT(1) are 0 and 1.
    """
    columns = _columns(connection, relation)
    asked = ", ".join(f"{_as_text(name, kind)} AS c{position}" for position, (name, kind) in enumerate(columns))
    given = ", ".join(
        f"CAST(CAST(c{position} AS FLOAT) AS VARCHAR)" if kind == "FLOAT" else f"c{position}"
        for position, (_, kind) in enumerate(columns)
    )
    return [name for name, _ in columns], f"SELECT {given} FROM {_scan(f'SELECT {asked} FROM {relation} AS q')}"


MYSQL = ServerKind("mysql_scanner", 3306, _quote, _text_query, settings=_SETTINGS)
