"""CSV and TSV: the dialect by DuckDB's sniffer (the entry's word winning), the rows by DuckDB's reader.

DuckDB reads only what is plain: no lone carriage return, no blank line, no space beside a quote (which it would drop),
no row out of shape. Anything else goes to `delimited_rows`, which is slower and knows exactly where each fault lies.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

import duckdb

from pipelines.engines.duck import quote_name, quote_text
from pipelines.sources.delimited_rows import Body, Dialect, read_rows, records
from pipelines.sources.headings import Expected
from pipelines.sources.reading import HEAD_ROWS, Head, Reading, Tally, UnreadableError, check_headings
from pipelines.sources.text_file import TextFile, delimiters_add_up, read_text_file, spaces_by_quotes
from quality.rules import reading as rules
from quality.table import EXTRACT, ROW
from resource_catalog.entry import Source

_DELIMITERS = (",", ";", "\t", "|")
#: How many bytes of a long file its head is looked for in.
_HEAD_BYTES = 1 << 16
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: A cell that no source has, so that an empty cell stays an empty text.
_NO_NULL = "\u0001\u0002no value\u0002\u0001"


def _sniff(connection: duckdb.DuckDBPyConnection, path: Path, source: Source) -> tuple[str | None, Dialect]:
    """The delimiter that the sniffer is sure of, if any, and a dialect with all that the entry declares.

    A table of one column tells of no delimiter: the sniffer prefers it to one with a row out of shape. It is asked to
    be strict first, and lenient if that finds nothing.
    """
    declared = {"delim": source.delimiter, "quote": source.quote, "escape": source.escape}
    options = "".join(f", {key} = {quote_text(value)}" for key, value in declared.items() if value is not None)
    columns, delimiter, quote, escape = 0, None, None, None
    for strict in ("true", "false"):
        query = f"FROM sniff_csv({quote_text(path)}, strict_mode = {strict}{options})"
        with suppress(duckdb.Error):
            found = connection.execute(f"SELECT len(Columns), Delimiter, Quote, Escape {query}").fetchone()
            columns, delimiter, quote, escape = found or (0, None, None, None)
            break
    sure = delimiter if columns > 1 and delimiter in _DELIMITERS else None
    quote = source.quote if source.quote is not None else _sign(quote) or '"'
    return sure, Dialect(source.delimiter or sure or ",", quote, source.escape or _sign(escape) or quote)


def _sign(sniffed: str | None) -> str:
    """A sign that the sniffer found; it has two spellings for none."""
    return "" if sniffed in (None, "(empty)", "\x00") else str(sniffed)


def _head(path: Path, dialect: Dialect, row: int) -> list[str]:
    """The cells of record `row`."""
    for number, cells in records(path, dialect):
        if number == row:
            return cells
    raise UnreadableError(rules.NO_ROWS.finding(row=row))


def _cells_under(path: Path, dialect: Dialect, row: int) -> list[str]:
    """The cells of record `row`; none where the dialect can't read as far."""
    try:
        return _head(path, dialect, row)
    except UnreadableError:
        return []


def _choose_dialect(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, expected: Expected) -> Dialect:
    """The entry's delimiter, else the one that finds most of the schema's fields, the sniffer's, the headings' own."""
    sure, sniffed = _sniff(connection, path, source)
    if source.delimiter:
        return sniffed
    row = header_position(source) or 1
    usual = "\t" if source.format == "tsv" or path.suffix.lower() == ".tsv" else ","
    heads = {
        mark: _cells_under(path, replace(sniffed, delimiter=mark), row)
        for mark in dict.fromkeys((sure or usual, usual, *_DELIMITERS))
    }

    def fitness(mark: str) -> tuple[int, bool, int]:
        return expected.met(heads[mark]), mark == sure, len(heads[mark])

    return replace(sniffed, delimiter=max(heads, key=fitness))


def header_position(source: Source) -> int:
    """The row of the headings, from 1; 0 where there are none.

    Raises:
        UnreadableError: headings over several rows, which delimited text can't have.
    """
    if isinstance(source.header_row, tuple):
        raise UnreadableError(
            rules.NOT_THIS_FORMAT.finding(
                format="delimited text", detail="headings over several rows are for workbooks"
            )
        )
    return 1 if source.header_row is None else source.header_row


def _headings(path: Path, dialect: Dialect, row: int, names: Sequence[str]) -> tuple[str, ...]:
    if row == 0:
        width = len(_head(path, dialect, 1))
        names = names if len(names) == width else [f"column{position}" for position in range(1, width + 1)]
        return tuple(names)
    cells = _head(path, dialect, row)
    if not any(cell.strip() for cell in cells):
        raise UnreadableError(rules.BLANK_HEADING.finding(row=row, position=1))
    return check_headings(cells, row=row)


def _create_cells(
    connection: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect, headings: Sequence[str], header_row: int
) -> bool:
    """Read the records after `header_row` into the table `cells`; False where DuckDB finds the file not plain."""
    columns = ", ".join(f"{quote_text(heading)}: 'VARCHAR'" for heading in headings)
    options = (
        f"auto_detect = false, header = false, skip = {header_row}, delim = {quote_text(dialect.delimiter)}, "
        f"quote = {quote_text(dialect.quote)}, escape = {quote_text(dialect.escape)}, "
        f"nullstr = {quote_text(_NO_NULL)}, columns = {{{columns}}}, strict_mode = true, null_padding = false"
    )
    try:
        connection.execute(f"CREATE TABLE cells AS SELECT * FROM read_csv({quote_text(path)}, {options})")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return False
    (rows,) = connection.execute("SELECT count(*) FROM cells").fetchone() or (0,)
    # Where lines of titles come first, nobody knows how many delimiters these have.
    expected = (rows + header_row) * (len(headings) - 1) if header_row < 2 else -1
    return delimiters_add_up(path, dialect.delimiter, dialect.quote, expected)


def _number_rows(connection: duckdb.DuckDBPyConnection, headings: Sequence[str], header_row: int) -> tuple[int, Tally]:
    """EXTRACT as a view of `cells`: every row that has a value, numbered as it stands in the file."""
    numbered = f"SELECT rowid + {header_row + 1} AS {quote_name(ROW)}, * FROM cells"
    blank = " AND ".join(f"{quote_name(heading)} = ''" for heading in headings)
    tally = Tally()
    for (row,) in connection.execute(f"SELECT {quote_name(ROW)} FROM ({numbered}) WHERE {blank} ORDER BY 1").fetchall():
        tally.add(rules.BLANK_ROW, row=row)
    kept = f"{numbered} WHERE NOT ({blank})" if tally.counts else numbered
    connection.execute(f"CREATE OR REPLACE VIEW {EXTRACT} AS {kept}")
    found = connection.execute(f"SELECT count(*) FROM {EXTRACT}").fetchone()
    return int(found[0]) if found else 0, tally


def _read_body(
    connection: duckdb.DuckDBPyConnection,
    text: TextFile,
    dialect: Dialect,
    headings: Sequence[str],
    source: Source,
) -> Body:
    header_row = header_position(source)
    plain = text.regular and not source.footer_rows and not spaces_by_quotes(text.path, dialect.quote)
    if plain and _create_cells(connection, text.path, dialect, headings, header_row):
        return Body(*_number_rows(connection, headings, header_row))
    return read_rows(connection, text.path, dialect, headings, header_row=header_row, footer_rows=source.footer_rows)


def read_delimited(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    source: Source,
    *,
    folder: Path,
    expected: Expected,
) -> Reading:
    """Fill EXTRACT from delimited text.

    Args:
        connection: A work connection that may read `file` and `folder`.
        file: The source.
        source: What the entry declares of it.
        folder: The work folder, for a UTF-8 copy.
        expected: The schema's fields, which settle a doubtful delimiter and name columns without headings.

    Raises:
        UnreadableError: the text or its shape is broken; each finding names its row.
    """
    text = read_text_file(file, source.encoding, folder)
    dialect = _choose_dialect(connection, text.path, source, expected)
    headings = _headings(text.path, dialect, header_position(source), expected.names)
    body = _read_body(connection, text, dialect, headings, source)
    return Reading(
        headings,
        body.rows,
        encoding=text.encoding,
        dialect=dialect.as_facts(),
        findings=body.blank.findings,
        counts=body.blank.counts,
        footers=body.footers,
    )


def _beginning(file: Path, source: Source, folder: Path) -> Path:
    """The file, or a copy of its first lines where it is long; of UTF-16 and UTF-32, the file."""
    wide = (source.encoding or "").lower().replace("_", "-").startswith(("utf-16", "utf16", "utf-32", "utf32"))
    with file.open("rb") as stream:
        start = stream.read(_HEAD_BYTES + 1)
    cut = start[:_HEAD_BYTES].rfind(b"\n") + 1
    if len(start) <= _HEAD_BYTES or wide or start.startswith(_WIDE_MARKS) or not cut:
        return file
    copy = folder / f"head{file.suffix}"
    copy.write_bytes(start[:cut])
    return copy


def _first_rows(path: Path, dialect: Dialect, after: int, width: int) -> Iterator[list[str | None]]:
    # A quoted line break may straddle the end of the beginning: what came before it is all there is to see.
    with suppress(UnreadableError):
        for _, cells in islice(records(path, dialect), after, after + HEAD_ROWS):
            if len(cells) == width:
                yield [cell or None for cell in cells]


def head_of_delimited(
    connection: duckdb.DuckDBPyConnection, file: Path, source: Source, *, folder: Path, expected: Expected
) -> Head:
    """The headings and first rows of delimited text, of which the beginning alone is read.

    The arguments are those of `read_delimited`.

    Raises:
        UnreadableError: the beginning is broken.
    """
    text = read_text_file(_beginning(file, source, folder), source.encoding, folder)
    dialect = _choose_dialect(connection, text.path, source, expected)
    row = header_position(source)
    headings = _headings(text.path, dialect, row, expected.names)
    return Head(headings, list(_first_rows(text.path, dialect, row, len(headings))))
