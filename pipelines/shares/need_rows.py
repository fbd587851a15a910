"""A need as it is written, in a file's row or in a document of the platform, and what it says."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.shares.needs import Request
from pipelines.shares.offers import Offer, Offers
from pipelines.shares.state import SharingState, Wish

BUREAU, RESOURCE, ITEMS = "需求部门", "信息资源", "信息项"
PURPOSE, BASIS, MODE, FREQUENCY = "用途", "法律依据", "共享方式", "更新频率"
ROWS, RECEIVED, NOTE = "行条件", "提出日期", "备注"
_REQUIRED_TEXTS = (PURPOSE, BASIS, MODE, FREQUENCY)
_LONGEST = 2000
_MOST_VALUES = 1000


@dataclass(frozen=True)
class WrittenNeed:
    """A need as written: `texts` by heading, columns and conditions still by the words that somebody wrote."""

    texts: Mapping[str, str]
    columns: Sequence[str]
    conditions: Mapping[str, Sequence[str]]
    origin: str = ""


@dataclass(frozen=True)
class NeedFault:
    """What is wrong with a need, under which heading, and what to do about it."""

    heading: str
    message: str
    fix: str


def understood(
    written: WrittenNeed, state: SharingState, offers: Offers, today: datetime.date
) -> tuple[Request | None, tuple[NeedFault, ...]]:
    """The need with its bureau, dataset, columns and day; or what keeps it from being one.

    Args:
        written: As somebody wrote it.
        state: Knows the registered bureaus, which may be named by id or name.
        offers: Know the resources, which may be named by id, code or name, and their columns, by name or label.
        today: The day that it came in where it names none; a later one is a fault.
    """
    faults: list[NeedFault] = []
    bureau = _bureau(written, state, faults)
    offer = _offer(written, offers, faults)
    faults += _text_faults(written)
    received = _received(written, today, faults)
    columns = tuple(_columns(written.columns, ITEMS, offer, faults)) if offer else ()
    conditions = _conditions(written, offer, faults) if offer else {}
    if faults or bureau is None or offer is None:
        return None, tuple(faults)
    texts = {name: written.texts[heading].strip() for name, heading in _FIELDS.items()}
    wish = Wish(tuple(sorted(set(columns))), conditions, **texts)
    return Request(bureau, offer.entry.id, wish, received, written.origin), ()


_FIELDS = {"purpose": PURPOSE, "basis": BASIS, "mode": MODE, "frequency": FREQUENCY}


def _bureau(written: WrittenNeed, state: SharingState, faults: list[NeedFault]) -> str | None:
    word = written.texts.get(BUREAU, "").strip()
    registered = [one for one in state.bureaus.values() if one.removed_at is None]
    found = [one.id for one in registered if word in (one.id, one.title)]
    if word and len(found) == 1:
        return found[0]
    known = "、".join(f"{one.title}（{one.id}）" for one in registered) or "none"
    message = f"no registered bureau is {word!r}" if word else "no bureau is named"
    fix = f"name one of {known}, or register it: `opendata bureau add ID --title TEXT`"
    faults.append(NeedFault(BUREAU, message, fix))
    return None


def _offer(written: WrittenNeed, offers: Offers, faults: list[NeedFault]) -> Offer | None:
    word = written.texts.get(RESOURCE, "").strip()
    found = [one for one in offers if word in (one.entry.id, one.entry.code, one.entry.title)]
    if word and len(found) == 1:
        return found[0]
    message = f"{'no' if not found else 'more than one'} resource is {word!r}" if word else "no resource is named"
    faults.append(NeedFault(RESOURCE, message, "write its 信息资源代码 or its id, as the catalogue has them"))
    return None


def _text_faults(written: WrittenNeed) -> list[NeedFault]:
    faults = []
    for heading in _REQUIRED_TEXTS:
        text = written.texts.get(heading, "").strip()
        if not text:
            faults.append(NeedFault(heading, "it is empty", "fill it in: a need without it can't be decided"))
        elif len(text) > _LONGEST:
            faults.append(NeedFault(heading, f"it has more than {_LONGEST} signs", "shorten it"))
    return faults


def _received(written: WrittenNeed, today: datetime.date, faults: list[NeedFault]) -> datetime.date:
    text = written.texts.get(RECEIVED, "").strip()
    if not text:
        return today
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        faults.append(NeedFault(RECEIVED, f"{text!r} is no date", "write YYYY-MM-DD"))
        return today
    if day > today:
        faults.append(NeedFault(RECEIVED, f"{day} lies ahead", "write the day on which the need came in"))
    return day


def _columns(words: Sequence[str], heading: str, offer: Offer, faults: list[NeedFault]) -> list[str]:
    """The columns that words name. One that leaves in no form is told like none; 不予共享 has none to name."""
    found = []
    for word in dict.fromkeys(words):
        name = offer.named(word)
        if name is not None:
            found.append(name)
        elif offer.columns:
            fix = f"it shares {'、'.join(offer.columns)}"
            faults.append(NeedFault(heading, f"{offer.entry.id} shares no column {word!r}", fix))
    return found


def _conditions(written: WrittenNeed, offer: Offer, faults: list[NeedFault]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for word, values in written.conditions.items():
        kept = tuple(sorted({value for value in values if value}))
        if not kept or len(kept) > _MOST_VALUES:
            message = f"{word} has {len(kept)} values"
            faults.append(NeedFault(ROWS, message, f"write 1 to {_MOST_VALUES} of them: 列=值,值"))
        for name in _columns([word], ROWS, offer, faults):
            found[name] = kept
    return found
