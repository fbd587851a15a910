"""Characters that no published table may hold, looked for in a table that a reader filled."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.engines.duck import quote_name, quote_text
from pipelines.sources.reading import Tally, UnreadableError
from quality.rules.reading import CONTROL_CHARACTER
from quality.suspicion import UNWANTED
from quality.table import EXTRACT, ROW


def refuse_characters(connection: duckdb.DuckDBPyConnection, headings: Sequence[str], *, sheet: str = "") -> None:
    """Pass a table EXTRACT whose text can be published.

    Raises:
        UnreadableError: it holds control characters; each finding has row, column and value.
    """
    tally = Tally()
    pattern = quote_text(UNWANTED)
    for heading in headings:
        cell = quote_name(heading)
        found = connection.execute(
            f"SELECT {quote_name(ROW)}, {cell}, unicode(regexp_extract({cell}, {pattern})) FROM {EXTRACT} "
            f"WHERE regexp_matches({cell}, {pattern}) ORDER BY 1"
        )
        while rows := found.fetchmany(10_000):
            for number, value, code in rows:
                tally.add(CONTROL_CHARACTER, sheet=sheet, row=number, column=heading, value=value, code=code)
    if tally.counts:
        raise UnreadableError(*tally.findings, counts=tally.counts)
