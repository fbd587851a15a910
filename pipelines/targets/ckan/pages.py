"""A table's pages as files, the next ones on their way while one is looked at: the portal and we work side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

#: Pages on their way at a time; a portal has other readers, too.
ABREAST = 2

#: A page's file on its way, and how many rows it would have if it were full.
_Page = Future[tuple[Path, int]]


class PageReader:
    """Reads all pages of one table.

    Args:
        ask: Gives the portal's answer for an `offset` and a `limit`; called by other threads, too.
        folder: An empty folder for the pages.
    """

    def __init__(self, ask: Callable[[Mapping[str, int]], Mapping[str, Any]], folder: Path) -> None:
        self._ask, self._folder = ask, folder

    def read(self, size: int, expected: int, take: Callable[[Path], int]) -> list[Path]:
        """Read until a page isn't full; the pages' files in their order.

        Args:
            size: Rows to ask for; a portal may allow fewer.
            expected: How many rows the table should have. Pages up to there are asked for ahead; whatever comes, one
                that isn't full is the last one.
            take: Looks at a page in its turn, and says how many rows it has.

        Raises:
            PortalError: a page can't be had.
        """
        pages: list[Path] = []
        with ThreadPoolExecutor(ABREAST) as abreast:
            coming = self._ahead(abreast, 0, size, expected)
            try:
                full = True
                while full:
                    if not coming:
                        coming.append(abreast.submit(self._fetch, len(pages) * size, size))
                    page, given = coming.popleft().result()
                    pages.append(page)
                    if len(pages) == 1 and given < size:  # this portal's pages are smaller, which the first one says
                        _give_up(coming)
                        size = given
                        coming = self._ahead(abreast, size, size, expected)
                    full = take(page) >= size
            finally:
                _give_up(coming)
        return pages

    def _ahead(self, abreast: ThreadPoolExecutor, start: int, size: int, expected: int) -> deque[_Page]:
        return deque(abreast.submit(self._fetch, offset, size) for offset in range(start, expected + 1, size))

    def _fetch(self, offset: int, limit: int) -> tuple[Path, int]:
        """A page's file, and how many rows it would have if it were full."""
        answer = self._ask({"offset": offset, "limit": limit})
        file = self._folder / f"{offset}.csv"
        file.write_text(answer["records"], encoding="utf-8", newline="")
        return file, int(answer.get("limit", limit))


def _give_up(coming: Iterable[_Page]) -> None:
    """Ask for no more pages, and let those that are on their way arrive: nothing writes their files any more."""
    for one in coming:
        one.cancel()
    wait(coming)
