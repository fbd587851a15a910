"""A table's pages as files, the next ones on their way while one is looked at: the portal and we work side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

#: Pages on their way at a time; a portal has other readers, too.
ABREAST = 2

#: Pages asked for before their turn, those that arrived already among them: after one that can't be had, no more are.
AHEAD = 2 * ABREAST

#: A page's file on its way, and how many rows it would have if it were full.
_Page = Future[tuple[Path, int]]


class PageReader:
    """Reads all pages of one table.

    Args:
        fetch: Writes the rows from an offset on, up to a limit, into a file, and says which limit the portal went by;
            called by other threads, too.
        folder: An empty folder for the pages.
    """

    def __init__(self, fetch: Callable[[int, int, Path], int], folder: Path) -> None:
        self._fetch, self._folder = fetch, folder

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
            coming: deque[_Page] = deque()
            try:
                full = True
                while full:
                    # The next one in any case, and beyond it what the table should have.
                    first = len(pages) * size
                    for number in range(len(coming), AHEAD):
                        offset = first + number * size
                        if number == 0 or offset <= expected:
                            coming.append(abreast.submit(self._page, offset, size))
                    page, given = coming.popleft().result()
                    pages.append(page)
                    if len(pages) == 1 and given < size:  # this portal's pages are smaller, which the first one says
                        _give_up(coming)
                        coming.clear()
                        size = given
                    full = take(page) >= size
            finally:
                _give_up(coming)
        return pages

    def _page(self, offset: int, limit: int) -> tuple[Path, int]:
        """A page's file, and how many rows it would have if it were full."""
        file = self._folder / f"{offset}.csv"
        return file, self._fetch(offset, limit, file)


def _give_up(coming: Iterable[_Page]) -> None:
    """Ask for no more pages, and let those that are on their way arrive: nothing writes their files any more."""
    for one in coming:
        one.cancel()
    wait(coming)
