"""What the page shows a bureau: its tables and their freshness, what changes and ends, its needs and its calls."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from opendata_sharing import audit, instants
from opendata_sharing.calls import Call
from opendata_sharing.records import Granted, Token
from opendata_sharing.server import Server
from opendata_sharing.state import State

_VERSIONS, _CALLS = 10, 30
_DAY = 86_400_000


def overview(server: Server, call: Call, state: State, token: Token) -> dict[str, Any]:
    """All that the page's template needs."""
    granted = state.grants(token.bureau, call.now).ordered
    datasets = {one.table.dataset for one in granted}
    needs = _needs(state, token.bureau)
    known = {need["id"] for need in needs}
    handed_in = [
        {"id": identifier, "at": at, **_document(text)}
        for identifier, at, text in audit.needs_of(server.calls_path, token.bureau)
        if identifier not in known
    ]
    return {
        "agency": state.agency,
        "bureau": token,
        "token_days": _days_left(token.expires_at, call),
        "presigned_minutes": 0 if server.addresses.watched else -(-server.addresses.seconds // 60),
        "tables": [_table(server, call, state, one) for one in granted],
        "announcements": [
            dict(zip(("dataset", "what", "effective_on", "announced_at"), row, strict=True))
            for row in state.rows(
                "SELECT dataset, what, effective_on, announced_at FROM announcement ORDER BY effective_on"
            )
            if row[0] in datasets
        ],
        "needs": needs,
        "handed_in": handed_in,
        "offers": _offers(state),
        "calls": audit.latest_of(server.calls_path, token.bureau, _CALLS),
    }


def _table(server: Server, call: Call, state: State, granted: Granted) -> dict[str, Any]:
    table, access = granted.table, granted.access
    versions = list(reversed(state.versions(table)))
    shown = versions[: _VERSIONS if access.history else 1]
    receipts = server.settings.store / "receipts" / table.id
    return {
        "table": table,
        "access": access,
        "columns": _read(table.columns, []),
        "conditions": _read(table.conditions, {}),
        "versions": [(version, (receipts / f"{version.version}.json").is_file()) for version in shown],
        "latest": versions[0] if versions else None,
        "late_days": _late_days(table.cycle_days, versions[0].at, call) if versions else None,
        "days_left": _days_left(access.valid_to, call),
    }


def _late_days(promised: int | None, at: str, call: Call) -> int | None:
    """Days past the promised cycle, 0 where it is kept; None: nothing is promised."""
    if promised is None:
        return None
    age = (call.seconds * 1000 - instants.milliseconds(at)) / _DAY
    return max(0, int(-(-(age - promised) // 1))) if age > promised else 0


def _days_left(until: str | None, call: Call) -> int | None:
    """Whole days until something ends; None: it doesn't."""
    if until is None:
        return None
    return (datetime.fromisoformat(until) - datetime.fromtimestamp(call.seconds, UTC)).days


def _needs(state: State, bureau: str) -> list[dict[str, Any]]:
    names = ("id", "dataset", "submitted_at", "due", "state", "decision", "reason")
    rows = state.rows(f"SELECT {', '.join(names)} FROM need WHERE bureau = ? ORDER BY submitted_at DESC", bureau)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _offers(state: State) -> list[dict[str, Any]]:
    names = ("dataset", "title", "summary", "owner", "sharing", "condition", "columns")
    rows = state.rows(f"SELECT {', '.join(names)} FROM offer ORDER BY title")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _document(text: str) -> dict[str, Any]:
    read = _read(text, {})
    return {"document": read if isinstance(read, dict) else {}}


def _read(text: str | None, otherwise: Any) -> Any:
    try:
        return json.loads(text) if text else otherwise
    except ValueError:
        return otherwise
