"""Reads the tables of the domain document (`shared/design/standards.md`) that catalogue, schemas and samples match."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DOCUMENT = Path(os.environ.get("OPENDATA_DESIGN", Path(__file__).parents[2] / "shared" / "design")) / "standards.md"
#: A field in the notation of section 5: name, key mark, type, required mark, values.
_FIELD = re.compile(
    r"(?P<name>[A-Za-z_]+|[一-鿿/]+)(?P<key>#?)(?::(?P<type>[a-z]+))?(?P<key2>#?)(?P<required>!?)(?:\s*\{(?P<enum>[^}]*)\})?"
)


@dataclass(frozen=True)
class Field:
    """One field as the document has it; `enum` is empty where it lists no values, and may end in an ellipsis."""

    name: str
    key: bool
    type: str
    required: bool
    enum: tuple[str, ...]


@dataclass(frozen=True)
class EditionField:
    """One field of section 4: its name, the words beside it (label, length), whether it is marked, its values."""

    name: str
    words: str
    required: bool
    enum: tuple[str, ...]


@dataclass(frozen=True)
class StreamRow:
    """One row of section 5's table of streams."""

    stream: str
    owners: tuple[str, ...]
    channels: tuple[str, ...]
    openness: str


@cache
def _text() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def _section(number: int) -> str:
    return _text().split(f"\n## {number}. ", 1)[1].split("\n## ", 1)[0]


def stream_rows() -> list[StreamRow]:
    """The table of section 5."""
    rows = []
    for line in _section(5).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"D\d\d", cells[0]):
            owners = tuple(re.split(r", | / ", re.sub(r"\s*\(.*?\)", "", cells[2])))
            rows.append(StreamRow(cells[0], owners, tuple(re.findall(r"\b[POSXGM]\b", cells[3])), cells[5]))
    return rows


def _top_level(text: str, separator: str) -> Iterator[str]:
    """The parts between separators that stand in no bracket."""
    depth, start = 0, 0
    for at, character in enumerate(text):
        depth += (character in "({[") - (character in ")}]")
        if character == separator and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _fields(text: str) -> Iterator[Field]:
    """The field of a piece; `planned_from/to` and `lead!/assist` are two."""
    found = _FIELD.match(text.strip().removeprefix("plus "))
    if not found:
        return
    enum = tuple(filter(None, re.split(r"[,，]", found["enum"] or "")))
    key, required = bool(found["key"] or found["key2"]), bool(found["required"])
    yield Field(found["name"], key, found["type"] or "", required, enum)
    other = re.match(r"/([a-z]+)", text.strip()[found.end() :])
    if other:
        head, _, _ = found["name"].rpartition("_")
        yield Field(f"{head}_{other[1]}" if head else other[1], key, found["type"] or "", False, enum)


def edition_fields(edition: str, line: str) -> list[EditionField]:
    """The fields of a line of section 4: `edition` A or B, `line` its first words (Permit, Penalty, Common head)."""
    body = _section(4).split(f"\nEdition {edition}", 1)[1].split("\nEdition ", 1)[0]
    found = next(text for text in body.split("\n- ") if text.startswith(line)).split(":", 1)[1]
    found = re.sub(r"\*\*\[[VPM]\]\*\*|fs:\d+|\([^()]*\)(?=\s*·|!?$)", "", found)
    return [field for piece in _top_level(found, "·") for field in _edition_fields(piece.strip())]


def _edition_fields(piece: str) -> Iterator[EditionField]:
    """`XK_WSH 决定书文号 256!`, `代码_1 统一代码 18`, or `CF_XDR_SHXYM / _ZDM / …`, which is several."""
    enum = re.search(r"\{([^}]*)\}", piece)
    values = tuple(value.strip() for value in enum[1].split(",")) if enum else ()
    names = re.sub(r"\{[^}]*\}|\(.*", "", piece).strip()
    required = "!" in piece
    first, *others = names.split(" / ")
    words = first.rstrip("!").split()
    yield EditionField(words[0], " ".join(words[1:]), required, values)
    for other in others:
        yield EditionField(other.split()[0].rstrip("!"), "", required, values)


def fields_of(stream: str, part: str = "") -> list[Field]:
    """The fields that section 5 lists for a stream; `part` names a table of it (`items`, `needs list` …)."""
    line = next(text for text in re.split(r"\n- |· (?=D\d\d:)|\n(?=D)", _section(5)) if _is_of(text, stream))
    body = re.sub(r"\*\*\[[VPM]\]\*\*|fs:\d+", "", line.strip().removeprefix("- ")[len(stream) :].lstrip(": "))
    body = body.split("; rules")[0]
    if body.startswith(","):  # what the fields are taken from, before they begin
        body = body.split(": ", 1)[1]
    if part:
        body = next(piece.split(":", 1)[1] for piece in _top_level(body, ";") if piece.strip().startswith(part))
    return [field for piece in _top_level(body.split(". ")[0], ",") for field in _fields(piece)]


def _is_of(text: str, stream: str) -> bool:
    return bool(re.match(rf"(?:- )?{stream}(?: items)?\s*[:,]", text.strip()))


def defect_treatments() -> dict[int, str]:
    """The table of section 8: number of the defect and its treatment in words."""
    rows = (line.strip("|").split("|") for line in _section(8).splitlines() if re.match(r"\|\s*\d+\s*\|", line))
    return {int(cells[0]): cells[2].strip() for cells in rows}
