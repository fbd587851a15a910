"""People at the portal take away the right to publish, or the datasets: the cause is told once, nothing is guessed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from pipelines.targets.ckan.target import CkanPortal
from tests.ckan_office import CkanOffice, make_ckan_office, writes
from tests.fault_proxy import FaultProxy, Sent
from tests.portal_factory import Portal
from tests.proxy_faults import Interrupt

Act = Callable[[CkanOffice], object]
DATASETS = ("ports", "stations", "wrecks")
pytestmark = pytest.mark.usefixtures("at_portal")


@pytest.fixture
def office(ckan: Portal, proxy: FaultProxy, tmp_path: Path) -> CkanOffice:
    """An office with one dataset, published once."""
    office = make_ckan_office(tmp_path, ckan, proxy, "auto")
    office.run("publish")
    return office


class Clerk:
    """A user of the portal with a token and an organisation of its own, whose right somebody may take."""

    def __init__(self, portal: Portal, number: int) -> None:
        self.portal, self.name, self.organisation = portal, f"clerk-{number}", f"office-{number}"
        address, secret = f"{self.name}@example.org", f"a-secret-{number}"
        portal.call("user_create", "administrator", name=self.name, email=address, password=secret)
        portal.call("organization_create", "administrator", name=self.organisation)
        self.make("editor")
        made = portal.call("api_token_create", "administrator", user=self.name, name="publisher")
        self.token = str(made["token"])
        (listed,) = portal.call("api_token_list", "administrator", user_id=self.name)
        self.token_id = str(listed["id"])

    def make(self, role: str) -> None:
        """Give the user a role in the organisation."""
        member = {"id": self.organisation, "username": self.name, "role": role}
        self.portal.call("organization_member_create", "administrator", **member)

    def revoke(self) -> None:
        """Take the token."""
        self.portal.call("api_token_revoke", "administrator", jti=self.token_id)

    def lower(self) -> None:
        """Take the right to write."""
        self.make("member")

    def delete(self) -> None:
        """Delete the user."""
        self.portal.call("user_delete", "administrator", id=self.name)

    def close(self) -> None:
        """Delete the organisation."""
        self.portal.call("organization_delete", "administrator", id=self.organisation)

    def rename(self) -> None:
        """Rename the organisation."""
        self.portal.call("organization_patch", "administrator", id=self.organisation, name=f"{self.organisation}-new")


_clerks = iter(range(1, 100))


@pytest.fixture
def clerk(ckan: Portal, monkeypatch: pytest.MonkeyPatch) -> Clerk:
    clerk = Clerk(ckan, next(_clerks))
    monkeypatch.setenv("CKAN_TOKEN", clerk.token)
    return clerk


def _of_clerk(portal: Portal, proxy: FaultProxy, clerk: Clerk, root: Path, datasets: tuple[str, ...]) -> CkanOffice:
    office = make_ckan_office(root, portal, proxy, "auto", datasets)
    office.agency(ckan={"organisation": clerk.organisation})
    return office


def _is_switch(sent: Sent) -> bool:
    """Of some datasets in turn: at the second one's the first is whole, and one is to come."""
    return b"publication_digest" in sent.body and sent.action in ("package_revise", "release_switch")


@pytest.fixture
def _in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """One dataset after the other, so that it is known which is the next."""
    monkeypatch.setattr(CkanPortal, "abreast", 1)


@pytest.mark.usefixtures("_in_turn")
@pytest.mark.parametrize(
    ("taken", "said"),
    [(Clerk.revoke, "doesn't know the token"), (Clerk.lower, "may not publish in the organisation")],
)
def test_a_right_that_is_taken_in_the_middle_is_one_message(
    ckan: Portal, proxy: FaultProxy, clerk: Clerk, tmp_path: Path, taken: Callable[[Clerk], None], said: str
) -> None:
    """Of three datasets the first is published; at the second's switch the right goes; the third is not tried."""
    office = _of_clerk(ckan, proxy, clerk, tmp_path, DATASETS)
    proxy.on(Interrupt(before=lambda: taken(clerk)), nth=2, where=_is_switch)
    before = len(proxy.sent)
    answer = office.office.run("publish")
    sent = proxy.sent[before:]
    assert answer.code == 1
    assert answer.err.count(said) == 1
    assert clerk.token not in answer.out + answer.err
    refused = [one for one in sent if one.writes and one.status in (401, 403)]
    assert len(refused) == 1 and [one for one in sent if one.writes][-1] is refused[0]
    shown = {name for name in DATASETS if office.is_there(name)}
    told = {name: dataset.get("targets", {}).get("ckan") for name, dataset in answer.datasets.items()}
    assert len(shown) == 1
    assert {name for name, facts in told.items() if facts and facts.get("proof")} == shown
    (failed,) = [name for name, verdict in answer.verdicts.items() if verdict == "failed"]
    assert failed not in shown
    assert (office.office.portal / "dataset" / "wrecks" / "index.html").is_file()  # the other target goes on


def test_a_right_that_is_taken_while_all_are_on_their_way_is_one_message_too(
    ckan: Portal, proxy: FaultProxy, clerk: Clerk, tmp_path: Path
) -> None:
    office = _of_clerk(ckan, proxy, clerk, tmp_path, DATASETS)
    one_by_one, revoked = threading.Lock(), threading.Event()

    def revoke() -> None:
        """No switch goes on before the token is gone, however many are on their way."""
        with one_by_one:
            if not revoked.is_set():
                clerk.revoke()
                revoked.set()

    proxy.on(Interrupt(before=revoke), times=None, where=_is_switch)
    before = len(proxy.sent)
    answer = office.office.run("publish")
    assert answer.code == 1
    assert answer.err.count("doesn't know the token") == 1
    refused = [one for one in proxy.sent[before:] if one.writes and one.status in (401, 403)]
    assert 1 <= len(refused) <= len(DATASETS)
    assert not any(office.is_there(name) for name in DATASETS)
    assert {answer.verdicts[name] for name in DATASETS} <= {"failed", "published"}  # to the other target


@pytest.mark.usefixtures("_in_turn")
def test_without_another_target_the_rest_is_not_tried(
    ckan: Portal, proxy: FaultProxy, clerk: Clerk, tmp_path: Path
) -> None:
    office = make_ckan_office(tmp_path, ckan, proxy, "auto", ("ports", "wrecks"))
    ckan = {"organisation": clerk.organisation, "prefix": office.prefix}
    office.office.agency(targets={"static": {"enabled": False}, "ckan": ckan})
    proxy.on(Interrupt(before=clerk.revoke), where=_is_switch)
    answer = office.office.run("publish")
    assert (answer.code, set(answer.verdicts.values())) == (1, {"failed"})
    assert answer.err.count("doesn't know the token") == 1
    assert "not tried" in answer.datasets["wrecks"]["reason"]
    assert not (office.office.home / "releases/wrecks").exists()


@pytest.mark.parametrize(
    ("taken", "said"), [(Clerk.delete, "doesn't know the token"), (Clerk.rename, "has no organisation")]
)
def test_without_the_right_nothing_is_written_and_nothing_taken_for_done(
    ckan: Portal, proxy: FaultProxy, clerk: Clerk, tmp_path: Path, taken: Callable[[Clerk], None], said: str
) -> None:
    """What anybody can read looks as before, and is no proof that the token is good."""
    office = _of_clerk(ckan, proxy, clerk, tmp_path, ("ports",))
    office.run("publish")
    taken(clerk)
    office.add_port()
    before = len(proxy.sent)
    answer = office.office.run("publish")
    assert (answer.code, answer.err.count(said)) == (1, 1)
    assert writes(proxy.sent[before:]) == []
    assert "ckan" not in answer.datasets["ports"]["targets"]


def test_a_deleted_organisation_is_told(ckan: Portal, proxy: FaultProxy, clerk: Clerk, tmp_path: Path) -> None:
    """CKAN lets nobody delete one that has datasets, so it can only be before the first."""
    office = _of_clerk(ckan, proxy, clerk, tmp_path, ("ports",))
    clerk.close()
    before = len(proxy.sent)
    answer = office.office.run("publish")
    assert (answer.code, answer.err.count("has no organisation")) == (1, 1)
    assert writes(proxy.sent[before:]) == []


def _resource_deleted(office: CkanOffice) -> None:
    office.portal.call("resource_delete", "editor", id=office.resources("ports")["csv"]["id"])


def _deleted(office: CkanOffice) -> None:
    office.portal.call("package_delete", "editor", id=f"{office.prefix}ports")


def _retaken(office: CkanOffice) -> None:
    _deleted(office)
    office.portal.call("package_create", "editor", name=f"{office.prefix}ports", title="别人", owner_org="own-agency")


def _purged(office: CkanOffice) -> None:
    office.portal.call("dataset_purge", "administrator", id=f"{office.prefix}ports")


def _renamed(office: CkanOffice) -> None:
    office.edit("ports", name=f"{office.prefix}renamed")


def _exchanged(office: CkanOffice) -> None:
    _renamed(office)
    office.portal.call("package_create", "editor", name=f"{office.prefix}ports", title="别人", owner_org="own-agency")


#: What somebody did, and the words by which it is told from the others.
LOSSES: dict[str, tuple[Act, str]] = {
    "resource deleted": (_resource_deleted, "resource csv: we wrote 'there', there is 'deleted'"),
    "dataset deleted": (_deleted, "someone deleted the dataset at the portal."),
    "name retaken": (_retaken, "someone deleted the dataset at the portal, and its name is another one's now"),
    "purged": (_purged, "someone purged the dataset at the portal"),
    "renamed": (_renamed, "someone renamed the dataset at the portal, to"),
    "renamed and retaken": (_exchanged, "and its name is another one's now"),
}


def _everything(office: CkanOffice) -> dict[str, Any]:
    found = office.portal.call(
        "package_search", "administrator", fq=f"name:{office.prefix}*", include_private=True, include_deleted=True
    )["results"]
    return {one["id"]: (one["name"], one["state"], one["metadata_modified"]) for one in found}


def _anybody(office: CkanOffice, addresses: list[str], table: str) -> set[int]:
    """What anybody is answered where data was."""
    asked = {"resource_id": table}
    found = requests.post(f"{office.portal.url}/api/3/action/datastore_search", json=asked, timeout=60).status_code
    return {found, *(requests.get(one, timeout=60, allow_redirects=False).status_code for one in addresses)}


@pytest.mark.parametrize(("way", "what"), [*(("plugin", what) for what in LOSSES), ("stock", "renamed")])
def test_what_somebody_took_away_is_told_is_not_written_over_and_can_be_withdrawn(
    ckan: Portal, proxy: FaultProxy, tmp_path: Path, way: str, what: str
) -> None:
    """Withdrawn, its files and rows are gone for everybody, also where the tombstone can't have its name."""
    office, (act, said) = make_ckan_office(tmp_path, ckan, proxy, way), LOSSES[what]
    office.run("publish")
    table = office.resources("ports")["csv"]["id"]
    files = [one["url"] for one in office.show("ports-releases")["resources"]]
    act(office)
    before, there = len(office.proxy.sent), _everything(office)
    answer = office.office.run("publish", "ports")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    assert said in answer.datasets["ports"]["reason"]
    assert (writes(office.proxy.sent[before:]), _everything(office)) == ([], there)
    drift = office.office.run("drift")
    assert (drift.code, len(drift.document["differences"])) == (1, 1)
    answer = office.office.run("withdraw", "ports", "--reason", "含有个人信息")
    assert _anybody(office, files, table) <= {404, 410}
    if "retaken" in what:
        assert answer.code == 3
        assert "someone else's" in answer.err
        assert office.show("ports")["title"] == "别人"
        return
    assert answer.code == 0
    assert "含有个人信息" in office.show("ports")["notes"]
    assert office.office.run("verify", "ports").code == 0
    office.run("rollback", "ports")
    assert len(office.rows("ports")) == 3


def test_a_title_that_an_officer_changes_after_the_plan_is_kept(office: CkanOffice) -> None:
    """Between the plan and the first write; between stage and switch: test_ckan_target.py."""
    office.add_port()

    def edit() -> None:
        office.edit("ports", title="手改的标题")

    office.proxy.on(Interrupt(after=edit), "package_show")
    answer = office.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    assert "手改的标题" in answer.datasets["ports"]["reason"]
    assert (office.show("ports")["title"], office.show("ports")["version"]) == ("手改的标题", "1")
