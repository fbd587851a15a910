"""Double publicity and what follows from it: both editions keep their rules, and all tables show the same decisions."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from resource_catalog.samples.city.authorities import city_authority
from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.decisions import EDITION_2018_FROM, WITHOUT_END
from resource_catalog.samples.city.licences import LicenceDecision, licence_decisions
from resource_catalog.samples.city.parties import MOST_PARTIES, draw_parties
from resource_catalog.samples.city.penalties import PenaltyDecision, penalty_decisions
from resource_catalog.samples.city.working_days import LAST_DAY, add_working_days, is_working_day
from resource_catalog.samples.generate import all_streams
from resource_catalog.samples.stream import PROVENANCE
from resource_catalog.table_schema import TableSchema, read_table_schema

REPOSITORY = Path(__file__).parents[2]
OF_2015 = ("administrative-licences", "administrative-penalties")
OF_2018 = ("administrative-licences-2018", "administrative-penalties-2018")
EDITIONS = OF_2015 + OF_2018
DATASETS = (*EDITIONS, "typical-cases", "dishonest-records")
#: The day of the decision in each table.
DECIDED = dict(zip(EDITIONS, ("XK_JDRQ", "CF_JDRQ", "许可决定日期", "处罚决定日期"), strict=True))
PREFIX = dict(zip(OF_2015, ("XK_XDR", "CF_XDR"), strict=True))
RowOf = Mapping[str, Any]


@cache
def _city() -> City:
    return City(REPOSITORY / "resource_catalog" / "samples" / "words")


@cache
def _schema(dataset: str) -> TableSchema:
    return read_table_schema(REPOSITORY / "schemas" / f"{dataset}.schema.json")


@cache
def _rows(dataset: str) -> tuple[RowOf, ...]:
    stream = next(each for each in all_streams() if each.dataset == dataset)
    return tuple(dict(zip(stream.columns, row, strict=True)) for row in stream.rows(_city()))


@cache
def _licences() -> tuple[LicenceDecision, ...]:
    return tuple(licence_decisions(_city()))


@cache
def _penalties() -> tuple[PenaltyDecision, ...]:
    return tuple(penalty_decisions(_city()))


def _decisions() -> Iterator[LicenceDecision | PenaltyDecision]:
    yield from _licences()
    yield from _penalties()


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dataset", "least"),
    [
        ("administrative-licences", 3500),
        ("administrative-licences-2018", 300),
        ("administrative-penalties", 3000),
        ("administrative-penalties-2018", 250),
        ("typical-cases", 200),
        ("dishonest-records", 3000),
    ],
)
def test_columns_are_the_schemas_and_rows_are_enough(dataset: str, least: int) -> None:
    rows = _rows(dataset)
    assert tuple(rows[0]) == _schema(dataset).names
    assert _schema(dataset).names[-5:] == PROVENANCE
    assert least <= len(rows) <= 20_000


@pytest.mark.parametrize("dataset", DATASETS)
def test_keys_are_unique_and_required_cells_filled(dataset: str) -> None:
    schema = _schema(dataset)
    keys = Counter(tuple(row[name] for name in schema.primary_key) for row in _rows(dataset))
    assert keys.most_common(1)[0][1] == 1
    for field in schema.fields:
        if field.constraints.required:
            assert all(row[field.name] not in (None, "") for row in _rows(dataset)), field.name


@pytest.mark.parametrize("dataset", [*EDITIONS, "dishonest-records"])
def test_codes_of_enterprises_stand_in_the_register(dataset: str) -> None:
    register = {"uscc": set(), "registration_number": set()}  # type: dict[str, set[str]]
    for one in _city().enterprises():
        register["uscc"].add(one.social_credit_code)
        register["registration_number"].add(one.registration_number)
    for key in _schema(dataset).foreign_keys:
        assert key.reference.resource == "enterprises"
        codes = {row[key.fields[0]] for row in _rows(dataset)} - {None}
        assert codes <= register[key.reference.fields[0]]
        # In 2018 every enterprise has the one code, and the older ones are empty.
        assert codes or (dataset in OF_2018 and key.fields == ("代码_2",))


def test_all_tables_together_have_each_decision_once() -> None:
    assert len(_rows(OF_2015[0])) + len(_rows(OF_2018[0])) == len(_licences())
    assert len(_rows(OF_2015[1])) + len(_rows(OF_2018[1])) == len(_penalties())


def test_the_edition_is_chosen_by_the_day_of_the_decision() -> None:
    for dataset in EDITIONS:
        field = _schema(dataset).field(DECIDED[dataset])
        late = dataset in OF_2018
        assert all((row[field.name] >= EDITION_2018_FROM) == late for row in _rows(dataset))
        if late:
            assert field.constraints.minimum == EDITION_2018_FROM.isoformat()
        else:
            assert field.constraints.maximum == (EDITION_2018_FROM - datetime.timedelta(days=1)).strftime("%Y/%m/%d")


# --- decisions -------------------------------------------------------------------------------------------------------


def test_decisions_fall_on_working_days_and_are_published_within_seven_more() -> None:
    for one in _decisions():
        assert is_working_day(one.decided_on)
        assert is_working_day(one.published_on)
        assert one.decided_on <= one.published_on <= add_working_days(one.decided_on, 7)
        changed = one.state.changed_on
        assert changed is None or (is_working_day(changed) and one.published_on < changed < LAST_DAY)


def test_enterprises_are_there_on_the_day_of_a_decision() -> None:
    for one in _decisions():
        firm = one.enterprise
        if firm is None:
            continue
        founding = isinstance(one, LicenceDecision) and one.establishment
        assert firm.founded == one.decided_on if founding else firm.founded < one.decided_on
        revocation = isinstance(one, PenaltyDecision) and one.revocation
        assert firm.status_on is None or firm.status_on > one.decided_on or revocation


def test_establishment_licences_fit_the_kind_of_enterprise_and_come_once() -> None:
    founded = [one for one in _licences() if one.establishment]
    assert {one.enterprise.kind for one in founded if one.enterprise} == set(_city().words["kinds"])
    assert all(one.title.endswith("设立登记") for one in founded)
    assert max(Counter(one.enterprise for one in founded).values()) == 1


def test_each_revoked_enterprise_has_one_revocation_on_the_day_of_its_status() -> None:
    revocations = Counter((one.enterprise, one.decided_on) for one in _penalties() if one.revocation)
    revoked = {(one, one.status_on) for one in _city().enterprises() if one.status == "吊销"}
    assert set(revocations) == revoked
    assert set(revocations.values()) == {1}


def test_laws_are_cited_while_they_are_in_force() -> None:
    for one in _penalties():
        if "反不正当竞争法" in one.basis:
            assert ("1993年" in one.basis) == (one.decided_on < datetime.date(2018, 1, 1))
        if "广告法" in one.basis:
            assert ("1994年" in one.basis) == (one.decided_on < datetime.date(2015, 9, 1))


def test_some_decisions_name_several_parties_who_share_all_but_amounts() -> None:
    by_number = Counter(one.number for one in _penalties())
    assert max(by_number.values()) == 2 <= MOST_PARTIES
    shared = {(one.number, one.document_number, one.authority, one.facts, one.decided_on) for one in _penalties()}
    assert len(shared) == len(by_number)


def test_more_parties_than_the_masks_know_are_refused() -> None:
    with pytest.raises(ValueError, match="4 parties"):
        draw_parties(_city(), _city().chance("test"), LAST_DAY, [["自然人"]] * (MOST_PARTIES + 1))


def test_the_citys_authority_has_the_agencys_own_name_and_code() -> None:
    agency = yaml.safe_load((REPOSITORY / "resource_catalog" / "agency.yaml").read_text("utf-8"))
    authority = city_authority(_city().words)
    assert (authority.name, authority.code) == (agency["name"], agency["code"])
    assert authority in {one.authority for one in _decisions()}


def test_a_city_twice_as_large_decides_about_twice_as_much() -> None:
    larger = City(REPOSITORY / "resource_catalog" / "samples" / "words", scale=2)
    assert 1.9 < sum(1 for _ in penalty_decisions(larger)) / len(_penalties()) < 2.1
    keys = Counter((one.authority.code, one.document_number, one.party.code) for one in licence_decisions(larger))
    assert 1.9 < keys.total() / len(_licences()) < 2.1
    assert max(keys.values()) == 1


# --- rules across the cells of a row (standards.md 4) ----------------------------------------------------------------


@pytest.mark.parametrize("dataset", OF_2015)
def test_one_of_the_five_codes_is_there_and_the_first_is_the_partys(dataset: str) -> None:
    prefix = PREFIX[dataset]
    for row in _rows(dataset):
        codes = [row[f"{prefix}{name}"] for name in ("_SHXYM", "_GSDJ", "_ZDM", "_SWDJ", "_SFZ")]
        assert any(codes)
        public = next(filter(None, codes[:3]), None)
        assert row["party_code"] == public or (public is None and re.fullmatch("自然人-[12]", row["party_code"]))


@pytest.mark.parametrize("dataset", OF_2015)
def test_states_other_than_normal_make_a_second_version_and_say_why(dataset: str) -> None:
    state = f"{PREFIX[dataset][:2]}_ZT"
    assert {row[state] for row in _rows(dataset)} == set("0123")
    for row in _rows(dataset):
        normal = row[state] == "0"
        assert (row["record_version"] == 1) == normal == (row["BZ"] is None)
        assert row["SJC"] <= row["published_at"].date()
        assert normal == (row["SJC"] == row["published_at"].date())


@pytest.mark.parametrize("dataset", OF_2018)
def test_parties_of_2018_have_the_code_of_their_category(dataset: str) -> None:
    rows = _rows(dataset)
    assert len({row["相对人类别"] for row in rows}) == 3
    for row in rows:
        first = row["代码_1"] or ""
        if row["相对人类别"] == "法人及非法人组织":
            assert first[:2] in ("91", "93")
        elif row["相对人类别"] == "个体工商户":
            assert first[:2] == "92" or row["代码_2"]
        else:
            assert not first
            assert row["证件类型"] and row["证件号码"] and row["法定代表人"] is None


def test_penalties_of_2018_have_what_their_kinds_ask_for_in_ten_thousands() -> None:
    for row in _rows("administrative-penalties-2018"):
        kinds, fine, gain = row["处罚类别"], row["罚款金额(万元)"], row["没收金额(万元)"]
        assert ("罚款" in kinds) == (fine is not None and fine > 0)
        assert ("没收" in kinds) == (gain is not None and gain > 0)
        assert ("吊销" in kinds) == bool(row["暂扣或吊销证照名称及编号"])
        assert max(fine or 0, gain or 0) < 10_000
        if fine:
            assert f"罚款人民币{int(fine * 10_000)}元" in row["处罚内容"]
        if gain:
            assert f"没收违法所得人民币{gain * 10_000:.2f}元" in row["处罚内容"]
        assert row["处罚决定日期"] <= row["公示截止期"]
        assert (row["处罚有效期"] == WITHOUT_END) == ("吊销" in kinds)


def test_licences_of_2018_are_valid_from_the_decision_and_some_without_end() -> None:
    rows = _rows("administrative-licences-2018")
    assert all(row["许可决定日期"] == row["有效期自"] <= row["有效期至"] for row in rows)
    assert WITHOUT_END in {row["有效期至"] for row in rows}
    assert any(row["许可类别"].startswith("其他-") for row in rows)


# --- what follows from the penalties ---------------------------------------------------------------------------------


def test_bad_records_are_the_penalties_of_enterprises_that_stand() -> None:
    standing = Counter(
        (one.authority.code, one.document_number, one.enterprise.social_credit_code)
        for one in _penalties()
        if one.enterprise and one.state.code != "1"
    )
    records = Counter(
        (row["authority_code"], row["document_number"], row["uscc"]) for row in _rows("dishonest-records")
    )
    assert records == standing
    assert len(_penalties()) > len(_rows("dishonest-records"))


def test_typical_cases_name_no_person_and_say_what_was_taken_out() -> None:
    penalties: dict[str, list[PenaltyDecision]] = {}
    for one in _penalties():
        penalties.setdefault(one.document_number, []).append(one)
    for row in _rows("typical-cases"):
        parts = penalties[row["case_no"]]
        told = row["title"] + row["facts"] + row["result"]
        for one in parts:
            person = one.enterprise.legal_person if one.enterprise else one.party.name
            assert person not in told
            assert not one.party.resident_id or one.party.resident_id not in told
        assert f"自然人姓名{told.count('某某')}处" in row["redaction_log"]
        assert ("身份证号" in row["redaction_log"]) == any(one.enterprise is None for one in parts)
        assert parts[0].published_on < row["published_on"] < LAST_DAY
        assert is_working_day(row["published_on"])


# --- what is personal ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dataset", "closed"),
    [
        ("administrative-licences", {"XK_XDR_SWDJ": "share", "XK_XDR_SFZ": "never"}),
        ("administrative-penalties", {"CF_XDR_SWDJ": "share", "CF_XDR_SFZ": "never"}),
        *((dataset, {"代码_4": "share", "法定代表人身份证号": "never", "证件号码": "never"}) for dataset in OF_2018),
        ("typical-cases", {}),
        ("dishonest-records", {}),
    ],
)
def test_what_is_personal_is_not_open(dataset: str, closed: Mapping[str, str]) -> None:
    fields = _schema(dataset).fields
    assert {field.name: field.disclosure for field in fields if field.disclosure != "open"} == closed
    ids = {one.party.resident_id for one in _decisions() if one.party.resident_id}
    for row in _rows(dataset):
        assert not ids & {cell for name, cell in row.items() if name not in closed and isinstance(cell, str)}


@pytest.mark.parametrize("dataset", EDITIONS)
def test_the_mask_of_the_partys_name_meets_every_natural_person_and_nobody_else(dataset: str) -> None:
    (masked,) = (field for field in _schema(dataset).fields if field.mask)
    assert masked.mask and masked.mask.kind == "person-name"
    ((condition, values),) = masked.mask.where.items()
    persons = {one.party.name for one in _decisions() if one.enterprise is None}
    met = [row for row in _rows(dataset) if row[condition] in values]
    assert met
    for row in _rows(dataset):
        assert (row[condition] in values) == (row[masked.name] in persons)
