"""What a section is asked to mend, line by line, and the identity by which a line is known again when it comes back.

A row is known by its primary key where that is public and not itself broken, else by all that the workbook shows of it;
so an identity tells nothing that the workbook does not show.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from quality.rules.rule import Rule


class Answer(StrEnum):
    """What a section may answer to a line."""

    CORRECTED = "已改正"
    RIGHT = "情况属实无需改"
    IMPOSSIBLE = "无法改正"
    OTHER = "其他"


@dataclass(frozen=True)
class Fault:
    """A rule that a line breaks, and in which of its columns, as the source names them."""

    rule: Rule
    columns: tuple[str, ...]

    @cached_property
    def mark(self) -> str:
        """What the fault is known by beside its line."""
        return _digest(self.rule.code, *self.columns)[:12]

    @property
    def text(self) -> str:
        """The fault and its remedy in plain Chinese."""
        place = f"{'、'.join(self.columns)}：" if self.columns else ""
        return f"{place}{self.rule.title}。改法：{self.rule.plain_fix}。"


@dataclass(frozen=True)
class Line:
    """One row of the source, or one fault that is of no row, with all that is wrong with it.

    `key` tells the line from all others of its dataset; `cells` are the row's cells as they may be shown, by column of
    the source; `number` is the row in the source as a person counts it there. `detail` is the finding's own sentence
    and place, of a fault that is of no row.
    """

    dataset: str
    key: str
    faults: tuple[Fault, ...]
    number: int | None = None
    cells: tuple[str | None, ...] = ()
    detail: str = ""

    @property
    def looks(self) -> str:
        """What the line has in common with those that look equal to it."""
        return self.key.partition(".")[0]

    @property
    def place(self) -> int | str:
        """What tells the line from all others of this check."""
        return self.key if self.number is None else self.number

    @property
    def identity(self) -> str:
        """The line's identity as the workbook keeps it, with check digits against slips of the hand."""
        marks = ",".join(fault.mark for fault in self.faults[:_MOST_MARKS])
        body = f"{self.dataset}/{self.key}/{marks}"
        return f"{body}/{_digest(body)[:8]}"


@dataclass(frozen=True)
class AnsweredLine:
    """A line as it came back; `answer` is None where the section gave none. `place` is file, sheet and row."""

    dataset: str
    key: str
    marks: tuple[str, ...]
    number: int | None
    answer: Answer | None
    note: str
    place: str

    @property
    def looks(self) -> str:
        """What the line has in common with those that look equal to it."""
        return self.key.partition(".")[0]


@dataclass(frozen=True)
class Carried:
    """What a new workbook says of an earlier answer to one of its lines; `looks` is the line's now."""

    answer: Answer | None
    note: str
    before: str
    looks: str


#: A cell of a workbook holds some 2,500 marks.
_MOST_MARKS = 2_000
_IDENTITY = re.compile(r"([a-z0-9-]+)/([0-9a-z]+\.[0-9]+)/([0-9a-f,]*)/([0-9a-f]{8})")


def _digest(*parts: str | None) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def key_of(kind: str, values: Iterable[str | None], ordinal: int = 0) -> str:
    """A line's key: of what kind it is, a digest of what tells it apart, and which of its equals it is."""
    return f"{kind}{_digest(*values)[:24]}.{ordinal}"


def read_identity(text: str) -> tuple[str, str, tuple[str, ...]] | None:
    """(dataset, key, marks) of an identity; None where the text is none."""
    found = _IDENTITY.fullmatch(text)
    if found is None or _digest(text.rpartition("/")[0])[:8] != found[4]:
        return None
    return found[1], found[2], tuple(found[3].split(",")) if found[3] else ()


def described(faults: Sequence[Fault], longest: int) -> str:
    """The faults of a line in one text, a line of text each."""
    said = "\n".join(fault.text for fault in faults)
    return said if len(said) <= longest else f"{said[: longest - 20]}…（共 {len(faults)} 处）"
