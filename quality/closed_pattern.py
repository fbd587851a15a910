"""A closed pattern: one that says of which characters a text is made, so that much need not be looked for in it.

Closed are patterns of plain characters, ASCII classes, closed sets, groups, choices and repetitions. Of others, with a
dot or a negated set, nothing is sure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

_DIGITS = (("0", "9"), ("０", "９"))
_CLASSES = {"d": (("0", "9"),), "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))}
_SIGNS = r".()\[\]{}+*?|/^$-"
_TOKEN = re.compile(
    rf"(?P<atom>\\[dw{_SIGNS}]|\[(?!\^)(?:[^\\\[\]]|\\[dw{_SIGNS}])+\]|[^\\.\[\](){{}}+*?|^$])"
    r"|(?P<group>\((?:\?:)?|\)|\|)|(?P<anchor>[\^$])|(?P<times>(?:[*?+]|\{(?P<least>\d+)(?:,\d*)?\})\??)",
    re.ASCII,
)
_MEMBER = re.compile(r"(\\?.)(?:-(\\?.))?", re.DOTALL)
Range = tuple[str, str]


@dataclass(frozen=True)
class ClosedPattern:
    """What is sure of every text that matches the whole pattern.

    `ranges` are (first, last) of the characters that it can have, `shortest` is how many it has at least, and
    `other_bytes` how many of its bytes in UTF-8, at least, are in characters that are no digits.
    """

    ranges: tuple[Range, ...]
    shortest: int
    other_bytes: int

    def can_hold(self, first: str, last: str = "") -> bool:
        """Whether a character from `first` to `last` can be in the text."""
        return any(first <= high and low <= (last or first) for low, high in self.ranges)

    def can_hold_any(self, characters: str) -> bool:
        """Whether any of these characters can be in the text."""
        return any(map(self.can_hold, characters))


@dataclass(frozen=True)
class _Atom:
    """One place of a pattern: the characters that may stand there, and how often there is one at least."""

    ranges: tuple[Range, ...]
    least: int

    @property
    def other_bytes(self) -> int:
        """Bytes that are no digits, at least."""
        if any(low <= last and first <= high for low, high in self.ranges for first, last in _DIGITS):
            return 0
        return self.least * min(len(low.encode()) for low, _high in self.ranges)


def _member(written: str) -> tuple[Range, ...]:
    name = written[-1]
    return _CLASSES[name] if len(written) > 1 and name in _CLASSES else ((name, name),)


def _ranges(atom: str) -> tuple[Range, ...] | None:
    """The characters of an atom; None for a set that is not understood."""
    if not atom.startswith("["):
        return _member(atom)
    found: list[Range] = []
    for low, high in _MEMBER.findall(atom[1:-1]):
        ends = (_member(low), _member(high)) if high else (_member(low),)
        if high and (any(len(end) != 1 or end[0][0] != end[0][1] for end in ends) or low[-1] > high[-1]):
            return None
        found += ((low[-1], high[-1]),) if high else ends[0]
    return tuple(found)


def _tokens(pattern: str) -> list[re.Match[str]] | None:
    found: list[re.Match[str]] = []
    place = 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None:
            return None
        found.append(token)
        place = token.end()
    return found


def _least(times: re.Match[str] | None) -> int:
    if times is None or times["times"] is None:
        return 1
    if times["least"]:
        return int(times["least"])
    return 1 if times["times"].startswith("+") else 0


@cache
def closed_pattern(pattern: str) -> ClosedPattern | None:
    """What is sure of the texts that match a pattern; None where it is not closed.

    Of a pattern with groups or choices the least length is not reckoned, and given as 0.
    """
    tokens = _tokens(pattern)
    if tokens is None:
        return None
    atoms: list[_Atom] = []
    for token, after in zip_longest(tokens, tokens[1:]):
        if token["atom"]:
            ranges = _ranges(token["atom"])
            if ranges is None:
                return None
            atoms.append(_Atom(ranges, _least(after)))
    flat = not any(token["group"] for token in tokens)
    return ClosedPattern(
        tuple(span for atom in atoms for span in atom.ranges),
        sum(atom.least for atom in atoms) if flat else 0,
        sum(atom.other_bytes for atom in atoms) if flat else 0,
    )
