"""Administrative licences in the 18 columns of the 2015 publicity standard (双公示数据标准, 发改电〔2015〕806号)."""

from __future__ import annotations

import datetime
import random

from resource_catalog.samples.parties import Party, draw_address, draw_party
from resource_catalog.samples.words import Licence, Words
from resource_catalog.samples.working_days import add_working_days, draw_working_day

ROWS = 2000
COLUMNS = (
    "XK_WSH", "XK_XMMC", "XK_SPLB", "XK_NR", "XK_XDR", "XK_XDR_SHXYM", "XK_XDR_ZDM", "XK_XDR_GSDJ", "XK_XDR_SWDJ",
    "XK_XDR_SFZ", "XK_FR", "XK_JDRQ", "XK_JZQ", "XK_XZJG", "XK_ZT", "DFBM", "SJC", "BZ",
)  # fmt: skip

#: From this day one code replaced the three older ones (三证合一, 国办发〔2015〕50号).
_ONE_CODE_FROM = datetime.date(2015, 10, 1)
#: How the registers write a licence without end.
_WITHOUT_END = datetime.date(2099, 12, 31)
_PUBLICITY_WORKING_DAYS = 7


def administrative_licences(seed: int, words: Words) -> list[tuple[str, ...]]:
    """ROWS rows in the order of COLUMNS, by date of decision; dates as YYYY/MM/DD."""
    chance = random.Random(seed)  # noqa: S311 - samples, no secrets
    kinds = words["licences"]
    days = sorted(draw_working_day(chance) for _ in range(ROWS))
    rows: list[tuple[str, ...]] = []
    for number, day in enumerate(days, start=1):
        kind = chance.choices(kinds, weights=[kind["weight"] for kind in kinds])[0]
        rows.extend(_decision(chance, words, kind, day, number))
    return rows[:ROWS]


def _decision(
    chance: random.Random, words: Words, kind: Licence, day: datetime.date, number: int
) -> list[tuple[str, ...]]:
    holders = ("domestic", "domestic") if kind["holder"] == "pair" else (kind["holder"],)
    parties = [draw_party(chance, words, holder) for holder in holders]
    first = parties[0]
    document = _document_number(words, kind, day, number)
    content = kind["content"].format(
        scope=chance.choice(words["scopes"]),
        address=draw_address(chance, words, first.district),
        person=first.person,
        name=first.name,
        amount=chance.randrange(10, 5000, 10),
    )
    state = chance.choices("0123", weights=(960, 15, 10, 15))[0]
    tail = (
        _slashed(day),
        _slashed(_last_day(day, kind["months"])),
        _authority(chance, words, kind, first),
        state,
        words["place_code"],
        _slashed(add_working_days(day, chance.randrange(_PUBLICITY_WORKING_DAYS + 1))),
        words["remarks"].get(state, ""),
    )
    head = (document, kind["name"], kind["category"], content)
    return [(*head, *_party_columns(party, day), *tail) for party in parties]


def _document_number(words: Words, kind: Licence, day: datetime.date, number: int) -> str:
    if kind["number"] == "numeric":
        # Twenty digits that begin with zeros, as registries print them: a number type would lose both ends.
        return f"00000002{day:%Y%m%d}{number:04d}"
    return kind["number"].format(year=day.year, number=number)


def _party_columns(party: Party, day: datetime.date) -> tuple[str, ...]:
    if day >= _ONE_CODE_FROM:
        codes = (party.social_credit_code, "", "", "")
    else:
        codes = ("", party.organisation_code, party.registration_number, party.tax_number)
    return (party.name, *codes, party.resident_id, party.person)


def _authority(chance: random.Random, words: Words, kind: Licence, party: Party) -> str:
    if kind["holder"] == "foreign" or chance.random() < 0.3:
        return words["authority"]
    return words["district_authority"].format(district=party.district)


def _last_day(day: datetime.date, months: int) -> datetime.date:
    if months == 0:
        return _WITHOUT_END
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, 28))


def _slashed(day: datetime.date) -> str:
    return f"{day:%Y/%m/%d}"
