"""The standards that a field's `standard` may name: by a word, or by the standard's own number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class StandardName:
    """Which standard is meant; `edition` is the year that the field pins it to, "" where the record's date decides."""

    name: str
    edition: str = ""


#: Name → the numbers of its standard, as GB, GS and GA documents write them (standards.md 3).
NUMBERS: Mapping[str, tuple[str, ...]] = {
    "uscc": ("GB 32100", "GB 32100-2015"),
    "organisation-code": ("GB 11714", "GB 11714-1997"),
    "resident-id": ("GB 11643", "GB 11643-1999"),
    "registration-number": ("GS 15", "GS 15-2006"),
    "division-code": ("GB/T 2260", "GB/T 2260-2002", "GB/T 2260-2007"),
    "industry-code": ("GB/T 4754",),
    "mobile": (),
    "bank-card": ("ISO/IEC 7812-1",),
    "plate": ("GA 36", "GA 36-2018"),
    "passport": ("ICAO Doc 9303",),
    "email": ("RFC 5322",),
}
#: Editions that differ in what they allow; a number with its year pins the field to one of them.
EDITIONS: Mapping[str, Mapping[str, str]] = {
    "industry-code": {"2011": "GB/T 4754-2011", "2017": "GB/T 4754-2017"},
}
#: Standards whose values point to a natural person (standards.md 7).
PERSONAL = frozenset({"resident-id", "mobile", "bank-card", "passport", "email", "plate"})


def _folded(written: str) -> str:
    """Without what people write in different ways: spaces, letter case, full-width forms, kinds of dashes."""
    plain = unicodedata.normalize("NFKC", written).casefold()
    return re.sub(r"[\u2010-\u2015\u2212]", "-", re.sub(r"\s+", "", plain))


_BY_WRITING = {
    **{_folded(name): StandardName(name) for name in NUMBERS},
    **{_folded(number): StandardName(name) for name, numbers in NUMBERS.items() for number in numbers},
    **{_folded(number): StandardName(name, year) for name, of in EDITIONS.items() for year, number in of.items()},
}


def standard_named(written: str) -> StandardName | None:
    """The standard that a schema means by what it wrote; None where this program knows none of that name."""
    return _BY_WRITING.get(_folded(written))
