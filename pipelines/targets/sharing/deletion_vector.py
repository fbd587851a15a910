"""Deletion vectors: which rows of a data file are gone, as Delta keeps them in its log or in files of their own.

Source: Delta protocol, "Deletion Vector Format" (RoaringBitmapArray, portable) and roaringbitmap.org's format
specification; storage type "i" is the bytes in Z85 (rfc.zeromq.org/spec/32), padded to a multiple of four; "u" names a
file by its UUID in Z85.
"""

from __future__ import annotations

import hashlib
import struct
import uuid
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from pipelines.home import to_disk

_MAGIC = 1681511377
_COOKIE_WITHOUT_RUNS = 12346
#: Up to so many rows of 65,536 are listed one by one; more are bits.
_ARRAY = 4096
_BITS = 8192
#: Bytes up to which a vector stands in the log.
_INLINE = 512
_Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_DIGIT = {sign: value for value, sign in enumerate(_Z85)}


def _container(low: list[int]) -> bytes:
    if len(low) <= _ARRAY:
        return struct.pack(f"<{len(low)}H", *low)
    bits = bytearray(_BITS)
    for value in low:
        bits[value >> 3] |= 1 << (value & 7)
    return bytes(bits)


def _bitmap(rows: list[int]) -> bytes:
    """A 32-bit Roaring bitmap in its portable form, without runs."""
    parts = [(high, [row & 0xFFFF for row in some]) for high, some in groupby(rows, lambda row: row >> 16)]
    head = struct.pack("<II", _COOKIE_WITHOUT_RUNS, len(parts))
    head += b"".join(struct.pack("<HH", high, len(low) - 1) for high, low in parts)
    bodies = [_container(low) for _high, low in parts]
    offset = len(head) + 4 * len(parts)
    offsets = b""
    for body in bodies:
        offsets += struct.pack("<I", offset)
        offset += len(body)
    return head + offsets + b"".join(bodies)


def _z85(content: bytes) -> str:
    padded = content + b"\0" * (-len(content) % 4)
    signs = []
    for (word,) in struct.iter_unpack(">I", padded):
        signs += [_Z85[word // 85**power % 85] for power in (4, 3, 2, 1, 0)]
    return "".join(signs)


def _from_z85(text: str) -> bytes:
    words = []
    for start in range(0, len(text), 5):
        word = 0
        for sign in text[start : start + 5]:
            word = word * 85 + _DIGIT[sign]
        words.append(struct.pack(">I", word))
    return b"".join(words)


@dataclass(frozen=True)
class WrittenVector:
    """A deletion vector as the log names it, and the file that has it; no file where the log has it whole."""

    descriptor: dict[str, Any]
    file: str = ""
    size: int = 0
    sha256: str = ""


def _relative(identity: uuid.UUID) -> str:
    return f"deletion_vector_{identity}.bin"


def write(table: Path, rows: Iterable[int]) -> WrittenVector:
    """The vector of the rows of a file that are gone, numbered from 0 in the file's order.

    A small one stands in the log itself; a larger one, which each later version would repeat, in a file of its own.
    Rows beyond 2³² are not supported: no file of a release has as many.
    """
    known = sorted(set(rows))
    content = struct.pack("<IQI", _MAGIC, 1, 0) + _bitmap(known)
    facts = {"sizeInBytes": len(content), "cardinality": len(known)}
    if len(content) <= _INLINE:
        return WrittenVector({"storageType": "i", "pathOrInlineDv": _z85(content), **facts})
    identity = uuid.uuid4()
    whole = b"\x01" + struct.pack(">I", len(content)) + content + struct.pack(">I", zlib.crc32(content))
    file = table / _relative(identity)
    file.write_bytes(whole)
    to_disk(file)
    to_disk(table)
    descriptor = {"storageType": "u", "pathOrInlineDv": _z85(identity.bytes), "offset": 1, **facts}
    return WrittenVector(descriptor, file.name, len(whole), hashlib.sha256(whole).hexdigest())


def read(table: Path, descriptor: Mapping[str, Any]) -> list[int]:
    """The rows of a descriptor that `write` made, ascending.

    Raises:
        OSError: its file can't be read.
        ValueError: its file was harmed, or it is of another form than `write` makes.
    """
    if descriptor["storageType"] == "i":
        return _decoded(_from_z85(descriptor["pathOrInlineDv"])[: descriptor["sizeInBytes"]])
    identity = uuid.UUID(bytes=_from_z85(descriptor["pathOrInlineDv"]))
    whole = (table / _relative(identity)).read_bytes()
    content = whole[5:-4]
    if whole[:5] != b"\x01" + struct.pack(">I", len(content)) or whole[-4:] != struct.pack(">I", zlib.crc32(content)):
        raise ValueError("a deletion vector's file was harmed")
    return _decoded(content)


def _decoded(content: bytes) -> list[int]:
    magic, maps, high_bits, cookie, count = struct.unpack_from("<IQIII", content)
    if (magic, maps, high_bits, cookie) != (_MAGIC, 1, 0, _COOKIE_WITHOUT_RUNS):
        raise ValueError("a deletion vector of another form than this program writes")
    start = struct.calcsize("<IQI")
    found: list[int] = []
    for part in range(count):
        high, last = struct.unpack_from("<HH", content, start + 8 + 4 * part)
        (offset,) = struct.unpack_from("<I", content, start + 8 + 4 * count + 4 * part)
        found += [(high << 16) | low for low in _low_halves(content, start + offset, last + 1)]
    return found


def _low_halves(content: bytes, offset: int, cardinality: int) -> Iterable[int]:
    if cardinality <= _ARRAY:
        return struct.unpack_from(f"<{cardinality}H", content, offset)
    bits = content[offset : offset + _BITS]
    return [(byte << 3) | bit for byte, eight in enumerate(bits) for bit in range(8) if eight >> bit & 1]
