"""Publishing to a real CKAN, with our plugin and without: what readers find, what is sent, what is taken back."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ckanapi
import pytest
import requests
import yaml

from pipelines.commands.publications import as_shown
from pipelines.commands.run import open_run
from pipelines.reporting.progress import Progress
from tests.catalogue_factory import write_yaml
from tests.ckan_office import PREFLIGHT, CkanOffice, released_rows, writes
from tests.fault_proxy import FaultProxy
from tests.portal_factory import Portal
from tests.proxy_faults import Exchange, HangUp
from tests.workspace_factory import (
    NEVER_CANARY,
    ON_REQUEST_CANARY,
    PORTS,
    SHARED_CANARY,
    TODAY,
    WITHHELD_CANARY,
    PortOffice,
    make_port_office,
)

#: One that is open, one on request, one that is withheld.
DATASETS = ("ports", "wrecks", "crews")
LIBRARY = Path(__file__).parents[2] / "tests/workspaces/library-board"
ROLES = ["csv", "xlsx", "jsonl", "parquet", "datapackage", "dictionary", "changes"]
_numbers = itertools.count()
pytestmark = pytest.mark.usefixtures("at_portal")


def _office(root: Path, portal: Portal, proxy: FaultProxy, way: str, datasets: tuple[str, ...]) -> CkanOffice:
    office = CkanOffice(make_port_office(root, datasets), portal, proxy, f"t{next(_numbers)}-{way}-", way)
    office.agency()
    return office


@pytest.fixture
def proxy(ckan: Portal) -> Iterator[FaultProxy]:
    with FaultProxy(ckan.url) as proxy:
        yield proxy


@pytest.fixture(params=["plugin", "stock"])
def office(request: pytest.FixtureRequest, ckan: Portal, proxy: FaultProxy, tmp_path: Path) -> CkanOffice:
    """An office that publishes to the portal, by each way."""
    return _office(tmp_path, ckan, proxy, request.param, DATASETS)


@pytest.fixture
def published(office: CkanOffice) -> CkanOffice:
    """The same, published once."""
    office.run("publish")
    return office


@pytest.fixture
def alone(ckan: Portal, proxy: FaultProxy, tmp_path: Path) -> CkanOffice:
    """An office before its first publication, by whichever way the portal allows."""
    return _office(tmp_path, ckan, proxy, "auto", DATASETS)


@pytest.fixture
def shown(alone: CkanOffice) -> CkanOffice:
    """The same, published once: for what is the same by either way."""
    alone.run("publish")
    return alone


def _add_port(office: PortOffice) -> None:
    office.ports((*PORTS, ("011", "北港", "2001-02-03", SHARED_CANARY, NEVER_CANARY)))


def test_readers_find_page_files_and_rows(published: CkanOffice) -> None:
    page, resources = published.show("ports"), published.resources("ports")
    assert (page["title"], page["version"], [tag["name"] for tag in page["tags"]]) == ("港口", "1", ["港口", "潮汐"])
    assert list(resources) == ROLES
    folder = published.office.release("ports", 1)
    for role, path in (("csv", "data/ports.csv"), ("parquet", "data/ports.parquet"), ("changes", "changes.parquet")):
        content = published.download(resources[role]).content
        assert content == (folder / path).read_bytes()
        assert resources[role]["hash"] == hashlib.sha256(content).hexdigest()
        assert resources[role]["size"] == len(content)
    assert published.rows("ports") == [
        {"code": code, "name": name, "opened": opened or None}
        for code, name, opened in released_rows(published.office, "ports", 1)
    ]


def test_the_table_has_key_types_and_dictionary(published: CkanOffice) -> None:
    table = published.resources("ports")["csv"]["id"]
    fields = published.portal.call("datastore_info", id=table)["fields"]
    assert [(field["id"], field["type"], field["info"]["label"]) for field in fields] == [
        ("code", "text", "港口代码"),
        ("name", "text", "港口名称"),
        ("opened", "date", "opened"),
    ]
    indexes = published.portal.sql("datastore", f"SELECT indexdef FROM pg_indexes WHERE tablename = '{table}'")
    assert any("UNIQUE" in index and "(code)" in index for (index,) in indexes)
    found = published.portal.call("datastore_search", resource_id=table, q="东港")
    assert [row["code"] for row in found["records"]] == ["001"]


def test_on_request_has_its_page_its_dictionary_and_no_data(shown: CkanOffice) -> None:
    page = shown.show("wrecks")
    assert "依申请公开" in page["notes"]
    (resource,) = page["resources"]
    assert (resource["release_role"], resource["datastore_active"]) == ("dictionary", False)
    assert "name,title" in shown.download(resource).text
    with pytest.raises(ckanapi.NotFound):
        shown.portal.call("datastore_search", resource_id=resource["id"])


def test_nothing_that_is_not_open_is_anywhere(shown: CkanOffice) -> None:
    assert not shown.is_there("crews")
    found = shown.portal.call("package_search", q=f"name:{shown.prefix}*", rows=100)["results"]
    texts = [json.dumps(found, ensure_ascii=False)]
    texts += [requests.get(one["url"], timeout=60).text for package in found for one in package["resources"]]
    for canary in (SHARED_CANARY, NEVER_CANARY, WITHHELD_CANARY, ON_REQUEST_CANARY):
        assert not any(canary in text for text in texts)


def test_the_token_goes_to_the_portal_and_into_no_output(alone: CkanOffice) -> None:
    answer = alone.office.run("publish")
    token = alone.portal.token("editor")
    assert any(one.token == token for one in alone.proxy.sent)
    assert token not in answer.out + answer.err
    reports = list((alone.office.home / "reports").iterdir())
    assert reports and not any(token in report.read_text("utf-8") for report in reports)


def test_what_did_not_move_costs_one_request(shown: CkanOffice) -> None:
    sent = shown.counted("publish")
    assert writes(sent) == []
    assert len(sent) <= PREFLIGHT + len(DATASETS)


def test_a_new_release_has_the_old_addresses(published: CkanOffice) -> None:
    page, before = published.show("ports"), published.resources("ports")
    old = {role: requests.get(one["url"], timeout=60).content for role, one in before.items()}
    _add_port(published.office)
    published.run("publish")
    now = published.resources("ports")
    assert published.show("ports")["id"] == page["id"]
    assert {role: one["id"] for role, one in now.items()} == {role: one["id"] for role, one in before.items()}
    assert now["csv"]["url"] != before["csv"]["url"]
    for role, one in before.items():
        assert requests.get(one["url"], timeout=60).content == old[role]
    assert (
        published.download(now["csv"]).content == (published.office.release("ports", 2) / "data/ports.csv").read_bytes()
    )
    assert [row["code"] for row in sorted(published.rows("ports"), key=lambda row: str(row["code"]))] == [
        "001",
        "002",
        "010",
        "011",
    ]
    listed = {one["name"] for one in published.show("ports-releases")["resources"]}
    assert {"1/ports.csv", "2/ports.csv"} <= listed


def test_changed_words_move_no_file_and_no_row(shown: CkanOffice) -> None:
    shown.office.entry("wrecks", summary="新的摘要")
    sent = shown.counted("publish")
    assert not any(b"multipart" in str(one.headers).encode() for one in sent)
    assert not any(one.action.startswith(("datastore_upsert", "release_load")) for one in sent)
    assert "新的摘要" in shown.show("wrecks")["notes"]


def test_verify_reads_all_and_finds_a_changed_row(published: CkanOffice) -> None:
    table = published.resources("ports")["csv"]["id"]
    assert published.office.run("verify").code == 0
    published.portal.sql("datastore", f"""UPDATE "{table}" SET name = '假港' WHERE code = '001'""")
    answer = published.office.run("verify", "ports")
    (fault,) = [proof["faults"] for proof in answer.document["proofs"] if proof["target"] == "ckan"]
    assert answer.code == 1
    assert fault == [
        "the DataStore shows other values: in row 1 (code '001') name is '假港', and the release has '东港'"
    ]
    published.run("publish", "ports")
    assert published.rows("ports")[0]["name"] == "东港"


def test_an_earlier_release_is_put_back(published: CkanOffice) -> None:
    before = published.resources("ports")
    _add_port(published.office)
    published.run("publish")
    published.run("rollback", "ports")
    now = published.resources("ports")
    assert {role: (one["id"], one["url"]) for role, one in now.items()} == {
        role: (one["id"], one["url"]) for role, one in before.items()
    }
    assert len(published.rows("ports")) == 3


def test_withdrawn_is_gone_by_every_way(published: CkanOffice) -> None:
    page, resources = published.show("ports"), published.resources("ports")
    files = [one["url"] for one in published.show("ports-releases")["resources"]]
    published.run("withdraw", "ports", "--reason", "含有个人信息")
    now = published.show("ports")
    assert (now["id"], now["resources"]) == (page["id"], [])
    assert "含有个人信息" in now["notes"] and TODAY in now["notes"]
    assert published.show("ports-releases")["resources"] == []
    assert {requests.get(url, timeout=60, allow_redirects=False).status_code for url in files} == {404}
    table = resources["csv"]["id"]
    with pytest.raises(ckanapi.NotFound):
        published.portal.call("datastore_search", resource_id=table)
    assert published.status(f"/datastore/dump/{table}") == 404
    assert published.status(f"/dataset/{page['id']}/resource/{table}/download") == 404
    assert published.portal.sql("datastore", f"SELECT 1 FROM pg_class WHERE relname = '{table}'") == []
    assert published.office.run("verify", "ports").code == 0


def test_what_was_withdrawn_comes_back_at_its_addresses(published: CkanOffice) -> None:
    before = published.resources("ports")
    published.run("withdraw", "ports", "--reason", "误报")
    published.run("rollback", "ports")
    now = published.resources("ports")
    assert {role: one["id"] for role, one in now.items()} == {role: one["id"] for role, one in before.items()}
    assert len(published.rows("ports")) == 3
    assert published.download(now["csv"]).status_code == 200


def test_an_open_dataset_that_closes_leaves_its_page_alone(published: CkanOffice) -> None:
    files = [one["url"] for one in published.show("ports-releases")["resources"]]
    published.office.entry("ports", openness="依申请公开", openness_basis="条例第十三条")
    published.run("publish")
    assert list(published.resources("ports")) == ["dictionary"]
    assert {requests.get(url, timeout=60, allow_redirects=False).status_code for url in files} == {404}
    published.office.entry("ports", openness="公开", openness_basis=None)
    published.run("publish")
    assert len(published.rows("ports")) == 3


def test_someone_else_s_dataset_is_never_written_to(alone: CkanOffice) -> None:
    name = f"{alone.prefix}ports"
    made = alone.portal.call("package_create", "editor", name=name, title="别人的", owner_org="own-agency")
    answer = alone.office.run("publish")
    assert (answer.code, answer.verdicts["ports"], answer.verdicts["wrecks"]) == (1, "failed", "published")
    assert "not ours" in answer.datasets["ports"]["reason"]
    assert alone.portal.call("package_show", id=name)["metadata_modified"] == made["metadata_modified"]


def test_an_edit_by_hand_stops_its_dataset_and_is_shown(shown: CkanOffice) -> None:
    shown.edit("ports", title="手改的标题")
    _add_port(shown.office)
    answer = shown.office.run("publish")
    assert (answer.code, answer.verdicts["ports"], answer.verdicts["wrecks"]) == (1, "failed", "unchanged")
    reason = answer.datasets["ports"]["reason"]
    assert "title: we wrote '港口', there is '手改的标题', ours is '港口'" in reason
    assert shown.show("ports")["title"] == "手改的标题"
    assert len(shown.rows("ports")) == 3


def test_drift_names_each_changed_value_and_writes_nothing(shown: CkanOffice) -> None:
    shown.edit("ports", title="手改的标题")
    csv = shown.resources("ports")["csv"]["id"]
    shown.portal.call("resource_patch", "editor", id=csv, description="手改的说明")
    shown.edit("ports-releases", title="手改")
    run = open_run(shown.office.root, shown.office.home, Progress(quiet=True))
    publication = as_shown(run, run.states()["ports"])
    assert publication
    (target,) = (target for target in run.targets if target.name == "ckan")
    before = len(shown.proxy.sent)
    found = target.drift(publication)
    assert [(one.field, one.written, one.now) for one in found] == [
        ("resource csv, description", "第 1 版", "手改的说明"),
        ("title", "港口", "手改的标题"),
        (f"{shown.prefix}ports-releases: title", "港口 · 历次版次", "手改"),
    ]
    assert writes(shown.proxy.sent[before:]) == []


def test_an_edit_that_the_entry_takes_over_is_no_obstacle(shown: CkanOffice) -> None:
    shown.edit("ports", title="手改的标题")
    shown.office.entry("ports", title="手改的标题")
    shown.run("publish")
    assert shown.show("ports")["title"] == "手改的标题"


def test_what_others_added_stays(shown: CkanOffice) -> None:
    name = f"{shown.prefix}ports"
    shown.portal.call("resource_create", "editor", package_id=name, name="别人的文件", url="https://example.org/a")
    extras = [*shown.show("ports")["extras"], {"key": "别人的", "value": "话"}]
    shown.edit("ports", extras=extras)
    _add_port(shown.office)
    answer = shown.run("publish")
    page = shown.show("ports")
    assert "别人的文件" in [one["name"] for one in page["resources"]]
    assert {"key": "别人的", "value": "话"} in page["extras"]
    assert any("别人的文件" in note for note in answer.datasets["ports"]["targets"]["ckan"]["notes"])


class _Meanwhile:
    """Somebody edits the dataset while a switch is on its way."""

    def __init__(self, office: CkanOffice) -> None:
        self._office = office

    def disturb(self, exchange: Exchange) -> None:
        self._office.edit("ports", author="某人")
        exchange.answer(exchange.forward())


def test_an_edit_between_stage_and_switch_is_not_overwritten(published: CkanOffice) -> None:
    _add_port(published.office)
    action = "release_switch" if published.way == "plugin" else "package_revise"
    published.proxy.on(_Meanwhile(published), action, where=lambda sent: b"publication_digest" in sent.body)
    answer = published.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    assert "no longer as it was read" in answer.datasets["ports"]["reason"]
    assert (published.show("ports")["version"], published.show("ports")["author"]) == ("1", "某人")
    published.run("publish")
    assert (published.show("ports")["version"], published.show("ports")["author"]) == ("2", "某人")
    assert len(published.rows("ports")) == 4


def test_the_portal_s_own_state_is_the_same_after_a_lost_ledger(shown: CkanOffice) -> None:
    (shown.office.home / "ledger.sqlite").unlink()
    answer = shown.office.run("publish")
    assert answer.verdicts["ports"] == "failed"  # an old portal, a fresh ledger: never rolled back silently
    assert shown.show("ports")["version"] == "1"


@pytest.mark.parametrize(
    ("account", "said"), [("", "doesn't know the token"), ("other-editor", "may not publish in the organisation")]
)
def test_a_token_that_may_not_publish_is_one_message(
    alone: CkanOffice, account: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CKAN_TOKEN", alone.portal.token(account) if account else "no-token")
    answer = alone.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "published")  # on the other target
    assert [line for line in answer.err.splitlines() if said in line] != []
    assert answer.err.count(said) == 1


def test_a_dead_portal_is_one_message_and_the_others_go_on(alone: CkanOffice) -> None:
    alone.proxy.on(HangUp(), times=None)
    answer = alone.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "published")
    assert answer.err.count("opendata: ckan:") == 1
    alone.proxy.calm()
    assert alone.run("publish").verdicts["ports"] == "published"
    assert len(alone.rows("ports")) == 3


def test_a_dead_portal_alone_is_an_outside_failure(alone: CkanOffice) -> None:
    targets: dict[str, Any] = {"static": {"enabled": False}, "ckan": {"organisation": "own-agency"}}
    alone.office.agency(targets=targets)
    alone.proxy.on(HangUp(), times=None)
    assert alone.office.run("publish").code == 3


def test_address_and_token_go_together(alone: CkanOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CKAN_TOKEN")
    assert alone.office.run("publish").code == 2


def test_another_agency_s_workspace_is_published_in_its_own_words(
    ckan: Portal, proxy: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(LIBRARY, tmp_path / "workspace")
    file = tmp_path / "workspace/resource_catalog/agency.yaml"
    agency = yaml.safe_load(file.read_text("utf-8"))
    targets = {**agency.get("targets", {}), "ckan": {"organisation": "own-agency", "prefix": "library-"}}
    write_yaml(file, {**agency, "targets": targets})
    for name, value in (("OPENDATA_TODAY", TODAY), ("CKAN_URL", proxy.url), ("CKAN_TOKEN", ckan.token("editor"))):
        monkeypatch.setenv(name, value)
    board = PortOffice(tmp_path / "workspace", tmp_path / "home")
    office = CkanOffice(board, ckan, proxy, "library-", "auto")
    office.run("publish")
    assert "withdrawn" not in office.show("loans")["notes"] and "datastore/dump" in office.show("loans")["notes"]
    assert office.resources("loans")["csv"]["name"] == "Data (CSV, can be queried online)"
    assert len(office.rows("loans")) == len(released_rows(board, "loans", 1))
    assert list(office.resources("reader-survey")) == ["dictionary"]
    assert not office.is_there("patron-register")
    assert board.run("verify").code == 0
