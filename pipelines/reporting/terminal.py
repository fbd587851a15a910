"""Text as a terminal shows it: no control characters, and lines broken by the cells that characters fill."""

from __future__ import annotations

import re
import unicodedata

#: Control characters, and those that turn the direction of text: data must not move the cursor or reorder a line.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_OPENING, _CLOSING = "（《「『【〈“‘", "，。、；：？！）》」』】〉”’…%"
#: Pieces that stay whole: a run of spaces, a word of narrow characters, one wide character; each with its punctuation.
_PIECES = re.compile(rf"\s+|[{_OPENING}]*(?:[^\s\u1100-\uffff\U0001f000-\U0003ffff]+|\S)[{_CLOSING}]*")


def printable(text: str) -> str:
    """The text in one line: line breaks and tabs become spaces, other control characters a replacement sign."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", re.sub(r"[\r\n\t]+", " ", text))


def cells(text: str) -> int:
    """Cells that a text fills: wide characters fill two, combining ones none."""
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, width: int | None, indent: str, hanging: str) -> list[str]:
    """A text as lines of at most `width` cells, the first behind `indent`, the others behind `hanging`.

    A word longer than a line (a path, an address) stays whole, so that it can be copied. Without a width there is one
    line, as a pipe wants it.
    """
    if width is None:
        return [indent + text]
    lines, line = [], indent
    for piece in _PIECES.findall(text):
        if cells(line) + cells(piece.rstrip()) > width and line.strip():
            lines.append(line.rstrip())
            line = hanging + piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()]
