"""The names under which one table lies in its work database, from extraction to package."""

from __future__ import annotations

#: The rows as text, each cell a VARCHAR or NULL, one column per heading, named by the field that it leads to.
EXTRACT = "extract"
#: The same with the source's own headings, where a field's name is another.
EXTRACT_AS_READ = "extract_as_read"
#: All rows of the source, where some are held back from EXTRACT (quarantine.py).
EXTRACT_WHOLE = "extract_whole"
#: Which cells of the rows held back broke which rule: `row`, `column`, `rule`.
HELD_CELLS = "held_cells"
#: The same rows beside their schema: per field its text without missing values, and its value in the field's type;
#: for a field with a standard also the text in its standard form, and its faults.
CELLS = "cells_by_schema"
#: CELLS, and per field what a first look at its text told (suspicion.py): what checks of rows are asked of.
JUDGED = "judged_cells"
#: Which cell of which row broke which check, where all of them are wanted (bad_cells.py).
BAD_CELLS = "bad_cells"
#: Every cell that a declared repair changed: `row`, `column`, `repair`, `before`, `after` (repair_log.py).
REPAIRED_CELLS = "repaired_cells"
#: Column of the tables of rows: the row's number in the source as a person counts it there, header included, from 1.
ROW = "__row__"


def text_column(field: str) -> str:
    """The column of CELLS with a field's text."""
    return f"text {field}"


def fits_column(field: str) -> str:
    """The column of JUDGED that says whether a field's text matches its pattern, of those judged by it."""
    return f"fits {field}"


def suspect_column(field: str) -> str:
    """The column of JUDGED that says whether a field's text is worth a second look (suspicion.py)."""
    return f"suspect {field}"


def personal_column(field: str) -> str:
    """The column of JUDGED with the kinds of personal data in a field's text, NULL where there is none."""
    return f"personal {field}"


def value_column(field: str) -> str:
    """The column of CELLS with a field's value."""
    return f"value {field}"


def form_column(field: str) -> str:
    """The column of CELLS with a field's standard form; only fields that name a standard have it."""
    return f"form {field}"


def faults_column(field: str) -> str:
    """The column of CELLS with what is wrong by a field's standard, in bits (`quality.standards`)."""
    return f"faults {field}"
