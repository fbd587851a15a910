"""Progress on stderr while a run works: a live bar where there is a terminal, plain lines where there is none."""

from __future__ import annotations

import os
import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from pipelines.reporting.terminal import printable

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


class Progress:
    """Tells which dataset is at work and at which stage; use it as a context manager, which clears the live bar.

    Threads may share it.

    Args:
        stream: Where to; default stderr as it is when a run begins, never stdout.
        quiet: Say nothing.
    """

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._total = 0
        self._done = 0
        self._numbers: dict[str, int] = {}
        self._bar: Bar | None = None
        self._telling = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._clear()

    def _clear(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def start(self, total: int) -> None:
        """Begin a pass over so many datasets; the bar goes when the last of them is done."""
        self._clear()
        self._total = total
        self._done = 0
        self._numbers = {}
        if total and not self._quiet and _is_terminal(self._stream):
            self._bar = _live_bar(self._stream, total)

    def step(self, dataset: str, stage: str) -> None:
        """A dataset enters a stage."""
        self._tell(dataset, stage)

    def done(self, dataset: str, verdict: str) -> None:
        """A dataset has its verdict."""
        self._tell(dataset, verdict)
        self._done += 1
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0])
        if self._done == self._total:
            self._clear()

    def _tell(self, dataset: str, event: str) -> None:
        if self._quiet:
            return
        with self._telling:  # several datasets may be at work
            self._write(dataset, event)

    def _write(self, dataset: str, event: str) -> None:
        number = self._numbers.setdefault(dataset, len(self._numbers) + 1)
        said = printable(f"{dataset}  {event}")
        if self._bar is None:
            self._stream.write(f"[{number}/{self._total}] {said}\n")
            self._stream.flush()
        else:
            self._bar.update(self._bar.task_ids[0], description=said)


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _live_bar(stream: TextIO, total: int) -> Bar:
    # Imported here: rich costs a tenth of a second, and a run without a terminal needs none of it.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as LiveBar

    columns = (
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    bar = LiveBar(*columns, console=Console(file=stream), transient=True)
    bar.add_task("", total=total)
    bar.start()
    return bar
