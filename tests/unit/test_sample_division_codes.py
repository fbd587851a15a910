"""Division codes are real: what GB/T 2260 listed, by code, name and span of revisions."""

from __future__ import annotations

from pathlib import Path

from resource_catalog.samples.city.city import City
from resource_catalog.samples.generate import DATA
from resource_catalog.samples.streams.division_codes import STREAM, division_codes

REPOSITORY = Path(__file__).parents[2]
WORDS = REPOSITORY / "resource_catalog" / "samples" / "words"


def test_a_renamed_code_has_a_row_for_each_name() -> None:
    revisions = {
        "1980-12": {"310000": "甲市", "310100": "市辖区", "310101": "乙区"},
        "1981-12": {"310000": "甲市", "310101": "丙区"},
    }
    assert division_codes(revisions) == [
        ("310000", "甲市", "省级", "", "", "1980-12", "1981-12", 2),
        ("310100", "市辖区", "地级", "甲市", "", "1980-12", "1980-12", 1),
        ("310101", "乙区", "县级", "甲市", "市辖区", "1980-12", "1980-12", 1),
        ("310101", "丙区", "县级", "甲市", "", "1981-12", "1981-12", 1),
    ]


def test_the_city_has_no_part_in_them() -> None:
    assert list(STREAM.rows(City(WORDS))) == list(STREAM.rows(City(WORDS, 10)))


def test_the_known_changes_of_the_standard_are_in_the_file() -> None:
    spans = {(row[0], row[1]): (row[5], row[6]) for row in STREAM.rows(City(WORDS))}
    assert len(spans) > 7000
    assert spans["310103", "卢湾区"][1] == "2010-12"
    assert spans["310108", "闸北区"][1] == "2015-11"
    assert spans["310230", "崇明县"][1] == "2016-06"
    assert spans["310151", "崇明区"] == ("2016-07", "2019-04")
    lines = (REPOSITORY / DATA / "division-codes.csv").read_text("utf-8").splitlines()
    assert lines[0] == ",".join(STREAM.columns)
    assert len(lines) == len(spans) + 1
