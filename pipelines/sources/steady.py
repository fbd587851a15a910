"""Whether a file stayed as it was while it was read: a half-written export must never become a release."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.sources.reading import UnreadableError
from quality.rules.reading import SOURCE_CHANGED

#: File systems stamp changes with the kernel's tick; two changes within one can't be told apart.
_TICK_NS = 20_000_000


def _state(path: Path) -> tuple[int, int, int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Read `path` within this block.

    Raises:
        UnreadableError: the file was changed, replaced or removed in between, whatever else the reader made of that.
    """
    before = _state(path)
    if before and time.time_ns() - before[3] < _TICK_NS:
        time.sleep(_TICK_NS / 1e9)
    try:
        yield
    except Exception as error:
        if _state(path) != before:
            raise UnreadableError(SOURCE_CHANGED.finding()) from error
        raise
    if _state(path) != before:
        raise UnreadableError(SOURCE_CHANGED.finding())


def digest_file(path: Path) -> str:
    """The digest of the file's bytes, as "sha256:…"."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
