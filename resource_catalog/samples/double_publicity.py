"""What permits and penalties have in common in the two editions of double publicity (双公示; standards.md 4)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeVar

from resource_catalog.samples.city.decisions import EDITION_2018_FROM, State
from resource_catalog.samples.city.licences import LicenceDecision
from resource_catalog.samples.city.parties import Party
from resource_catalog.samples.city.penalties import PenaltyDecision
from resource_catalog.samples.stream import Row, provenance

Decision = TypeVar("Decision", LicenceDecision, PenaltyDecision)

#: The columns of the party that both tables of the 2018 edition begin with.
PARTY_2018 = (
    "行政相对人名称", "相对人类别", "代码_1", "代码_2", "代码_3", "代码_4", "代码_5", "代码_6", "法定代表人",
    "法定代表人身份证号", "证件类型", "证件号码",
)  # fmt: skip
#: The heading above the six codes, as offices print the form.
CODES_GROUP = {f"代码_{number}": "相对人代码" for number in range(1, 7)}
#: The workbook in which both tables of the 2018 edition come.
WORKBOOK_2018 = "double-publicity-2018.xlsx"

_RESIDENT_CARD = "身份证"
_TEN_THOUSAND = Decimal(10_000)


def of_2015(decisions: Iterable[Decision]) -> Iterator[Decision]:
    """Those decided before the edition of 2018 took effect."""
    return (each for each in decisions if each.decided_on < EDITION_2018_FROM)


def of_2018(decisions: Iterable[Decision]) -> Iterator[Decision]:
    """Those decided from the day on which the edition of 2018 took effect."""
    return (each for each in decisions if each.decided_on >= EDITION_2018_FROM)


def codes_2015(party: Party) -> Row:
    """The five codes in the order of the 2015 edition (_SHXYM, _ZDM, _GSDJ, _SWDJ, _SFZ)."""
    return (
        party.social_credit_code,
        party.organisation_code,
        party.registration_number,
        party.tax_number,
        party.resident_id or None,
    )


def party_2018(party: Party) -> Row:
    """The cells of PARTY_2018."""
    natural = party.enterprise is None
    return (
        party.name,
        party.category,
        party.social_credit_code,
        party.registration_number,
        party.organisation_code,
        party.tax_number,
        None,
        None,
        party.representative,
        None if natural else party.resident_id or None,
        _RESIDENT_CARD if natural else None,
        party.resident_id if natural else None,
    )


def in_ten_thousands(amount: Decimal) -> Decimal | None:
    """An amount in 元 as 万元; None where there is none."""
    return amount / _TEN_THOUSAND if amount else None


def decision_provenance(row_id: str, decided: datetime.date, published: datetime.date, state: State) -> Row:
    """The cells of PROVENANCE: a change of state makes a new version, published on the day of the change."""
    changed = state.changed_on
    return provenance(row_id, changed or decided, changed or published, version=state.version)
