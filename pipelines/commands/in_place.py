"""In place: a file judged where it lies, as long as nothing is wrong with it but its cells.

A copy of a large Parquet file costs more than its whole check. Whatever is out of the ordinary is left to the careful
way, which reads the file into a copy and has the words for it.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import duckdb

from pipelines.handover import Blocked, Checked
from pipelines.sources.reading import UnreadableError
from pipelines.sources.steady import unchanged
from pipelines.stages.check import check
from pipelines.stages.extract import can_stay, extract, source_file
from quality.characters import is_plain
from quality.expectations.suite import Suite
from quality.rules.reading import CONTROL_CHARACTER
from resource_catalog.agency import Thresholds
from resource_catalog.catalog_values import Catalog
from resource_catalog.entry import Entry
from resource_catalog.errors import OpenDataError
from resource_catalog.table_schema import TableSchema


def _file_that_stays(catalog: Catalog, entry: Entry, schema: TableSchema) -> Path | None:
    """The entry's file, if it can be judged where it lies: repairs and missing values might hide what a copy shows."""
    if entry.quality.quarantine:
        return None  # holding rows back judges them more than once
    source = entry.source
    file = source_file(catalog.workspace, catalog.agency, source) if source and source.path else None
    if source is None or file is None or schema.foreign_keys or not can_stay(source, file):
        return None
    own = [token for field in schema.fields for token in field.missing_values or ()]
    missing = [*own, *schema.missing_values, *(source.null_values or ())]
    return file if all(map(is_plain, missing)) and not any(field.repair for field in schema.fields) else None


def checked_in_place(
    catalog: Catalog,
    entry: Entry,
    schema: TableSchema,
    thresholds: Thresholds,
    folder: Path,
    *,
    today: datetime.date,
    suite: Suite | None = None,
) -> Checked | Blocked | None:
    """The outcome of a check of the entry's file without a copy of it; None where the careful way is to be gone.

    Args:
        catalog: What may be read.
        entry: Whose source is judged.
        schema: What its rows must be.
        thresholds: What it must reach.
        folder: The dataset's work folder, which is emptied first.
        today: The day by which waivers hold or are over.
        suite: What is expected beside the schema.
    """
    try:
        file = _file_that_stays(catalog, entry, schema)
        if file is None:
            return None
        with unchanged(file):
            extracted = extract(catalog, entry, folder, schema.fields, in_place=True)
            if isinstance(extracted, Blocked):
                return None
            found = check(extracted, schema, thresholds, (), today=today, suite=suite)
            # A copy of such a table would not have been made.
            return None if CONTROL_CHARACTER.code in found.quality.counts else found
    except (OpenDataError, UnreadableError, duckdb.Error):
        return None
