"""What a file really is, by its first bytes and its parts, whatever its name says."""

from __future__ import annotations

import zipfile
from pathlib import Path

import olefile

_ZIP = b"PK\x03\x04"
_MAGIC = (
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a PNG image"),
)
_ZIP_PARTS = (
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "a binary workbook (xlsb)"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint document"),
)
_OLE_STREAMS = (
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("EncryptedPackage", "a workbook that is locked with a password"),
    ("WordDocument", "a Word document"),
)


def _kind_of_zip(file: Path) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and b"opendocument.spreadsheet" in archive.open("mimetype").read(200):
                return "ods"
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        return "a damaged zip archive"
    return next((kind for part, kind in _ZIP_PARTS if part in names), "a zip archive without a workbook in it")


def _kind_of_compound_file(file: Path) -> str:
    try:
        with olefile.OleFileIO(str(file)) as compound:
            return next((kind for stream, kind in _OLE_STREAMS if compound.exists(stream)), "an OLE compound file")
    except OSError:
        return "a damaged OLE compound file"


def _kind_of_text(start: bytes) -> str:
    try:
        text = start.decode("utf-8-sig", errors="ignore" if len(start) > 4 else "strict").lstrip().lower()
    except UnicodeDecodeError:
        return "of a kind that is not known here"
    if b"\x00" in start:
        return "of a kind that is not known here"
    if text.startswith(("<!doctype html", "<html", "<table", "<div", "<meta")):
        return "an HTML page"
    if text.startswith("<"):
        return "an XML document"
    return "JSON" if text.startswith(("{", "[")) else "plain text"


def kind_of(file: Path) -> str:
    """`xlsx`, `xls` or `ods`, or in words what else the file looks like ("an HTML page")."""
    with file.open("rb") as stream:
        start = stream.read(2048)
    if start.startswith(_ZIP):
        return _kind_of_zip(file)
    if start.startswith(olefile.MAGIC):
        return _kind_of_compound_file(file)
    known = next((kind for magic, kind in _MAGIC if start.startswith(magic)), None)
    return known or _kind_of_text(start)
