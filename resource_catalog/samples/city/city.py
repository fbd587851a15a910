"""The city as streams see it: its words, its size, its enterprises, and chances that repeat."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from resource_catalog.samples.city.enterprises import Enterprise, enterprise
from resource_catalog.samples.city.words import CityWords, read_city_words, read_words
from resource_catalog.samples.city.working_days import WORKING_DAYS, position

SEED = 2017
_ENTERPRISES = 6000
_REMEMBERED = 20_000


class City:
    """One invented city, `scale` times as large as the committed one.

    The same scale and seed give the same city. Lists (powers, items, offices) do not grow with it; registers and
    decisions do.
    """

    def __init__(self, words_folder: Path, scale: int = 1, seed: int = SEED) -> None:
        self.scale = scale
        self.seed = seed
        self.words: CityWords = read_city_words(words_folder)
        self.size = _ENTERPRISES * scale
        self._words_folder = words_folder
        self._files: dict[str, Any] = {}
        self._known: dict[int, Enterprise] = {}

    def words_of(self, name: str) -> Any:
        """The words of one stream, from `words/<name>.json`."""
        if name not in self._files:
            self._files[name] = read_words(self._words_folder, name)
        return self._files[name]

    def chance(self, name: str) -> random.Random:
        """A source of chance of one stream's own: what another draws changes nothing here."""
        return random.Random(f"{self.seed} {name}")  # noqa: S311 - samples, no secrets

    def enterprise(self, number: int) -> Enterprise:
        """The enterprise of a number from 0 to size - 1; a higher number was founded later, or on the same day."""
        known = self._known.get(number)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            founded = WORKING_DAYS[number * len(WORKING_DAYS) // self.size]
            known = self._known[number] = enterprise(self.words, self.seed, number, founded)
        return known

    def enterprises(self) -> Iterator[Enterprise]:
        """All of them, by day of founding."""
        return map(self.enterprise, range(self.size))

    def founded_before(self, day: datetime.date) -> int:
        """How many enterprises were founded before a day: the numbers below it are theirs."""
        days = len(WORKING_DAYS)
        return -(-position(day) * self.size // days)

    def draw_enterprise(self, chance: random.Random, day: datetime.date, *kinds: str) -> Enterprise:
        """An enterprise founded before a day, of one of the kinds where some are named.

        Raises:
            ValueError: the day is the city's first, or no such kind was found.
        """
        known = self.founded_before(day)
        for _ in range(10_000):
            drawn = self.enterprise(chance.randrange(known))
            if not kinds or drawn.kind in kinds:
                return drawn
        raise ValueError(f"no enterprise of {kinds} was founded before {day}")

    def draw_day(
        self, chance: random.Random, first: datetime.date | None = None, last: datetime.date | None = None
    ) -> datetime.date:
        """A working day from `first` to `last`, both included; by default any but the first ten and last twenty."""
        start = position(first) if first else 10
        end = position(last + datetime.timedelta(days=1)) if last else len(WORKING_DAYS) - 20
        return WORKING_DAYS[chance.randrange(start, end)]
