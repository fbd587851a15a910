"""Every file from outside ends in a table or a named refusal, and agrees with what others say of it.

Each difference stands with its reason in OUTSIDE_INPUTS.md; one that is new or gone fails.
"""

from __future__ import annotations

import csv
import json

import pytest

from quality.rules.catalogue import RULES
from tests.outside_inputs import EXPECTED, FILES, INPUTS, Outcome, read_as_it_is, written_differences

ENDINGS = {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".json", ".jsonl"}
STRICT = [name for name in EXPECTED if EXPECTED[name].get("source") == "decoded strictly, python csv"]
SPECTRUM = [name for name in EXPECTED if "csv-spectrum/csvs/" in name]
AGREED = [name for name in EXPECTED if EXPECTED[name].get("readers", {}).get("agree")]
BY_FRICTIONLESS = [
    name
    for name in EXPECTED
    if "csv-messy/frictionless/" in name and not name.endswith(".json") and "rows" in EXPECTED[name]
]
#: Our rule for each error of frictionless; "" for what is none without a schema.
RULE_OF = {
    "blank-label": "blank-heading",
    "duplicate-label": "duplicate-heading",
    "extra-cell": "ragged-row",
    "missing-cell": "ragged-row",
    "blank-row": "blank-row",
    "source-error": "empty-sheet",
    "type-error": "",
}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}


def _short(name: str) -> str:
    return name.removeprefix("csv-messy/")


def _size(found: Outcome) -> str:
    return f"{len(found.cells)} × {len(found.headings)}" if found.headings else ", ".join(found.rules)


def test_there_are_files_to_read() -> None:
    assert len(FILES) > 360
    assert min(map(len, (STRICT, SPECTRUM, AGREED, BY_FRICTIONLESS))) >= 6


@pytest.mark.parametrize("name", FILES)
def test_every_file_ends_in_a_table_or_a_named_refusal(name: str) -> None:
    found = read_as_it_is(name)
    ending = (INPUTS / name).suffix

    assert bool(found.refused) == (ending not in ENDINGS)
    if found.refused:
        assert repr(ending) in found.refused
    elif not found.headings:
        assert found.rules
    assert set(found.rules) <= set(RULES)
    assert all(finding.message and finding.fix and finding.file for finding in found.findings)


def test_what_is_refused_or_found_is_known() -> None:
    """JSON that is no table is left out here: the next test says what becomes of it."""
    found = {
        _short(name): ", ".join(read_as_it_is(name).rules)
        for name in FILES
        if read_as_it_is(name).findings and not name.endswith(".json")
    }

    assert found == written_differences("Refused, or read with findings")


def test_json_that_is_no_table_is_refused_by_name() -> None:
    tables = {name for name in FILES if name.endswith(".json") and read_as_it_is(name).headings}
    others = {name: read_as_it_is(name).rules for name in FILES if name.endswith(".json") and name not in tables}

    assert {name for name in tables if "csv-spectrum" not in name} == {
        "china/admin-divisions/cities.json",
        "china/wuhan-ncov/Data/2020-03-01.json",
        "china/wuhan-ncov/Data/2020-04-01.json",
        "csv-messy/frictionless/table-output.json",
        "csv-messy/frictionless/transform.json",
    }
    assert others.pop("csv-messy/frictionless/invalid.json") == ("not-this-format",)
    assert set(others.values()) == {("missing-records",)}
    assert len(others) > 50


@pytest.mark.parametrize("name", STRICT)
def test_size_headings_and_encoding_of_files_that_were_decoded_strictly(name: str) -> None:
    found, expected = read_as_it_is(name), EXPECTED[name]

    assert (len(found.cells), len(found.headings)) == (expected["rows"], expected["cols"])
    assert list(found.headings) == expected["header"]
    assert found.encoding == (expected["encoding_family"] or expected["encoding"])


def _cells_by_python(name: str, encoding: str) -> list[tuple[str, ...]]:
    with (INPUTS / name).open(encoding=encoding, newline="") as file:
        return [tuple(cells) for cells in list(csv.reader(file))[1:]]


@pytest.mark.parametrize("name", STRICT)
def test_cells_of_files_that_were_decoded_strictly(name: str) -> None:
    assert list(read_as_it_is(name).cells) == _cells_by_python(name, EXPECTED[name]["encoding"])


def test_cells_of_csv_spectrum_are_those_of_its_json() -> None:
    different = {}
    for name in SPECTRUM:
        found = read_as_it_is(name)
        twin = json.loads((INPUTS / name.replace("csvs/", "json/").replace(".csv", ".json")).read_bytes())
        rows = [dict(zip(found.headings, cells, strict=True)) for cells in found.cells]
        if rows != twin:
            different[_short(name)] = _size(found)

    assert different == written_differences("csv-spectrum's cells")


def test_size_where_two_other_readers_agree() -> None:
    different = {}
    for name in AGREED:
        found, theirs = read_as_it_is(name), EXPECTED[name]["readers"]["clevercsv"]
        if (len(found.cells) + 1, len(found.headings)) != (theirs["lines"], theirs["cols"]):
            different[_short(name)] = f"{_size(found)}; theirs {theirs['lines'] - 1} × {theirs['cols']}"

    assert different == written_differences("Where two other readers agree")


def test_validity_and_kinds_of_fault_as_frictionless_finds_them() -> None:
    different = {}
    for name in BY_FRICTIONLESS:
        found, expected = read_as_it_is(name), EXPECTED[name]
        rules = {RULE_OF[code] for code in expected["error_types"]} - {""}
        same = found.valid == expected["valid"] and set(found.rules) == rules
        if not same or (found.valid and len(found.cells) != expected["rows"]):
            theirs = ", ".join(sorted(expected["error_types"])) or f"{expected['rows']} rows"
            different[_short(name)] = f"{_size(found)}; theirs {theirs}"

    assert different == written_differences("Where frictionless judges otherwise")


def test_delimiters_as_people_annotated_them() -> None:
    different = {}
    folder = "csv-messy/csv-wrangling"
    for line in (INPUTS / folder / "_dialects.txt").read_text(encoding="utf-8").splitlines():
        name, _encoding, delimiter, *_rest = line.split("|")
        found = read_as_it_is(f"{folder}/{name}")
        if found.headings and found.delimiter != DELIMITERS[delimiter]:
            different[f"csv-wrangling/{name}"] = f"{found.delimiter!r}; theirs {DELIMITERS[delimiter]!r}"

    assert different == written_differences("Delimiters")
