"""The registry's tables, the agency's offices and the enterprises' records: sums and references hold."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import groupby

import pytest

from resource_catalog.samples.city.licences import licence_decisions
from resource_catalog.samples.city.penalties import penalty_decisions
from resource_catalog.samples.city.working_days import is_working_day
from resource_catalog.samples.stream import PROVENANCE
from tests.sample_tables import sample_city, sample_rows, sample_schema

DATASETS = (
    "revoked-shareholders", "registration-statistics", "agency-offices", "enterprise-records", "supervision-items",
    "joint-sanctions", "complaint-handling", "complaint-statistics", "trader-complaints",
)  # fmt: skip


@pytest.mark.parametrize("dataset", DATASETS)
def test_columns_are_the_schemas_keys_unique_and_rows_within_bounds(dataset: str) -> None:
    rows, schema = sample_rows(dataset), sample_schema(dataset)
    assert tuple(rows[0]) == schema.names and schema.names[-5:] == PROVENANCE
    assert 200 <= len(rows) <= 20_000
    assert len({tuple(row[name] for name in schema.primary_key) for row in rows}) == len(rows)
    assert len({row["source_row_id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("dataset", DATASETS)
def test_references_lead_to_rows(dataset: str) -> None:
    for key in sample_schema(dataset).foreign_keys:
        known = {row[key.reference.fields[0]] for row in sample_rows(key.reference.resource or dataset)}
        found = {row[key.fields[0]] for row in sample_rows(dataset)} - {None}
        assert found and found <= known, key.fields


# --- shareholders ----------------------------------------------------------------------------------------------------


def test_shareholders_are_those_of_revoked_firms_and_their_contributions_make_the_capital() -> None:
    register = {row["uscc"]: row for row in sample_rows("enterprises")}
    seen = set()
    for code, rows in groupby(sample_rows("revoked-shareholders"), key=lambda row: row["uscc"]):
        firm, holders = register[code], list(rows)
        seen.add(code)
        assert firm["status"] == "吊销" and firm["name"] == holders[0]["enterprise"]
        assert sum(holder["contribution"] for holder in holders) == firm["capital"]
        assert sum(holder["ratio"] for holder in holders) == 1
        for holder in holders:
            assert holder["contribution"] == holder["ratio"] * firm["capital"] > 0
            assert firm["founded_on"] <= holder["paid_on"] < firm["status_on"]
    firms = ("内资企业", "私营企业", "外商投资企业")
    assert seen == {row["uscc"] for row in register.values() if row["status"] == "吊销" and row["kind"] in firms}


def test_a_shareholder_is_a_masked_person_or_a_firm_that_was_there() -> None:
    register = {row["uscc"]: row for row in sample_rows("enterprises")}
    kinds: Counter[str] = Counter()
    for row in sample_rows("revoked-shareholders"):
        kinds[row["shareholder_kind"]] += 1
        if row["shareholder_kind"] == "法人":
            holder = register[row["shareholder_uscc"]]
            assert holder["name"] == row["shareholder"] and row["resident_id"] is None
            assert holder["founded_on"] < register[row["uscc"]]["founded_on"]
        else:
            assert row["resident_id"] and row["shareholder_uscc"] is None
    assert set(kinds) == {"自然人", "法人"}
    mask = sample_schema("revoked-shareholders").field("shareholder").mask
    assert mask and (mask.kind, mask.where) == ("person-name", {"shareholder_kind": ("自然人",)})
    assert sample_schema("revoked-shareholders").field("resident_id").disclosure == "never"


# --- registrations in numbers ----------------------------------------------------------------------------------------


def test_registrations_are_exact_sums_over_the_register() -> None:
    register, rows = sample_rows("enterprises"), sample_rows("registration-statistics")
    last = max(row["period"] for row in rows)
    founded = [one for one in register if f"{one['founded_on']:%Y-%m}" <= last]
    assert sum(row["new_count"] for row in rows) == len(founded)
    assert sum(row["new_capital"] for row in rows) == sum(one["capital"] for one in founded)
    for period in ("2015-01", "2016-06", last):
        present: Counter[tuple[str, str]] = Counter()
        capital: dict[tuple[str, str], Decimal] = {}
        for one in register:
            closed = one["status_on"] is not None and f"{one['status_on']:%Y-%m}" <= period
            if f"{one['founded_on']:%Y-%m}" <= period and not closed:
                cell = (one["district"], one["kind"])
                present[cell] += 1
                capital[cell] = capital.get(cell, Decimal(0)) + one["capital"]
        for row in rows:
            if row["period"] == period:
                cell = (row["district"], row["kind"])
                assert (row["total_count"], row["total_capital"]) == (present[cell], capital.get(cell, 0)), cell


def test_every_month_has_every_district_and_kind() -> None:
    city = sample_city().words
    cells = Counter(row["period"] for row in sample_rows("registration-statistics"))
    assert set(cells.values()) == {len(city["districts"]) * len(city["kinds"])}
    assert len(cells) == 37


# --- offices ---------------------------------------------------------------------------------------------------------


def test_offices_form_one_tree_from_the_bureau_down() -> None:
    offices = {row["office_code"]: row for row in sample_rows("agency-offices")}
    above = {"市局": None, "内设机构": "市局", "区局": "市局", "监管所": "区局"}
    for row in offices.values():
        parent = offices[row["parent_code"]]["kind"] if row["parent_code"] else None
        assert parent == above[row["kind"]]
        assert (row["uscc"] is not None) == (row["kind"] in ("市局", "区局"))
        assert row["kind"] != "监管所" or row["district"] == offices[row["parent_code"]]["district"]
    kinds = Counter(row["kind"] for row in offices.values())
    assert kinds["市局"] == 1 and kinds["区局"] == len(sample_city().words["districts"])
    assert all(row["office_phone"].startswith("021-0000-") for row in offices.values())
    assert len({row["office_phone"] for row in offices.values()}) == len(offices)


# --- enterprises' records --------------------------------------------------------------------------------------------


def test_each_standing_decision_and_each_check_of_an_enterprise_is_under_its_name_once() -> None:
    records = Counter((row["uscc"], row["source_no"]) for row in sample_rows("enterprise-records"))
    decisions = [*licence_decisions(sample_city()), *penalty_decisions(sample_city())]
    revoked = 0
    for one in decisions:
        if one.enterprise:
            standing = one.state.code != "1"
            revoked += not standing
            assert records[one.enterprise.social_credit_code, one.document_number] == standing
    assert revoked
    for check in sample_rows("inspection-results"):
        assert records[check["uscc"], check["source_row_id"]] == 1


def test_records_come_after_the_founding_and_are_received_in_time_on_working_days() -> None:
    founded = {row["uscc"]: row["founded_on"] for row in sample_rows("enterprises")}
    for row in sample_rows("enterprise-records"):
        assert founded[row["uscc"]] <= row["occurred_on"] <= row["received_on"]
        assert is_working_day(row["occurred_on"]) and is_working_day(row["received_on"])
        assert row["public"] is True


def test_a_match_is_by_what_the_source_gave() -> None:
    matches = Counter((row["info_type"], row["match"]) for row in sample_rows("enterprise-records"))
    assert {match for _, match in matches} == {"代码精确", "注册号映射", "名称精确", "人工"}
    assert {kind for kind, match in matches if match in ("名称精确", "人工")} == {"动产抵押"}
    for row in sample_rows("enterprise-records"):
        if row["match"] == "注册号映射":
            # The one code replaced the older ones on this day.
            assert f"{row['occurred_on']}" < "2015-10-01"


# --- supervision -----------------------------------------------------------------------------------------------------


def test_supervision_follows_the_powers_in_force() -> None:
    powers = {row["power_code"]: row for row in sample_rows("power-list")}
    supervised = {row["power_code"] for row in sample_rows("supervision-items")}
    kinds = {"行政许可", "行政检查", "行政强制", "行政确认", "行政处罚", "其他"}
    assert supervised == {
        code for code, power in powers.items() if power["status"] == "有效" and power["kind"] in kinds
    }
    for row in sample_rows("supervision-items"):
        assert (row["subject"], row["basis"]) == tuple(powers[row["power_code"]][name] for name in ("subject", "basis"))


def test_the_agencys_own_sanctions_rest_on_powers_in_force() -> None:
    powers = {row["power_code"]: row["status"] for row in sample_rows("power-list")}
    for row in sample_rows("joint-sanctions"):
        assert (row["power_code"] is not None) == (row["department"] == "市场监管部门")
        assert row["power_code"] is None or powers[row["power_code"]] == "有效"


def test_no_two_enterprises_have_the_same_name() -> None:
    names = [row["name"] for row in sample_rows("enterprises")]
    assert len(set(names)) == len(names)
