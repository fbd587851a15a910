"""The standards a second time, in plain Python and straight from their texts: what SQL is held to."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping

#: Value, record's day → the fault by the last part of its rule's code, "" where there is none.
Reference = Callable[[str, datetime.date | None], str]

USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PROVINCES = {
    str(code)
    for codes in ((11, 16), (21, 24), (31, 38), (41, 47), (50, 55), (61, 66), (71, 72), (81, 83))
    for code in range(*codes)
}
#: First divisions of the sections A to T, and the first number that is none, by edition.
SECTIONS = {
    2011: (1, 6, 13, 44, 47, 51, 53, 61, 63, 66, 70, 71, 73, 76, 79, 82, 83, 85, 90, 96, 97),
    2017: (1, 6, 13, 44, 47, 51, 53, 61, 63, 66, 70, 71, 73, 76, 80, 83, 84, 86, 91, 97, 98),
}


def plain(text: str) -> str:
    """Half-width, without spaces, format characters and dashes, in upper case where that is one letter."""
    narrow = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else " " if c == "\u3000" else c for c in text)
    ascii_only = text.isascii()
    kept = [c for c in narrow if not _is_mark(c, ascii_only)]
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in kept)


def _is_mark(character: str, ascii_only: bool) -> bool:
    if character in "\t\n\f\r -":
        return True
    kind = unicodedata.category(character)
    return not ascii_only and (kind[0] == "Z" or kind in ("Cf", "Pd"))


def organisation_check(body: str) -> str:
    """C9 = 11 − Σ mod 11; 10 is X, 11 is 0."""
    weighted = sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    left = 11 - weighted % 11
    return {10: "X", 11: "0"}.get(left, str(left))


def uscc_check(body: str) -> str:
    """C18 = (31 − Σ mod 31) mod 31."""
    weighted = sum(USCC.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return USCC[(31 - weighted % 31) % 31]


def resident_check(body: str) -> str:
    """By the sum modulo 11 out of 10X98765432."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


def registration_check(body: str) -> str:
    """ISO 7064 MOD 11,10."""
    product = 10
    for digit in body:
        added = (product + int(digit)) % 10
        product = 2 * (added or 10) % 11
    return str((11 - product) % 10)


def luhn_check(body: str) -> str:
    """What makes the sum divisible by ten, every other digit doubled from the right."""
    added = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        added += doubled - 9 if doubled > 9 else doubled
    return str(-added % 10)


def _spelt(text: str, form: str) -> str:
    return "" if text == form else "spelling"


def uscc(text: str, _day: datetime.date | None) -> str:
    """GB 32100-2015."""
    code = plain(text)
    if len(code) != 18 or not set(code) <= set(USCC) or not set(code[2:8]) <= set("0123456789"):
        return "format"
    if uscc_check(code[:17]) != code[17]:
        return "check-digit"
    return _spelt(text, code) if organisation_check(code[8:16]) == code[16] else "organisation-code"


def organisation_code(text: str, _day: datetime.date | None) -> str:
    """GB 11714-1997, as printed or as stored."""
    code = plain(text)
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code):
        return "format"
    if organisation_check(code[:8]) != code[8]:
        return "check-digit"
    return "" if text in (code, f"{code[:8]}-{code[8]}") else "spelling"


def _is_day(digits: str) -> bool:
    try:
        datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return "1800" <= digits < "3000"


def resident_id(text: str, day: datetime.date | None) -> str:
    """GB 11643-1999, and its form of 15 digits."""
    code = plain(text)
    short = re.fullmatch("[1-9][0-9]{14}", code) is not None
    if not short and not re.fullmatch("[1-9][0-9]{16}[0-9X]", code):
        return "format"
    long = code[:6] + "19" + code[6:] + resident_check(code[:6] + "19" + code[6:]) if short else code
    return _resident_fault(long, day, short) or _spelt(text, code)


def _resident_fault(code: str, day: datetime.date | None, short: bool) -> str:
    if not _is_day(code[6:14]):
        return "birth-date"
    if resident_check(code[:17]) != code[17]:
        return "check-digit"
    if day and code[6:14] > f"{day:%Y%m%d}":
        return "born-after-record"
    return "legacy" if short and day and day.year >= 2013 else ""


def registration_number(text: str, day: datetime.date | None) -> str:
    """GS 15-2006 of a field that names the record's date."""
    code = plain(text)
    if not re.fullmatch("[0-9]{13}|[0-9]{15}", code):
        return "format"
    if len(code) == 13:
        return "legacy" if day and day.year >= 2007 else _spelt(text, code)
    return _spelt(text, code) if registration_check(code[:14]) == code[14] else "check-digit"


def division_code(text: str, _day: datetime.date | None) -> str:
    """GB/T 2260 without a code list."""
    code = plain(text)
    if not re.fullmatch("[0-9]+", code) or len(code) not in (6, 9, 12):
        return "format"
    return _spelt(text, code) if code[:2] in PROVINCES else "province"


def _has_division(code: str, edition: int) -> bool:
    section = ord(code[0]) - ord("A")
    first, beyond = SECTIONS[edition][section : section + 2]
    return first <= int(code[1:3]) < beyond


def industry_code(text: str, day: datetime.date | None) -> str:
    """GB/T 4754 by date."""
    code = plain(text)
    if not re.fullmatch("[A-T][0-9]{2,4}", code):
        return "format"
    if day and day < datetime.date(2011, 11, 1):
        return _spelt(text, code)
    editions = [2011, 2017] if not day else [2017 if day >= datetime.date(2017, 10, 1) else 2011]
    return _spelt(text, code) if any(_has_division(code, edition) for edition in editions) else "division"


def mobile(text: str, _day: datetime.date | None) -> str:
    """Eleven digits of a range in use."""
    code = re.sub(r"^(\+|00)86", "", plain(text))
    ranges = r"1(3\d|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])\d{8}"
    return _spelt(text, code) if re.fullmatch(ranges, code, re.ASCII) else "format"


def bank_card(text: str, _day: datetime.date | None) -> str:
    """ISO/IEC 7812-1."""
    code = plain(text)
    if not re.fullmatch("[0-9]{13,19}", code):
        return "format"
    return _spelt(text, code) if luhn_check(code[:-1]) == code[-1] else "check-digit"


def plate(text: str, _day: datetime.date | None) -> str:
    """GA 36."""
    code = re.sub("[·•・]", "", plain(text))
    known = code[:1] in set("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼")
    common = "[A-HJ-NP-Z][A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳]"
    energy = "[A-HJ-NP-Z]([A-HJK][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[A-HJK])"
    return _spelt(text, code) if known and re.fullmatch(f"{common}|{energy}", code[1:]) else "format"


REFERENCES: Mapping[str, Reference] = {
    "uscc": uscc,
    "organisation-code": organisation_code,
    "resident-id": resident_id,
    "registration-number": registration_number,
    "division-code": division_code,
    "industry-code": industry_code,
    "mobile": mobile,
    "bank-card": bank_card,
    "plate": plate,
}
