"""How a value is shown in messages and reports: shortened, and masked where it may be personal."""

from __future__ import annotations

from resource_catalog.table_schema import SchemaField

_LONGEST = 80
#: Standards whose values identify a natural person (standards.md 7).
_PERSONAL = frozenset({"resident-id", "mobile", "bank-card", "passport", "email"})


def masked(value: str) -> str:
    """The first character, and a star for each other: enough to find the cell, not to know the person."""
    return value[:1] + "*" * (len(value) - 1)


def shown(field: SchemaField, value: str | None) -> str | None:
    """A cell's value as a message may show it."""
    if value is None:
        return None
    if field.disclosure != "open" or field.standard in _PERSONAL:
        value = masked(value)
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
