"""The samples' identifiers pass check-character tests written a second time and held to published vectors."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from resource_catalog.samples import identifiers

CATALOGUE = Path(__file__).parents[2] / "resource_catalog"


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


@pytest.mark.parametrize(
    ("file", "encoding", "column", "holds"),
    [
        ("administrative-licences.csv", "gb18030", "XK_XDR_SHXYM", _is_social_credit_code),
        ("administrative-licences.csv", "gb18030", "XK_XDR_ZDM", _is_organisation_code),
        ("administrative-licences.csv", "gb18030", "XK_XDR_GSDJ", _is_registration_number),
        ("administrative-licences.csv", "gb18030", "XK_XDR_SFZ", _is_resident_id),
        ("complaint-handling.csv", "utf-8-sig", "被诉经营者统一社会信用代码", _is_social_credit_code),
    ],
)
def test_every_identifier_in_the_samples_is_valid(
    file: str, encoding: str, column: str, holds: Callable[[str], bool]
) -> None:
    values = _column(file, encoding, column)
    assert len(values) > 100
    assert [value for value in values if not holds(value)] == []


def test_no_sample_can_name_a_real_firm_or_a_living_person() -> None:
    organisations = _column("administrative-licences.csv", "gb18030", "XK_XDR_ZDM")
    credit_codes = _column("administrative-licences.csv", "gb18030", "XK_XDR_SHXYM")
    assert {code[0] for code in organisations} | {code[8] for code in credit_codes} == {"Y"}
    holders = _column("administrative-licences.csv", "gb18030", "XK_XDR")
    traders = _column("complaint-handling.csv", "utf-8-sig", "被诉经营者")
    assert [name for name in [*holders, *traders] if "示例" not in name] == []
    residents = _column("administrative-licences.csv", "gb18030", "XK_XDR_SFZ")
    assert {number[6:8] for number in residents} == {"18"}


def test_each_licence_names_its_holder_by_one_of_the_five_codes() -> None:
    with (CATALOGUE / "samples" / "administrative-licences.csv").open(encoding="gb18030", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [f"XK_XDR_{code}" for code in ("SHXYM", "ZDM", "GSDJ", "SWDJ", "SFZ")]
    assert [row for row in rows if not any(row[column] for column in columns)] == []


def test_the_agencys_invented_code_is_a_valid_one() -> None:
    agency = yaml.safe_load((CATALOGUE / "agency.yaml").read_text("utf-8"))
    assert _is_social_credit_code(agency["code"])
    assert agency["code"].startswith("11")


def _column(file: str, encoding: str, column: str) -> list[str]:
    with (CATALOGUE / "samples" / file).open(encoding=encoding, newline="") as rows:
        return [row[column] for row in csv.DictReader(rows) if row[column]]
