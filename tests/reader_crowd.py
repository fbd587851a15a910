"""Several oracle readers, each a process of its own, that read a dataset while something is done to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from tests.oracle_reader import KINDS
from tests.reader_report import Report

ROOT = Path(__file__).parents[1]
_SECONDS_TO_END = 180


class ReaderCrowd:
    """Reads from `with` to its end; each reader has finished a whole round before the body begins.

    Args:
        portal: Address of the portal.
        dataset: Name of the dataset there.
        known: Folder of the releases, as `write_known` writes them; it may grow.
        readers: How many processes.
        kinds: What they read (`oracle_reader.KINDS`, "dump").
        page: Rows that they ask for at once.
        pause: Seconds between a reader's rounds.
    """

    def __init__(
        self,
        portal: str,
        dataset: str,
        known: Path,
        readers: int = 8,
        kinds: Sequence[str] = KINDS,
        page: int = 32_000,
        pause: float = 0.0,
    ) -> None:
        options = ["--kinds", ",".join(kinds), "--page", str(page), "--pause", str(pause)]
        self._command = [sys.executable, "-m", "tests.oracle_reader", portal, dataset, str(known), *options]
        self._readers = readers
        self._processes: list[subprocess.Popen[str]] = []
        self._report: Report | None = None

    def __enter__(self) -> ReaderCrowd:
        for number in range(self._readers):
            command = [*self._command, "--number", str(number)]
            process = subprocess.Popen(command, text=True, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._processes.append(process)
        for process in self._processes:
            assert process.stdout
            if process.stdout.readline() != "reading\n":
                self._end()
                raise RuntimeError("a reader ended before its first round; what it said is above")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        said = self._end()
        if error is None:
            self._report = Report.of_all(Report.from_document(json.loads(document)) for document in said)

    def _end(self) -> list[str]:
        """Tell all to end, then hear each; one that doesn't end is killed."""
        for process in self._processes:
            assert process.stdin
            process.stdin.close()
            process.stdin = None  # or `communicate` would close it once more
        said = []
        for process in self._processes:
            try:
                said.append(process.communicate(timeout=_SECONDS_TO_END)[0])
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                raise
        return said

    @property
    def report(self) -> Report:
        """What all of them got; there once `with` has ended."""
        if self._report is None:
            raise RuntimeError("the readers have not ended yet")
        return self._report
