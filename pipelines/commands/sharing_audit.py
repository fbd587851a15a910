"""The audit log's head, kept elsewhere: signed, noted among the acts of sharing, and what the log is held against."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from pipelines.handover import Proof
from pipelines.shares.acts import AUDIT_NOTED, SharingAct
from pipelines.shares.audit_log import AUDIT_LOG, AuditHead, audit_faults, calls_file, newest_row
from pipelines.shares.stamp import Stamp
from pipelines.targets.sharing.receipts import keys_folder, signature_fault, signed
from pipelines.targets.sharing.target import NAME
from resource_catalog.agency import Agency
from resource_catalog.errors import OutsideError
from resource_catalog.working_days import office_day

_FORM = "opendata-audit-head-1"


def head_act(store: Path, noted: Sequence[AuditHead], agency: Agency, stamp: Stamp) -> SharingAct | None:
    """The act that notes the log's head: once a day at most, and only where rows came since.

    Where the log or the key can't be read there is none, since no command is about them; `verify` says what is wrong.
    """
    last = noted[-1] if noted else None
    today = office_day(agency, stamp.at)
    if last and office_day(agency, last.at) >= today:
        return None
    try:
        newest = newest_row(calls_file(store), last)
        if newest is None:
            return None
        rows, digest = newest
        at = stamp.at.astimezone(datetime.UTC)
        facts = {"form": _FORM, "agency": agency.id, "rows": rows, "hash": digest, "at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        document = signed(store, facts)
    except (sqlite3.Error, OSError, OutsideError):
        return None
    return SharingAct(AUDIT_NOTED, calls_file(store).name, stamp.at, stamp.run, document)


def prove_audit(store: Path, noted: Sequence[AuditHead]) -> list[Proof]:
    """The log held against itself and every head that was noted; no proof where there never was a log."""
    calls = calls_file(store)
    if not calls.is_file() and not noted:
        return []
    faults = audit_faults(calls, noted)
    for one in noted:
        fault = signature_fault(json.loads(one.signed), keys_folder(store))
        if fault:
            faults.append(f"its head of {one.at:%Y-%m-%d} has no good signature: {fault}")
    size = calls.stat().st_size if calls.is_file() else 0
    return [Proof(NAME, AUDIT_LOG, int(calls.is_file()), size, tuple(faults))]
