"""All cells that broke a rule, where a scan shows only the first of them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from quality.bad_cells import mark_bad_cells
from quality.scan import scan
from quality.table import BAD_CELLS, EXTRACT, ROW
from resource_catalog.table_schema import TableSchema, parse_table_schema

SCHEMA = {
    "fields": [
        {"name": "编号", "type": "integer", "constraints": {"required": True}},
        {"name": "区"},
        {"name": "上级"},
    ],
    "primaryKey": ["编号", "区"],
    "foreignKeys": [{"fields": ["上级"], "reference": {"resource": "units", "fields": ["code"]}}],
}
ROWS = [("1", "甲", "a"), ("x", "甲", "b"), ("1", "甲", None), (None, "乙", "c"), ("y", "乙", "a"), ("3", "丙", "zz")]


def _marked(schema: TableSchema, tmp_path: Path) -> set[tuple[str, int, str]]:
    keys = tmp_path / "units.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT unnest(['a', 'b', 'c']) AS code) TO '{keys}' (FORMAT parquet)")
        connection.execute(f'CREATE TABLE {EXTRACT} ("{ROW}" BIGINT, "编号" VARCHAR, "区" VARCHAR, "上级" VARCHAR)')
        rows = [(number, *row) for number, row in enumerate(ROWS, start=2)]
        connection.executemany(f"INSERT INTO {EXTRACT} VALUES (?, ?, ?, ?)", rows)
        references = {"units": keys}
        found = scan(connection, schema, schema.names, references=references, examples=1)
        mark_bad_cells(connection, found, references)
        marked = connection.execute(f'SELECT outcome, "row", "column" FROM {BAD_CELLS}').fetchall()
    return {(found.outcomes[position].check.rule.code, row, column) for position, row, column in marked}


def test_every_cell_is_marked_though_one_example_is_shown(tmp_path: Path) -> None:
    assert _marked(parse_table_schema(SCHEMA, "schema"), tmp_path) == {
        ("type", 3, "编号"),
        ("type", 6, "编号"),
        ("required", 5, "编号"),
        ("primary-key", 2, "编号"),
        ("primary-key", 2, "区"),
        ("primary-key", 4, "编号"),
        ("primary-key", 4, "区"),
        ("foreign-key", 7, "上级"),
    }
