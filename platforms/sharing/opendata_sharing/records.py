"""The rows of state.sqlite as values; STORE.md says what they mean. Tuples, for a bureau may have thousands of them."""

from __future__ import annotations

from typing import NamedTuple


class Agency(NamedTuple):
    """Who shares, and the names of its share and schema in the protocol."""

    id: str
    name: str
    share: str
    schema: str


class Token(NamedTuple):
    """A bearer token, by its hash, with its bureau."""

    hash: str
    prefix: str
    bureau: str
    issued_at: str
    expires_at: str | None
    revoked_at: str | None
    title: str
    removed_at: str | None

    def refusal(self, now: str) -> str | None:
        """Why it isn't good at that instant; None: it is."""
        if self.removed_at is not None and self.removed_at <= now:
            return "this bureau is no longer registered"
        if self.revoked_at is not None and self.revoked_at <= now:
            return "this token was revoked"
        if self.expires_at is not None and self.expires_at <= now:
            return f"this token expired at {self.expires_at}"
        return None


class SharedTable(NamedTuple):
    """A Delta table and how far it is served."""

    id: str
    dataset: str
    policy: str
    name: str
    title: str
    summary: str
    owner: str
    columns: str
    conditions: str
    cycle_days: int | None
    cycle: str | None
    created_at: str
    retired_at: str | None
    first_version: int
    current_version: int | None


class Version(NamedTuple):
    """One version of a table: the release it came of, when it was published, and what changed."""

    version: int
    release: int
    at: str
    rows: int
    added: int
    changed: int
    removed: int


class DataFile(NamedTuple):
    """A Parquet file of a table: where, since and until which version, and what its bytes are."""

    path: str
    kind: str
    first_version: int
    last_version: int | None
    size: int
    rows: int
    sha256: str

    def is_in(self, version: int) -> bool:
        """Whether that version's snapshot has it."""
        return self.kind == "data" and self.lies_in(version)

    def lies_in(self, version: int) -> bool:
        """Whether that version's snapshot, or the changes to it, need the file: vectors and change data do, too."""
        return self.first_version <= version and (self.last_version is None or version <= self.last_version)


class Access(NamedTuple):
    """What lets a bureau read a table; `table_id` None: granted, and not written yet."""

    id: str
    bureau: str
    table_id: str | None
    need: str | None
    purpose: str | None
    basis: str | None
    valid_from: str
    valid_to: str | None
    revoked_at: str | None
    history: int


class Granted(NamedTuple):
    """An access that is good, with its table."""

    access: Access
    table: SharedTable
    version: int
