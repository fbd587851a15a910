"""A table's pages as files, the next ones on their way while one is looked at: the portal and we work side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

#: Pages on their way at a time; a portal has other readers, too.
ABREAST = 2


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
        first, size = self._fetch(0, size)
        pages = [first]
        if take(first) < size:
            return pages
        with ThreadPoolExecutor(ABREAST) as abreast:
            ahead = range(size, expected + 1, size)
            coming = deque(abreast.submit(self._fetch, offset, size) for offset in ahead)
            try:
                full = True
                while full:
                    if not coming:
                        coming.append(abreast.submit(self._fetch, len(pages) * size, size))
                    page, _ = coming.popleft().result()
                    pages.append(page)
                    full = take(page) >= size
            finally:
                for one in coming:
                    one.cancel()
        return pages

    def _fetch(self, offset: int, limit: int) -> tuple[Path, int]:
        """A page's file, and how many rows it would have if it were full."""
        answer = self._ask({"offset": offset, "limit": limit})
        file = self._folder / f"{offset}.csv"
        file.write_text(answer["records"], encoding="utf-8", newline="")
        return file, int(answer.get("limit", limit))
