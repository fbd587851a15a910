"""Every vector of the domain document (standards.md 3.1 to 3.9), valid and not, with the kind of its fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from quality.standards.catalogue import STANDARDS
from resource_catalog.code_list import with_code_lists
from resource_catalog.standard_names import NUMBERS
from resource_catalog.table_schema import parse_table_schema
from tests.standard_office import OF_ANY_TEXT, forms, judged, rules_by_row, schema_of, verdicts
from tests.standard_vectors import INVALID, VALID


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


@pytest.mark.parametrize("standard", VALID)
def test_what_is_right_has_no_finding(connection: duckdb.DuckDBPyConnection, standard: str) -> None:
    values = VALID[standard].split()
    assert dict(zip(values, verdicts(connection, schema_of(standard), values), strict=True)) == dict.fromkeys(
        values, ()
    )


@pytest.mark.parametrize("standard", INVALID)
def test_what_is_wrong_has_one_finding_of_its_kind(connection: duckdb.DuckDBPyConnection, standard: str) -> None:
    values = list(INVALID[standard])
    expected = {value: (rule,) for value, (rule, _) in INVALID[standard].items()}
    assert dict(zip(values, verdicts(connection, schema_of(standard), values), strict=True)) == expected


@pytest.mark.parametrize("standard", ["uscc", "organisation-code", "registration-number"])
def test_the_wanted_check_is_told(connection: duckdb.DuckDBPyConnection, standard: str) -> None:
    wanted = {value: check for value, (_, check) in INVALID[standard].items() if check}
    found = judged(connection, schema_of(standard), [[value] for value in wanted])
    assert {finding.value: finding.message.rpartition(" ")[2] for finding in found.findings} == wanted


def test_every_standard_that_a_schema_may_name_has_vectors_or_a_plain_form() -> None:
    assert set(STANDARDS) == set(NUMBERS) == set(VALID) | {"passport", "email"}
    assert set(VALID) == set(INVALID)


@pytest.mark.parametrize(
    ("standard", "right", "wrong"),
    [
        ("passport", ["E12345678", "EA1234567", "G12345678"], ["E123", "E1234567_", "护照E12345678", "E123456789012"]),
        ("email", ["a@b.cn", "A.b+c@例.中国"], ["a@b", "a b@c.cn", "@b.cn"]),
    ],
)
def test_the_plain_forms(
    connection: duckdb.DuckDBPyConnection, standard: str, right: list[str], wrong: list[str]
) -> None:
    found = verdicts(connection, schema_of(standard), [*right, *wrong])
    assert found[: len(right)] == [()] * len(right)
    assert found[len(right) :] == [(f"{standard}-format",)] * len(wrong)


# --- how a value may be written -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("standard", "written", "form"),
    [
        ("resident-id", "11010519491231002x", "11010519491231002X"),
        ("resident-id", "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("uscc", " 91310000132260250x ", "91310000132260250X"),
        ("uscc", "９１３１００００１３２２６０２５０Ｘ", "91310000132260250X"),
        ("uscc", "9131 0000 1322 6025 0X", "91310000132260250X"),
        ("uscc", "\u200b91310000132260250X\ufeff", "91310000132260250X"),
        ("organisation-code", "D2143569－X", "D2143569X"),
        ("organisation-code", "d2143569-x", "D2143569X"),
        ("mobile", "+86 138-0000-0000", "13800000000"),
        ("mobile", "008613800000000", "13800000000"),
        ("bank-card", "6222 0200 0000 0000 000", "6222020000000000000"),
        ("plate", "沪A·12345", "沪A12345"),
        ("plate", "沪a12345", "沪A12345"),
        ("industry-code", "f5211", "F5211"),
    ],
)
def test_what_is_right_but_written_otherwise_is_a_question_of_spelling(
    connection: duckdb.DuckDBPyConnection, standard: str, written: str, form: str
) -> None:
    found = judged(connection, schema_of(standard), [[written]])
    assert {rule: count for rule, count in found.counts.items() if rule not in OF_ANY_TEXT} == {"standard-spelling": 1}
    assert {severity.value for severity in found.severities().values()} == {"should"}
    assert forms(connection) == [form]


def test_a_declared_repair_leaves_nothing_to_say(connection: duckdb.DuckDBPyConnection) -> None:
    schema = schema_of("resident-id", repair=["trim", "fullwidth", "upper"])
    assert verdicts(connection, schema, ["11010519491231002x", " １１０１０５１９４９１２３１００２Ｘ"]) == [(), ()]


def test_fifteen_digits_are_judged_as_the_eighteen_that_they_stand_for(connection: duckdb.DuckDBPyConnection) -> None:
    assert verdicts(connection, schema_of("resident-id"), ["110105491231002", "110105491331002"]) == [
        (),
        ("resident-id-birth-date",),
    ]
    assert forms(connection)[0] == "11010519491231002X"


def test_no_value_is_not_judged(connection: duckdb.DuckDBPyConnection) -> None:
    found = judged(connection, schema_of("uscc"), [[None], [""], ["x"]])
    assert found.counts == {"uscc-format": 1}
    assert {outcome.judged for outcome in found.outcomes} == {1}


# --- the record's date ----------------------------------------------------------------------------------------------


def _dated(connection: duckdb.DuckDBPyConnection, schema: dict[str, Any], rows: list[list[str]]) -> list[list[str]]:
    rules = rules_by_row(judged(connection, schema, rows))
    return [rules.get(row, []) for row in range(len(rows))]


def test_thirteen_digits_are_right_before_2007(connection: duckdb.DuckDBPyConnection) -> None:
    days = ["2006-12-31", "2007-01-01", ""]
    schema = schema_of("registration-number", dated=True)
    found = _dated(connection, schema, [["3101152003775", day] for day in days])
    assert found == [[], ["registration-number-legacy"], []]


def test_thirteen_digits_are_right_where_the_field_says_so(connection: duckdb.DuckDBPyConnection) -> None:
    schema = schema_of("registration-number", standardLegacy=True)
    assert verdicts(connection, schema, ["3101152003775", "310115200377"]) == [(), ("registration-number-format",)]


def test_nobody_is_born_after_his_record(connection: duckdb.DuckDBPyConnection) -> None:
    schema = schema_of("resident-id", dated=True)
    found = _dated(connection, schema, [["11010519491231002X", day] for day in ("1949-12-30", "1949-12-31", "")])
    assert found == [["resident-id-born-after-record"], [], []]


def test_fifteen_digits_are_out_of_use_since_2013(connection: duckdb.DuckDBPyConnection) -> None:
    schema = schema_of("resident-id", dated=True)
    rows = [["110105491231002", day] for day in ("2012-12-31", "2013-01-01", "")]
    assert _dated(connection, schema, rows) == [[], ["resident-id-legacy"], []]
    schema["fields"][0]["standardLegacy"] = True
    assert _dated(connection, schema, rows) == [[], [], []]


@pytest.mark.parametrize(
    ("code", "before", "edition_2011", "edition_2017", "unknown"),
    [
        ("O7910", True, True, False, True),  # services to residents: 79 in 2011, 80 since
        ("O8210", True, False, True, True),
        ("T9700", True, False, True, True),
        ("T9600", True, True, False, True),
        ("N7900", True, False, True, True),
        ("F5211", True, True, True, True),
        ("F6510", True, False, False, False),
    ],
)
def test_the_edition_of_the_records_date_decides(
    connection: duckdb.DuckDBPyConnection,
    code: str,
    before: bool,
    edition_2011: bool,
    edition_2017: bool,
    unknown: bool,
) -> None:
    days = {"2011-10-31": before, "2011-11-01": edition_2011, "2017-09-30": edition_2011, "2017-10-01": edition_2017}
    found = _dated(connection, schema_of("industry-code", dated=True), [[code, day] for day in [*days, ""]])
    assert [not rules for rules in found] == [*days.values(), unknown]
    for edition, right in (("2011", edition_2011), ("2017", edition_2017)):
        assert (verdicts(connection, schema_of(f"GB/T 4754-{edition}"), [code]) == [()]) is right


def test_divisions_are_judged_by_their_dated_list(connection: duckdb.DuckDBPyConnection) -> None:
    schemas = Path(__file__).parents[2] / "schemas"
    code = {"name": "值", "type": "string", "standard": "division-code"}
    code |= {"codeList": "district-codes", "codeListDate": "日期"}
    described = {"fields": [code, {"name": "日期", "type": "date"}]}
    listed = with_code_lists(parse_table_schema(described, "test"), schemas / "test.schema.json")
    schema = listed.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    valid = ["310101", "310106", "310115", "310120", "310151"]
    historical = ["310103", "310108", "310119", "310230"]
    never = ["310199", "31010", "990101"]
    found = _dated(connection, schema, [[value, "2017-05-18"] for value in (*valid, *historical, *never)])
    assert found == [*[[]] * 5, *[["code-not-in-force"]] * 4, *[["enum"]] * 3]


# --- what the schema says -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value", "rule"),
    [
        ("GB 32100-2015", "91310000132260250K", "uscc-check-digit"),
        ("gb32100—2015", "91310000132260250K", "uscc-check-digit"),
        ("GB 11714-1997", "D21435691", "organisation-code-check-digit"),
        ("GB 11643-1999", "110105194912310021", "resident-id-check-digit"),
        ("GS 15-2006", "310000000012345", "registration-number-check-digit"),
        ("GB/T 2260", "990101", "division-code-province"),
    ],
)
def test_a_standards_number_names_it(
    connection: duckdb.DuckDBPyConnection, written: str, value: str, rule: str
) -> None:
    assert verdicts(connection, schema_of(written), [value]) == [(rule,)]


def test_an_unknown_standard_is_said_and_blocks_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    found = judged(connection, schema_of("GB 99999-2099"), [["x"]])
    assert found.counts == {"unknown-standard": 1}
    assert [(finding.column, finding.severity) for finding in found.findings] == [("值", "should")]


@pytest.mark.parametrize(
    ("properties", "rule"),
    [
        ({"constraints": {"pattern": "[0-9]{3}"}}, "pattern"),
        ({"constraints": {"enum": ["91310000132260250X"]}}, "enum"),
        ({"constraints": {"maxLength": 3}}, "length"),
        ({"format": "email"}, "type"),
    ],
)
def test_what_the_schema_itself_refuses_is_told_once(
    connection: duckdb.DuckDBPyConnection, properties: dict[str, Any], rule: str
) -> None:
    values = ["9131OOOO132260250X", "91310000132260250K"]
    assert verdicts(connection, schema_of("uscc", **properties), values) == [(rule,), (rule,)]


@pytest.mark.parametrize(
    ("standard", "properties", "value"),
    [
        ("resident-id", {}, "110105194912310021"),
        ("GB 11643-1999", {}, "110105194912310021"),
        ("resident-id", {}, "310101189902300012"),
        ("bank-card", {}, "6222020000000000001"),
        ("mobile", {}, "12800000000"),
        ("plate", {}, "沪A1O345"),
        ("uscc", {"disclosure": "never"}, "91310000132260250K"),
        ("registration-number", {"disclosure": "share"}, "310000000012345"),
    ],
)
def test_of_a_personal_value_only_its_first_character_and_its_length_are_told(
    connection: duckdb.DuckDBPyConnection, standard: str, properties: dict[str, Any], value: str
) -> None:
    masked = value[0] + "*" * (len(value) - 1)
    first, second = (
        judged(connection, schema_of(standard, **properties), [[each]]).findings[0]
        for each in (value, value[:-1] + ("2" if value[-1] != "2" else "3"))
    )
    assert first.value == masked
    assert value[3:] not in first.message
    # Whatever the hidden characters are, the message is the same where the fault is.
    assert first.rule != second.rule or first.message == second.message
