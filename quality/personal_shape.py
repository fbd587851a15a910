"""The shape of personal data: a pattern that matches every text in which `personal_text` finds some, and few others.

It is asked of every cell, and what takes a text apart of those alone that match. Where numbers are told by the words
around them, it asks for the words, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from quality.personal_text import (
    BANK_CARD,
    CARD_NUMBER,
    CARD_WORDS,
    EMAIL,
    FULL_WIDTH,
    HALF_WIDTH,
    ID_15,
    ID_18,
    ID_WORDS,
    MOBILE,
    MOBILE_NUMBER,
    RESIDENT_ID,
)

#: What may stand between the digits of one number: GROUPED takes off one sign, here it may be in full width.
_GAP = r"[ 　\-－]?"
#: A character class or a digit of a pattern, and how often it comes.
_PLACE = re.compile(r"(\[[^\]]+\]|[0-9])(\{[0-9,]+\})?")
_NO_DIGIT = "[^0-9０-９]"
_AT = "[@＠]"
_TO_FULL = str.maketrans(HALF_WIDTH, FULL_WIDTH)


def _as_people_write(number: str) -> str:
    """A pattern of digits, for the same in either width and with gaps between them."""

    def place(found: re.Match[str]) -> str:
        own = found[1].strip("[]")
        wide = own.replace("-", "\0").translate(_TO_FULL).replace("\0", "-")
        return f"(?:[{own}{wide}]{_GAP}){found[2] or ''}"

    return _PLACE.sub(place, number)


def _alone(number: str) -> str:
    """The number as no part of a longer one; after an X one is over, whatever follows."""
    end = "" if number.endswith("Xx]") else f"(?:{_NO_DIGIT}|$)"
    return f"(?:^|{_NO_DIGIT}){_as_people_write(number)}{end}"


def _among(number: str, words: str, title: str) -> str:
    """A number that counts where the words are in the title, or anywhere in the text."""
    if re.search(words, title):
        return _alone(number)
    written = _as_people_write(number)
    before = f"(?:{words})(?:(?s:.*){_NO_DIGIT})?{written}(?:{_NO_DIGIT}|$)"
    return f"{before}|(?:^|{_NO_DIGIT}){written}(?:{_NO_DIGIT}(?s:.*))?(?:{words})"


def shape_of(kinds: Sequence[str], title: str) -> str:
    """A pattern (RE2) that has a match in every text with personal data of these kinds, under this heading."""
    shapes = {
        RESIDENT_ID: f"{_alone(ID_18)}|{_among(ID_15, ID_WORDS, title)}",
        MOBILE: _alone(MOBILE_NUMBER),
        BANK_CARD: _among(CARD_NUMBER, CARD_WORDS, title),
        EMAIL: _AT,
    }
    return "|".join(f"(?:{shapes[kind]})" for kind in kinds)
