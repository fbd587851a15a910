"""Publishing to other bureaus: what plan, publish, status, verify, withdraw and rollback do with the sharing store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.targets.sharing.records import SharedTable, tables_folder, tables_of
from pipelines.targets.sharing.target import Sharing
from resource_catalog.entry import Entry
from resource_catalog.errors import OutsideError
from tests.shared_tables import changes_read, snapshot_read
from tests.sharing_office import add_bureaus, granted
from tests.workspace_factory import (
    NEVER_CANARY,
    ON_REQUEST_CANARY,
    PORTS,
    SHARED_CANARY,
    TODAY,
    WITHHELD_CANARY,
    PortOffice,
    contents,
    files_with,
    make_port_office,
    snapshot,
)

MOVED = (*PORTS[:2], ("002", "新西港", "1955-10-12", SHARED_CANARY, NEVER_CANARY), PORTS[3])

RENAMED = (*PORTS[:2], ("002", "西港二号", "1955-10-12", SHARED_CANARY, NEVER_CANARY), PORTS[3])


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    return make_port_office(tmp_path)


def store(office: PortOffice) -> Path:
    return office.home / "sharing"


def table(office: PortOffice, dataset: str) -> SharedTable:
    """The one table that bureaus read of a dataset."""
    (found,) = (one for one in tables_of(store(office)) if one.dataset == dataset and one.retired_at is None)
    return found


def shown(office: PortOffice, dataset: str) -> list[tuple[Any, ...]]:
    """The rows that a bureau reads, in order."""
    found = table(office, dataset)
    folder = tables_folder(store(office)) / found.id
    return sorted(snapshot_read(folder, [one.name for one in found.columns], found.current_version).elements())


def test_a_plain_publish_shares_what_the_catalogue_shares(office: PortOffice) -> None:
    answer = office.run("publish")
    assert answer.code == 0
    shared = {name: one["targets"].get("sharing") for name, one in answer.datasets.items()}
    assert {name for name, facts in shared.items() if facts} == {"buoys", "ports", "stations", "tides", "wrecks"}
    assert shared["ports"] == {"form": "share", "release": 1, "tables": 1, "rows": [3], "versions": [0]}
    assert [one.name for one in table(office, "ports").columns] == ["code", "name", "opened", "keeper"]
    assert {row[3] for row in shown(office, "ports")} == {SHARED_CANARY}
    assert shown(office, "wrecks") == [(ON_REQUEST_CANARY, "甲")]


def test_what_may_not_be_shared_is_in_no_byte_of_the_store(office: PortOffice) -> None:
    office.run("publish")
    office.ports(MOVED)
    office.run("publish")
    office.ports(PORTS[:3])
    office.tides([])
    office.run("publish", "ports", *office.confirmations())
    for canary in (NEVER_CANARY, WITHHELD_CANARY, "keeper_id"):
        assert files_with(store(office), canary) == []
    assert any(b"update_preimage" in content for content in contents(store(office)).values())
    assert files_with(office.portal, SHARED_CANARY) == []


def test_the_second_publish_writes_nothing(office: PortOffice) -> None:
    office.run("publish")
    before = snapshot(office.home)
    assert set(office.run("publish").verdicts.values()) == {"unchanged", "held"}
    assert snapshot(office.home) == before


def test_plan_tells_of_what_is_to_be_shared_and_writes_nothing(office: PortOffice) -> None:
    office.agency(targets={"sharing": {"enabled": False}})
    office.run("publish")
    assert not store(office).exists()
    office.agency()
    answer = office.run("plan")
    assert answer.verdicts == {
        "buoys": "new", "crews": "held", "ports": "new", "stations": "new", "tides": "new", "wrecks": "new",
    }  # fmt: skip
    assert answer.datasets["buoys"]["reason"].endswith("to be shown on sharing")
    assert not store(office).exists()
    assert office.run("publish").verdicts["buoys"] == "published"
    assert shown(office, "buoys")


def test_a_changed_row_is_one_commit_with_its_two_sides(office: PortOffice) -> None:
    office.run("publish")
    office.ports(MOVED)
    assert office.run("publish").datasets["ports"]["targets"]["sharing"]["versions"] == [1]
    found = table(office, "ports")
    folder = tables_folder(store(office)) / found.id
    changes = changes_read(folder, ["code", "name"], 1, 1)
    assert sorted((kind, row) for _, kind, row in changes) == [
        ("update_postimage", ("002", "新西港")),
        ("update_preimage", ("002", "西港")),
    ]
    log = (folder / "_delta_log" / f"{1:020}.json").read_text("utf-8").splitlines()
    info = next(json.loads(line)["commitInfo"] for line in log if "commitInfo" in line)
    assert found.current is not None
    assert (info["opendata.release"], info["opendata.digest"]) == (2, found.current.digest)


def test_bureaus_keep_what_they_have_where_the_source_is_blocked(office: PortOffice) -> None:
    office.run("publish")
    (office.samples / "wrecks.csv").write_text("name,finder,more\na,b\n", encoding="utf-8")
    answer = office.run("publish")
    assert (answer.code, answer.verdicts["wrecks"]) == (1, "blocked")
    assert answer.datasets["wrecks"]["reason"].startswith("not shared: samples/wrecks.csv")
    assert shown(office, "wrecks") == [(ON_REQUEST_CANARY, "甲")]


def test_verify_reads_every_table_and_names_what_differs(office: PortOffice) -> None:
    office.run("publish")
    office.ports(MOVED)
    office.run("publish")
    proofs = [one for one in office.run("verify").document["proofs"] if one["target"] == "sharing"]
    assert {one["dataset"]: one["faults"] for one in proofs} == dict.fromkeys(
        ("buoys", "ports", "stations", "tides", "wrecks"), []
    )
    found = table(office, "ports")
    file = tables_folder(store(office)) / found.id / found.files[-1].path
    file.write_bytes(file.read_bytes()[:-1])
    answer = office.run("verify", "ports")
    assert answer.code == 1
    (proof,) = (one for one in answer.document["proofs"] if one["target"] == "sharing")
    assert found.files[-1].path in proof["faults"][0]


def test_status_shows_which_release_each_target_is_on(office: PortOffice) -> None:
    office.run("publish")
    targets = {one["dataset"]: one["targets"] for one in office.run("status").document["datasets"]}
    assert (targets["ports"]["static"]["release"], targets["ports"]["sharing"]["release"]) == (1, 1)
    assert (targets["wrecks"]["static"]["form"], targets["wrecks"]["sharing"]["form"]) == ("notice", "share")
    assert "sharing" not in targets["crews"]


def test_a_withdrawal_takes_the_tables_and_their_files_and_rollback_shares_again(office: PortOffice) -> None:
    office.run("publish")
    ids = {one.id for one in tables_of(store(office)) if one.dataset == "ports"}
    answer = office.run("withdraw", "ports", "--reason", "数据有误")
    assert answer.code == 0
    assert answer.datasets["ports"]["targets"]["sharing"] == {"form": "tombstone", "release": None, "tables": 1}
    assert not any((tables_folder(store(office)) / one).exists() for one in ids)
    assert files_with(store(office), "东港") == []
    assert office.run("publish").verdicts["ports"] == "held"
    assert office.run("rollback", "ports").code == 0
    assert table(office, "ports").id not in ids
    assert len(shown(office, "ports")) == 3


def test_rollback_takes_bureaus_back_to_the_release_of_the_same_source(office: PortOffice) -> None:
    office.run("publish")
    office.ports(MOVED)
    office.run("publish")
    assert ("002", "新西港") in [row[:2] for row in shown(office, "ports")]
    assert office.run("rollback", "ports").code == 0
    assert ("002", "西港") in [row[:2] for row in shown(office, "ports")]
    assert table(office, "ports").current_version == 2
    assert office.run("publish").verdicts["ports"] == "unchanged"
    assert ("002", "西港") in [row[:2] for row in shown(office, "ports")]


def test_a_dataset_that_only_bureaus_read_is_withdrawn_and_given_again(office: PortOffice) -> None:
    office.entry("crews", sharing="无条件共享", sharing_basis=None)
    assert office.run("publish").verdicts["crews"] == "published"
    assert shown(office, "crews") == [(WITHHELD_CANARY,)]
    assert files_with(office.portal, WITHHELD_CANARY) == []
    assert office.run("withdraw", "crews", "--reason", "数据有误").code == 0
    assert office.run("publish").verdicts["crews"] == "held"
    assert files_with(store(office), WITHHELD_CANARY) == []
    assert not (office.portal / "dataset" / "crews").exists()
    assert office.run("rollback", "crews").code == 0
    assert shown(office, "crews") == [(WITHHELD_CANARY,)]


def test_the_catalogue_ends_sharing(office: PortOffice) -> None:
    office.run("publish")
    office.entry("buoys", sharing="不予共享", sharing_basis="另有规定")
    answer = office.run("publish")
    assert answer.verdicts["buoys"] == "published"
    assert [one for one in tables_of(store(office)) if one.dataset == "buoys" and one.retired_at is None] == []


def test_conditional_sharing_has_no_table_without_a_confirmed_need(office: PortOffice) -> None:
    office.entry("buoys", sharing="有条件共享", sharing_condition="按职责需要")
    office.run("publish")
    assert [one for one in tables_of(store(office)) if one.dataset == "buoys"] == []


def test_a_column_that_is_closed_gives_a_new_table_and_retires_the_old(office: PortOffice) -> None:
    office.run("publish")
    old = table(office, "ports")
    fields = [dict(field) for field in office.schemas["ports"]["fields"]]
    fields[3]["disclosure"] = "never"
    office.schema("ports", fields=fields)
    assert office.run("publish", *office.confirmations()).code == 0
    new = table(office, "ports")
    assert new.id != old.id
    assert files_with(tables_folder(store(office)) / new.id, SHARED_CANARY) == []
    assert next(one for one in tables_of(store(office)) if one.id == old.id).retired_at


def test_numbers_with_more_digits_than_a_double_holds_are_shared_with_all_of_them(office: PortOffice) -> None:
    office.run("publish")
    rows = [{"port": "001", "at": "2026-11-01T06:12:00+08:00", "height": "12345678901234567.25"}]
    old = table(office, "tides")
    office.tides(rows)
    assert office.run("publish", "tides", *office.confirmations()).code == 0
    new = table(office, "tides")
    assert (new.id != old.id, [one.type for one in new.columns][2]) == (True, "string")
    assert [row[2] for row in shown(office, "tides")] == ["12345678901234567.25"]
    office.tides([{**rows[0], "height": 3.5}])
    assert office.run("publish", "tides").code == 0
    assert (table(office, "tides").id, [row[2] for row in shown(office, "tides")]) == (new.id, ["3.5"])


def test_receipts_are_verified_by_the_command(office: PortOffice) -> None:
    office.run("publish")
    found = table(office, "ports")
    file = store(office) / "receipts" / found.id / "0.json"
    (key,) = (store(office) / "keys").glob("*.pub")
    from tests.workspace_factory import run_command

    answer = run_command("receipt", "verify", str(file), "--key", str(key), "--json")
    assert answer.code == 0
    assert answer.document["receipt"]["agency"] == "tide-office"
    file.write_text(file.read_text("utf-8").replace('"rows": 3', '"rows": 4'), "utf-8")
    assert run_command("receipt", "verify", str(file), "--key", str(key)).code == 2


def test_policies_of_needs_have_tables_of_their_own(office: PortOffice) -> None:
    office.entry("buoys", sharing="有条件共享", sharing_condition="按职责需要")
    add_bureaus(office, "water", "fire")
    granted(office, 需求部门="water", 信息资源="buoys", 信息项="编号,名称", 行条件="检修次数=3")
    granted(office, 需求部门="fire", 信息资源="buoys", 信息项="名称")
    answer = office.run("publish")
    assert answer.datasets["buoys"]["targets"]["sharing"]["tables"] == 2
    found = {
        one.policy.columns: snapshot_read(
            tables_folder(store(office)) / one.id, [column.name for column in one.columns]
        )
        for one in tables_of(store(office))
        if one.dataset == "buoys"
    }
    assert list(found["编号", "名称"].elements()) == [("00000123456789012X", "一号浮标")]
    assert sorted(found[("名称",)].elements()) == [("一号浮标",), ("二号浮标",)]


def test_what_is_for_everybody_and_shares_no_column_is_told(office: PortOffice) -> None:
    office.entry("crews", sharing="无条件共享", sharing_basis=None)
    office.schema("crews", fields=[{**one, "disclosure": "never"} for one in office.schemas["crews"]["fields"]])
    reason = office.run("publish").datasets["crews"]["reason"]
    assert "crews" in reason and "the policy has no column" in reason


def test_a_crash_between_the_portal_and_the_bureaus_resumes_forward(
    office: PortOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.run("publish")
    office.ports(MOVED)
    with monkeypatch.context() as crash:
        crash.setattr(Sharing, "share", _raise(KeyboardInterrupt()))
        assert office.run("publish").code == 130
    (targets,) = (one["targets"] for one in office.run("status", "ports").document["datasets"])
    assert (targets["static"]["release"], targets["sharing"]["release"]) == (2, 1)
    answer = office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (0, "published")
    (targets,) = (one["targets"] for one in office.run("status", "ports").document["datasets"])
    assert (targets["static"]["release"], targets["sharing"]["release"]) == (2, 2)
    assert ("002", "新西港") in [row[:2] for row in shown(office, "ports")]


@pytest.mark.parametrize(
    ("place", "lost"),
    [("shared", True), ("releases", False)],
    ids=["their own, one harmed", "the public's"],
)
def test_bureaus_that_are_releases_behind_get_a_version_of_each(
    office: PortOffice, monkeypatch: pytest.MonkeyPatch, place: str, lost: bool
) -> None:
    if place == "releases":  # where all is open, bureaus read what the public reads
        office.schema("ports", fields=[{**one, "disclosure": "open"} for one in office.schemas["ports"]["fields"]])
    office.run("publish", "ports")
    current = table(office, "ports").current
    assert current is not None and current.store == place
    with monkeypatch.context() as failing:
        failing.setattr(Sharing, "share", _raise(OutsideError("the disk failed", where="sharing", fix="mend it")))
        office.ports(MOVED)
        office.run("publish", "ports")
        office.ports(RENAMED)
        office.run("publish", "ports")
    if lost:
        data = office.home / place / "ports" / "2" / "data" / "ports.parquet"
        data.chmod(0o644)
        data.write_bytes(data.read_bytes()[:-1])
    office.ports(MOVED)
    assert office.run("publish", "ports").verdicts["ports"] == "published"
    versions = [(one.release, one.passed_over) for one in table(office, "ports").versions]
    assert versions == ([(1, ()), (3, (2,)), (4, ())] if lost else [(1, ()), (2, ()), (3, ()), (4, ())])
    assert ("002", "新西港") in [row[:2] for row in shown(office, "ports")]


def test_a_release_that_was_taken_back_meanwhile_never_reaches_bureaus(
    office: PortOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.schema("ports", fields=[{**one, "disclosure": "open"} for one in office.schemas["ports"]["fields"]])
    office.run("publish", "ports")
    with monkeypatch.context() as failing:
        failing.setattr(Sharing, "share", _raise(OutsideError("the disk failed", where="sharing", fix="mend it")))
        office.ports(MOVED)
        office.run("publish", "ports")
        office.run("rollback", "ports")
    office.ports(RENAMED)
    office.run("publish", "ports")
    assert [(one.release, one.passed_over) for one in table(office, "ports").versions] == [(1, ()), (3, (2,))]


def test_a_table_that_fails_is_its_datasets_failure_alone(office: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    share = Sharing.share

    def failing(self: Sharing, entry: Entry, *rest: Any) -> Any:
        if entry.id == "ports":
            raise OutsideError("the disk failed", where="sharing", fix="mend it")
        return share(self, entry, *rest)

    monkeypatch.setattr(Sharing, "share", failing)
    answer = office.run("publish")
    assert (answer.code, answer.verdicts["ports"], answer.verdicts["tides"]) == (1, "failed", "published")
    assert answer.datasets["ports"]["reason"].startswith("not shared: sharing: the disk failed")
    assert answer.datasets["tides"]["targets"]["sharing"]["tables"] == 1
    assert (office.portal / "dataset" / "ports" / "1").is_dir()


def _raise(error: BaseException) -> Any:
    def raising(*_arguments: Any) -> None:
        raise error

    return raising
