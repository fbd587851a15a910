"""The home's lock: one holder at a time, who is named; free as soon as that one ends; nothing is written into it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines.home import Home, locked
from resource_catalog.errors import LockedError, OutsideError

HOLD = """
import sys
from pathlib import Path
from pipelines.home import Home, locked
with locked(Home(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(home: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_second_holder_learns_the_first(tmp_path: Path) -> None:
    with holder(tmp_path) as process, pytest.raises(LockedError) as caught, locked(Home(tmp_path)):
        pytest.fail("two hold the lock")
    assert f"process {process.pid}" in caught.value.what


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_free_after_any_end(tmp_path: Path, number: int) -> None:
    with holder(tmp_path) as process:
        process.send_signal(number)
        process.wait()
        with locked(Home(tmp_path)):
            pass


def test_taken_again_by_the_same_process(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(Home(tmp_path)):
            pass
    with locked(Home(tmp_path)), pytest.raises(LockedError), locked(Home(tmp_path)):
        pytest.fail("held twice")


def test_failure_within_is_that_failure(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError), locked(Home(tmp_path)):
        raise BlockingIOError("of another file")


def test_file_of_the_lock_rests(tmp_path: Path) -> None:
    with locked(Home(tmp_path)):
        pass
    before = (tmp_path / "lock").stat()
    with locked(Home(tmp_path)):
        pass
    after = (tmp_path / "lock").stat()
    assert (before.st_mtime_ns, after.st_size) == (after.st_mtime_ns, 0)


def test_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutsideError) as caught, locked(Home(tmp_path / "file" / "home")):
        pytest.fail("there can be no lock")
    assert caught.value.where == str(tmp_path / "file" / "home")
    assert os.fspath(tmp_path) in caught.value.where
