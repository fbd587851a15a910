"""Needs (共享需求清单): taken in from files and from the platform, decided in their term, renewed, refused."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.sharing_office import NEED, add_bureaus, granted, make_conditional, query, submitted, write_needs
from tests.workspace_factory import PortOffice, snapshot

FACTS: dict[str, Any] = {
    "dataset": "wrecks",
    "columns": ["name"],
    "conditions": {},
    "purpose": "清理航道",
    "basis": "航道法",
    "mode": "文件下载",
    "frequency": "每月",
}


@pytest.fixture
def sharing(office: PortOffice) -> PortOffice:
    """An office with two registered bureaus."""
    make_conditional(office)
    add_bureaus(office, "water", "fire")
    return office


def hand_in(office: PortOffice, *rows: tuple[str, str, str]) -> None:
    """What bureaus hand in on the server's page: id, bureau, document."""
    with contextlib.closing(sqlite3.connect(office.home / "sharing" / "calls.sqlite")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS submitted_need (id TEXT, at TEXT, bureau TEXT, document TEXT)")
        for name, bureau, document in rows:
            values = (name, "2026-11-23T16:30:00Z", bureau, document)
            connection.execute("INSERT INTO submitted_need VALUES (?, ?, ?, ?)", values)
        connection.commit()


def test_a_template_that_is_filled_in_is_taken_in(sharing: PortOffice, tmp_path: Path) -> None:
    file = tmp_path / "needs.xlsx"
    assert sharing.run("need template", str(file)).code == 0
    book = openpyxl.load_workbook(file)
    headings = [cell.value for cell in book["共享需求清单"][1]]
    book["共享需求清单"].append([{**NEED, "提出日期": "2026-11-20"}.get(heading) for heading in headings])
    book.save(file)

    answer = sharing.run("need import", str(file))

    assert answer.document == {"needs": ["need-1"], "known": 0, "faults": []}
    (need,) = sharing.run("need list").document["needs"]
    assert (need["bureau"], need["dataset"], need["columns"]) == ("water", "wrecks", ["name"])
    assert (need["purpose"], need["basis"], need["mode"], need["frequency"]) == (
        "清理航道",
        "航道法",
        "文件下载",
        "每月",
    )
    assert (need["received"], need["due"], need["state"]) == ("2026-11-20", "2026-12-04", "submitted")


def test_bureau_and_resource_may_be_named_as_people_name_them(sharing: PortOffice) -> None:
    submitted(sharing, {"需求部门": "fire局", "信息资源": "307002/000005"}, {"信息资源": "沉船"})

    found = [(need["bureau"], need["dataset"]) for need in sharing.run("need list").document["needs"]]
    assert found == [("fire", "wrecks"), ("water", "wrecks")]


def test_a_list_of_needs_in_other_words_is_taken_in(sharing: PortOffice, tmp_path: Path) -> None:
    """The headings of the 共享需求清单 as agencies keep it, in GB18030."""
    file = tmp_path / "needs.csv"
    headings = "需求编号,需求部门,信息资源代码,所需信息项,用途,履职依据,共享方式,更新频率"
    file.write_bytes(f"{headings}\n1,water,307002/000005,name,清理,法,接口,每日\n".encode("gb18030"))

    assert sharing.run("need import", str(file)).document["needs"] == ["need-1"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"需求部门": "nobody"}, "需求部门"),
        ({"需求部门": ""}, "需求部门"),
        ({"信息资源": "nothing"}, "信息资源"),
        ({"信息资源": ""}, "信息资源"),
        ({"信息项": "name；keeper"}, "信息项"),
        ({"信息资源": "ports", "信息项": "keeper_id"}, "信息项"),  # never
        ({"用途": " "}, "用途"),
        ({"法律依据": ""}, "法律依据"),
        ({"共享方式": ""}, "共享方式"),
        ({"更新频率": ""}, "更新频率"),
        ({"用途": "长" * 2001}, "用途"),
        ({"行条件": "name"}, "行条件"),
        ({"行条件": "name="}, "行条件"),
        ({"行条件": "depth=3"}, "行条件"),
        ({"提出日期": "11月"}, "提出日期"),
        ({"提出日期": "2026-11-25"}, "提出日期"),  # lies ahead
    ],
)
def test_a_fault_is_told_with_its_cell_and_its_fix(sharing: PortOffice, row: dict[str, str], column: str) -> None:
    before = snapshot(sharing.home)
    file = write_needs(sharing.home.parent / "needs.csv", {"需求部门": "fire"}, row)

    answer = sharing.run("need import", str(file))

    (fault,) = answer.document["faults"]
    assert answer.code == 1
    assert (fault["sheet"], fault["row"], fault["column"]) == ("needs.csv", 3, column)
    assert fault["message"]
    assert fault["fix"]
    assert answer.document["needs"] == []  # all or none
    assert snapshot(sharing.home) == before


def test_one_row_per_bureau_and_resource(sharing: PortOffice) -> None:
    file = write_needs(sharing.home.parent / "needs.csv", {}, {"用途": "另一用途"})

    (fault,) = sharing.run("need import", str(file)).document["faults"]

    assert (fault["row"], fault["column"]) == (3, "信息资源")


@pytest.mark.parametrize("name", ["needs.xlsx", "needs.csv"])
def test_what_is_no_list_of_needs_is_refused(sharing: PortOffice, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    assert sharing.run("need import", str(file)).code == 2  # there is none
    file.write_text("港口,潮高\n1,2\n", "utf-8")
    assert sharing.run("need import", str(file)).code == 2


def test_importing_again_changes_nothing(sharing: PortOffice) -> None:
    submitted(sharing, {}, {"需求部门": "fire"})
    before = snapshot(sharing.home)

    answer = sharing.run("need import", str(sharing.home.parent / "needs.csv"))

    assert answer.document == {"needs": [], "known": 2, "faults": []}
    assert snapshot(sharing.home) == before


def test_a_need_that_is_not_decided_takes_on_what_its_row_says_now(sharing: PortOffice) -> None:
    submitted(sharing, {})

    assert submitted(sharing, {"用途": "打捞"}) == ["need-1"]

    (need,) = sharing.run("need list").document["needs"]
    assert need["purpose"] == "打捞"


def test_a_need_that_is_decided_stays_and_another_wish_is_another_need(sharing: PortOffice) -> None:
    granted(sharing)
    assert submitted(sharing, {}) == []
    assert submitted(sharing, {"用途": "打捞"}) == ["need-2"]


def test_the_same_need_may_be_handed_in_again_after_its_refusal(
    sharing: PortOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(sharing, {})
    sharing.run("need decide", "need-1", "--refuse", "--by", "王", "--reason", "用途不明")
    assert submitted(sharing, {}) == []

    monkeypatch.setenv("OPENDATA_TODAY", "2027-03-01")
    assert submitted(sharing, {}) == ["need-2"]


def test_what_is_shared_without_conditions_is_granted_at_once_by_rule(sharing: PortOffice) -> None:
    submitted(sharing, {"信息资源": "ports", "信息项": ""})

    (need,) = sharing.run("need list").document["needs"]
    assert (need["state"], need["decision"], need["by"], need["grant"]) == ("granted", "同意", "rule", "")
    assert query(sharing.home, "SELECT 1 FROM access WHERE id = 'rule.water.ports'") == [(1,)]


def test_what_is_not_shared_can_only_be_refused(sharing: PortOffice) -> None:
    (need,) = submitted(sharing, {"信息资源": "crews", "信息项": ""})

    answer = sharing.run("need decide", need, "--grant", "--by", "王")

    assert answer.code == 4
    assert "不予共享" in answer.err
    assert sharing.run("grant list").document["grants"] == []
    refused = sharing.run("need decide", need, "--refuse", "--by", "王", "--reason", "个人信息")
    assert refused.document["decision"] == "不同意"
    assert query(sharing.home, "SELECT state, decision, reason FROM need") == [("refused", "不同意", "个人信息")]


def test_a_confirmed_need_becomes_a_grant_with_an_end(sharing: PortOffice) -> None:
    grant = granted(sharing)

    assert grant["columns"] == ["name"]
    assert grant["valid_to"] == "2027-11-24T00:00:00Z"  # 365 days
    columns = "id, bureau, need, purpose, basis, valid_from, valid_to, revoked_at, history"
    assert query(sharing.home, f"SELECT {columns} FROM access WHERE need != ''") == [
        ("grant-1", "water", "need-1", "清理航道", "航道法", "2026-11-24T00:00:00Z", "2027-11-24T00:00:00Z", None, 1)
    ]


def test_the_last_day_of_a_grant_is_within_it(sharing: PortOffice) -> None:
    assert granted(sharing, "--until", "2026-12-31", "--no-history")["valid_to"] == "2027-01-01T00:00:00Z"
    assert query(sharing.home, "SELECT history FROM access WHERE id = 'grant-1'") == [(0,)]


def test_consent_in_part_has_fewer_columns_and_rows_and_a_reason(sharing: PortOffice) -> None:
    (need,) = submitted(sharing, {"信息项": "", "行条件": "name=甲,乙"})
    some = ("--grant", "--by", "王", "--columns", "name", "--rows", "name=甲")
    assert sharing.run("need decide", need, *some).code == 2  # without a reason

    decided = sharing.run("need decide", need, *some, "--reason", "其余与用途无关").document

    assert decided["decision"] == "部分同意"
    assert (decided["grant"]["columns"], decided["grant"]["rows"]) == (["name"], {"name": ["甲"]})


@pytest.mark.parametrize(
    "options",
    [
        ("--grant", "--by", "王", "--columns", "finder", "--reason", "多"),  # shared, and not asked for
        ("--grant", "--by", "王", "--columns", "depth", "--reason", "无"),  # not there
        ("--grant", "--by", "王", "--rows", "name=丙", "--reason", "多"),  # rows that were not asked for
        ("--grant", "--by", "王", "--rows", "name", "--reason", "无"),
        ("--grant", "--by", "王", "--until", "2026-11-23"),
        ("--grant", "--by", "王", "--until", "明年"),
        ("--grant", "--by", " "),
        ("--refuse", "--by", "王"),
        ("--refuse", "--by", "王", "--reason", " "),
        ("--refuse", "--by", "王", "--reason", "无", "--columns", "name"),
        ("--by", "王"),
    ],
)
def test_a_decision_that_says_too_little_or_too_much_is_refused(sharing: PortOffice, options: tuple[str, ...]) -> None:
    (need,) = submitted(sharing, {"行条件": "name=甲,乙"})
    before = snapshot(sharing.home)

    assert sharing.run("need decide", need, *options).code == 2
    assert snapshot(sharing.home) == before


def test_an_unknown_need_and_a_removed_bureaus_need_are_refused(sharing: PortOffice) -> None:
    (need,) = submitted(sharing, {})
    assert sharing.run("need decide", "need-9", "--grant", "--by", "王").code == 2
    sharing.run("bureau remove", "water")
    assert sharing.run("need decide", need, "--grant", "--by", "王").code == 2


def test_a_new_decision_takes_the_place_of_the_old_grant_in_one_act(sharing: PortOffice) -> None:
    submitted(sharing, {"信息项": ""})
    first = sharing.run("need decide", "need-1", "--grant", "--by", "王").document

    second = sharing.run(
        "need decide", "need-1", "--grant", "--by", "王", "--columns", "name", "--reason", "收窄"
    ).document

    assert (first["grant"]["id"], second["grant"]["id"], second["ended"]) == ("grant-1", "grant-2", ["grant-1"])
    holds = {grant["id"]: grant["holds"] for grant in sharing.run("grant list").document["grants"]}
    assert holds == {"grant-1": False, "grant-2": True}
    assert query(sharing.home, "SELECT id FROM access WHERE need != '' AND revoked_at IS NULL") == [("grant-2",)]


def test_a_refusal_after_a_consent_ends_its_grant(sharing: PortOffice) -> None:
    granted(sharing)

    answer = sharing.run("need decide", "need-1", "--refuse", "--by", "王", "--reason", "用途变更")

    assert answer.document["ended"] == ["grant-1"]
    assert [grant["holds"] for grant in sharing.run("grant list").document["grants"]] == [False]


def test_a_need_is_overdue_after_ten_working_days(sharing: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the day before National Day on the ten days end on a Tuesday, for 10 October is a make-up Saturday."""
    monkeypatch.setenv("OPENDATA_TODAY", "2026-09-30")
    submitted(sharing, {})

    monkeypatch.setenv("OPENDATA_TODAY", "2026-10-20")
    (need,) = sharing.run("need list").document["needs"]
    assert (need["due"], need["overdue"], need["provisional"]) == ("2026-10-20", False, False)
    assert sharing.run("need list", "--overdue").document["needs"] == []

    monkeypatch.setenv("OPENDATA_TODAY", "2026-10-21")
    (need,) = sharing.run("need list", "--overdue").document["needs"]
    assert need["overdue"]
    assert "OVERDUE" in sharing.run("need list", json=False).out

    sharing.run("need decide", "need-1", "--refuse", "--by", "王", "--reason", "无")
    assert sharing.run("need list", "--overdue").document["needs"] == []


def test_the_agencys_own_rule_sets_the_term(sharing: PortOffice) -> None:
    rule = {"title": "5个工作日内", "within": 5, "unit": "working-days", "starts": "收到", "basis": "办法"}
    sharing.agency(deadline_rules={"sharing-answer": rule})

    submitted(sharing, {})

    assert sharing.run("need list").document["needs"][0]["due"] == "2026-12-01"


def test_a_grant_expires_by_its_date_and_is_renewed(sharing: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    granted(sharing, "--until", "2026-12-31")
    monkeypatch.setenv("OPENDATA_TODAY", "2027-01-01")
    assert [grant["holds"] for grant in sharing.run("grant list").document["grants"]] == [False]

    renewed = sharing.run("need renew", "need-1", "--by", "王", "--until", "2027-12-31")

    assert renewed.document["valid_to"] == "2028-01-01T00:00:00Z"
    assert [grant["holds"] for grant in sharing.run("grant list").document["grants"]] == [True]
    assert query(sharing.home, "SELECT valid_to FROM access WHERE id = 'grant-1'") == [("2028-01-01T00:00:00Z",)]


def test_a_grant_is_renewed_to_a_later_day_only(sharing: PortOffice) -> None:
    granted(sharing, "--until", "2026-12-31")

    assert sharing.run("need renew", "grant-1", "--by", "王", "--until", "2026-12-31").code == 2
    assert sharing.run("need renew", "grant-1", "--by", " ", "--until", "2027-12-31").code == 2
    assert sharing.run("need renew", "grant-9", "--by", "王").code == 2


def test_a_revoked_grant_is_over_at_once_and_is_not_renewed(sharing: PortOffice) -> None:
    granted(sharing)

    assert sharing.run("grant revoke", "grant-1", "--reason", " ").code == 2
    assert sharing.run("grant revoke", "grant-1", "--reason", "违规使用").code == 0

    assert query(sharing.home, "SELECT revoked_at FROM access WHERE id = 'grant-1'") == [("2026-11-24T00:00:00Z",)]
    assert sharing.run("grant revoke", "grant-1", "--reason", "违规使用").code == 2
    assert sharing.run("need renew", "grant-1", "--by", "王").code == 2
    assert sharing.run("grant revoke", "rule.water.ports", "--reason", "违规使用").code == 2


def test_a_grant_that_another_took_the_place_of_is_not_renewed(
    sharing: PortOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted(sharing, "--until", "2026-11-30")
    monkeypatch.setenv("OPENDATA_TODAY", "2026-12-01")
    granted(sharing, 用途="打捞")

    assert sharing.run("need renew", "grant-1", "--by", "王").code == 2


def test_needs_of_the_platform_are_taken_in_once(sharing: PortOffice) -> None:
    hand_in(sharing, ("a", "water", json.dumps(FACTS)), ("b", "fire", json.dumps({**FACTS, "columns": []})))

    first = sharing.run("need import", "--from-platform")
    before = snapshot(sharing.home)
    second = sharing.run("need import", "--from-platform")

    assert (first.code, first.document["needs"]) == (0, ["need-1", "need-2"])
    assert (second.code, second.document["needs"]) == (0, [])
    assert snapshot(sharing.home) == before
    # Handed in at half past midnight in China: the term counts from that day.
    assert [need["received"] for need in sharing.run("need list").document["needs"]] == ["2026-11-24", "2026-11-24"]


def test_a_need_of_the_platform_keeps_its_id_there(sharing: PortOffice) -> None:
    """So the page can tell a bureau what became of each thing that it handed in."""
    hand_in(
        sharing,
        ("a", "water", json.dumps(FACTS)),
        ("b", "water", json.dumps({**FACTS, "purpose": "打捞"})),
        ("c", "fire", json.dumps({**FACTS, "dataset": "nothing"})),
    )
    sharing.run("need import", "--from-platform")
    sharing.run("need decide", "need-1", "--grant", "--by", "王")
    hand_in(sharing, ("d", "water", json.dumps({**FACTS, "purpose": "打捞"})))
    assert sharing.run("need import", "--from-platform").document == {"needs": [], "known": 1, "faults": []}

    found = query(sharing.home, "SELECT id, bureau, state, reason FROM need ORDER BY id")
    assert found == [
        ("a", "water", "replaced", "need-1"),
        ("b", "water", "granted", ""),
        ("c", "fire", "refused", "信息资源: no resource is 'nothing'"),
        ("d", "water", "refused", "need-1 asks for the same already"),
    ]
    assert query(sharing.home, "SELECT id, need FROM access WHERE need != ''") == [("grant-1", "b")]


def test_what_the_page_does_not_ask_for_stands_to_reason(sharing: PortOffice) -> None:
    hand_in(sharing, ("a", "water", json.dumps({**FACTS, "mode": "", "frequency": ""})))

    assert sharing.run("need import", "--from-platform").code == 0

    (need,) = sharing.run("need list").document["needs"]
    assert (need["mode"], need["frequency"]) == ("共享平台", "随更新")


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "null",
        json.dumps({**FACTS, "columns": "name"}),
        json.dumps({**FACTS, "conditions": []}),
        json.dumps({**FACTS, "conditions": {"name": "甲"}}),
        json.dumps({**FACTS, "purpose": 3}),
        json.dumps({**FACTS, "purpose": ""}),
        json.dumps({**FACTS, "dataset": "nothing"}),
        json.dumps({**FACTS, "columns": ["keeper_id"]}),
    ],
)
def test_a_faulty_need_of_the_platform_is_told_once_and_harms_no_other(sharing: PortOffice, document: str) -> None:
    hand_in(sharing, ("a", "water", document), ("b", "fire", json.dumps(FACTS)))

    first = sharing.run("need import", "--from-platform")
    second = sharing.run("need import", "--from-platform")

    assert first.code == 1
    assert {fault["row"] for fault in first.document["faults"]} == {1}
    assert first.document["needs"] == ["need-1"]
    assert (second.code, second.document["faults"]) == (0, [])


def test_needs_of_a_bureau_that_is_not_registered_are_refused(sharing: PortOffice) -> None:
    hand_in(sharing, ("a", "nobody", json.dumps(FACTS)))

    assert sharing.run("need import", "--from-platform").code == 1
    assert sharing.run("need list").document["needs"] == []


def test_needs_come_from_one_place(sharing: PortOffice, tmp_path: Path) -> None:
    assert sharing.run("need import").code == 2
    assert sharing.run("need import", str(tmp_path / "x.csv"), "--from-platform").code == 2
