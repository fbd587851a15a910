"""Rewrites the sample files of this folder: synthetic, all but the division codes, which are real.

`python resource_catalog/samples/generate.py [FOLDER]` from the repository's root. The seeds are fixed: every run
writes the same bytes (the SQLite file: the same content, as its bytes depend on the library's version).
"""

from __future__ import annotations

import csv
import datetime
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import xlsxwriter

from resource_catalog.samples import (
    administrative_licences,
    complaint_handling,
    division_codes,
    power_list,
    sampling_inspections,
)
from resource_catalog.samples.words import Words, read_words

SAMPLES = Path("resource_catalog/samples")


def generate(folder: Path, words: Words) -> None:
    """Write all sample files into the folder."""
    licences = administrative_licences.administrative_licences(2015, words)
    _write_csv(folder / "administrative-licences.csv", administrative_licences.COLUMNS, licences, "gb18030")
    complaints = complaint_handling.complaint_handling(2016, words)
    _write_csv(folder / "complaint-handling.csv", complaint_handling.COLUMNS, complaints, "utf-8-sig")
    divisions = division_codes.division_codes(division_codes.read_revisions())
    _write_csv(folder / "division-codes.csv", division_codes.COLUMNS, divisions, "utf-8")
    inspections = sampling_inspections.sampling_inspections(2017, words)
    _write_workbook(folder / "sampling-inspections.xlsx", words["place"] + words["inspection_title"], inspections)
    _write_database(folder / "power-list.sqlite", power_list.power_list(2018, words))


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]], encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _write_workbook(path: Path, title: str, rows: Iterable[Sequence[sampling_inspections.Cell]]) -> None:
    columns = sampling_inspections.COLUMNS
    with xlsxwriter.Workbook(path) as workbook:
        # Else the file would carry the moment of its making.
        workbook.set_properties({"title": title, "created": datetime.datetime(2017, 12, 29)})
        sheet = workbook.add_worksheet("抽检结果")
        heading = workbook.add_format({"bold": True, "align": "center"})
        date = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.merge_range(0, 0, 0, len(columns) - 1, title, heading)
        sheet.write_row(1, 0, columns, heading)
        for row, cells in enumerate(rows, start=2):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime.date):
                    sheet.write_datetime(row, column, cell, date)
                elif isinstance(cell, int):
                    sheet.write_number(row, column, cell)
                else:
                    sheet.write_string(row, column, cell)


def _write_database(path: Path, rows: Iterable[power_list.Row]) -> None:
    path.unlink(missing_ok=True)
    columns = power_list.COLUMNS
    definitions = ", ".join(f"{name} TEXT" for name in columns[1:])
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"CREATE TABLE power_list ({columns[0]} TEXT PRIMARY KEY, {definitions})")
        database.executemany(f"INSERT INTO power_list VALUES ({', '.join('?' * len(columns))})", rows)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
    generate(target, read_words(SAMPLES / "words.json"))
