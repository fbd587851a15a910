"""Seconds and peak memory of whole processes, several works in turn, so that the machine's drift meets all of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

#: How often each work is run at most; a try of the benchmarks themselves needs one.
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Measure:
    """Seconds of wall time and peak memory in bytes of each run."""

    seconds: list[float]
    memory: list[int]

    @property
    def median(self) -> float:
        """Median seconds."""
        return statistics.median(self.seconds)

    @property
    def peak(self) -> int:
        """The largest peak memory."""
        return max(self.memory)

    def ratio(self, other: Measure) -> float:
        """The median of how many times as long as the other each run took, pair by pair."""
        return statistics.median(own / theirs for own, theirs in zip(self.seconds, other.seconds, strict=True))

    def __str__(self) -> str:
        low, high = min(self.seconds), max(self.seconds)
        return f"{self.median:.2f} s (of {low:.2f} … {high:.2f}), at most {self.peak // MEBIBYTE} MiB"


def run_process(command: list[str]) -> tuple[float, int]:
    """Seconds and peak memory of one process; what it said is shown if it fails."""
    with tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            raise SystemExit(f"{command} ended with {process.returncode}:\n{log.read().decode()}")
    return seconds, usage.ru_maxrss * 1024


def alternate(*works: Callable[[], tuple[float, int]], runs: int = RUNS) -> list[Measure]:
    """Run each work `runs` times, in turn."""
    found: list[list[tuple[float, int]]] = [[] for _ in works]
    for _ in range(runs):
        for position, work in enumerate(works):
            found[position].append(work())
    return [Measure([seconds for seconds, _ in one], [memory for _, memory in one]) for one in found]
