"""What calamine does not tell of a sheet: formula errors, merged cells of ODS, links, and how far its cells reach.

It gives formula errors as empty cells, and makes a table of every cell up to the last one before it returns: a single
stray cell in XFD1048576 ends the process (measured with python-calamine 0.9.1). So the sheet's XML is read first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from pipelines.sources.reading import UnreadableError
from quality.rules import reading as rules

#: Cells that a sheet may span: 32 bytes each while it is read.
MOST_CELLS = 40_000_000

#: First row, first column, last row, last column, from 0.
Block = tuple[int, int, int, int]


@dataclass(frozen=True)
class Survey:
    """Formula errors by (row, column) from 0, and merged blocks where the format's reader must supply them."""

    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)
    merged: Sequence[Block] = ()


def check_extent(rows: int, columns: int, sheet: str) -> None:
    """Pass a sheet whose cells fit into memory.

    Raises:
        UnreadableError: they don't.
    """
    if rows * columns > MOST_CELLS:
        raise UnreadableError(rules.OVERSIZED_SHEET.finding(sheet=sheet, rows=rows, columns=columns))


def column_number(letters: str) -> int:
    """A column's position from 1 by its letters: `AA` is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def local_name(name: str) -> str:
    """An XML name without its namespace, but for LibreOffice's own, whose names double those of the standard."""
    namespace, _, name = name.rpartition(" ")
    return f"calcext:{name}" if "calcext" in namespace else name


def parse_xml(
    stream: IO[bytes],
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    format: str,
) -> None:
    """Stream an XML part through callbacks that get local names.

    Raises:
        UnreadableError: broken XML, or a document type definition, which no workbook has a use for.
    """
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_declaration: object) -> None:
        raise UnreadableError(rules.UNSAFE_ARCHIVE.finding(detail="its XML declares a document type"))

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(
        local_name(name), {local_name(key): value for key, value in attributes.items()}
    )
    if end:
        parser.EndElementHandler = lambda name: end(local_name(name))
    parser.CharacterDataHandler = text
    try:
        parser.ParseFile(stream)
    except expat.ExpatError as error:
        broken = rules.NOT_THIS_FORMAT.finding(format=format, detail=f"its XML is broken: {error}")
        raise UnreadableError(broken) from error
