"""The errors that end a command or one dataset's way: what happened, where, and what to do about it.

OpenDataError
├── UsageError          the command was called wrongly
├── WorkspaceError      the agency's own files (YAML, schemas, suites) can't be read
├── SourceError         one dataset's source can't be read as it is declared; that dataset alone stops
├── OutsideError        another system (database, web server, disk, target) failed
├── NotPermittedError   the workspace's rules forbid it
└── LockedError         another run holds the lock

A fault *in the data* is never an error: it is a ``quality.finding.Finding``.
"""

from __future__ import annotations


class OpenDataError(Exception):
    """Root of all errors that a person can act on.

    Args:
        what: What happened, as a sentence without its full stop.
        where: File, sheet, row, column, table or address, as far as known.
        fix: What the reader can do about it.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what, where, fix)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" → {self.fix}" if self.fix else ""
        return f"{place}{self.what}.{remedy}"


class UsageError(OpenDataError):
    """The command was called wrongly."""


class WorkspaceError(OpenDataError):
    """The agency's own files can't be read or contradict each other."""


class SourceError(OpenDataError):
    """One dataset's source can't be read as its entry declares it."""


class OutsideError(OpenDataError):
    """Another system failed: a database, a web server, a disk, a target.

    `may_fail_all` says that it may well not be this dataset's matter: a server that is down, a token that is revoked.
    """

    may_fail_all = False


class NotPermittedError(OpenDataError):
    """The workspace's rules forbid what was asked."""


class LockedError(OpenDataError):
    """Another run holds the lock of this home."""
