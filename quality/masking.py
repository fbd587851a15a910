"""How a value is shown in messages and reports: shortened, and masked where it may be personal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from quality.finding import Finding
from quality.personal_text import kinds_in
from resource_catalog.standard_names import PERSONAL
from resource_catalog.table_schema import SchemaField, TableSchema

_LONGEST = 80
#: Long enough to be the number of a person, a telephone or a card.
_LONG_NUMBER = re.compile(r"[0-9]{11,}[Xx]?")


def masked(value: str) -> str:
    """The first character, and a star for each other: enough to find the cell, not to know the person."""
    return value[:1] + "*" * (len(value) - 1)


def without_long_numbers(text: str) -> str:
    """A heading, or a sentence about it, with long numbers masked: where headings are missing, it may be a cell."""
    return _LONG_NUMBER.sub(lambda number: masked(number[0]), text)


def hidden(value: str | None) -> str | None:
    """A star for each character, up to the longest text that is shown."""
    return None if value is None else "*" * min(len(value), _LONGEST)


def personal(field: SchemaField) -> bool:
    """Whether a field's values may tell of a natural person, or must not be public as they are."""
    meant = field.meant_standard
    return field.disclosure != "open" or field.mask is not None or (meant is not None and meant.name in PERSONAL)


def shown(field: SchemaField, value: str | None) -> str | None:
    """A cell's value as a message may show it."""
    if value is None:
        return None
    if personal(field):
        value = masked(value)
    elif kinds_in(value, field.title or field.name):
        value = "*" * len(value)
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"


def _is_public(heading: str, schema: TableSchema, columns: Mapping[str, str]) -> bool:
    name = columns.get(heading, heading)
    meant = [field for field in schema.fields if name in (field.name, field.title)]
    return bool(meant) and not any(personal(field) for field in meant)


def discreet(findings: Iterable[Finding], schema: TableSchema, columns: Mapping[str, str]) -> tuple[Finding, ...]:
    """Findings of reading, which knew no schema, with their values masked unless their column is known to be public.

    `columns` is the entry's `source.columns`, heading → field; a column may also be named by its field's title.
    """
    return tuple(_discreet(found, schema, columns) for found in findings)


def _discreet(found: Finding, schema: TableSchema, columns: Mapping[str, str]) -> Finding:
    if _is_public(found.column, schema, columns):
        held = found.value is not None and kinds_in(found.value, found.column)
        return replace(found, value=hidden(found.value)) if held else found
    return replace(
        found,
        value=None if found.value is None else masked(found.value),
        column=without_long_numbers(found.column),
        message=without_long_numbers(found.message),
    )
