"""Cells of a section's workbook: text that never becomes a formula, in a few styles."""

from __future__ import annotations

from copy import copy
from enum import Enum
from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

from resource_catalog.template_workbook import LONGEST_CELL, escape

_AUTHOR = "opendata"
_LONGEST_COMMENT = 1_000
_TITLE_FONT, _BOLD = Font(bold=True, size=14), Font(bold=True)


def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", start_color=colour, end_color=colour)


class Look(Enum):
    """How a cell looks; the value is (font, fill, whether a section may write into it)."""

    PLAIN = (None, None, False)
    FREE = (Font(), None, False)  # runs over the cells beside it
    TITLE = (_TITLE_FONT, None, False)
    HEADING = (_BOLD, _fill("DDE3EA"), False)
    MUST = (None, _fill("FFC7CE"), False)
    SHOULD = (None, _fill("FFEB9C"), False)
    ANSWER = (None, _fill("EAF3FB"), True)


class CellWriter:
    """Makes the cells of one sheet; a style is worked out once."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._styles: dict[tuple[Look, bool], Any] = {}

    def cell(self, text: str, look: Look = Look.PLAIN, comment: str = "") -> Any:
        """A cell of text, with every sign that a workbook can hold, cut where it is too long for one."""
        cell: Any = WriteOnlyCell(self._sheet)
        cell._style = copy(self._style(look, text[:1] in ("=", "+", "-", "@")))
        if text:
            cell.value = fitting(text)
            cell.data_type = "s"  # openpyxl would take "=…" for a formula
        if comment:
            cell.comment = Comment(cut(escape(comment), _LONGEST_COMMENT), _AUTHOR, height=120, width=320)
        return cell

    def row(self, *texts: str, look: Look = Look.PLAIN) -> list[Any]:
        """Cells of one look."""
        return [self.cell(text, look) for text in texts]

    def _style(self, look: Look, formula_like: bool) -> Any:
        known = self._styles.get((look, formula_like))
        if known is None:
            known = self._styles[look, formula_like] = self._made(look, formula_like)
        return known

    def _made(self, look: Look, formula_like: bool) -> Any:
        font, fill, open_to_write = look.value
        cell: Any = WriteOnlyCell(self._sheet)
        cell.number_format = "@"
        cell.alignment = Alignment(vertical="top", wrap_text=look not in (Look.TITLE, Look.FREE))
        if formula_like:
            cell.quotePrefix = True  # stays text when somebody enters the cell
        if font:
            cell.font = font
        if fill:
            cell.fill = fill
            cell.border = Border(bottom=Side("thin", color="C9CFD6"), right=Side("thin", color="C9CFD6"))
        if open_to_write:
            cell.protection = Protection(locked=False)
        return cell._style


def cut(text: str, longest: int) -> str:
    """The text's beginning, where it is longer."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def fitting(text: str) -> str:
    """The text as a cell can hold it; one that is too long is cut, and says how long it was."""
    sound = text.encode("utf-16-le", "replace").decode("utf-16-le", "replace")
    escaped, kept = escape(sound), LONGEST_CELL
    while len(escaped.encode("utf-16-le")) // 2 > LONGEST_CELL:
        kept = kept * 3 // 4
        escaped = f"{escape(sound[:kept])}…（原文共 {len(sound)} 字，此处截断）"
    return escaped
