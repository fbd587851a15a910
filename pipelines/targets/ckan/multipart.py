"""Uploads as multipart/form-data that is read from disk while it is sent: a file of 2 GB takes no memory."""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self


@dataclass(frozen=True)
class Upload:
    """One file of a request: the form's field, the name that the portal keeps, and the bytes or the file of them."""

    field: str
    name: str  # ASCII: CKAN drops other characters (reliability.md M17)
    content: bytes | Path
    media_type: str = "application/octet-stream"

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def open(self) -> BinaryIO:
        """The bytes, from the start."""
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")


class MultipartBody:
    """A request's body, as a file that is read once from its start; `length` is known before it is sent."""

    def __init__(self, fields: Mapping[str, str], uploads: Sequence[Upload]) -> None:
        self._boundary = secrets.token_hex(16)
        self._parts: list[BinaryIO] = []
        self.length = 0
        for name, value in fields.items():
            self._add_bytes(self._head(f'name="{name}"') + value.encode() + b"\r\n")
        for upload in uploads:
            self._add_bytes(self._head(f'name="{upload.field}"; filename="{upload.name}"', upload.media_type))
            self._parts.append(upload.open())
            self.length += upload.size
            self._add_bytes(b"\r\n")
        self._add_bytes(f"--{self._boundary}--\r\n".encode())
        self._waiting = iter(self._parts)
        self._part = next(self._waiting)

    @property
    def content_type(self) -> str:
        """The header that the body needs."""
        return f"multipart/form-data; boundary={self._boundary}"

    def _head(self, disposition: str, media_type: str = "text/plain; charset=utf-8") -> bytes:
        lines = (f"--{self._boundary}", f"Content-Disposition: form-data; {disposition}", f"Content-Type: {media_type}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _add_bytes(self, content: bytes) -> None:
        self._parts.append(io.BytesIO(content))
        self.length += len(content)

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        while True:
            piece = self._part.read(size)
            if piece:
                return piece
            following = next(self._waiting, None)
            if following is None:
                return b""
            self._part = following

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for part in self._parts:
            part.close()
