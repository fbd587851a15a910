"""An answer that is not CKAN's, or not to what was asked, is no answer: nothing is taken from it, nobody follows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.targets.ckan.errors import Elsewhere, PortalDown, PortalError, TooLarge, UnknownOutcome
from pipelines.targets.ckan.package import Package, read_package
from pipelines.targets.ckan.revise import create, revise
from tests.scripted_portal import LOST, TOKEN, Script, done, scripted

PAGE = {"id": "5f1c", "name": "ports", "metadata_modified": "2026-11-01T00:00:00", "private": False, "state": "active"}
OTHER = {**PAGE, "id": "77aa", "name": "ports-releases"}
RIGHT = done(PAGE)

#: Answers to a request for the dataset `ports` that are none; `success` and the status say that all is well.
NONE = {
    "cut": (200, RIGHT[1][: len(RIGHT[1]) // 2]),
    "empty": (200, ""),
    "a login page": (200, "<html><form action='/user/login'></form></html>"),
    "no result": (200, '{"success": true}'),
    "no success": (200, json.dumps({"result": PAGE})),
    "null": done(None),
    "a list": done([PAGE]),
    "a word": done("ports"),
    "another dataset": done(OTHER),
    "half a dataset": done({"id": PAGE["id"], "name": "ports"}),
    "no JSON at all": (200, "\x00\x01"),
    "another document": (200, "[]"),
}
#: The same where the dataset is a part of the result, as `package_revise` gives it.
WRAPPED = {
    NONE[name]: done({"package": json.loads(NONE[name][1])["result"]})
    for name in ("null", "a list", "a word", "another dataset", "half a dataset")
}


@pytest.fixture
def script() -> Iterator[Script]:
    with scripted() as script:
        yield script


def _change(script: Script) -> Package:
    change: dict[str, Any] = {"match": {"id": PAGE["id"]}, "update": {"title": "港口"}}
    return revise(script.client(), change, lambda now: now.data.get("title") == "港口")


@pytest.mark.parametrize("answer", NONE.values(), ids=NONE)
def test_no_dataset_is_taken_from_it(script: Script, answer: tuple[int, str]) -> None:
    script.answers = [answer]
    with pytest.raises(PortalError) as caught:
        read_package(script.client(), "ports")
    assert isinstance(caught.value, PortalDown | UnknownOutcome)
    assert caught.value.fix


@pytest.mark.parametrize("answer", NONE.values(), ids=NONE)
def test_a_write_that_it_answers_is_looked_up(script: Script, answer: tuple[int, str]) -> None:
    """As after any answer that was lost: found done, it is not sent again; found not done, it is."""
    wrapped = WRAPPED.get(answer, answer)
    script.answers = [wrapped, done({**PAGE, "title": "港口"})]
    assert _change(script).data["title"] == "港口"
    assert script.actions == ["package_revise", "package_show"]
    script.sent.clear()
    script.answers = [wrapped, RIGHT, done({"package": {**PAGE, "title": "港口"}})]
    assert _change(script).id == PAGE["id"]
    assert script.actions == ["package_revise", "package_show", "package_revise"]


@pytest.mark.parametrize(
    ("action", "result"),
    [
        ("status_show", None),
        ("user_show", []),
        ("organization_list_for_user", {}),
        ("license_list", None),
        ("datastore_search", "records"),
        ("release_load", None),
    ],
)
def test_a_result_of_another_kind_is_none(script: Script, action: str, result: Any) -> None:
    script.answers = [done(result)]
    with pytest.raises(PortalDown):
        script.client().read(action)


def test_a_dataset_is_known_by_its_id_too(script: Script) -> None:
    script.answers = [RIGHT]
    assert read_package(script.client(), PAGE["id"]) == read_package(script.client(), "ports") == Package(PAGE)


def test_a_dataset_that_was_made_is_the_one_that_was_to_be_made(script: Script) -> None:
    extras = [{"key": "publisher_key", "value": "tide-office/ports"}]
    script.answers = [done(OTHER), done({**PAGE, "extras": extras})]
    made = create(script.client(), "ports", {"title": "港口"}, {"publisher_key": "tide-office/ports"})
    assert made.id == PAGE["id"]
    assert script.actions == ["package_create", "package_show"]


@pytest.mark.parametrize("status", [500, 502, 503, 504, 413])
def test_what_a_server_in_between_says_of_a_write_that_was_done(script: Script, status: int) -> None:
    script.answers = [(status, "<html>"), done({**PAGE, "title": "港口"})]
    assert _change(script).data["title"] == "港口"
    assert script.actions == ["package_revise", "package_show"]


def test_a_file_over_the_limit_is_named_as_that_and_not_sent_again(script: Script) -> None:
    script.answers = [(413, "<html>Request Entity Too Large</html>"), RIGHT]
    with pytest.raises(TooLarge) as caught:
        _change(script)
    assert "max_resource_size" in caught.value.fix
    assert script.actions == ["package_revise", "package_show"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["/user/login?came_from=/", "/api/3/action/package_show"])
def test_nobody_is_sent_to_another_address(script: Script, status: int, path: str) -> None:
    with scripted() as other:
        script.answers, script.headers = [(status, "")], {"Location": f"{other.address}{path}"}
        client = script.client()
        for call in (
            lambda: client.read("package_show", {"id": "ports"}),
            lambda: client.read("package_show", {"id": "ports"}, anonymous=True),
            lambda: client.write("package_revise", {}),
        ):
            with pytest.raises(Elsewhere) as caught:
                call()
            assert other.address in caught.value.what and TOKEN not in str(caught.value)
        assert client.fetch("/dataset/5f1c/resource/1/download").status == status
        assert other.sent == []
    assert len(script.sent) == 4


def test_a_redirection_is_not_a_dataset_that_readers_lack(script: Script) -> None:
    script.answers, script.headers = [(302, "")], {"Location": "https://data.example.org/"}
    with pytest.raises(Elsewhere):
        read_package(script.client(), "ports", anonymous=True)


def test_a_redirection_does_not_repeat_what_may_be_secret(script: Script) -> None:
    script.answers, script.headers = [(302, "")], {"Location": f"https://user:word@data.example.org/{TOKEN}?a=b#c"}
    with pytest.raises(Elsewhere) as caught:
        script.client().read("status_show")
    assert "data.example.org" in str(caught.value)
    assert not any(secret in str(caught.value) for secret in (TOKEN, "word", "a=b"))


def test_a_write_is_not_lost_between_two_lost_answers(script: Script) -> None:
    script.answers = [LOST, LOST, RIGHT, done({"package": {**PAGE, "title": "港口"}})]
    assert _change(script).data["title"] == "港口"
    assert script.actions == ["package_revise", "package_show", "package_show", "package_revise"]
