"""The samples' identifiers pass check-character tests written a second time and held to published vectors."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator

import pytest
import yaml

from resource_catalog.samples.city import identifiers
from resource_catalog.samples.city.authorities import city_authority, district_authority
from resource_catalog.samples.city.working_days import LAST_DAY
from tests.sample_tables import CATALOGUE, STREAMS, sample_city, sample_rows, values_of_standard


def _weighted_sum(text: str, base: str, weights: list[int]) -> int:
    return sum(base.index(character) * weight for character, weight in zip(text, weights, strict=True))


def _is_organisation_code(code: str) -> bool:
    """GB 11714: the weighted sum with the check counted once is divisible by 11."""
    if len(code) != 9:
        return False
    total = _weighted_sum(code[:8], "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [3, 7, 9, 10, 5, 8, 4, 2])
    return (total + "0123456789X".index(code[8])) % 11 == 0


def _is_social_credit_code(code: str) -> bool:
    """GB 32100-2015: divisible by 31 with the check counted once, and an organisation code within."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    if len(code) != 18 or not set(code) <= set(alphabet):
        return False
    weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1]
    return _weighted_sum(code, alphabet, weights) % 31 == 0 and _is_organisation_code(code[8:17])


def _is_registration_number(number: str) -> bool:
    """GS 15-2006: ISO 7064 MOD 11,10 ends in 1."""
    if len(number) != 15 or not number.isdigit():
        return False
    remainder = 10
    for digit in number[:-1]:
        total = (remainder + int(digit)) % 10
        remainder = (10 if total == 0 else total) * 2 % 11
    return (remainder + int(number[-1])) % 10 == 1


def _is_resident_id(number: str) -> bool:
    """GB 11643-1999: ISO 7064 MOD 11-2 over all 18 characters is 1, and the birth date exists."""
    if len(number) != 18:
        return False
    remainder = sum("0123456789X".index(character) * (1 << 17 - place) for place, character in enumerate(number)) % 11
    try:
        datetime.datetime.strptime(number[6:14], "%Y%m%d")
    except ValueError:
        return False
    return remainder == 1


#: A `standard` of a schema's field, and its test.
STANDARDS: dict[str, Callable[[str], bool]] = {
    "uscc": _is_social_credit_code,
    "organisation-code": _is_organisation_code,
    "registration-number": _is_registration_number,
    "resident-id": _is_resident_id,
}
#: What may be a credit code or a resident's number, in any text.
_EIGHTEEN = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Z])")
_FIRM = re.compile("有限(?:责任)?公司")

#: Test, true vectors, false vectors (standards.md 3.1 to 3.4).
VECTORS: dict[Callable[[str], bool], tuple[str, str]] = {
    _is_social_credit_code: (
        "91310000132260250X 91310000631696382C 9144030071526726XG 91110000600037341L 92310101MA1JAB3C87",
        "91310000132260250K 91310000132260205X 9131OOOO132260250X 91310000132260250 913100001322602511",
    ),
    _is_organisation_code: (
        "D2143569X 600037341 132260250 71526726X 631696382",
        "D21435691 600037431 63169638 D2I43569X",
    ),
    _is_registration_number: (
        "110108000000016 310115000633673 310000000012343 310115000000012 310000400001237",
        "310000000012345 310115000000021 310112600123415 31011260012345A 3101150006336",
    ),
    _is_resident_id: (
        "11010519491231002X 440524188001010014 310101189912310017 310115188002290022 310151187601010150",
        "110105194912310021 310101189902300012 310101189912310000 3101011899123100 110105194913310020",
    ),
}


@pytest.mark.parametrize("holds", VECTORS, ids=lambda holds: holds.__name__.strip("_"))
def test_the_second_implementation_agrees_with_the_vectors(holds: Callable[[str], bool]) -> None:
    valid, invalid = VECTORS[holds]
    assert [code for code in valid.split() if not holds(code)] == []
    assert [code for code in invalid.split() if holds(code)] == []


def test_the_script_computes_the_vectors_check_characters() -> None:
    codes, organisations, registrations, residents = (valid.split() for valid, _ in VECTORS.values())
    assert [identifiers.social_credit_code(code[:2], code[2:8], code[8:17]) for code in codes] == codes
    assert [identifiers.organisation_code(code[:8]) for code in organisations] == organisations
    assert [identifiers.registration_number(number[:6], number[6:14]) for number in registrations] == registrations
    for number in residents:
        born = datetime.datetime.strptime(number[6:14], "%Y%m%d").date()
        assert identifiers.resident_id(number[:6], born, int(number[14:17])) == number


@pytest.mark.parametrize(("standard", "least"), list(zip(STANDARDS, (60_000, 7_000, 7_000, 4_000), strict=True)))
def test_every_identifier_in_the_samples_is_valid(standard: str, least: int) -> None:
    values = values_of_standard(standard)
    assert sum(map(len, values.values())) > least
    wrong = {
        place: [value for value in set(found) if not STANDARDS[standard](value)] for place, found in values.items()
    }
    assert {place: found for place, found in wrong.items() if found} == {}


def test_division_codes_are_of_the_real_list() -> None:
    known = {row["code"] for row in sample_rows("division-codes")}
    named = {value for found in values_of_standard("division-code").values() for value in found}
    assert len(named) > 10
    assert named <= known


def _texts() -> Iterator[tuple[tuple[str, str], str]]:
    """(dataset, field) and text of every cell that is text."""
    for dataset in STREAMS:
        for row in sample_rows(dataset):
            yield from (((dataset, name), cell) for name, cell in row.items() if isinstance(cell, str))


def test_whatever_looks_like_an_identifier_is_one_of_the_city() -> None:
    """In all columns, those without a `standard` included: of the register, of an authority, or of nobody alive."""
    known = {one.social_credit_code for one in sample_city().enterprises()} | _authorities()
    unknown = {
        (place, found)
        for place, text in _texts()
        for found in _EIGHTEEN.findall(text)
        if found not in known and not (_is_resident_id(found) and found[6:8] == "18")
    }
    assert unknown == set()


def test_no_sample_can_name_a_real_firm_or_a_living_person() -> None:
    assert {one.organisation_code[0] for one in sample_city().enterprises()} == {"Y"}
    assert {value[0] for found in values_of_standard("organisation-code").values() for value in found} == {"Y"}
    assert {value[6:8] for found in values_of_standard("resident-id").values() for value in found} == {"18"}
    assert {(place, text) for place, text in _texts() if _FIRM.search(text) and "示例" not in text} == set()


@pytest.mark.parametrize(
    ("dataset", "prefix"), [("administrative-licences", "XK_XDR"), ("administrative-penalties", "CF_XDR")]
)
def test_each_party_is_named_by_one_of_the_five_codes(dataset: str, prefix: str) -> None:
    columns = [f"{prefix}_{code}" for code in ("SHXYM", "ZDM", "GSDJ", "SWDJ", "SFZ")]
    assert [row for row in sample_rows(dataset) if not any(row[column] for column in columns)] == []


def test_the_agencys_invented_code_is_a_valid_one() -> None:
    agency = yaml.safe_load((CATALOGUE / "agency.yaml").read_text("utf-8"))
    assert _is_social_credit_code(agency["code"])
    assert agency["code"].startswith("11")
    assert city_authority(sample_city().words).code == agency["code"]


def _authorities() -> set[str]:
    districts = {
        district_authority(sample_city().words, district, LAST_DAY).code
        for district in sample_city().words["districts"]
    }
    return districts | {city_authority(sample_city().words).code}
