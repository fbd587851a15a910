"""A table is read whole, page by page, however many rows it has and a portal gives, and two pages at a time at most."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipelines.targets.ckan.errors import PortalDown
from pipelines.targets.ckan.pages import AHEAD, PageReader


@dataclass
class Table:
    """A portal's table of so many rows, which gives `most` of them at a time; the page at `broken` can't be had."""

    rows: int
    most: int = 100
    broken: int = -1
    asked: list[int] = field(default_factory=list)
    now: int = 0
    abreast: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    together: threading.Barrier | None = None

    def fetch(self, offset: int, limit: int, file: Path) -> int:
        """Write the rows of a page; the limit that it went by."""
        with self.lock:
            self.asked.append(offset)
            self.now += 1
            self.abreast = max(self.abreast, self.now)
        if self.together and offset:
            self.together.wait(10)
        with self.lock:
            self.now -= 1
        if offset == self.broken:
            raise PortalDown("away", where="here", fix="wait")
        limit = min(limit, self.most)
        rows = range(offset, min(offset + limit, self.rows))
        file.write_text("".join(f"{row}\n" for row in rows), "utf-8")
        return limit


def _read(table: Table, folder: Path, expected: int, size: int = 10) -> list[str]:
    taken: list[str] = []

    def take(page: Path) -> int:
        rows = page.read_text("utf-8").splitlines()
        taken.extend(rows)
        return len(rows)

    pages = PageReader(table.fetch, folder).read(size, expected, take)
    assert [row for page in pages for row in page.read_text("utf-8").splitlines()] == taken
    return taken


@pytest.mark.parametrize("most", [10, 4])
@pytest.mark.parametrize("expected", [0, 9, 10, 35, 90])
@pytest.mark.parametrize("rows", [0, 1, 10, 11, 20, 35])
def test_every_row_comes_once_and_in_order(tmp_path: Path, rows: int, expected: int, most: int) -> None:
    assert _read(Table(rows, most), tmp_path, expected) == [str(row) for row in range(rows)]


@pytest.mark.parametrize(("rows", "pages"), [(0, 1), (9, 1), (10, 2), (35, 4)])
def test_a_table_as_expected_costs_no_request_beyond_its_last_page(tmp_path: Path, rows: int, pages: int) -> None:
    table = Table(rows)
    _read(table, tmp_path, rows)
    assert sorted(table.asked) == [10 * page for page in range(pages)]


def test_pages_are_asked_for_two_at_a_time(tmp_path: Path) -> None:
    # Each waits until the other is there, too: of four pages after the first, two and two.
    table = Table(45, together=threading.Barrier(2))
    assert len(_read(table, tmp_path, 45)) == 45
    assert table.abreast == 2
    assert sorted(table.asked) == [0, 10, 20, 30, 40]


def test_a_page_that_cannot_be_had_ends_the_reading(tmp_path: Path) -> None:
    table = Table(1_000, broken=10)
    with pytest.raises(PortalDown):
        _read(table, tmp_path, 1_000)
    assert len(table.asked) <= 1 + AHEAD
