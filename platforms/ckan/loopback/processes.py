"""Starting servers that outlive this program, and ending only those: a process is known by its number and birth."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from loopback.failure import PortalFailure

_PROCESSES = Path("/proc")
_PATIENCE = 0.05


@dataclass(frozen=True)
class Birth:
    """A process that we started: its number, its start in clock ticks since the boot, and which boot."""

    number: int
    ticks: int
    boot: str


@dataclass(frozen=True)
class _Status:
    number: int
    state: str
    parent: int
    session: int
    ticks: int


def _boot() -> str:
    return (_PROCESSES / "sys/kernel/random/boot_id").read_text("ascii").strip()


def _status(number: int) -> _Status | None:
    """Of a process, from /proc/<number>/stat (proc(5)); None where there is none, or only its remains."""
    try:
        text = (_PROCESSES / str(number) / "stat").read_text("utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    status = _Status(number, fields[0], int(fields[1]), int(fields[3]), int(fields[19]))
    return None if status.state in "ZX" else status


def _all_statuses() -> list[_Status]:
    numbers = (int(folder.name) for folder in _PROCESSES.iterdir() if folder.name.isdigit())
    return [status for status in map(_status, numbers) if status is not None]


def is_alive(birth: Birth) -> bool:
    """Whether that very process still runs: a number alone may have passed to somebody else's."""
    status = _status(birth.number)
    return status is not None and status.ticks == birth.ticks and birth.boot == _boot()


def has_child(birth: Birth) -> bool:
    """Whether the process has started another that still runs."""
    return any(status.parent == birth.number for status in _all_statuses())


def _members(birth: Birth) -> list[int]:
    """The process, its session and their children: a server's workers survive it, or open sessions of their own.

    Linux gives no number away that still names a session, so whoever bears the session's name descends from ours.
    """
    leader = _status(birth.number)
    if birth.boot != _boot() or (leader is not None and leader.ticks != birth.ticks):
        return []
    statuses = _all_statuses()
    found = {status.number for status in statuses if status.session == birth.number}
    grown = True
    while grown:
        children = {status.number for status in statuses if status.parent in found} - found
        found |= children
        grown = bool(children)
    return sorted(found)


def send(birth: Birth, sent: signal.Signals) -> None:
    """Send a signal to the process and to all that descends from it."""
    for number in _members(birth):
        _send(number, sent)


def _send(number: int, sent: signal.Signals) -> None:
    try:
        os.kill(number, sent)
    except ProcessLookupError:
        return


def stop(birth: Birth, asked: signal.Signals, seconds: float = 10) -> None:
    """Ask the process to end; what is still there after that time is killed, and at once where SIGKILL is asked for."""
    send(birth, signal.SIGCONT)
    if is_alive(birth) and asked != signal.SIGKILL:
        _send(birth.number, asked)
        wait_until(lambda: not _members(birth), seconds)
    kill(birth)


def kill(birth: Birth, seconds: float = 20) -> None:
    """End the process and all that descends from it at once."""

    def gone() -> bool:
        send(birth, signal.SIGKILL)
        return not _members(birth)

    wait_until(gone, seconds)


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Whether it was done within that time."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(_PATIENCE)
    return True


def spawn(
    command: Sequence[str], log: Path, folder: Path, account: str | None, variables: Mapping[str, str] | None = None
) -> Birth:
    """Start a server in a session of its own, its words added to the log; `account` is who runs it, where we are root.

    It gets none of our variables but PATH: CKAN would take its settings from those that begin with CKAN_.
    """
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": str(folder)}
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - the servers' own programs
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**environment, **(variables or {})},
            start_new_session=True,
            user=account if _can_become(account) else None,
            group=account if _can_become(account) else None,
            extra_groups=[] if _can_become(account) else None,
        )
    status = _status(process.pid)
    # One that died at once has left nothing to record but its log.
    birth = Birth(process.pid, status.ticks if status else 0, _boot())
    process.returncode = 0  # it is to outlive us: Python must not warn that nobody waited for it
    return birth


def run(
    command: Sequence[str],
    log: Path,
    *,
    account: str | None = None,
    text: str = "",
    variables: Mapping[str, str] | None = None,
) -> str:
    """What a program prints, given `text`; its complaints go to the log, for they may quote a password."""
    done = subprocess.run(  # noqa: S603 - the servers' own programs
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",  # where every account may be
        env={**os.environ, **(variables or {})},
        user=account if _can_become(account) else None,
        group=account if _can_become(account) else None,
        extra_groups=[] if _can_become(account) else None,
    )
    with log.open("a", encoding="utf-8") as complaints:
        complaints.write(done.stderr)
        if done.returncode:
            complaints.write(done.stdout)
    if done.returncode:
        raise PortalFailure(f"{Path(command[0]).name} ended with {done.returncode}; its own words: {log}")
    return done.stdout


def _can_become(account: str | None) -> bool:
    """Only root can run a program as somebody else; and whoever is not, runs PostgreSQL himself."""
    return account is not None and os.geteuid() == 0


def remember(birth: Birth, file: Path) -> None:
    """Write down what was started."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(birth)), "ascii")


def remembered(file: Path) -> Birth | None:
    """What was written down; None where nothing was."""
    try:
        return Birth(**json.loads(file.read_text("ascii")))
    except (FileNotFoundError, ValueError):
        return None
