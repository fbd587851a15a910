"""The views over EXTRACT in which a table is judged: cells as text and value, and a first look at them."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from sqlglot import exp

from quality.aggregates import named, sql_of
from quality.cells import matches, text_of, typed
from quality.repairs.catalogue import columns_of, prepare, repaired_rows
from quality.standards.catalogue import faults_of, form_of
from quality.suspicion import (
    define_kinds,
    is_judged_by_pattern,
    is_looked_at,
    kinds_held,
    kinds_not_allowed,
    suspicion,
)
from quality.table import (
    CELLS,
    JUDGED,
    ROW,
    faults_column,
    fits_column,
    form_column,
    personal_column,
    suspect_column,
    text_column,
    value_column,
)
from resource_catalog.table_schema import SchemaField, TableSchema


def _null(kind: str = "VARCHAR") -> exp.Expr:
    return exp.cast(exp.null(), kind, dialect="duckdb")


def _text(field: SchemaField) -> exp.Expr:
    return exp.column(exp.to_identifier(text_column(field.name), quoted=True))


def _fits(field: SchemaField) -> exp.Expr:
    return exp.column(exp.to_identifier(fits_column(field.name), quoted=True))


def _within(inner: exp.Select, more: Sequence[exp.Expr], name: str) -> exp.Select:
    """A query of all that another has, and more; without copies, which took longer than the query of a small table."""
    return exp.select(exp.Star(), *more, copy=False).from_(inner.subquery(name, copy=False), copy=False)


def create_cells(
    connection: duckdb.DuckDBPyConnection,
    schema: TableSchema,
    headings: Sequence[str],
    extra_missing: tuple[str, ...] = (),
) -> None:
    """The view CELLS over EXTRACT: per field its text and its value; a column that the source lacks is all NULL.

    Its text is that after the declared repairs. A field with a standard has its standard form and its faults beside.
    """
    present = columns_of(schema, headings)
    texts: list[exp.Expr] = [exp.column(ROW, quoted=True)]
    values: list[exp.Expr] = []
    faults: list[exp.Expr] = []
    for field in schema.fields:
        text = text_of(field, schema, extra_missing) if field.name in present else _null()
        texts.append(named(text, text_column(field.name)))
        values.append(named(typed(field, _text(field)), value_column(field.name)))
        form, wrong = form_of(field), faults_of(field, schema)
        if form is not None and wrong is not None:
            values.append(named(form, form_column(field.name)))
            faults.append(named(wrong, faults_column(field.name)))
    prepare(connection, schema, headings)
    as_text = exp.select(*texts, copy=False).from_(repaired_rows(schema, headings), copy=False)
    judged = _within(_within(as_text, values, "cells_as_text"), faults, "cells_as_values")
    connection.execute(f"CREATE OR REPLACE VIEW {CELLS} AS {sql_of(judged)}")


def look_at_texts(connection: duckdb.DuckDBPyConnection, schema: TableSchema) -> None:
    """The view JUDGED over CELLS: what checks of rows are asked of; queries of keys would pay for planning it."""
    define_kinds(connection, schema)
    fits = [
        named(matches(_text(field), field.constraints.pattern), fits_column(field.name))
        for field in schema.fields
        if field.constraints.pattern is not None and is_judged_by_pattern(field)
    ]
    suspects = [
        named(suspicion(field, _text(field), _fits(field)), suspect_column(field.name))
        for field in schema.fields
        if is_looked_at(field)
    ]
    kinds = [
        named(kinds_held(field, _text(field)), personal_column(field.name))
        for field in schema.fields
        if kinds_not_allowed(field)
    ]
    fitted = exp.select(exp.Star(), *fits, copy=False).from_(CELLS)
    judged = _within(_within(fitted, suspects, "fitted"), kinds, "looked_at")
    connection.execute(f"CREATE OR REPLACE VIEW {JUDGED} AS {sql_of(judged)}")
