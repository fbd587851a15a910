"""A source that changes while it is read is read once more, and refused if it still changes."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.handover import Blocked, Extract
from pipelines.sources.reading import UnreadableError
from pipelines.sources.steady import unchanged
from pipelines.stages import extract as stage
from resource_catalog.agency import Agency
from resource_catalog.catalog_values import Catalog
from resource_catalog.workspace import Workspace
from tests.catalogue_factory import AGENCY, make_entry, make_workspace

Writer = Callable[[Path], None]


def _append(file: Path) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write("wharf,3\n")


def _overwrite_in_place(file: Path) -> None:
    """The same size, and the time of the last change set back, as some copying programs do."""
    before = file.stat()
    with file.open("r+b") as stream:
        stream.write(b"P")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _rename_over(file: Path) -> None:
    other = file.with_suffix(".new")
    other.write_bytes(file.read_bytes())
    other.replace(file)


def _truncate(file: Path) -> None:
    file.write_bytes(b"")


def _delete(file: Path) -> None:
    file.unlink()


WRITERS = [_append, _overwrite_in_place, _rename_over, _truncate, _delete]


@pytest.mark.parametrize("write", WRITERS)
def test_a_change_within_the_reading_is_noticed(tmp_path: Path, write: Writer) -> None:
    file = tmp_path / "a.csv"
    file.write_text("port,height\n1,2\n", encoding="utf-8")
    with pytest.raises(UnreadableError) as caught, unchanged(file):
        write(file)

    assert [finding.rule for finding in caught.value.findings] == ["source-changed"]


def test_reading_is_no_change(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("port,height\n1,2\n", encoding="utf-8")
    with unchanged(file):
        assert file.read_bytes()


@pytest.mark.parametrize("fault", [UnreadableError(), OSError("short read")])
def test_a_reader_that_stumbles_over_the_change_is_no_other_fault(tmp_path: Path, fault: Exception) -> None:
    file = tmp_path / "a.csv"
    file.write_text("port,height\n1,2\n", encoding="utf-8")
    with pytest.raises(UnreadableError) as caught, unchanged(file):
        _append(file)
        raise fault

    assert caught.value.findings[0].rule == "source-changed"


class _Meddler:
    """A reader of CSV with a writer at work beside it, who goes on for so many readings."""

    def __init__(self, write: Writer, times: int) -> None:
        self._read = stage._READERS["csv"]
        self._write = write
        self._left = times
        self.readings = 0

    def __call__(self, connection: Any, file: Path, *others: Any) -> Any:
        reading = self._read(connection, file, *others)
        self.readings += 1
        if self._left:
            self._left -= 1
            self._write(file)
        return reading


def _extract(workspace: Workspace, folder: Path) -> Extract | Blocked:
    entry = make_entry(source={"path": "samples/tides.csv"}, opened=datetime.date(2017, 6, 1))
    return stage.extract(Catalog(workspace, Agency.model_validate(AGENCY), ()), entry, folder, ())


@pytest.mark.parametrize("write", [_append, _rename_over])
def test_a_source_that_changes_once_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Writer
) -> None:
    workspace = make_workspace(tmp_path / "workspace")
    meddler = _Meddler(write, times=1)
    monkeypatch.setitem(stage._READERS, "csv", meddler)
    found = _extract(workspace, tmp_path / "work")

    assert isinstance(found, Extract)
    assert meddler.readings == 2
    assert found.rows == (2 if write is _append else 1)


@pytest.mark.parametrize("write", [_append, _rename_over])
def test_a_source_that_never_rests_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Writer) -> None:
    workspace = make_workspace(tmp_path / "workspace")
    meddler = _Meddler(write, times=9)
    monkeypatch.setitem(stage._READERS, "csv", meddler)
    found = _extract(workspace, tmp_path / "work")

    assert isinstance(found, Blocked)
    assert [finding.rule for finding in found.quality.findings] == ["source-changed"]
    assert found.quality.findings[0].file == "samples/tides.csv"
    assert meddler.readings == 2


def test_a_source_that_is_deleted_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = make_workspace(tmp_path / "workspace")
    monkeypatch.setitem(stage._READERS, "csv", _Meddler(_delete, times=1))
    with pytest.raises(stage.SourceError):
        _extract(workspace, tmp_path / "work")
