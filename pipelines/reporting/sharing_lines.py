"""How bureaus, needs, grants and contracts are listed: as lines for people, as documents for programs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, TextIO

from pipelines.shares.contracts import Break
from pipelines.shares.intake import Intake
from pipelines.shares.lines import BureauLine, ContractLine, Decided, GrantLine, Issued, NeedLine
from pipelines.shares.state import Announcement, Conditions, Contract, Grant


def _instant(at: datetime.datetime | None) -> str | None:
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def issued_document(issued: Issued) -> dict[str, Any]:
    """A token that was issued, for `--json`: all but the token."""
    return {
        "bureau": issued.bureau,
        "profile": str(issued.profile),
        "token": issued.prefix,
        "expires_at": _instant(issued.expires_at),
        "overlap_until": _instant(issued.overlap_until),
    }


def print_issued(issued: Issued, out: TextIO) -> None:
    """Where the profile is, and what to do with it."""
    out.write(f"{issued.bureau}: token {issued.prefix}…, good until {issued.expires_at:%Y-%m-%d}\n")
    if issued.overlap_until:
        out.write(f"    the token before stays good until {issued.overlap_until:%Y-%m-%d %H:%M} UTC\n")
    out.write(f"    profile: {issued.profile}\n")
    out.write("    → hand that file to the bureau by a safe way, then delete it here: nothing else has its token\n")


def bureaus_document(lines: Sequence[BureauLine]) -> dict[str, Any]:
    """The bureaus for `--json`."""
    return {
        "bureaus": [
            {
                "id": line.bureau.id,
                "title": line.bureau.title,
                "added_at": _instant(line.bureau.added_at),
                "tokens": [{"token": one.prefix, "expires_at": _instant(one.expires_at)} for one in line.tokens],
                "grants": [grant.id for grant in line.grants],
                "datasets": list(line.datasets),
                "warnings": list(line.warnings),
            }
            for line in lines
        ]
    }


def print_bureaus(lines: Sequence[BureauLine], out: TextIO) -> None:
    """A block per bureau."""
    for line in lines:
        out.write(f"{line.bureau.id}  {line.bureau.title}\n")
        for token in line.tokens:
            out.write(f"    token {token.prefix}…  until {token.expires_at:%Y-%m-%d %H:%M} UTC\n")
        out.write(f"    reads {', '.join(line.datasets) or 'nothing'}\n")
        for grant in line.grants:
            out.write(f"    {grant.id}  {grant.dataset}  until {grant.valid_to:%Y-%m-%d}\n")
        for warning in line.warnings:
            out.write(f"    SOON: {warning}\n")
    out.write(f"{len(lines)} bureaus, {sum(bool(line.warnings) for line in lines)} with something that ends soon\n")


def intake_document(intake: Intake) -> dict[str, Any]:
    """What became of needs, for `--json`."""
    faults = [
        {"sheet": one.sheet, "row": one.row, "column": one.column, "message": one.message, "fix": one.fix}
        for one in intake.faults
    ]
    return {"needs": list(intake.taken), "known": intake.known, "faults": faults}


def print_intake(intake: Intake, out: TextIO) -> None:
    """Every fault with its cell; then what was taken in."""
    for one in intake.faults:
        out.write(f"{one.sheet} › row {one.row} › {one.column}: {one.message}\n    → {one.fix}\n")
    if intake.faults:
        out.write(f"{len(intake.faults)} faults\n")
    taken = f": {', '.join(intake.taken)}" if intake.taken else ""
    out.write(f"{len(intake.taken)} needs taken in{taken}; {intake.known} known already\n")


def needs_document(lines: Sequence[NeedLine]) -> dict[str, Any]:
    """The needs for `--json`."""
    return {"needs": [_need_document(line) for line in lines]}


def _need_document(line: NeedLine) -> dict[str, Any]:
    need = line.need
    return {
        "id": need.id,
        "bureau": need.bureau,
        "dataset": need.dataset,
        "title": line.title,
        "columns": list(need.wish.columns),
        "rows": _rows_document(need.wish.conditions),
        "purpose": need.wish.purpose,
        "basis": need.wish.basis,
        "mode": need.wish.mode,
        "frequency": need.wish.frequency,
        "received": need.received.isoformat(),
        "due": line.due.day.isoformat(),
        "provisional": line.due.provisional,
        "overdue": line.overdue,
        "state": need.state,
        "decision": need.decision,
        "reason": need.reason,
        "by": need.by,
        "decided_at": _instant(need.decided_at),
        "grant": need.grant,
    }


def _rows_document(conditions: Conditions) -> dict[str, list[str]]:
    return {column: list(values) for column, values in conditions.items()}


def print_needs(lines: Sequence[NeedLine], out: TextIO) -> None:
    """A block per need: who asks for what, and how it stands."""
    for line in lines:
        need = line.need
        out.write(f"{need.id}  {line.bureau} → {line.title} ({need.dataset})\n")
        out.write(f"    {_asked(need.wish.columns, need.wish.conditions)}; {need.wish.purpose} ({need.wish.basis})\n")
        out.write(f"    {_standing(line)}\n")
    late = sum(line.overdue for line in lines)
    open_needs = sum(line.need.decided_at is None for line in lines)
    out.write(f"{len(lines)} needs, {open_needs} to be decided, {late} overdue\n")


def _asked(columns: Sequence[str], conditions: Conditions) -> str:
    rows = "; ".join(f"{column} = {', '.join(values)}" for column, values in conditions.items())
    return f"{', '.join(columns) or 'all columns'}, {f'rows with {rows}' if rows else 'all rows'}"


def _standing(line: NeedLine) -> str:
    need = line.need
    if need.decided_at is not None:
        reason = f": {need.reason}" if need.reason else ""
        grant = f", {need.grant}" if need.grant else ""
        return f"{need.decision} on {need.decided_at:%Y-%m-%d} by {need.by}{reason}{grant}"
    provisional = ", provisional: the working days of that year are not known yet" if line.due.provisional else ""
    return f"to be decided by {line.due.day}{provisional}{', OVERDUE' if line.overdue else ''}"


def decided_document(decided: Decided) -> dict[str, Any]:
    """A decision for `--json`."""
    return {
        "need": decided.need.id,
        "decision": decided.need.decision,
        "reason": decided.need.reason,
        "grant": grant_document(decided.grant) if decided.grant else None,
        "ended": list(decided.ended),
        "breaks": breaks_document(decided.breaks),
    }


def breaks_document(found: Sequence[Break]) -> list[dict[str, Any]]:
    """Broken contracts for `--json`."""
    return [{"bureau": one.bureau, "dataset": one.dataset, "what": one.what} for one in found]


def print_decided(decided: Decided, out: TextIO) -> None:
    """The decision, its grant, and what to do next."""
    out.write(f"{decided.need.id}: {decided.need.decision}\n")
    if decided.grant:
        print_grant(decided.grant, out)
        out.write(f"    → `opendata publish {decided.need.dataset}` writes its table, if that is not there yet\n")
    for ended in decided.ended:
        out.write(f"    {ended} ended\n")
    print_breaks(decided.breaks, out)


def print_breaks(found: Sequence[Break], out: TextIO) -> None:
    """A line per broken part of a contract."""
    for one in found:
        out.write(f"    BREAKS the contract: {one}\n")


def grant_document(grant: Grant) -> dict[str, Any]:
    """A grant for `--json`."""
    return {
        "id": grant.id,
        "need": grant.need,
        "bureau": grant.bureau,
        "dataset": grant.dataset,
        "columns": list(grant.columns),
        "rows": _rows_document(grant.conditions),
        "valid_from": _instant(grant.valid_from),
        "valid_to": _instant(grant.valid_to),
        "history": grant.history,
        "ended_at": _instant(grant.ended_at),
        "ended_for": grant.ended_for,
    }


def print_grant(grant: Grant, out: TextIO) -> None:
    """A grant's columns, rows and end."""
    history = "" if grant.history else ", without history"
    out.write(f"{grant.id}  {grant.bureau}  {grant.dataset}  until {grant.valid_to:%Y-%m-%d %H:%M} UTC{history}\n")
    out.write(f"    {_asked(grant.columns, grant.conditions)}\n")


def grants_document(lines: Sequence[GrantLine]) -> dict[str, Any]:
    """The grants for `--json`."""
    return {"grants": [{**grant_document(line.grant), "holds": line.holds, "note": line.note} for line in lines]}


def print_grants(lines: Sequence[GrantLine], out: TextIO) -> None:
    """A block per grant."""
    for line in lines:
        print_grant(line.grant, out)
        if line.note:
            out.write(f"    {line.note}\n")
    out.write(f"{len(lines)} grants, {sum(line.holds for line in lines)} hold\n")


def contract_document(contract: Contract) -> dict[str, Any]:
    """A contract for `--json`."""
    return {
        "bureau": contract.bureau,
        "dataset": contract.dataset,
        "columns": dict(contract.columns),
        "keys": list(contract.keys),
        "registered_at": _instant(contract.registered_at),
    }


def contracts_document(lines: Sequence[ContractLine], announced: Sequence[Announcement]) -> dict[str, Any]:
    """The contracts and announcements for `--json`."""
    found = [{**contract_document(line.contract), "breaks": breaks_document(line.breaks)} for line in lines]
    return {"contracts": found, "announcements": [announcement_document(one) for one in announced]}


def announcement_document(one: Announcement) -> dict[str, Any]:
    """An announcement for `--json`."""
    return {
        "dataset": one.dataset,
        "what": one.what,
        "on": one.effective_on.isoformat(),
        "announced_at": _instant(one.announced_at),
    }


def print_contracts(lines: Sequence[ContractLine], announced: Sequence[Announcement], out: TextIO) -> None:
    """A block per contract, then the announcements."""
    for line in lines:
        contract = line.contract
        keys = f", key {', '.join(contract.keys)}" if contract.keys else ""
        out.write(f"{contract.bureau}  {contract.dataset}  {', '.join(contract.columns)}{keys}\n")
        print_breaks(line.breaks, out)
    for one in announced:
        out.write(f"announced for {one.effective_on}  {one.dataset}: {one.what}\n")
    out.write(f"{len(lines)} contracts, {len(announced)} announcements\n")
