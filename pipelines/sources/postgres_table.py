"""PostgreSQL's part: how its server spells each type as text.

DuckDB's scanner makes a double of a `numeric` without precision, and so loses digits (measured with DuckDB 1.5.5), so
every column is turned into text by the server, which knows its own types.
"""

from __future__ import annotations

import duckdb

from pipelines.engines.duck import quote_name, quote_text
from pipelines.sources.server import ServerKind

#: Text in ISO spellings and UTC, doubles in full, nothing written, no password from a file.
_OPTIONS = (
    "connect_timeout=10 passfile=/dev/null options='-c datestyle=ISO -c intervalstyle=iso_8601 -c timezone=UTC "
    "-c extra_float_digits=1 -c default_transaction_read_only=on'"
)


def _scan(query: str) -> str:
    """The DuckDB table that a query on the server gives."""
    return f"postgres_query('source', {quote_text(query)})"


def _as_text(column: str, kind: str) -> str:
    name = quote_name(column)
    iso = f"to_json({name}) #>> '{{}}'"
    match kind:
        case "bytea":
            return f"replace(encode({name}, 'base64'), chr(10), '')"
        case "timestamp with time zone":
            return f"regexp_replace({iso}, '[+]00:00$', 'Z')"
        case "timestamp without time zone":
            return iso
    return f"to_json({name})::text" if kind.endswith("[]") else f"{name}::text"


def _text_query(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[list[str], str]:
    """The headings of a relation, and the SELECT for DuckDB that gives its columns as text.

    Timestamps are ISO 8601 with `T`, those with a zone in UTC with `Z`; bytes are base64, arrays JSON.
    """
    described = connection.execute(f"DESCRIBE SELECT * FROM {_scan(f'SELECT * FROM {relation} AS q LIMIT 0')}")
    headings = [str(row[0]) for row in described.fetchall()]
    kinds = ", ".join(
        f"pg_typeof(q.{quote_name(heading)})::text AS t{position}" for position, heading in enumerate(headings)
    )
    # A join that finds nothing leaves one row of NULLs, which have types even where the relation has no rows.
    typed = f"SELECT {kinds} FROM (SELECT 1) AS one LEFT JOIN {relation} AS q ON false"
    types = connection.execute(f"SELECT * FROM {_scan(typed)}").fetchone() or ()
    columns = ", ".join(
        f"{_as_text(heading, kind)} AS c{position}"
        for position, (heading, kind) in enumerate(zip(headings, types, strict=True))
    )
    return headings, f"SELECT * FROM {_scan(f'SELECT {columns} FROM {relation} AS q')}"


POSTGRES = ServerKind("postgres_scanner", 5432, quote_name, _text_query, attach_options=_OPTIONS)
