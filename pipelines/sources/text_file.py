"""A text file made ready for a reader: its encoding proved by strict decoding, and a UTF-8 copy where it is another.

Order: byte order mark, then UTF-8, then GB18030 (which holds all of GBK and GB2312), each strict; nothing is replaced
(standards.md 8 no. 1). An encoding that the entry names is tried alone.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.sources.reading import UnreadableError
from quality.finding import Finding
from quality.rules import reading as rules

_CHUNK = 1 << 22
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_GUESSES = ("utf-8", "gb18030")
_EXAMPLES = 10
#: C0 controls but tab, line feed and carriage return; then DEL.
_CONTROLS = bytes([*range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
#: The same, the C1 controls and U+FFFD, as UTF-8; the latter means that something was lost before.
_UNWANTED = re.compile(rb"[" + re.escape(_CONTROLS) + rb"]|\xc2[\x80-\x9f]|\xef\xbf\xbd")
_BLANK_LINE = re.compile(rb"\n\r?\n|\A\r?\n")


@dataclass(frozen=True)
class TextFile:
    """A UTF-8 file to read, and how the source was written.

    `regular` says that every row ends in LF or CRLF and none is blank, so that DuckDB counts rows as a person does.
    """

    path: Path
    encoding: str
    regular: bool


@dataclass(frozen=True)
class _DecodeFault:
    """Where strict decoding stopped: byte offset, and the octet there."""

    encoding: str
    offset: int
    octet: int


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _decode(path: Path, encoding: str, copy: Path | None) -> _DecodeFault | None:
    """Decode the whole file strictly, into the UTF-8 file `copy` if one is named."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = 0
    target = copy.open("wb") if copy else None
    try:
        for chunk in _chunks(path):
            pending = len(decoder.getstate()[0])
            text = decoder.decode(chunk)
            if target:
                target.write(text.encode("utf-8", "surrogatepass"))
            offset += len(chunk)
        pending = len(decoder.getstate()[0])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return _DecodeFault(encoding, offset - pending + error.start, error.object[error.start])
    finally:
        if target:
            target.close()
    return None


def _line_at(path: Path, offset: int) -> int:
    """The line, from 1, that holds the byte at `offset`."""
    line, read = 1, 0
    for chunk in _chunks(path):
        line += chunk[: max(0, offset - read)].count(b"\n")
        read += len(chunk)
        if read >= offset:
            break
    return line


def _encodings(path: Path, declared: str | None) -> tuple[str, ...]:
    with path.open("rb") as file:
        start = file.read(4)
    marked = next((encoding for mark, encoding in _MARKS if start.startswith(mark)), None)
    if declared:
        known = codecs.lookup(declared).name
        return ("utf-8-sig",) if known == "utf-8" and marked == "utf-8-sig" else (known,)
    return (marked,) if marked else _GUESSES


def _prove_encoding(path: Path, declared: str | None, copy: Path) -> tuple[str, Path]:
    """The encoding that decodes the whole file, and the UTF-8 file that says the same."""
    faults = []
    for encoding in _encodings(path, declared):
        target = None if encoding == "utf-8" else copy
        fault = _decode(path, encoding, target)
        if fault is None:
            return encoding, target or path
        faults.append(fault)
    # The reading that got furthest is the likelier one, so its first bad byte is the one to show.
    worst = max(faults, key=lambda fault: fault.offset)
    raise UnreadableError(
        rules.ENCODING.finding(
            row=_line_at(path, worst.offset), byte=worst.offset, octet=worst.octet, encoding=worst.encoding
        )
    )


def _refuse_doubtful(text: Path, encoding: str) -> None:
    """Pass a guess of GB18030 whose first characters beyond ASCII are mostly those of GB 2312, the usual ones.

    Latin-1 happens to be valid GB18030 where a letter follows every accent, and would become rare characters.

    Raises:
        UnreadableError: they are not; with the line of the first.
    """
    line = 1
    for chunk in _chunks(text):
        characters = [character for character in chunk.decode(errors="ignore") if ord(character) > 0x7F]
        unusual = [character for character in characters if not character.encode("gb2312", "ignore")]
        if 2 * len(unusual) > len(characters):
            line += chunk[: chunk.index(unusual[0].encode())].count(b"\n")
            raise UnreadableError(
                rules.DOUBTFUL_ENCODING.finding(row=line, encoding=encoding, sample="".join(unusual[:5]))
            )
        if characters:
            return
        line += chunk.count(b"\n")


def _is_regular(path: Path) -> bool:
    """No lone carriage return and no blank line anywhere."""
    tail = b"\n"
    for chunk in _chunks(path):
        piece = tail + chunk
        if piece.count(b"\r", 1) != piece.count(b"\r\n", 1) + piece.endswith(b"\r"):
            return False
        if b"\n\n" in piece or b"\n\r\n" in piece:
            return False
        tail = piece[-2:]
    return not tail.endswith(b"\r")


def spaces_by_quotes(path: Path, quote: str) -> bool:
    """Whether a space stands beside a quote anywhere in a UTF-8 file; readers differ on what it means there."""
    if not quote:
        return False
    sign, tail = quote.encode(), b""
    for chunk in _chunks(path):
        piece = tail + chunk
        if sign in piece and (b" " + sign in piece or sign + b" " in piece):
            return True
        tail = piece[-len(sign) :]
    return False


def delimiters_add_up(path: Path, delimiter: str, quote: str, expected: int) -> bool:
    """Whether no line ends in a delimiter; or, in a file without quotes, all of them are as many as `expected`.

    DuckDB passes over one delimiter too many at the end of a row, which is a cell too many to everybody else.
    """
    sign, tail, found, at_end, quoted = delimiter.encode(), b"", 0, False, False
    for chunk in _chunks(path):
        piece = tail + chunk
        at_end = at_end or sign + b"\n" in piece or sign + b"\r\n" in piece
        quoted = quoted or (quote != "" and quote.encode() in piece)
        found += chunk.count(sign)
        tail = piece[-len(sign) - 2 :]
    return not (at_end or tail.endswith(sign)) or (not quoted and found == expected)


def _has_unwanted(path: Path) -> bool:
    tail = b""
    for chunk in _chunks(path):
        piece = tail + chunk
        if len(piece.translate(None, _CONTROLS)) != len(piece) or b"\xef\xbf\xbd" in piece or b"\xc2" in piece:
            return True
        tail = chunk[-2:]
    return False


def _unwanted(path: Path) -> tuple[list[Finding], int]:
    """Findings for the first control characters, with the line of each, and how many there are."""
    findings: list[Finding] = []
    total = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            for match in _UNWANTED.finditer(line):
                total += 1
                if len(findings) < _EXAMPLES:
                    findings.append(rules.CONTROL_CHARACTER.finding(row=number, code=ord(match[0].decode())))
    return findings, total


def read_text_file(path: Path, declared: str | None, folder: Path) -> TextFile:
    """Prove the encoding of `path` and make sure that its text can be published; a UTF-8 copy goes into `folder`.

    Args:
        path: The source.
        declared: The encoding that the entry names, if any.
        folder: Where a copy may be written.

    Raises:
        UnreadableError: empty, not decodable, hardly what it was decoded as, or with control characters; with its line.
    """
    if path.stat().st_size == 0:
        raise UnreadableError(rules.EMPTY_FILE.finding())
    encoding, text = _prove_encoding(path, declared, folder / "source.utf8")
    if text.stat().st_size == 0:
        raise UnreadableError(rules.EMPTY_FILE.finding())
    if encoding == "gb18030" and not declared:
        _refuse_doubtful(text, encoding)
    if _has_unwanted(text):
        findings, total = _unwanted(text)
        if findings:
            raise UnreadableError(*findings, counts={rules.CONTROL_CHARACTER.code: total})
    return TextFile(text, encoding, _is_regular(text))
