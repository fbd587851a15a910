"""What can be wrong with a source before its cells are judged: the file, its text, its shape, its headings."""

from __future__ import annotations

from quality.rules.reading.ambiguous_heading import RULE as AMBIGUOUS_HEADING
from quality.rules.reading.ambiguous_title import RULE as AMBIGUOUS_TITLE
from quality.rules.reading.blank_heading import RULE as BLANK_HEADING
from quality.rules.reading.blank_row import RULE as BLANK_ROW
from quality.rules.reading.catalogue_incomplete import RULE as CATALOGUE_INCOMPLETE
from quality.rules.reading.cell_error import RULE as CELL_ERROR
from quality.rules.reading.control_character import RULE as CONTROL_CHARACTER
from quality.rules.reading.doubtful_encoding import RULE as DOUBTFUL_ENCODING
from quality.rules.reading.duplicate_heading import RULE as DUPLICATE_HEADING
from quality.rules.reading.duplicate_key import RULE as DUPLICATE_KEY
from quality.rules.reading.embedded_object import RULE as EMBEDDED_OBJECT
from quality.rules.reading.empty_file import RULE as EMPTY_FILE
from quality.rules.reading.empty_sheet import RULE as EMPTY_SHEET
from quality.rules.reading.encoding import RULE as ENCODING
from quality.rules.reading.external_links import RULE as EXTERNAL_LINKS
from quality.rules.reading.hidden_sheet import RULE as HIDDEN_SHEET
from quality.rules.reading.macros import RULE as MACROS
from quality.rules.reading.missing_header_row import RULE as MISSING_HEADER_ROW
from quality.rules.reading.missing_records import RULE as MISSING_RECORDS
from quality.rules.reading.missing_sheet import RULE as MISSING_SHEET
from quality.rules.reading.missing_table import RULE as MISSING_TABLE
from quality.rules.reading.no_rows import RULE as NO_ROWS
from quality.rules.reading.not_a_record import RULE as UNEVEN_RECORD
from quality.rules.reading.not_finite import RULE as NOT_FINITE
from quality.rules.reading.not_this_format import RULE as NOT_THIS_FORMAT
from quality.rules.reading.oversized_sheet import RULE as OVERSIZED_SHEET
from quality.rules.reading.precision_lost import RULE as PRECISION_LOST
from quality.rules.reading.query_refused import RULE as QUERY_REFUSED
from quality.rules.reading.ragged_row import RULE as RAGGED_ROW
from quality.rules.reading.reserved_heading import RULE as RESERVED_HEADING
from quality.rules.reading.source_changed import RULE as SOURCE_CHANGED
from quality.rules.reading.stray_quote import RULE as STRAY_QUOTE
from quality.rules.reading.unclosed_quote import RULE as UNCLOSED_QUOTE
from quality.rules.reading.unsafe_archive import RULE as UNSAFE_ARCHIVE

__all__ = [
    "AMBIGUOUS_HEADING", "AMBIGUOUS_TITLE", "BLANK_HEADING", "BLANK_ROW", "CATALOGUE_INCOMPLETE", "CELL_ERROR",
    "CONTROL_CHARACTER", "DOUBTFUL_ENCODING", "DUPLICATE_HEADING", "DUPLICATE_KEY", "EMBEDDED_OBJECT", "EMPTY_FILE",
    "EMPTY_SHEET", "ENCODING", "EXTERNAL_LINKS", "HIDDEN_SHEET", "MACROS", "MISSING_HEADER_ROW", "MISSING_RECORDS",
    "MISSING_SHEET", "MISSING_TABLE", "NOT_FINITE", "NOT_THIS_FORMAT", "NO_ROWS", "OVERSIZED_SHEET", "PRECISION_LOST",
    "QUERY_REFUSED", "RAGGED_ROW", "RESERVED_HEADING", "SOURCE_CHANGED", "STRAY_QUOTE", "UNCLOSED_QUOTE",
    "UNEVEN_RECORD", "UNSAFE_ARCHIVE", "RULES",
]  # fmt: skip

RULES = (
    EMPTY_FILE, NO_ROWS, ENCODING, DOUBTFUL_ENCODING, CONTROL_CHARACTER, RAGGED_ROW, BLANK_ROW, UNCLOSED_QUOTE,
    STRAY_QUOTE, BLANK_HEADING, DUPLICATE_HEADING, AMBIGUOUS_HEADING, AMBIGUOUS_TITLE, NOT_THIS_FORMAT, HIDDEN_SHEET,
    MISSING_SHEET, CELL_ERROR, PRECISION_LOST, UNEVEN_RECORD, SOURCE_CHANGED, EMPTY_SHEET, MISSING_HEADER_ROW,
    RESERVED_HEADING, UNSAFE_ARCHIVE, OVERSIZED_SHEET, MACROS, EXTERNAL_LINKS, EMBEDDED_OBJECT, MISSING_RECORDS,
    DUPLICATE_KEY, NOT_FINITE, MISSING_TABLE, QUERY_REFUSED, CATALOGUE_INCOMPLETE,
)  # fmt: skip
