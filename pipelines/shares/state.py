"""What the acts of sharing lead to: bureaus, tokens, needs, grants, contracts and announcements."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.shares.audit_log import AuditHead

Conditions = Mapping[str, tuple[str, ...]]

#: States of a need (需求); what was handed in on the platform may also be replaced by what came after it.
SUBMITTED, GRANTED, REFUSED, REPLACED = "submitted", "granted", "refused", "replaced"
#: Decisions on a need.
AGREED, PARTLY_AGREED, DECLINED = "同意", "部分同意", "不同意"


@dataclass(frozen=True)
class Bureau:
    """Another bureau that reads what is shared; `removed_at` is None while it is registered."""

    id: str
    title: str
    added_at: datetime.datetime
    removed_at: datetime.datetime | None = None


@dataclass(frozen=True)
class Token:
    """A bearer token, of which only the SHA-256 (hex) and the first signs are kept."""

    hash: str
    prefix: str
    bureau: str
    issued_at: datetime.datetime
    expires_at: datetime.datetime
    revoked_at: datetime.datetime | None = None

    def is_good(self, at: datetime.datetime) -> bool:
        """Whether the bureau may use it at an instant."""
        return self.expires_at > at and (self.revoked_at is None or self.revoked_at > at)


@dataclass(frozen=True)
class Wish:
    """What a bureau asks for: no `columns` means all that are shared, no `conditions` all rows."""

    columns: tuple[str, ...]
    conditions: Conditions
    purpose: str
    basis: str
    mode: str
    frequency: str


@dataclass(frozen=True)
class Need:
    """One bureau's need of one dataset, and what was decided; `received` is the day that its term counts from."""

    id: str
    bureau: str
    dataset: str
    wish: Wish
    received: datetime.date
    submitted_at: datetime.datetime
    origin: str = ""
    state: str = SUBMITTED
    decision: str = ""
    reason: str = ""
    by: str = ""
    decided_at: datetime.datetime | None = None
    grant: str = ""


@dataclass(frozen=True)
class Notice:
    """What the platform tells a bureau of something that it handed in and that became no need of its own."""

    origin: str
    bureau: str
    dataset: str
    at: datetime.datetime
    state: str
    reason: str


@dataclass(frozen=True)
class Grant:
    """What a confirmed need gives: columns and rows of one dataset, for a time, with or without its history."""

    id: str
    need: str
    bureau: str
    dataset: str
    columns: tuple[str, ...]
    conditions: Conditions
    valid_from: datetime.datetime
    valid_to: datetime.datetime
    history: bool = True
    ended_at: datetime.datetime | None = None
    ended_for: str = ""

    def is_good(self, at: datetime.datetime) -> bool:
        """Whether it holds at an instant."""
        return self.valid_from <= at < self.valid_to and (self.ended_at is None or self.ended_at > at)


@dataclass(frozen=True)
class Contract:
    """The columns, with their types, and the keys of a dataset that a bureau relies on."""

    bureau: str
    dataset: str
    columns: Mapping[str, str]
    keys: tuple[str, ...]
    registered_at: datetime.datetime


@dataclass(frozen=True)
class Announcement:
    """A change of a dataset that was announced, and the day from which on it may come."""

    dataset: str
    what: str
    effective_on: datetime.date
    announced_at: datetime.datetime


@dataclass(frozen=True)
class SharingState:
    """All of it, by id; contracts by (bureau, dataset). `origins` are the platform's own ids of what was looked at.

    `notices` are, by these ids, what became no need; `audit_heads` what the servers' audit log was, oldest first.
    """

    bureaus: dict[str, Bureau] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    needs: dict[str, Need] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    contracts: dict[tuple[str, str], Contract] = field(default_factory=dict)
    announcements: list[Announcement] = field(default_factory=list)
    origins: set[str] = field(default_factory=set)
    notices: dict[str, Notice] = field(default_factory=dict)
    audit_heads: list[AuditHead] = field(default_factory=list)

    def registered(self, bureau: str) -> bool:
        """Whether a bureau is registered."""
        found = self.bureaus.get(bureau)
        return found is not None and found.removed_at is None

    def holds(self, grant: Grant, at: datetime.datetime) -> bool:
        """Whether a grant holds at an instant, and its bureau is registered."""
        return grant.is_good(at) and self.registered(grant.bureau)

    def grant_of(self, bureau: str, dataset: str, at: datetime.datetime) -> Grant | None:
        """The grant by which a bureau reads a dataset at an instant; there is one at most."""
        mine = (grant for grant in self.grants.values() if (grant.bureau, grant.dataset) == (bureau, dataset))
        return next((grant for grant in mine if self.holds(grant, at)), None)
