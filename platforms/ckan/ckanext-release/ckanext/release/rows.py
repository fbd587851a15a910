"""The rows that a caller uploads, checked as far as PostgreSQL doesn't, and streamed to its COPY."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from typing import IO

from ckan.plugins import toolkit
from ckanext.release.columns import refused

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_FIRST_READ = 2**20


class Rows:
    """A CSV file (UTF-8, RFC 4180, one line of headings), as the stream of bytes that COPY reads.

    Args:
        upload: the file, plain or gzip.
        header: the headings that it must have, in this order.
        limit: bytes that it may have before compression.

    Raises:
        ValidationError: the headings are others, so that the columns would be mistaken for each other.
    """

    def __init__(self, upload: IO[bytes], header: Sequence[str], limit: int) -> None:
        self._file, self._limit, self._taken = _opened(upload), limit, 0
        #: Why the stream broke off; PostgreSQL's own error then only says that it did.
        self.failure: toolkit.ValidationError | None = None
        self._start = b""
        self._start = self.read(_FIRST_READ).removeprefix(_BYTE_ORDER_MARK)
        _check_header(self._start, header)

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        if self._start:
            taken, self._start = self._start[:size], self._start[size:]
            return taken
        try:
            taken = self._file.read(size)
        except (EOFError, OSError) as error:
            return self._broken_off(f"the gzip file is damaged: {error}")
        self._taken += len(taken)
        if self._taken > self._limit:
            return self._broken_off(f"the table has more than {self._limit} bytes, the most that this portal takes")
        return taken

    def _broken_off(self, reason: str) -> bytes:
        self.failure = refused("upload", reason)
        raise self.failure


def _opened(upload: IO[bytes]) -> IO[bytes] | gzip.GzipFile:
    if upload.read(2) == _GZIP:
        upload.seek(0)
        return gzip.GzipFile(fileobj=upload)
    upload.seek(0)
    return upload


def _check_header(start: bytes, header: Sequence[str]) -> None:
    text = start.decode("utf-8", errors="replace")
    try:
        found = next(csv.reader(io.StringIO(text, newline=""), strict=True), [])
    except csv.Error as error:
        raise refused("upload", f"the headings can't be read as CSV: {error}") from None
    if found != list(header):
        raise refused("upload", f"the headings are {found}, and not {list(header)}")
