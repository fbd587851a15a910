"""An extension's signature is verified once a process, and again as soon as its file is another."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from pipelines.engines import duck
from pipelines.engines.duck import extension_file, open_work


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of an extension's file, which stands in for it; nothing is verified yet."""
    copy = tmp_path / extension_file("excel").name
    copy.write_bytes(extension_file("excel").read_bytes())
    monkeypatch.setattr(duck, "extension_file", lambda name: copy)
    monkeypatch.setattr(duck, "_VERIFIED", set())
    return copy


def tamper(file: Path) -> None:
    """Another byte in the middle, and the time as it was."""
    before = file.stat()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink()  # what is loaded of it stays as it is
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))


def unsigned_allowed(folder: Path, number: int) -> bool:
    with open_work(folder / f"{number}.duckdb", extensions=["excel"]) as connection:
        return bool(connection.execute("SELECT current_setting('allow_unsigned_extensions')").fetchall()[0][0])


def test_it_is_verified_by_the_first_that_loads_it(file: Path, tmp_path: Path) -> None:
    assert [unsigned_allowed(tmp_path, number) for number in range(3)] == [False, True, True]


def test_another_file_is_refused_whether_one_was_verified_before_or_not(file: Path, tmp_path: Path) -> None:
    assert not unsigned_allowed(tmp_path, 1)
    tamper(file)
    for number in (2, 3):
        with pytest.raises(duckdb.Error, match="signature"):
            unsigned_allowed(tmp_path, number)


def test_no_connection_without_extensions_takes_unsigned_ones(file: Path, tmp_path: Path) -> None:
    assert not unsigned_allowed(tmp_path, 1)
    with open_work(tmp_path / "2.duckdb") as connection:
        assert connection.execute("SELECT current_setting('allow_unsigned_extensions')").fetchall() == [(False,)]
        with pytest.raises(duckdb.Error):
            connection.execute(f"LOAD '{file}'")
