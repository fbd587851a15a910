"""The acts of sharing, in a hash-chained table of their own: the truth that all else follows from."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.chain import Chain, ChainedTable, Database, Head

BUREAU_ADDED, BUREAU_REMOVED = "bureau-added", "bureau-removed"
TOKEN_ISSUED, TOKEN_ENDED = "token-issued", "token-ended"  # noqa: S105 (names of acts)
NEED_SUBMITTED, NEED_DECIDED, NEED_REJECTED = "need-submitted", "need-decided", "need-rejected"
GRANT_RENEWED, GRANT_REVOKED = "grant-renewed", "grant-revoked"
CONTRACT_REGISTERED, CONTRACT_ENDED, CONTRACT_BROKEN = "contract-registered", "contract-ended", "contract-broken"
CHANGE_ANNOUNCED = "change-announced"
AUDIT_NOTED = "audit-head-noted"

_FORM = ChainedTable("sharing_acts", ("at", "run", "act", "subject", "detail"), "subject", called="act of sharing")


@dataclass(frozen=True)
class SharingAct:
    """One thing that was done. `subject` is the bureau, need, grant or dataset it was done to; `detail` is JSON."""

    act: str
    subject: str
    at: datetime.datetime
    run: str
    detail: Mapping[str, Any] = field(default_factory=dict)


class SharingLedger:
    """The acts of sharing in the ledger's database."""

    def __init__(self, database: Database) -> None:
        self._chain = Chain(database, _FORM)

    def acts(self, known: Head | None = None) -> tuple[list[SharingAct], Head]:
        """All acts in their order, and the head of their chain.

        Args:
            known: A head that the chain is known to have had: so that a chain whose end was cut off is found.

        Raises:
            OutsideError: the database can't be read, or an act is not the one that was written, or is missing.
        """
        rows, head = self._chain.read()
        if known is not None and known.count > head.count:
            raise self._chain.cut(known, head)
        if known is not None and known.count and rows[known.count - 1]["hash"] != known.hash:
            raise self._chain.broken(known.count, rows[known.count - 1])
        return [_read(row) for row in rows], head

    def append(self, acts: tuple[SharingAct, ...], after: Head) -> Head:
        """Write acts, all or none, onto a chain that ends as the writer read it.

        Raises:
            LockedError: somebody else wrote since.
            OutsideError: the database can't be written.
        """
        return self._chain.append([_fields(act) for act in acts], after.count)


def _fields(act: SharingAct) -> dict[str, Any]:
    return {
        "at": act.at.isoformat(),
        "run": act.run,
        "act": act.act,
        "subject": act.subject,
        "detail": json.dumps(act.detail, ensure_ascii=False, sort_keys=True),
    }


def _read(row: Mapping[str, Any]) -> SharingAct:
    at = datetime.datetime.fromisoformat(row["at"])
    return SharingAct(row["act"], row["subject"], at, row["run"], json.loads(row["detail"]))
