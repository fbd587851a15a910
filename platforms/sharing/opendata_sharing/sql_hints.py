"""The older predicateHints: simple SQL comparisons, read into the trees of jsonPredicateHints; others are skipped."""

from __future__ import annotations

import re
from collections.abc import Mapping

_COLUMN = r"(?:`(?P<quoted>[^`]+)`|(?P<bare>[^\W\d]\w*))"
_LITERAL = r"(?P<literal>'(?:[^']|'')*'|-?\d+|true|false)"
_OPERATOR = r"(?P<operator><=|>=|<>|!=|=|<|>)"
_FORWARD = re.compile(rf"\s*{_COLUMN}\s*{_OPERATOR}\s*{_LITERAL}\s*", re.IGNORECASE)
_BACKWARD = re.compile(rf"\s*{_LITERAL}\s*{_OPERATOR}\s*{_COLUMN}\s*", re.IGNORECASE)
_NULL = re.compile(rf"\s*{_COLUMN}\s+IS\s+(?P<no>NOT\s+)?NULL\s*", re.IGNORECASE)
_NAMES = {"=": "equal", "<": "lessThan", "<=": "lessThanOrEqual", ">": "greaterThan", ">=": "greaterThanOrEqual"}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
#: How a kind of column is called as a valueType.
_VALUE_TYPES = {"whole": "int", "long": "long", "text": "string", "date": "date", "truth": "bool"}
Tree = dict[str, object]


def read_hint(text: str, kinds: Mapping[str, str]) -> Tree | None:
    """The tree of one SQL predicate over columns of those kinds; None: it isn't a simple one, and is skipped."""
    inner = _without_parentheses(text)
    if match := _NULL.fullmatch(inner):
        column = _column(match, kinds)
        if column is None:
            return None
        tree: Tree = {"op": "isNull", "children": [column]}
        return {"op": "not", "children": [tree]} if match["no"] else tree
    backward = None
    match = _FORWARD.fullmatch(inner) or (backward := _BACKWARD.fullmatch(inner))
    if match is None:
        return None
    column = _column(match, kinds)
    literal = _literal(match["literal"], str(column["valueType"])) if column else None
    if column is None or literal is None:
        return None
    operator = match["operator"]
    if operator in ("<>", "!="):
        return {"op": "not", "children": [{"op": "equal", "children": [column, literal]}]}
    if backward:
        operator = _MIRRORED.get(operator, operator)
    return {"op": _NAMES[operator], "children": [column, literal]}


def _without_parentheses(text: str) -> str:
    """Without one pair around the whole; a text with parentheses inside is none of the simple ones anyway."""
    inner = text.strip()
    while inner.startswith("(") and inner.endswith(")"):
        inner = inner[1:-1].strip()
    return inner


def _column(match: re.Match[str], kinds: Mapping[str, str]) -> Tree | None:
    """The node of a column; SQL's names are case-insensitive, so one that fits two columns is none."""
    name = match["quoted"] or match["bare"]
    found = [known for known in kinds if known.casefold() == name.casefold()]
    if len(found) != 1 or kinds[found[0]] not in _VALUE_TYPES:
        return None
    return {"op": "column", "name": found[0], "valueType": _VALUE_TYPES[kinds[found[0]]]}


def _literal(text: str, value_type: str) -> Tree | None:
    """The node of a literal, if it is written as one of that type is."""
    if text.startswith("'"):
        if value_type not in ("string", "date"):
            return None
        return {"op": "literal", "value": text[1:-1].replace("''", "'"), "valueType": value_type}
    if text.lower() in ("true", "false"):
        return {"op": "literal", "value": text.lower(), "valueType": value_type} if value_type == "bool" else None
    return {"op": "literal", "value": text, "valueType": value_type} if value_type in ("int", "long") else None
