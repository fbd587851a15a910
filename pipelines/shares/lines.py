"""What the commands of sharing return: one line per bureau, need, grant and contract."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from pipelines.shares.contracts import Break
from pipelines.shares.state import Bureau, Contract, Grant, Need, Token
from resource_catalog.working_days import LastDay


@dataclass(frozen=True)
class Issued:
    """A token that was issued: its profile file, its first signs, its end, and until when the one before is good."""

    bureau: str
    profile: Path
    prefix: str
    expires_at: datetime.datetime
    overlap_until: datetime.datetime | None = None


@dataclass(frozen=True)
class BureauLine:
    """One bureau in the list: its good tokens, the datasets that it reads, and what of that ends soon."""

    bureau: Bureau
    tokens: tuple[Token, ...]
    grants: tuple[Grant, ...]
    datasets: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class NeedLine:
    """One need in the list, with the last day for its decision."""

    need: Need
    bureau: str
    title: str
    due: LastDay
    overdue: bool


@dataclass(frozen=True)
class GrantLine:
    """One grant in the list: whether it holds, and why not, or why nothing can be read by it."""

    grant: Grant
    holds: bool
    note: str


@dataclass(frozen=True)
class Decided:
    """A need as it was decided, the grant that it gave, those that ended, and the contracts that this breaks."""

    need: Need
    grant: Grant | None
    ended: tuple[str, ...]
    breaks: tuple[Break, ...]


@dataclass(frozen=True)
class ContractLine:
    """One contract in the list, and what of it the catalogue of today breaks."""

    contract: Contract
    breaks: tuple[Break, ...]
