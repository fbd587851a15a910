"""Each rule on names, providers, formats and items finds its seeded fault, at its line, and spares what looks alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from resource_catalog.catalog import check_catalog, load_catalog
from resource_catalog.fault_rules import FAULT_RULES
from resource_catalog.workspace import Workspace
from tests.catalogue_factory import AGENCY, ENTRY, SCHEMA, make_workspace, write_schema

TESTS = Path(__file__).parents[1]
#: The codes of two other providers; both have right check characters.
WEATHER, HARBOUR = "113100000000000191", "11310000000000027U"
SOURCE = {"source": {"path": "samples/tides.csv"}}
WITHHELD = {"openness": "不公开", "openness_basis": "《条例》第十四条", "issued": "2017-06-01"}
UNSHARED = {"sharing": "不予共享", "sharing_mode": ""}


def line_of(workspace: Workspace, entry: str, key: str) -> int:
    """The line of an entry's key, from 1; 1 where the entry lacks it."""
    lines = workspace.entry_file(entry).read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)


def found(workspace: Workspace) -> list[tuple[str, str, int | None]]:
    return [(fault.rule, fault.entry, fault.line) for fault in check_catalog(load_catalog(workspace))]


@pytest.mark.parametrize(
    ("rule", "key", "changes"),
    [
        ("title-system-name", "title", {"title": "企业登记管理系统"}),
        ("title-system-name", "title", {"title": "信用信息共享平台（二期）"}),
        ("title-system-name", "title", {"title": "法人单位基础数据库V2.0"}),
        ("title-system-name", "title", {"title": "港口业务库"}),
        ("title-system-name", "title", {"title": "潮汐观测系统的数据"}),
        ("classification-missing", "", {"classification": ""}),
        ("classification-clash", "classification", {"classification": "307003 部门信息资源/天气"}),
        ("provider-code-missing", "provider", {"provider": "气象局"}),
        ("provider-code-malformed", "provider_code", {"provider": "气象局", "provider_code": "113100000000000192"}),
        ("provider-code-malformed", "provider_code", {"provider": "气象局", "provider_code": "1131000000000019"}),
        ("summary-thin", "summary", {"summary": "潮 汐 表。"}),
        ("summary-thin", "summary", {"summary": "海洋处的潮汐数据，每日更新一次，供公众查询。"}),
        ("format-missing", "", {"resource_format": ""}),
        ("format-unknown", "resource_format", {"resource_format": "csv"}),
        ("format-source-clash", "resource_format", {"resource_format": "电子表格 xlsx"}),
        ("format-source-clash", "resource_format", {"resource_format": "自描述格式"}),
        ("sharing-mode-missing", "", {"sharing_mode": ""}),
        ("sharing-mode-unknown", "sharing_mode", {"sharing_mode": "飞鸽传书"}),
        ("format-mode-clash", "sharing_mode", {"sharing_mode": "数据库"}),
        ("format-mode-clash", "sharing_mode", {"sharing_mode": "接口"}),
        ("basis-vague", "openness_basis", {**WITHHELD, "openness_basis": "内部使用"}),
        ("basis-vague", "sharing_basis", {**UNSHARED, "sharing_basis": "不便提供"}),
        (
            "base-not-unconditional",
            "sharing",
            {
                "code": "101001/000001",
                "classification": "101001 基础信息资源/人口",
                "sharing": "有条件共享",
                "sharing_condition": "限海事部门",
            },
        ),
        (
            "openness-condition-missing",
            "openness",
            {"openness": "依申请公开", "openness_basis": "《条例》第十三条"},
        ),
        ("opened-withheld", "opened", {**WITHHELD, "opened": "2017-06-01"}),
    ],
)
def test_a_seeded_fault_of_an_entry(tmp_path: Path, rule: str, key: str, changes: dict[str, Any]) -> None:
    workspace = make_workspace(tmp_path, {**SOURCE, **changes})
    write_schema(workspace, "tides")
    assert found(workspace) == [(rule, "tides", line_of(workspace, "tides", key))]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "湿地生态系统名录"},
        {"title": "滨海湿地生态系统"},
        {"title": "政府网站名单"},
        {"title": "典型案例库"},
        {"title": "平台企业名录"},
        {"provider": "气象局", "provider_code": WEATHER},
        {"classification": "海洋"},
        {"resource_format": "电子表格"},
        {"resource_format": "服务接口", "sharing_mode": "webservice"},
        {"sharing_mode": "共享平台"},
        {**UNSHARED, "sharing_basis": "沪府发〔2016〕14号"},
        {**UNSHARED, "sharing_basis": "依照档案管理条例第三条"},
        {"openness": "依申请公开", "openness_basis": "《条例》第十三条", "openness_condition": "说明用途"},
        {**WITHHELD},
    ],
)
def test_what_is_well_said_is_no_fault(tmp_path: Path, changes: dict[str, Any]) -> None:
    workspace = make_workspace(tmp_path, {**SOURCE, **changes})
    write_schema(workspace, "tides")
    assert found(workspace) == []


def entries(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    """Entries that differ in id, code and title but for these changes."""
    return [
        {"id": name, "code": f"307002/{number}", "title": f"{sign}号表", **each}
        for number, (name, sign, each) in enumerate(zip("abcd", "甲乙丙丁", changes, strict=False), 1)
    ]


@pytest.mark.parametrize(
    ("rule", "key", "named", "changes"),
    [
        ("title-lookalike", "title", "ab", [{"title": "潮汐（日）表"}, {"title": "潮汐日表"}]),
        ("title-lookalike", "title", "ab", [{"title": "潮汐日表"}, {"title": "潮汐\u200b日表"}]),
        ("title-numbered", "title", "ab", [{"title": "港口名单1"}, {"title": "港口名单2"}]),
        ("title-numbered", "title", "abc", [{"title": f"港口名单（{number}）"} for number in (3, 4, 5)]),
        ("title-numbered", "title", "ab", [{"title": "12315投诉"}, {"title": "12316投诉"}]),
        ("title-numbered", "", "", [{"title": "2016港口名单"}, {"title": "2017港口名单"}]),
        ("title-numbered", "", "", [{"title": "第1批名单"}, {"title": "第2批名单"}]),
        ("title-numbered", "", "", [{"title": "名单1"}, {"title": "名单9"}]),
        ("title-numbered", "", "", [{"title": "名单1"}, {"title": "目录2"}]),
        (
            "provider-code-mixed",
            "provider_code",
            "ab",
            [{"provider": "气象局", "provider_code": code} for code in (WEATHER, HARBOUR)],
        ),
        ("provider-code-mixed", "provider_code", "ab", [{}, {"provider_code": WEATHER}]),
        (
            "provider-name-mixed",
            "provider",
            "ab",
            [{"provider": name, "provider_code": WEATHER} for name in ("气象局", "港务局")],
        ),
        ("provider-name-mixed", "", "", [{}, {"provider": "潮汐处", "provider_code": AGENCY["code"]}]),
        ("owner-lookalike", "owner", "ab", [{"owner": "观测处"}, {"owner": "观测 处"}]),
    ],
)
def test_a_seeded_fault_between_entries(
    tmp_path: Path, rule: str, key: str, named: str, changes: list[dict[str, Any]]
) -> None:
    workspace = make_workspace(tmp_path, *entries(*changes), other_names=["潮汐处"])
    assert found(workspace) == [(rule, name, line_of(workspace, name, key)) for name in named]


def test_a_provider_that_is_written_in_two_ways(tmp_path: Path) -> None:
    """Its two writings are also two names of one code."""
    written = [{"provider": name, "provider_code": WEATHER} for name in ("气象局(本级)", "气象局（本级）")]
    workspace = make_workspace(tmp_path, *entries(*written))
    assert {rule for rule, _, _ in found(workspace)} == {"provider-lookalike", "provider-name-mixed"}


def test_drag_filled_provider_codes_are_malformed_and_mixed(tmp_path: Path) -> None:
    dragged = [{"provider": "气象局", "provider_code": str(int(WEATHER) + number)} for number in range(3)]
    rules = [(rule, entry) for rule, entry, _ in found(make_workspace(tmp_path, *entries(*dragged)))]
    assert [pair for pair in rules if pair[0] == "provider-code-malformed"] == [
        ("provider-code-malformed", "b"),
        ("provider-code-malformed", "c"),
    ]
    assert [pair[1] for pair in rules if pair[0] == "provider-code-mixed"] == ["a", "b", "c"]


def test_the_agencys_own_code_and_a_former_one_are_one(tmp_path: Path) -> None:
    changes = [{"provider_code": AGENCY["code"]}, {"provider_code": WEATHER}]
    assert found(make_workspace(tmp_path, *entries(*changes), other_codes=[WEATHER])) == []


def test_the_agencys_own_code_is_checked_at_its_line(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {}, code="113100000000000005")
    (fault,) = check_catalog(load_catalog(workspace))
    assert (fault.rule, fault.entry, fault.file, fault.line) == (
        "provider-code-malformed",
        "",
        workspace.agency_file,
        1 + list(AGENCY).index("code"),
    )


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("item-untitled", {"name": "depth", "type": "number"}),
        ("item-untyped", {"name": "depth", "title": "水深"}),
        ("unit-undeclared", {"name": "depth", "title": "水深（米）", "type": "number"}),
        ("unit-undeclared", {"name": "fee", "title": "费用万元", "type": "integer"}),
        ("unit-undeclared", {"name": "fee", "title": "费用(单位：万元)", "type": "integer"}),
        ("unit-clash", {"name": "fee", "title": "费用（万元）", "type": "number", "unit": "元"}),
    ],
)
def test_a_seeded_fault_of_an_item(tmp_path: Path, rule: str, field: dict[str, Any]) -> None:
    workspace = make_workspace(
        tmp_path, {**SOURCE, "schema": "tides", "summary": "港口、潮高、水深（depth）和费用万元"}
    )
    write_schema(workspace, "tides", {**SCHEMA, "fields": [*SCHEMA["fields"], field]})
    assert found(workspace) == [(rule, "tides", line_of(workspace, "tides", "schema"))]


@pytest.mark.parametrize(
    "field",
    [
        {"name": "fee", "title": "费用（万元）", "type": "number", "unit": "万元"},
        {"name": "fee", "title": "费用（％）", "type": "number", "unit": "%"},
        {"name": "fee", "title": "费用（万元）", "type": "string"},
        {"name": "room", "title": "费用单元", "type": "integer"},
        {"name": "费用", "type": "integer"},
    ],
)
def test_a_unit_that_is_declared_is_no_fault(tmp_path: Path, field: dict[str, Any]) -> None:
    workspace = make_workspace(tmp_path, {**SOURCE, "summary": "港口、潮高和费用单元"})
    write_schema(workspace, "tides", {**SCHEMA, "fields": [*SCHEMA["fields"], field]})
    assert found(workspace) == []


def test_items_with_one_title_are_both_named(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {**SOURCE, "summary": "每个港口的潮高一和潮高二"})
    twins = [{"name": name, "title": title, "type": "number"} for name, title in (("a", "水 深"), ("b", "水深"))]
    write_schema(workspace, "tides", {"fields": [*SCHEMA["fields"][:1], *twins]})
    faults = check_catalog(load_catalog(workspace))
    assert [(fault.rule, fault.subject) for fault in faults if fault.rule == "item-lookalike"] == [
        ("item-lookalike", "field.a"),
        ("item-lookalike", "field.b"),
    ]


def test_the_national_guide_does_not_bind_a_catalogue_in_another_language(tmp_path: Path) -> None:
    changes = {"classification": "", "resource_format": "", "sharing_mode": "", "summary": "Tides of each port."}
    assert found(make_workspace(tmp_path, changes, language="nb", code="000000019")) == []
    rules = {rule for rule, _, _ in found(make_workspace(tmp_path / "zh", changes, code="000000019"))}
    assert {FAULT_RULES[rule].national for rule in rules} == {True}


def test_a_summary_may_name_few_items_where_there_are_few(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {**SOURCE, "summary": "本市所有港口的名称一览"})
    write_schema(workspace, "tides", {"fields": SCHEMA["fields"][:1]})
    assert found(workspace) == []


def test_each_fault_tells_itself_from_every_other(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"related": ["307002/7", "307002/8"], "deadline": [{"rule": "x"}, {"rule": "y"}]}
    faults = check_catalog(load_catalog(make_workspace(tmp_path, {**ENTRY, **changes})))
    assert len({(fault.rule, fault.entry, fault.subject) for fault in faults}) == len(faults) == 4


def test_every_rule_has_a_test_that_names_it() -> None:
    tests = "".join(file.read_text(encoding="utf-8") for file in (TESTS / "unit").glob("test_*.py"))
    assert [code for code in FAULT_RULES if f'"{code}"' not in tests] == []
