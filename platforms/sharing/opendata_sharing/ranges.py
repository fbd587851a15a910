"""Which bytes of a file a request wants (RFC 9110, section 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opendata_sharing.errors import CallRefused

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes `start` to before `end` of a file of `size` bytes; `whole` where no range was asked for."""

    start: int
    end: int
    size: int
    whole: bool

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return self.end - self.start


def wanted_part(header: str | None, size: int) -> Part:
    """The part that a Range header asks for; a header that isn't understood, or asks for several parts, gets the whole.

    Raises:
        CallRefused: 416, the file has no such bytes.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or not (match[1] or match[2]):
        return Part(0, size, size, whole=True)
    if match[1]:
        start = int(match[1])
        end = min(int(match[2]) + 1, size) if match[2] else size
        if match[2] and int(match[2]) < start:
            return Part(0, size, size, whole=True)
    else:
        start, end = max(0, size - int(match[2])), size
    if start >= end:
        raise CallRefused(
            416,
            "INVALID_PARAMETER_VALUE",
            "the file has no such bytes",
            headers=(("content-range", f"bytes */{size}"),),
        )
    return Part(start, end, size, whole=False)
