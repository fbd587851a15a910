"""The checksum that our plugin gives for a table, computed here: equal ones prove rows before anybody sees them.

A row is the texts of its values in PostgreSQL as compact JSON, of its SHA-256 the first 8 bytes are its number, and the
checksum is the numbers' sum modulo 2^64 (platforms/ckan/ckanext-release/README.md).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

import duckdb

from pipelines.engines.duck import quote_name
from pipelines.targets.ckan.columns import Column, Table
from pipelines.targets.ckan.row_tables import Checksum, checksum_and_sum
from quality.python_functions import define_function

_PLAIN = "(-?[1-9][0-9]*|0)([.][0-9]+)?"
#: Where DuckDB's JSON may have written a character in other letters than PostgreSQL's: \u000B and \u000b.
_WRITTEN_OTHERWISE = r"\u00"


def _numeric_text(written: str) -> str:
    """A number as PostgreSQL's numeric writes it: every digit, no exponent, no sign of nothing."""
    number = Decimal(written)
    if not number.is_finite():
        return str(number)
    return format(number.copy_abs() if number.is_zero() else number, "f")


def _json_row(texts: list[str | None]) -> str:
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection what the texts need where they are not plain."""
    text = duckdb.sqltype("VARCHAR")
    define_function(connection, "numeric_text", _numeric_text, [text], text)
    define_function(connection, "json_row", _json_row, [duckdb.list_type(text)], text)


def _text(column: Column) -> str:
    """A cell's text in PostgreSQL as SQL."""
    cell = quote_name(column.id)
    if column.type in ("int8", "bool", "date"):
        kind = {"int8": "BIGINT", "bool": "BOOLEAN", "date": "DATE"}[column.type]
        return f"CAST(CAST({cell} AS {kind}) AS VARCHAR)"
    if column.type == "timestamp":
        return f"rtrim(rtrim(strftime(CAST({cell} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%f'), '0'), '.')"
    if column.type == "numeric":
        return f"CASE WHEN regexp_full_match({cell}, '{_PLAIN}') THEN {cell} ELSE numeric_text({cell}) END"
    return cell


def _json(columns: Sequence[Column]) -> str:
    """A row as JSON as SQL."""
    texts = ", ".join(map(_text, columns))
    json_text = f"CAST(to_json([{texts}]) AS VARCHAR)"
    otherwise = f"contains({json_text}, '{_WRITTEN_OTHERWISE}')"
    return f"CASE WHEN {otherwise} THEN json_row([{texts}]) ELSE {json_text} END"


def _digest(table: Table) -> str:
    """A row's number as SQL."""
    return f"CAST('0x' || substr(sha256({_json(table.columns)}), 1, 16) AS UBIGINT)"


def _written(total: int) -> str:
    return f"{total % 2**64:016x}"


def measure(connection: duckdb.DuckDBPyConnection, side: str, table: Table) -> tuple[str, Checksum]:
    """The checksum of a side's rows that the plugin gives, and our own, by one scan.

    Args:
        connection: A prepared connection.
        side: WANTED or SHOWN of `row_tables`.
        table: Its columns.
    """
    checksum, total = checksum_and_sum(connection, side, table, _digest(table))
    return _written(total), checksum


def store_digests(connection: duckdb.DuckDBPyConnection, side: str, table: Table) -> str:
    """Make the table `<side>_digests` of a side's rows: `_number`, `_key`, `_digest`; the checksum of all.

    Args:
        connection: A prepared connection.
        side: WANTED or SHOWN of `row_tables`.
        table: Its columns.
    """
    connection.execute(
        f"CREATE OR REPLACE TABLE {side}_digests AS SELECT _number, _key, {_digest(table)} AS _digest FROM {side}"
    )
    ((total,),) = connection.execute(f"SELECT coalesce(sum(_digest), 0) FROM {side}_digests").fetchall()
    return _written(int(total))
