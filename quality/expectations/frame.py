"""The typed table as the data frame that GX's pandas engine is given: where the compiler falls back, and in tests.

Texts are pandas' `str`, whole numbers int64 (float64 where some are missing, as pandas reads any file), numbers
float64, days `datetime.date`, times datetime64. The index has the rows' numbers in the source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
from sqlglot import exp

from quality.aggregates import named, sql_of
from quality.expectations.column import Column, Kind
from quality.table import CELLS, ROW
from resource_catalog.table_schema import TableSchema

if TYPE_CHECKING:
    import pandas
    import pyarrow

#: Whole numbers beyond this lose digits in float64.
_EXACT = 2**53


def _read(column: pyarrow.ChunkedArray) -> pandas.Series[Any]:
    series: pandas.Series[Any] = column.to_pandas()
    return series


def _integers(column: pyarrow.ChunkedArray) -> pandas.Series[Any]:
    if not column.null_count:
        return _read(column)
    whole: pandas.Series[Any] = column.to_pandas(integer_object_nulls=True)
    beyond = any(value is not None and abs(value) > _EXACT for value in whole)
    return whole if beyond else whole.astype("float64")


def _times(column: pyarrow.ChunkedArray) -> pandas.Series[Any]:
    import pandas

    read = _read(column)
    try:
        return read.astype("datetime64[ns]")
    except pandas.errors.OutOfBoundsDatetime:
        return read


def _series(kind: Kind, column: pyarrow.ChunkedArray) -> pandas.Series[Any]:
    if kind is Kind.TEXT:
        return _read(column).astype("str")
    if kind is Kind.INTEGER:
        return _integers(column)
    return _times(column) if kind is Kind.DATETIME else _read(column)


def frame_of(connection: duckdb.DuckDBPyConnection, schema: TableSchema, headings: tuple[str, ...]) -> pandas.DataFrame:
    """The rows of CELLS with the columns that the source has, a field each."""
    import pandas

    columns = [Column(field) for field in schema.fields if field.name in headings]
    row = exp.column(exp.to_identifier(ROW, quoted=True))
    cells = [named(column.cell, f"c{position}") for position, column in enumerate(columns)]
    query = exp.select(row, *cells).from_(CELLS).order_by(row.copy())
    table = connection.execute(sql_of(query)).to_arrow_table()
    index = pandas.Index(table.column(0).to_numpy())
    series = {
        column.name: _series(column.kind, table.column(position)).set_axis(index)
        for position, column in enumerate(columns, start=1)
    }
    return pandas.DataFrame(series, index=index)
