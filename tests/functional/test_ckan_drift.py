"""Twelve things that somebody changes by hand at a real CKAN: `drift` names each, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.ckan_office import CkanOffice, writes
from tests.fault_proxy import FaultProxy
from tests.portal_factory import Portal
from tests.workspace_factory import TODAY, make_port_office

Edit = Callable[[CkanOffice, dict[str, Any]], None]


@pytest.fixture(scope="module")
def place(ckan: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CkanOffice]:
    """An office, not published yet; the tests below change its ports one after the other."""
    with FaultProxy(ckan.url) as proxy:
        made = make_port_office(tmp_path_factory.mktemp("drift"), ("ports",))
        office = CkanOffice(made, ckan, proxy, "drift-", "stock")
        office.agency()
        yield office


@pytest.fixture
def office(place: CkanOffice, monkeypatch: pytest.MonkeyPatch) -> CkanOffice:
    """The office, its ports published before the first test."""
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    monkeypatch.setenv("CKAN_URL", place.proxy.url)
    monkeypatch.setenv("CKAN_TOKEN", place.portal.token("editor"))
    if not place.office.home.exists():
        place.run("publish")
    return place


def _patch(**changes: Any) -> Edit:
    return lambda office, _page: office.edit("ports", **changes)


def _extras(change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> Edit:
    return lambda office, page: office.edit("ports", extras=change(page["extras"]))


def _resource(role: str, **changes: Any) -> Edit:
    def edit(office: CkanOffice, page: dict[str, Any]) -> None:
        found = next(one for one in page["resources"] if one.get("release_role") == role)
        office.portal.call("resource_patch", "editor", id=found["id"], **changes)

    return edit


def _without(role: str) -> Edit:
    def edit(office: CkanOffice, page: dict[str, Any]) -> None:
        found = next(one for one in page["resources"] if one.get("release_role") == role)
        office.portal.call("resource_delete", "editor", id=found["id"])

    return edit


def _changed(key: str, value: str) -> Callable[[list[dict[str, str]]], list[dict[str, str]]]:
    return lambda extras: [{**one, "value": value} if one["key"] == key else one for one in extras]


def _removed(key: str) -> Callable[[list[dict[str, str]]], list[dict[str, str]]]:
    return lambda extras: [one for one in extras if one["key"] != key]


#: What is changed, and how the field is called that `drift` must name; in this order, one upon the other.
EDITS: Mapping[str, tuple[Edit, str]] = {
    "title": (_patch(title="手改的标题"), "title"),
    "notes": (_patch(notes="手改的摘要"), "notes"),
    "licence": (_patch(license_id="notspecified"), "license_id"),
    "version": (_patch(version="99"), "version"),
    "tags": (_patch(tags=[{"name": "手改的标签"}]), "tags"),
    "an extra's value": (_extras(_changed("frequency", "手改")), "frequency"),
    "an extra's absence": (_extras(_removed("frequency")), "frequency"),
    "a resource's name": (_resource("xlsx", name="手改的名称"), "xlsx"),
    "a resource's format": (_resource("jsonl", format="TXT"), "jsonl"),
    "a resource's address": (_resource("parquet", url="https://example.org/elsewhere"), "parquet"),
    "a resource's absence": (_without("changes"), "changes"),
    "who may see it": (_patch(private=True), "private"),
}


def _drift(office: CkanOffice) -> tuple[int, list[dict[str, str]]]:
    before = len(office.proxy.sent)
    answer = office.office.run("drift")
    assert writes(office.proxy.sent[before:]) == []
    return answer.code, answer.document["differences"]


def test_there_is_none_where_nobody_changed_anything(office: CkanOffice) -> None:
    assert _drift(office) == (0, [])


@pytest.mark.parametrize("what", EDITS)
def test_each_edit_is_named_with_its_three_values(office: CkanOffice, what: str) -> None:
    edit, field = EDITS[what]
    page = dict(office.portal.call("package_show", "editor", id=f"{office.prefix}ports"))
    edit(office, page)
    code, differences = _drift(office)
    named = [one for one in differences if field in one["field"]]
    assert code == 1
    assert named, differences
    assert all(one["now"] != one["written"] for one in named)


def test_publishing_is_refused_until_somebody_decides(office: CkanOffice) -> None:
    answer = office.office.run("publish", "ports")
    assert (answer.code, answer.verdicts) == (1, {"ports": "failed"})
    page = office.portal.call("package_show", "editor", id=f"{office.prefix}ports")
    assert (page["title"], page["notes"]) == ("手改的标题", "手改的摘要")


def test_a_dataset_that_somebody_deleted_is_told(office: CkanOffice) -> None:
    office.portal.call("package_delete", "editor", id=f"{office.prefix}ports")
    code, differences = _drift(office)
    assert (code, [one["field"] for one in differences]) == (1, ["dataset"])


def test_the_command_says_it_in_words(office: CkanOffice) -> None:
    answer = office.office.run("drift", json=False)
    assert answer.code == 1
    assert answer.out.splitlines()[0] == "ports  ckan  dataset"
    assert answer.out.splitlines()[-1] == "1 values changed by others in 1 datasets"
