"""The folder under which all that is produced lies, and the lock that keeps two runs out of each other's way."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from resource_catalog.errors import LockedError, OutsideError


@dataclass(frozen=True)
class Home:
    """Paths below `--home`; nothing is made before it is needed."""

    root: Path

    @property
    def work(self) -> Path:
        """Work files; deleting the folder loses nothing."""
        return self.root / "work"

    @property
    def releases(self) -> Path:
        """Immutable releases: <id>/<n>/."""
        return self.root / "releases"

    @property
    def portal(self) -> Path:
        """The static portal, for any web server."""
        return self.root / "portal"

    @property
    def reports(self) -> Path:
        """One HTML page per run."""
        return self.root / "reports"

    @property
    def quarantine(self) -> Path:
        """Lists of the rows that releases leave out, for officers alone: <id>/<n>.csv."""
        return self.root / "quarantine"

    @property
    def shared(self) -> Path:
        """Immutable releases for other bureaus, where they may read more columns than the public: <id>/<n>/."""
        return self.root / "shared"

    @property
    def sharing(self) -> Path:
        """The sharing store, which the sharing server reads."""
        return self.root / "sharing"

    @property
    def profiles(self) -> Path:
        """Profile files of other bureaus, each of which holds a token: ID.share."""
        return self.root / "profiles"

    @property
    def ledger(self) -> Path:
        """The default ledger."""
        return self.root / "ledger.sqlite"


def disk_failure(what: str, place: Path, cause: object) -> OutsideError:
    """What to tell of a failed disk: what could not be done, where, how many bytes are free there, and why."""
    there = next((folder for folder in (place, *place.parents) if folder.exists()), Path("/"))
    why = cause.strerror or cause if isinstance(cause, OSError) else cause
    return OutsideError(
        f"{what} ({shutil.disk_usage(there).free} bytes are free there): {why}",
        where=str(place),
        fix="free disk space or mend the folder's rights, or set OPENDATA_HOME to a larger disk, then run again",
    )


def to_disk(place: Path) -> None:
    """Have a file's bytes, or a folder's names, outlive a power cut."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Hold the home's lock; the system frees it however the run ends.

    Raises:
        LockedError: another run holds it; the message names that run.
        OutsideError: the home can't be written.
    """
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(home.root / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise disk_failure("the home can't be written", home.root, error) from error
    try:
        _take(descriptor, home)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, home: Home) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise LockedError(
            f"another run is at work ({_holder(descriptor)})",
            where=str(home.root),
            fix="wait until it has ended, then run again",
        ) from error


def _holder(descriptor: int) -> str:
    """The process that holds the lock, by the kernel's own list: a lock file that is written to would never rest."""
    inode = os.fstat(descriptor).st_ino
    try:
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return "its process is unknown here"
    for line in lines:
        _number, kind, _mode, _access, process, file, *_range = line.split()
        if kind == "FLOCK" and file.endswith(f":{inode}"):
            return f"process {process}"
    return "its process is not of this machine"
