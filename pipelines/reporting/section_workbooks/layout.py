"""Where things stand in a section's workbook: what its writer and its reader must agree on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

OVERVIEW = "总览"
#: First cell of the overview: what the workbook is of; first cell of each row of headings of lines to be answered.
WORKBOOK_MARK, LINES_MARK = "opendata-workbook-1", "opendata-lines-1"
NUMBER, ANSWER, NOTE = "行号", "处理结果", "说明"
#: Columns that stand before the source's own, after the hidden one.
LINE_HEADINGS = ("来源", NUMBER, "问题与改法", ANSWER, NOTE, "上次处理情况")
#: The same of faults that are of no row, on the overview.
FAULT_HEADINGS = ("数据集", "位置与详情", "问题与改法", ANSWER, NOTE, "上次处理情况")
_LONGEST_SHEET_NAME = 31
_LONGEST_FILE_NAME = 60
_RESERVED_SHEETS = {"history", OVERVIEW}


def workbook_mark(section: str, datasets: Sequence[str]) -> str:
    """What tells a workbook of ours from any other: whose it is, and which datasets have a sheet."""
    return f"{WORKBOOK_MARK} {json.dumps({'section': section, 'datasets': list(datasets)}, ensure_ascii=False)}"


def read_workbook_mark(text: str) -> tuple[str, tuple[str, ...]] | None:
    """(section, datasets) of a mark; None where the text is none."""
    mark, _, facts = text.partition(" ")
    if mark != WORKBOOK_MARK:
        return None
    try:
        told = json.loads(facts)
        return str(told["section"]), tuple(map(str, told["datasets"]))
    except (ValueError, KeyError, TypeError):
        return None


def sheet_names(titles: Iterable[str]) -> list[str]:
    """A name for each title that a workbook accepts: short, without forbidden characters, no two alike."""
    taken = set(_RESERVED_SHEETS)
    return [_free(_safe(title, r"[\[\]:*?/\\\x00-\x1f\x7f]", "'"), _LONGEST_SHEET_NAME, taken) for title in titles]


def file_names(sections: Iterable[str]) -> list[str]:
    """A file name for each section, without its ending, that every file system accepts, no two alike."""
    taken: set[str] = set()
    return [_free(_safe(name, r'[<>:"/\\|?*\x00-\x1f\x7f]', " ."), _LONGEST_FILE_NAME, taken) for name in sections]


def _safe(name: str, forbidden: str, at_the_ends: str) -> str:
    kept = "".join(sign for sign in name if not 0xD800 <= ord(sign) <= 0xDFFF)
    return re.sub(r"\s+", " ", re.sub(forbidden, "_", kept)).strip(" " + at_the_ends) or "_"


def _free(name: str, longest: int, taken: set[str]) -> str:
    """The name, shortened and with a number where it is taken; a length is in UTF-16 units, as Excel counts."""
    number, found = 1, _shortened(name, longest)
    while found.casefold() in taken:
        number += 1
        ending = f" {number}"
        found = _shortened(name, longest - len(ending)) + ending
    taken.add(found.casefold())
    return found


def _shortened(name: str, longest: int) -> str:
    while len(name.encode("utf-16-le")) // 2 > longest:
        name = name[:-1]
    return name.rstrip(" '.")
