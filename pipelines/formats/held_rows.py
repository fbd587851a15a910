"""The list of the rows that a release leaves out, for the officer: where each stands in the source, and what is wrong.

A value that may be personal is masked, as in every report: the source itself has the rest. No reader sees the list.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipelines.engines.duck import open_work, quote_name
from pipelines.handover import Checked
from pipelines.home import disk_failure, to_disk
from quality.masking import shown
from quality.rules.catalogue import RULES
from quality.table import EXTRACT_WHOLE, HELD_CELLS, ROW

_HEADINGS = ("行号 row", "列 column", "规则 rule", "问题 title", "值 value")
#: A spreadsheet takes a cell that begins so for a formula (standards.md 8).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _as_text(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _cells(connection: duckdb.DuckDBPyConnection, checked: Checked) -> Iterator[tuple[int, str, str, str, str]]:
    columns = connection.execute(f'SELECT DISTINCT "column" FROM {HELD_CELLS} ORDER BY 1').fetchall()
    headings = checked.extract.source_headings
    for (column,) in columns:
        field = checked.schema.field(column)
        held = connection.execute(
            f'SELECT held."row", held.rule, whole.{quote_name(column)} FROM '
            f'(SELECT DISTINCT "row", rule FROM {HELD_CELLS} WHERE "column" = ?) AS held '
            f'JOIN {EXTRACT_WHOLE} AS whole ON held."row" = whole."{ROW}"',
            [column],
        ).fetchall()
        for row, rule, value in held:
            heading = headings.get(column, column)
            yield row, _as_text(heading), rule, RULES[rule].title, _as_text(shown(field, value) or "")


def list_held_rows(checked: Checked, file: Path) -> None:
    """Write a line per cell for which a row was held back, by row; nothing where none was.

    UTF-8 with a mark at its beginning, by which spreadsheets tell it.

    Raises:
        OutsideError: the file can't be written.
    """
    if checked.quality.held_back is None:
        return
    with open_work(checked.extract.database) as connection:
        cells = sorted(_cells(connection, checked))
    aside = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("w", encoding="utf-8-sig", newline="") as opened:
            csv.writer(opened).writerows([_HEADINGS, *cells])
        to_disk(aside)
        aside.replace(file)
    except OSError as error:
        raise disk_failure("the list of rows held back can't be written", file, error) from error
