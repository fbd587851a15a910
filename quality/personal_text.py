"""Personal data in a text: resident ids, mobile numbers, bank cards, e-mail addresses (standards.md 7, 3.3, 3.5, 3.6).

Where one is suspected by its shape, what the standards say of it confirms: a resident id's region, day of birth and
check digit, a card's first digits, check digit and the words around it. `quality.check_digits` has the same as SQL.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

RESIDENT_ID, MOBILE, BANK_CARD, EMAIL = "resident-id", "mobile", "bank-card", "email"
KINDS = (RESIDENT_ID, MOBILE, BANK_CARD, EMAIL)
#: What each kind is called in a message.
LABELS = {RESIDENT_ID: "公民身份号码", MOBILE: "手机号码", BANK_CARD: "银行卡号", EMAIL: "电子邮箱"}

#: Full-width characters of numbers and addresses, and the half-width ones that they double.
FULL_WIDTH = "０１２３４５６７８９Ｘｘ＠．－　"
HALF_WIDTH = "0123456789Xx@.- "
#: Numbers as people group them, and the same without the gaps; in the notation of RE2 and of Python alike.
GROUPED = (
    (r"([0-9]{6})[ -]([0-9]{8})[ -]([0-9]{3}[0-9Xx])", r"\1\2\3"),
    (r"(1[3-9][0-9])[ -]([0-9]{4})[ -]([0-9]{4})", r"\1\2\3"),
    (r"([0-9]{4})[ -]([0-9]{4})[ -]([0-9]{4})[ -]([0-9]{1,7})", r"\1\2\3\4"),
)
RUN = r"[0-9]+[Xx]?"
REGION = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
ID_18 = rf"{REGION}[0-9]{{4}}(?:18|19|20)[0-9]{{9}}[0-9Xx]"
ID_15 = rf"{REGION}[0-9]{{13}}"
MOBILE_NUMBER = r"(?:(?:00)?86)?1[3-9][0-9]{9}"
#: 62 is UnionPay's; 60 was a bank's own before it.
CARD_NUMBER = r"(?:6[02]|4[0-9]|5[0-9])[0-9]{11,17}"
ADDRESS = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
#: A resident id of 15 digits has no check digit: only words tell it from another number.
ID_WORDS = "身份证|身份号码|公民身份|证件号"
CARD_WORDS = "账号|帐号|账户|帐户|卡号|银行|开户"
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"

_TO_HALF = str.maketrans(FULL_WIDTH, HALF_WIDTH)


def _is_day(digits: str) -> bool:
    try:
        datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _is_id(run: str, about_ids: bool) -> bool:
    if re.fullmatch(ID_18, run):
        total = sum(int(digit) * weight for digit, weight in zip(run, ID_WEIGHTS, strict=False))
        return _is_day(run[6:14]) and ID_CHECKS[total % 11] == run[17].upper()
    return about_ids and re.fullmatch(ID_15, run) is not None and _is_day("19" + run[6:12])


def _is_card(run: str) -> bool:
    """First digits and Luhn's check."""
    if not re.fullmatch(CARD_NUMBER, run):
        return False
    digits = [int(digit) for digit in reversed(run)]
    return sum(digits[::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0


def _kinds(text: str, title: str) -> Iterator[str]:
    plain = text.translate(_TO_HALF)
    for grouped, joined in GROUPED:
        plain = re.sub(grouped, joined, plain)
    runs = re.findall(RUN, plain)
    about = f"{title} {text}"
    if any(_is_id(run, re.search(ID_WORDS, about) is not None) for run in runs):
        yield RESIDENT_ID
    if any(re.fullmatch(MOBILE_NUMBER, run) for run in runs):
        yield MOBILE
    if re.search(CARD_WORDS, about) and any(_is_card(run) for run in runs):
        yield BANK_CARD
    if re.search(ADDRESS, plain):
        yield EMAIL


def kinds_in(text: str, title: str = "") -> tuple[str, ...]:
    """The kinds of personal data in a text, under a heading that may tell what its numbers are."""
    return tuple(_kinds(text, title))
