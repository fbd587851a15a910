r"""How one value of an entry stands in one text cell of the catalogue workbook, so that reading it back loses nothing.

An empty cell means that the value is absent. Beside that:

- parts of a list are joined by `；` (fullwidth, as Chinese catalogues do); inside a part `\；` is the sign itself and
  `\\` a backslash; `""` is an empty part, and a lone `；` a list that is there and has no parts;
- a mapping is the list of each heading followed by its field;
- waivers are the list of each one's rule, column, reason, person and last day;
- where a text may be absent, `""` is the empty text;
- a `\` in front takes the rest as text as it stands (`\""` is two quote signs, `\2` a sheet that is named 2).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SEPARATOR = "；"
EMPTY = '""'
YES, NO = "是", "否"
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(rf"{_INTEGER.pattern}(\.[0-9]+)?([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Codec:
    """A pair of functions: value → text ("" for absent), and text (never "") → value or ValueError."""

    encode: Callable[[Any], str]
    decode: Callable[[str], Any]


def _same(value: Any) -> str:
    return value or ""


def _encode_optional(value: str | None) -> str:
    if value is None:
        return ""
    if value == "":
        return EMPTY
    return f"\\{value}" if value[0] in '\\"' else value


def _decode_optional(text: str) -> str:
    return "" if text == EMPTY else text.removeprefix("\\")


def _encode_sheet(value: str | int | None) -> str:
    if isinstance(value, int):
        return str(value)
    if value is not None and _INTEGER.fullmatch(value):
        return f"\\{value}"
    return _encode_optional(value)


def _decode_sheet(text: str) -> str | int:
    return int(text) if _INTEGER.fullmatch(text) else _decode_optional(text)


def _decode_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError("not a whole number")
    return int(text)


def _encode_rows(value: int | tuple[int, int] | None) -> str:
    if value is None:
        return ""
    return SEPARATOR.join(map(str, value)) if isinstance(value, tuple) else str(value)


def _decode_rows(text: str) -> int | tuple[int, ...]:
    rows = tuple(_decode_integer(part) for part in text.split(SEPARATOR))
    return rows if len(rows) > 1 else rows[0]


def _encode_yes(value: bool | None) -> str:
    return YES if value else ""


def _decode_yes(text: str) -> bool:
    if text not in (YES, NO):
        raise ValueError(f"neither {YES} nor {NO}")
    return text == YES


def _encode_date(value: datetime.date | None) -> str:
    return "" if value is None else value.isoformat()


def _decode_date(text: str) -> datetime.date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("not a date of the form 2017-05-18")
    return datetime.date.fromisoformat(text)


def _encode_part(part: str) -> str:
    if part == "":
        return EMPTY
    escaped = part.replace("\\", "\\\\").replace(SEPARATOR, f"\\{SEPARATOR}")
    return f"\\{escaped}" if escaped.startswith('"') else escaped


def _encode_list(parts: Sequence[str] | None) -> str:
    return SEPARATOR.join(map(_encode_part, parts or ()))


def _encode_optional_list(parts: Sequence[str] | None) -> str:
    return SEPARATOR if parts is not None and not parts else _encode_list(parts)


def _decode_list(text: str) -> tuple[str, ...]:
    if re.search(r"(?<!\\)(?:\\\\)*\\$", text):
        raise ValueError("ends with a lone backslash, which stands for itself only when doubled")
    # A part is a run of escaped signs and of signs that are neither a backslash nor the separator.
    parts = re.findall(r"(?:\\.|[^\\；])+", text, re.DOTALL)
    return tuple("" if part == EMPTY else re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in parts)


def _encode_rules(value: Any) -> str:
    clocks = (value,) if isinstance(value, Mapping) else value or ()
    return _encode_list([clock["rule"] for clock in clocks])


def _decode_rules(text: str) -> tuple[dict[str, str], ...]:
    return tuple({"rule": part} for part in _decode_list(text))


def _encode_mapping(value: Mapping[str, str] | None) -> str:
    return _encode_list([part for pair in (value or {}).items() for part in pair])


def _decode_mapping(text: str) -> dict[str, str]:
    parts = _decode_list(text)
    keys, values = parts[::2], parts[1::2]
    if len(keys) != len(values):
        raise ValueError(f"{keys[-1]} leads to nothing; each heading is followed by its field")
    if len(set(keys)) != len(keys):
        raise ValueError("a heading stands there twice")
    return dict(zip(keys, values, strict=True))


def _encode_number(value: float | None) -> str:
    return "" if value is None else str(value)


def _decode_number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return float(text)


#: The keys of a waiver in the order in which they stand in its cell.
_OF_WAIVER = ("rule", "column", "reason", "person", "until")


def _encode_waivers(value: Sequence[Mapping[str, Any]] | None) -> str:
    return _encode_list([str(waiver[key]) for waiver in value or () for key in _OF_WAIVER])


def _decode_waivers(text: str) -> tuple[dict[str, Any], ...]:
    parts = _decode_list(text)
    width = len(_OF_WAIVER)
    if len(parts) % width:
        raise ValueError(f"a waiver has {width} parts: {', '.join(_OF_WAIVER)}")
    found = [dict(zip(_OF_WAIVER, parts[at : at + width], strict=True)) for at in range(0, len(parts), width)]
    return tuple({**waiver, "until": _decode_date(waiver["until"])} for waiver in found)


TEXT = Codec(_same, str)
OPTIONAL_TEXT = Codec(_encode_optional, _decode_optional)
SHEET = Codec(_encode_sheet, _decode_sheet)
COUNT = Codec(lambda value: str(value) if value else "", _decode_integer)
OPTIONAL_COUNT = Codec(_encode_number, _decode_integer)
OPTIONAL_NUMBER = Codec(_encode_number, _decode_number)
ROWS = Codec(_encode_rows, _decode_rows)
FLAG = Codec(_encode_yes, _decode_yes)
DATE = Codec(_encode_date, _decode_date)
LIST = Codec(_encode_list, _decode_list)
OPTIONAL_LIST = Codec(_encode_optional_list, _decode_list)
MAPPING = Codec(_encode_mapping, _decode_mapping)
RULES = Codec(_encode_rules, _decode_rules)
WAIVERS = Codec(_encode_waivers, _decode_waivers)
#: Codecs whose cells may be numbers of the workbook, since no zero can be lost in them.
NUMERIC = (SHEET, COUNT, ROWS, OPTIONAL_COUNT, OPTIONAL_NUMBER)
