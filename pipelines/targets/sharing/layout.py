"""The layout of a shared table: which files a version takes over, which it marks, and which it writes anew.

A reader of Delta at reader version 1 takes every row of every file of a version: a file of which one row goes must be
written anew. With deletion vectors (reader version 3) the row is marked in the log instead, and its new form goes to a
small file. Marking pays where rewriting costs; a table whose files are small, or of which few are touched, stays at 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.targets.sharing.delta_log import LiveFile

#: Rows of a data file at most: a stock client reads a few large files faster than many small ones.
ROWS_PER_FILE = 1_000_000
#: So many bytes are rewritten without a thought.
CHEAP = 1 << 19
#: The share of the table's bytes up to which rewriting is cheap, too: with the new rows and the change data, which are
#: a third each of what a release of 1 % may write.
CHEAP_SHARE = 0.01
#: Where more than this share of the rows is marked, or there are more files than this beyond those that a table of its
#: size needs, the version writes all of them anew: readers would pay for what no longer counts.
MOST_GONE = 0.2
MOST_FILES = 32


@dataclass(frozen=True)
class Layout:
    """What becomes of the files before: `rewritten` give their rows that stay to new files, `marked` lose rows."""

    rewritten: tuple[LiveFile, ...] = ()
    marked: Mapping[str, tuple[int, ...]] = ()  # type: ignore[assignment]  # path → all rows that are gone then

    @property
    def vectors(self) -> bool:
        """Whether the version needs deletion vectors."""
        return any(self.marked.values())


def _crowded(files: Sequence[LiveFile], located: Mapping[str, Sequence[int]]) -> bool:
    rows = sum(one.rows for one in files)
    gone = sum(len(one.gone) + len(located.get(one.path, ())) for one in files)
    needed = -(-rows // ROWS_PER_FILE)
    return gone > MOST_GONE * rows or len(files) - needed >= MOST_FILES


def choose(
    files: Sequence[LiveFile], located: Mapping[str, Sequence[int]], *, vectors: bool, whole: bool = False
) -> Layout:
    """The layout of the next version.

    Args:
        files: The files of the version before.
        located: Path → the numbers of the rows that go.
        vectors: Whether rows may be marked.
        whole: Whether every file is to be written anew, since the columns changed.
    """
    if whole or _crowded(files, located):
        return Layout(tuple(files), {})
    touched = [one for one in files if located.get(one.path)]
    emptied = [one for one in touched if len(located[one.path]) == one.left]
    touched = [one for one in touched if one not in emptied]
    cost = sum(one.size for one in touched)
    if not vectors or cost <= max(CHEAP, CHEAP_SHARE * sum(one.size for one in files)):
        return Layout((*touched, *emptied), {})
    marked = {one.path: tuple(sorted({*one.gone, *located[one.path]})) for one in touched}
    return Layout(tuple(emptied), marked)
