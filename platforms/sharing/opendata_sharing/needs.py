"""A need that a bureau hands in on the page: the form's fields become the document that the pipeline takes over."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from opendata_sharing.errors import invalid
from opendata_sharing.state import State

_LONGEST = 2000
_TEXTS = {"purpose": True, "basis": True, "mode": False, "frequency": False}
_SEPARATORS = re.compile("[,，、]")


def read_need(fields: Mapping[str, str], state: State) -> dict[str, object]:
    """The document of STORE.md: dataset, columns, conditions, purpose, basis, mode, frequency.

    Raises:
        CallRefused: 400, a field is missing or too long, or names what isn't offered.
    """
    for name, value in fields.items():
        if len(value) > _LONGEST:
            raise invalid(f"{name} may have {_LONGEST} characters")
    dataset = fields.get("dataset", "")
    offered = state.rows("SELECT columns FROM offer WHERE dataset = ?", dataset)
    if not offered:
        raise invalid("dataset must be one that may be asked for")
    known = _names(offered[0][0])
    need: dict[str, object] = {"dataset": dataset, "columns": _columns(fields.get("columns", ""), known)}
    need["conditions"] = _conditions(fields.get("rows", ""), known)
    for name, required in _TEXTS.items():
        need[name] = fields.get(name, "").strip()
        if required and not need[name]:
            raise invalid(f"{name} must be filled in")
    return need


def _names(columns: object) -> frozenset[str]:
    try:
        return frozenset(column["name"] for column in json.loads(str(columns)))
    except (ValueError, TypeError, KeyError):
        return frozenset()


def _columns(text: str, known: frozenset[str]) -> list[str]:
    """The columns, one a line; none: all."""
    return [_known(line.strip(), known) for line in text.splitlines() if line.strip()]


def _conditions(text: str, known: frozenset[str]) -> dict[str, list[str]]:
    """Conditions as 列=值,值, one a line; none: all rows."""
    found: dict[str, list[str]] = {}
    for line in filter(str.strip, text.splitlines()):
        column, sign, values = line.partition("=")
        if not sign:
            column, sign, values = line.partition("\N{FULLWIDTH EQUALS SIGN}")
        said = [value.strip() for value in _SEPARATORS.split(values) if value.strip()]
        if not said:
            raise invalid("rows must be lines such as 列=值,值")
        found[_known(column.strip(), known)] = said
    return found


def _known(name: str, known: frozenset[str]) -> str:
    if name not in known:
        raise invalid(f"{name} is no column of this dataset")
    return name
