"""The network fails between publisher and portal: what was asked for is done once, or told; a rerun completes it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.errors import UnknownOutcome
from pipelines.targets.ckan.multipart import Upload
from pipelines.targets.ckan.package import Package, read_package
from pipelines.targets.ckan.revise import create, match_of, revise
from pipelines.targets.ckan.target import CkanPortal
from tests.ckan_office import CkanOffice, released_rows, writes
from tests.disturbed_network import SECOND, DisturbedNetwork, uploads
from tests.fault_proxy import FaultProxy, Sent
from tests.portal_factory import Portal
from tests.proxy_faults import Alter, Cut, Delay, DropAnswer, Duplicate, HangUp, Say, redirect, truncated
from tests.scripted_portal import scripted
from tests.workspace_factory import PORTS

pytestmark = pytest.mark.faults

WAYS = ("plugin", "stock")
FIRST = ["东港", "南港", "西港"]
LAST = ["东港", "南港", "新港"]


@pytest.fixture
def network(
    ckan: Portal, proxy: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DisturbedNetwork]:
    yield DisturbedNetwork(ckan, proxy, tmp_path, monkeypatch)
    proxy.calm()


def _names(office: CkanOffice) -> list[str]:
    return sorted(row["name"] for row in office.rows("ports"))


def _shown(office: CkanOffice) -> list[str] | None:
    """The names that readers find; None where there is no page."""
    return _names(office) if office.is_there("ports") else None


def _assert_settled(network: DisturbedNetwork, office: CkanOffice, names: list[str]) -> None:
    """Every file and row once and whole, nothing beside them, and nothing left to do."""
    network.proxy.calm()
    assert _names(office) == names
    assert len(office.resources("ports")) == len(office.show("ports")["resources"]) == 7
    assert office.office.run("verify").code == 0
    found = network.datasets(office)
    assert {name for name in found if name.startswith("ports")} <= {"ports", "ports-releases", "ports-staging"}
    assert [name for name, one in found.items() if name.endswith("-staging") and one["resources"]] == []
    assert writes(office.counted("publish")) == []


def test_an_upload_whose_answer_was_lost_is_not_sent_again(network: DisturbedNetwork) -> None:
    office = network.office()
    rule = network.proxy.on(DropAnswer(), "package_revise", where=lambda sent: bool(uploads([sent])))
    sent = office.counted("publish")
    assert rule.fired == 1
    assert [one.action for one in uploads(sent)] == ["package_revise", "release_load"]
    _assert_settled(network, office, FIRST)


def test_datasets_whose_making_was_not_answered_are_there_once(network: DisturbedNetwork) -> None:
    office = network.office()
    rule = network.proxy.on(DropAnswer(), "package_create", times=None)
    assert writes(office.counted("publish")).count("package_create") == rule.fired == 2
    assert set(network.datasets(office)) == {"ports", "ports-releases"}
    _assert_settled(network, office, FIRST)


@pytest.mark.parametrize("lost", range(1, 4))
def test_rows_of_which_one_batch_was_not_answered_are_there_once(
    network: DisturbedNetwork, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    """First as they are loaded where nobody looks, then as they change before readers' eyes."""
    monkeypatch.setattr("pipelines.targets.ckan.datastore.BATCH", 1)
    office = network.office("stock")
    changes = {"datastore_create", "datastore_upsert", "datastore_records_delete"}
    for rows, names in ((None, FIRST), (SECOND, LAST)):
        if rows:
            office.office.ports(rows)
        rule = network.proxy.on(DropAnswer(), nth=lost, where=lambda sent: sent.action in changes)
        office.run("publish")
        network.proxy.calm()
        assert rule.fired == 1  # three rows are loaded, the first with its table; then one changes, one comes, one goes
        assert _names(office) == names
        wanted = released_rows(office.office, "ports", 2 if rows else 1)
        assert sorted([row["code"], row["name"], row["opened"] or ""] for row in office.rows("ports")) == sorted(wanted)
    _assert_settled(network, office, LAST)


@pytest.mark.parametrize("keyed", [True, False], ids=["keyed", "without a key"])
def test_a_table_that_the_portal_denies_is_replaced(network: DisturbedNetwork, keyed: bool) -> None:
    """A run ends between the rows and their page; the next finds the table, though the portal says there is none."""
    office = network.office("stock")
    office.office.schema("ports", primaryKey=["code"] if keyed else [])
    met: set[str] = set()

    def is_loaded(sent: Sent) -> bool:
        """Whether the rows came before, and so not with this call."""
        return "datastore_create" in met or bool(met.add(sent.action))

    ended = network.proxy.on(
        HangUp(), times=None, where=lambda sent: is_loaded(sent) and sent.action == "package_revise"
    )
    assert office.office.run("publish").code == 1
    assert ended.fired
    network.proxy.calm()
    assert not office.is_there("ports")
    office.office.ports(SECOND)
    met.clear()
    denied = Alter(lambda body: body.replace(b'"datastore_active": true', b'"datastore_active": false'))
    network.proxy.on(denied, times=None, where=lambda sent: not is_loaded(sent))
    sent = office.counted("publish")
    assert [one.action for one in sent if one.action in ("datastore_create", "datastore_delete")] == [
        "datastore_create",
        "datastore_delete",
        "datastore_create",
    ]
    _assert_settled(network, office, LAST)


@pytest.mark.parametrize("status", [413, 502, 504])
def test_what_was_done_and_called_failed_is_not_done_again(network: DisturbedNetwork, status: int) -> None:
    calm, office = network.office(), network.office()
    wanted = writes(calm.counted("publish"))
    rule = network.proxy.on(
        Say(status, after=True), times=None, where=lambda sent: sent.writes and sent.action != "release_load"
    )
    assert writes(office.counted("publish")) == wanted
    assert rule.fired == len(wanted) - 1
    _assert_settled(network, office, FIRST)


def test_a_file_that_is_too_large_for_a_server_in_between_is_named_as_that(network: DisturbedNetwork) -> None:
    office = network.office("auto", ("ports", "wrecks"))
    network.proxy.on(Say(413), times=None, where=lambda sent: bool(uploads([sent])) and sent.size > 9_000)
    answer = office.office.run("publish")
    assert (answer.code, answer.verdicts) == (1, {"ports": "failed", "wrecks": "published"})
    assert "no file that large" in answer.datasets["ports"]["reason"]
    assert "ckan.max_resource_size" in answer.datasets["ports"]["reason"]
    assert not office.is_there("ports")
    network.proxy.calm()
    office.run("publish")
    assert _names(office) == FIRST


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("last", [False, True], ids=["first answer", "last answer"])
def test_a_server_in_between_that_sends_each_write_twice(network: DisturbedNetwork, way: str, last: bool) -> None:
    """CKAN may refuse the second, or put it in the first one's place: then the run fails, and says so."""
    office = network.office(way)
    for rows, names in ((PORTS, FIRST), (SECOND, LAST)):
        office.office.ports(rows)
        before = _shown(office)
        rule = network.proxy.on(Duplicate(last=last), times=None, where=lambda sent: sent.writes)
        answer = office.office.run("publish")
        network.proxy.calm()
        assert rule.fired
        assert (answer.code, answer.verdicts["ports"]) in ((0, "published"), (1, "failed"))
        if answer.code:
            # A second load replaces the first; a second write of new rows is refused.
            assert way == "plugin" or (last and rows is PORTS)
            assert "forbid" in answer.out or "no longer as it was read" in answer.out
        assert _shown(office) in (before, names)
        office.run("publish")
        assert _shown(office) == names
    _assert_settled(network, office, LAST)


@pytest.mark.parametrize("status", [301, 302])
def test_a_portal_that_leads_elsewhere_gets_nothing_there(network: DisturbedNetwork, status: int) -> None:
    office = network.office()
    token = network.portal.token("editor")
    with scripted() as other:
        for nth in (1, 12):  # before the first dataset, and in its midst
            rule = network.proxy.on(redirect(f"{other.address}/user/login", status), nth=nth, times=None)
            answer = office.office.run("publish")
            said = answer.out + answer.err
            assert rule.fired and answer.code in (1, 3)
            assert "leads elsewhere" in said and other.address in said and token not in said
            network.proxy.calm()
        assert other.sent == []
    assert not office.is_there("ports")
    office.run("publish")
    _assert_settled(network, office, FIRST)


def test_a_portal_that_is_busy_now_and_then_is_waited_for(network: DisturbedNetwork) -> None:
    office = network.office()
    later = (("Content-Type", "text/html"), ("Retry-After", "3600"))
    rules = [network.proxy.on(Say(429, headers=later), nth=nth, times=2) for nth in (2, 15, 30)]
    rules += [network.proxy.on(Say(503), nth=nth, times=3) for nth in (9, 25)]
    office.run("publish")
    assert [rule.fired for rule in rules] == [2, 2, 2, 3, 3]
    assert max(network.waited) == 30
    _assert_settled(network, office, FIRST)


def test_answers_that_are_cut_or_about_another_dataset_are_not_believed(network: DisturbedNetwork) -> None:
    other = network.office()
    other.run("publish")
    page = other.show("ports")
    office = network.office()
    for action in ("package_create", "package_revise", "release_load", "release_switch"):
        network.proxy.on(truncated(40), action)
    office.run("publish")
    network.proxy.calm()
    office.office.ports(SECOND)
    wrong = Alter(lambda body: body.replace(office.prefix.encode(), other.prefix.encode()))
    network.proxy.on(wrong, "package_show", times=None, where=lambda sent: office.prefix.encode() in sent.body)
    answer = office.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    assert f"the dataset {other.prefix}ports" in answer.datasets["ports"]["reason"]
    assert other.show("ports") == page
    assert _names(office) == FIRST
    network.proxy.calm()
    office.run("publish")
    _assert_settled(network, office, LAST)


def test_an_upload_that_is_cut_anywhere_leaves_all_as_it_was(network: DisturbedNetwork) -> None:
    """At fifty places, from its first byte to its last but one."""
    portal, name = network.portal, f"cut-{uuid.uuid4().hex[:8]}"
    client = Client(network.proxy.url, portal.token("editor"), lambda seconds: None)
    page = create(client, name, {"title": "港口", "owner_org": "own-agency"}, {"publisher_key": name})
    first = revise(client, _addition(page, "old"), lambda now: False, [_upload("old", b"old\n" * 500)])
    address = client.path_of(str(first.resources[0]["url"]))
    old, kept = client.fetch(address, anonymous=False), _stored(portal)
    new = _upload("new", b"new\n" * 5_000)
    for share in (place / 50 for place in range(50)):
        rule = network.proxy.on(Cut(share), "package_revise")
        with pytest.raises(UnknownOutcome):
            client.write("package_revise", _addition(first, "new"), [new])
        assert rule.fired
        assert read_package(client, name) == first
    assert client.fetch(address, anonymous=False) == old
    assert _stored(portal) == kept
    now = revise(client, _addition(first, "new"), lambda now: False, [new])
    assert [one["name"] for one in now.resources] == ["old", "new"]
    assert len(_stored(portal)) == len(kept) + 1


def _addition(page: Package, name: str) -> dict[str, Any]:
    """One more file."""
    resource = {"name": name, "id": _id(name), "url": f"{name}.csv", "url_type": "upload"}
    return {"match": match_of(page), "update__resources__extend": [resource]}


def _upload(name: str, content: bytes) -> Upload:
    return Upload(f"update__resources__{_id(name)}__upload", f"{name}.csv", content, "text/csv")


def _id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def _stored(portal: Portal) -> set[Path]:
    """Every file that the portal keeps of uploads."""
    return {path for path in (portal.folder / "storage").rglob("*") if path.is_file()}


def test_an_upload_that_is_cut_each_time_leaves_the_release_before(network: DisturbedNetwork) -> None:
    office = network.office()
    office.run("publish")
    page = office.show("ports")
    office.office.ports(SECOND)
    network.proxy.on(Cut(0.7), times=None, where=lambda sent: bool(uploads([sent])))
    answer = office.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    network.proxy.calm()
    assert (office.show("ports"), _names(office)) == (page, FIRST)
    assert network.datasets(office)["ports-staging"]["resources"] == []
    office.run("publish")
    _assert_settled(network, office, LAST)


def test_a_portal_that_goes_away_in_the_midst_costs_a_few_calls(network: DisturbedNetwork) -> None:
    office = network.office("auto", ("ports", "tides", "buoys", "wrecks"))
    rule = network.proxy.on(HangUp(), nth=20, times=None)
    answer = office.office.run("publish")
    assert answer.code in (1, 3)
    assert set(answer.verdicts.values()) <= {"failed", "published"}
    assert 0 < rule.fired <= 7 * CkanPortal.abreast  # of each that was on its way the tries, and a look at the portal
    network.proxy.calm()
    office.run("publish")
    _assert_settled(network, office, FIRST)


def about(office: CkanOffice, dataset: str) -> bytes:
    """The words of a call that name a dataset."""
    return f'"{office.prefix}{dataset}"'.encode()


def test_a_dataset_that_fails_and_one_that_hangs_stop_no_other(network: DisturbedNetwork) -> None:
    office = network.office("auto", ())
    names = [f"wrecks-{number:02}" for number in range(12)]
    schema = {"fields": [{"name": "name", "type": "string"}]}
    entry = {"title": "沉船", "openness": "依申请公开", "openness_basis": "条例第十三条"}
    entry |= {"sharing": "不予共享", "sharing_basis": "只为试验"}
    for number, name in enumerate(names):
        office.office.add(name, f"307002/{number:06d}", schema, source={"path": "samples/wrecks.csv"}, **entry)
    failing, hanging = (about(office, names[number]) for number in (4, 5))
    network.allow(connect=1, read=4)
    fails = network.proxy.on(Say(500), times=None, where=lambda sent: failing in sent.body)
    hangs = network.proxy.on(Delay(), times=None, where=lambda sent: hanging in sent.body and sent.writes)
    answer = office.office.run("publish")
    assert answer.code == 1
    assert {name for name, verdict in answer.verdicts.items() if verdict == "failed"} == {names[4], names[5]}
    assert sorted(answer.verdicts.values()) == ["failed"] * 2 + ["published"] * 10
    # Each call ends by its deadline, so that their number bounds the time.
    assert 0 < fails.fired <= 8 and 0 < hangs.fired <= 4
    network.proxy.calm()
    assert set(office.run("publish").verdicts.values()) == {"published", "unchanged"}
    assert office.office.run("verify").code == 0
