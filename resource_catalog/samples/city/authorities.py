"""Who decides in the city: its authority and those of its districts, each with a code of its own."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from resource_catalog.samples.city.identifiers import organisation_code, social_credit_code
from resource_catalog.samples.city.words import CityWords

#: First two characters of a code: an organ of the state (机关).
_STATE_ORGAN = "11"
#: The body of the city authority's organisation code: the invented one that agency.yaml names.
_CITY_BODY = "00000001"


@dataclass(frozen=True)
class Authority:
    """An authority's name and 统一社会信用代码."""

    name: str
    code: str


def city_authority(words: CityWords) -> Authority:
    """The agency itself."""
    code = social_credit_code(_STATE_ORGAN, words["place_code"], organisation_code(_CITY_BODY))
    return Authority(words["authority"], code)


def district_authority(words: CityWords, district: str, day: datetime.date) -> Authority:
    """The district's authority as it was called on a day; its code stays when the district is renamed."""
    former = words["former_divisions"].get(district)
    renamed = former and day <= datetime.date.fromisoformat(former["until"])
    called = former["name"] if former and renamed else district
    division = words["districts"][district]
    code = social_credit_code(_STATE_ORGAN, division, organisation_code(f"YA{division}"))
    return Authority(words["district_authority"].format(district=called), code)
