"""Names that people take for one: they differ by spaces, width, brackets or case alone."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Thing = TypeVar("Thing")


def skeleton(name: str) -> str:
    """What is left of a name without spaces, brackets, punctuation, signs of no width, its width and its case."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name) if sign.isalnum()).casefold() or name


def alike(
    things: Iterable[Thing], trait: Callable[[Thing], object], *, but_not: Callable[[Thing], object] = id
) -> Iterator[tuple[Thing, Thing]]:
    """Each thing with the first other that has the same trait, but not the same of another; by default any other."""
    groups: dict[object, list[Thing]] = defaultdict(list)
    for thing in things:
        groups[trait(thing)].append(thing)
    for group in groups.values():
        for thing in group:
            other = next((other for other in group if but_not(other) != but_not(thing)), None)
            if other is not None:
                yield thing, other
