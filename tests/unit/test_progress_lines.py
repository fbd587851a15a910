"""Progress: plain lines on stderr without a terminal, a live bar with one, never anything on stdout."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from pipelines.reporting.progress import Progress

SCRIPT = """
import io, sys
from pipelines.reporting.progress import Progress

with Progress() as progress:
    progress.start(1)
    progress.step("tides", "extract")
print("rich" in sys.modules)
"""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def run(stream: io.StringIO, *, quiet: bool = False) -> str:
    with Progress(stream, quiet=quiet) as progress:
        progress.start(2)
        progress.step("tides", "extract")
        progress.step("ports", "extract")
        progress.step("tides", "check")
        progress.done("tides", "blocked")
        progress.done("ports", "published")
    return stream.getvalue()


def test_one_line_per_event_with_the_dataset_s_number() -> None:
    assert run(io.StringIO()).splitlines() == [
        "[1/2] tides  extract",
        "[2/2] ports  extract",
        "[1/2] tides  check",
        "[1/2] tides  blocked",
        "[2/2] ports  published",
    ]


def test_quiet_says_nothing() -> None:
    assert run(io.StringIO(), quiet=True) == ""
    assert run(Terminal(), quiet=True) == ""


def test_stderr_is_the_default_and_stdout_stays_empty(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        progress.start(1)
        progress.done("tides", "unchanged")
    assert capsys.readouterr() == ("", "[1/1] tides  unchanged\n")


def test_a_terminal_gets_a_bar_that_ends_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown = run(Terminal())
    assert "ports  published" in shown
    assert "2/2" in shown
    assert "[1/2] tides" not in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("ports")  # the cursor is back


def test_the_bar_ends_when_the_run_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with pytest.raises(KeyboardInterrupt), Progress(stream) as progress:
        progress.start(1)
        progress.step("tides", "extract")
        raise KeyboardInterrupt
    assert "\x1b[?25h" in stream.getvalue()


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in run(Terminal())


def test_no_stage_or_name_moves_the_cursor() -> None:
    stream = io.StringIO()
    with Progress(stream) as progress:
        progress.start(1)
        progress.step("tides", "a\x1b[2Jb")
    assert "\x1b" not in stream.getvalue()


def test_rich_is_not_loaded_without_a_terminal() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "[1/1] tides  extract\n")


def test_a_second_pass_has_a_bar_of_its_own_and_none_is_left_for_what_is_printed_after() -> None:
    stream = Terminal()
    with Progress(stream) as progress:
        for verdict in ("new", "published"):
            progress.start(1)
            progress.step("tides", "extract")
            progress.done("tides", verdict)
            told = len(stream.getvalue())
            stream.write("the plan\n")
            assert stream.getvalue()[told:] == "the plan\n"
    assert "published" in stream.getvalue()
    assert stream.getvalue().endswith("the plan\n")
