"""The table of all repairs, and a table's rows after those that its schema declares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import duckdb
from sqlglot import exp

from quality.cells import column
from quality.repairs import amounts, characters, codes, dates, doubles, mojibake, open_ended
from quality.repairs.repair import Repair
from quality.table import ROW
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import SchemaField, TableSchema

REPAIRS: dict[str, Repair] = {
    repair.name: repair
    for repair in (
        Repair("trim", characters.trim),
        Repair("spaces", characters.spaces, characters.codes_and_values),
        Repair("fullwidth", characters.full_width),
        Repair("upper", characters.upper),
        Repair("separators", characters.separators, characters.lists_only),
        Repair("dates", dates.dates, dates.days_only),
        Repair("excel-serial", dates.excel_serial("1899-12-30"), dates.days_only),
        Repair("excel-serial-1904", dates.excel_serial("1904-01-01"), dates.days_only),
        Repair(open_ended.NAME, open_ended.open_ended, open_ended.with_companion),
        Repair("amount", amounts.amount, amounts.money_only),
        Repair("document-number", codes.document_number, codes.texts_only),
        Repair("leading-zeros", codes.leading_zeros, codes.fixed_codes),
        Repair(mojibake.NAME, mojibake.mojibake, mojibake.first_of_its_field),
    )
}


def _repair(field: SchemaField, schema: TableSchema, name: str) -> Repair:
    if name not in REPAIRS:
        raise WorkspaceError(
            f"there is no repair {name!r}; there are {', '.join(REPAIRS)}",
            where=f"field {field.name}",
            fix="mend the field's repair in the schema",
        )
    obstacle = REPAIRS[name].obstacle(field, schema)
    if obstacle:
        raise WorkspaceError(
            f"the repair {name} {obstacle}",
            where=f"field {field.name}",
            fix="take the repair out of the field, or give the schema what it needs",
        )
    return REPAIRS[name]


def declared(schema: TableSchema, headings: Sequence[str]) -> list[tuple[SchemaField, list[Repair]]]:
    """The fields of a source that declare repairs, and these in their order.

    Raises:
        WorkspaceError: there is no such repair, or the field can't declare it.
    """
    present = [field for field in schema.fields if field.repair and field.name in headings]
    return [(field, [_repair(field, schema, name) for name in field.repair]) for field in present]


def prepare(connection: duckdb.DuckDBPyConnection, schema: TableSchema, headings: Sequence[str]) -> None:
    """Make ready in the work database what expressions of repairs ask there."""
    doubles.learn(connection, schema, headings)
    mojibake.learn(connection, schema, tuple(headings))


def _steps(schema: TableSchema, headings: Sequence[str]) -> Iterator[dict[str, exp.Expr]]:
    """Per step, field → its cell after the repair of that step, over its cell before."""
    chains = [[(field, repair) for repair in repairs] for field, repairs in declared(schema, headings)]
    for step in zip_longest(*chains):
        made = [pair for pair in step if pair]
        yield {field.name: repair.mended(field, column(field.name)) for field, repair in made}


def repaired_rows(schema: TableSchema, headings: Sequence[str]) -> exp.Expr:
    """EXTRACT with its declared repairs made, one nested select a step, so that the query stays as long as its steps.

    Its companions of end dates (`openEndedOf`) are columns like the others.

    Raises:
        WorkspaceError: there is no such repair, or the field can't declare it.
    """
    names = [name for name in schema.names if name in headings]
    rows = doubles.kept_rows(schema)
    derived = open_ended.companions(schema, headings)
    if derived:
        own = [exp.column(ROW, quoted=True), *map(column, names)]
        made = [exp.alias_(open_ended.companion(field), field.name, quoted=True) for field in derived]
        rows = exp.select(*own, *made).from_(rows).subquery("with_companions")
        names += [field.name for field in derived]
    for number, mended in enumerate(_steps(schema, headings), start=1):
        cells = [exp.alias_(mended.get(name, column(name)), name, quoted=True) for name in names]
        rows = exp.select(exp.column(ROW, quoted=True), *cells).from_(rows).subquery(f"repaired_{number}")
    return rows


def columns_of(schema: TableSchema, headings: Sequence[str]) -> list[str]:
    """The columns that the rows have after their repairs: the source's, and the companions of its end dates."""
    return [*headings, *(field.name for field in open_ended.companions(schema, headings))]
