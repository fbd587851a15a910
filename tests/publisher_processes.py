"""Runs of the command that a test can kill at a call: each a process of its own, forked from one that has all imported.

`python -m tests.publisher_processes FOLDER` takes the words of one run a line, as JSON, and says its process and how
it ended; what it said lies in the folder. It has no threads, so what it forks is whole; a run costs its own work alone.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO

ROOT = Path(__file__).parents[1]
#: Seconds that a publisher waits at most between two tries; its own pauses would only make tests last.
_LONGEST_PAUSE = 0.05
_FAULT_OF_THE_PROGRAM = 70


class PublisherProcess:
    """One run, which may be killed from another thread; it has what is needed here of `subprocess.Popen`."""

    def __init__(self, pid: int, answers: IO[str], folder: Path) -> None:
        self.pid, self.returncode = pid, 0
        self._answers, self._folder = answers, folder
        self._descriptor = os.pidfd_open(pid)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end; what it said.

        Raises:
            TimeoutExpired: it goes on.
        """
        self.wait(timeout)
        self.returncode = int(self._answers.readline())
        os.close(self._descriptor)
        out, err = ((self._folder / name).read_text("utf-8") for name in ("out", "err"))
        return out, err

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it is no more.

        Raises:
            TimeoutExpired: it goes on.
        """
        ended, _, _ = select.select([self._descriptor], [], [], timeout)
        if not ended:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal it."""
        signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class PublisherProcesses:
    """Starts runs, one after the other, within `with`.

    Args:
        environment: What they have beside this process's own environment.
        places: Words that end each command, such as --workspace and its folder.
    """

    def __init__(self, environment: Mapping[str, str], places: tuple[str, ...]) -> None:
        self._environment, self._places = environment, places

    def start(self, *words: str) -> PublisherProcess:
        """Start a run with these words."""
        self._stdin.write(json.dumps([*words, *self._places]) + "\n")
        self._stdin.flush()
        return PublisherProcess(int(self._stdout.readline()), self._stdout, Path(self._folder.name))

    def __enter__(self) -> PublisherProcesses:
        self._folder = tempfile.TemporaryDirectory(prefix="publisher-")
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.publisher_processes", self._folder.name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **self._environment},
        )
        assert self._program.stdin and self._program.stdout
        self._stdin, self._stdout = self._program.stdin, self._program.stdout
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stdin.close()
        self._program.wait()
        self._stdout.close()
        self._folder.cleanup()


def _run(words: list[str], folder: Path) -> None:
    """Be the command, with its output in files."""
    from pipelines.cli import main

    code: object = _FAULT_OF_THE_PROGRAM
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for descriptor, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
        sys.argv = ["opendata", *words]
        main()
    except SystemExit as ending:
        code = ending.code or 0
    except BaseException:  # a fault of the program, as Python itself would show it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else _FAULT_OF_THE_PROGRAM)


def _sleep_briefly(seconds: float) -> None:
    time.sleep(min(seconds, _LONGEST_PAUSE))


def serve(folder: Path) -> None:
    """Fork a run for each line of standard input; all that a run imports is imported before."""
    import pipelines.commands.publish
    import pipelines.commands.recall
    import pipelines.commands.run
    import pipelines.commands.standing
    import pipelines.reporting.listing
    import pipelines.reporting.printing
    import pipelines.stages.extract  # noqa: F401

    run = pipelines.commands.run
    run.CkanPortal = partial(run.CkanPortal, pause=_sleep_briefly)  # type: ignore[misc, assignment]
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run(json.loads(line), folder)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
