"""The CKAN client: what is tried again and what never, which error is which, and that no message holds the token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.errors import (
    Conflict,
    Elsewhere,
    Invalid,
    NotFound,
    PortalDown,
    PortalError,
    Refused,
    TooLarge,
    UnknownOutcome,
)
from pipelines.targets.ckan.multipart import MultipartBody, Upload
from resource_catalog.errors import UsageError
from tests.scripted_portal import DONE, TOKEN, Script, scripted


@pytest.fixture
def script() -> Iterator[Script]:
    with scripted() as script:
        yield script


def _error(**fields: Any) -> str:
    return json.dumps({"success": False, "error": fields})


def test_a_read_is_tried_again_while_the_portal_is_busy(script: Script) -> None:
    script.answers = [(503, "<html>"), (0, ""), (200, "{"), DONE]
    assert script.client().read("package_show") == {"id": "1"}
    assert len(script.sent) == 4
    assert len(script.waited) == 3


def test_a_read_is_given_up_in_the_end(script: Script) -> None:
    script.answers = [(502, "<html>bad gateway</html>")]
    with pytest.raises(PortalDown):
        script.client().read("package_show")
    assert len(script.sent) == 4


def test_a_write_is_sent_once(script: Script) -> None:
    script.answers = [(0, ""), DONE]
    with pytest.raises(UnknownOutcome):
        script.client().write("package_revise", {})
    assert len(script.sent) == 1


@pytest.mark.parametrize("answer", [(0, ""), (500, "Traceback"), (504, "<html>"), (200, '{"success": tr'), (200, "{}")])
def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(script: Script, answer: tuple[int, str]) -> None:
    script.answers = [answer, DONE]
    client, looks = script.client(), []
    found = client.settle(lambda: client.write("package_revise", {}), lambda: looks.append(1) or "found")
    assert (found, len(looks), len(script.sent)) == ("found", 1, 1)


def test_a_write_that_was_not_done_is_sent_again(script: Script) -> None:
    script.answers = [(0, ""), DONE]
    client = script.client()
    assert client.settle(lambda: client.write("package_revise", {}), lambda: None) == {"id": "1"}
    assert len(script.sent) == 2


def test_what_stands_in_a_second_try_s_way_may_be_the_first(script: Script) -> None:
    script.answers = [(0, ""), (409, _error(match=["metadata_modified"]))]
    client, looks = script.client(), iter([None, "found late"])
    assert client.settle(lambda: client.write("package_revise", {}), lambda: next(looks)) == "found late"


def test_where_nothing_can_be_looked_up_the_write_that_failed_is_told(script: Script) -> None:
    script.answers = [(500, "<html>")] * 20
    client = script.client()
    with pytest.raises(UnknownOutcome) as failed:
        client.settle(lambda: client.write("package_revise", {}), lambda: client.read("package_show"))
    assert failed.value.where.endswith("package_revise")


@pytest.mark.parametrize("error", [{"match": ["metadata_modified"]}, {"name": ["That URL is already in use."]}])
def test_what_stands_in_a_first_try_s_way_may_be_itself_sent_twice(script: Script, error: dict[str, Any]) -> None:
    script.answers = [(409, _error(**error))]
    client = script.client()
    assert client.settle(lambda: client.write("package_revise", {}), lambda: "found") == "found"
    assert len(script.sent) == 1


def test_else_it_is_another_s_and_not_tried_again(script: Script) -> None:
    script.answers = [(409, _error(match=["metadata_modified"]))]
    client = script.client()
    with pytest.raises(Conflict):
        client.settle(lambda: client.write("package_revise", {}), lambda: None)
    assert len(script.sent) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((403, _error(__type="Authorization Error", message="Access denied")), Refused),
        ((404, _error(__type="Not Found Error", message="Not found")), NotFound),
        ((400, json.dumps("Bad request: Action name not known: release_load")), NotFound),
        ((409, _error(match=["id"])), Conflict),
        ((409, _error(tags=[{"name": ["too short"]}])), Invalid),
        ((409, _error(upload=["File upload too large"])), TooLarge),
        ((413, "<html>Request Entity Too Large</html>"), TooLarge),
        ((302, ""), Elsewhere),
        ((500, "Traceback (most recent call last)"), UnknownOutcome),
    ],
)
def test_an_error_has_the_class_that_says_what_to_do(
    script: Script, answer: tuple[int, str], kind: type[PortalError]
) -> None:
    script.answers = [answer]
    with pytest.raises(kind) as caught:
        script.client().write("package_revise", {})
    assert type(caught.value) is kind
    assert caught.value.fix


def test_a_busy_portal_says_how_long_to_wait(script: Script) -> None:
    script.answers, script.headers = [(429, ""), DONE], {"Retry-After": "7"}
    client = script.client()
    assert client.settle(lambda: client.write("package_revise", {}), lambda: None) == {"id": "1"}
    assert script.waited == [7.0]


def test_the_token_is_sent_and_stands_in_no_message(script: Script) -> None:
    script.answers = [(409, _error(message=f"who sent {TOKEN}?"))]
    with pytest.raises(Invalid) as caught:
        script.client().write("package_revise", {})
    assert script.sent[0][1]["Authorization"] == TOKEN
    assert TOKEN not in str(caught.value)


def test_anybody_sends_no_token(script: Script) -> None:
    script.client().read("package_show", anonymous=True)
    assert "Authorization" not in script.sent[0][1]


def test_a_redirection_is_not_followed(script: Script) -> None:
    script.answers, script.headers = [(302, "")], {"Location": "http://127.0.0.1:9/elsewhere?secret"}
    with pytest.raises(Elsewhere) as caught:
        script.client().read("package_show")
    assert len(script.sent) == 1
    assert "/elsewhere" in str(caught.value) and "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["ftp://portal", "portal.example", "https://user:s3cret@portal.example", "https://"]
)
def test_an_address_that_is_none_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(UsageError) as caught:
        Client(address, TOKEN)
    assert "s3cret" not in str(caught.value)


def test_an_upload_is_read_while_it_is_sent(script: Script, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(b"a,b\r\n" * 100_000)
    script.client().write("release_load", {"fields": [1]}, [Upload("upload", "rows.csv", file, "text/csv")])
    (_, headers, body), *_ = script.sent
    assert headers["Content-Length"] == str(len(body))
    assert file.read_bytes() in body
    assert b'name="fields"\r\n' in body and b'filename="rows.csv"' in body


def test_a_body_says_its_length_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 10)
    uploads = [Upload("one", "a", tmp_path / "a"), Upload("two", "b", b"yy")]
    with MultipartBody({"key": "值"}, uploads) as body:
        pieces = iter(lambda: body.read(7), b"")
        assert sum(map(len, pieces)) == body.length
