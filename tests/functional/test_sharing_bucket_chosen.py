"""An agency that chooses a bucket for its shared tables: what it may say of it, and a run that can't reach it."""

from __future__ import annotations

import pytest

from tests.object_stores import StandIn
from tests.sharing_office import query
from tests.workspace_factory import PortOffice


def _choose(office: PortOffice, **objects: str) -> None:
    office.agency(targets={"sharing": {"objects": {"bucket": "shared", **objects}}})


def test_a_bucket_that_can_not_be_reached_stops_no_portal(office: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "some-identity")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "some-credential")
    _choose(office, endpoint="http://127.0.0.1:9")
    answer = office.run("publish", "ports")
    assert answer.code == 1
    assert answer.verdicts["ports"] == "published"
    assert (office.portal / "dataset" / "ports").exists()
    assert not (office.home / "sharing" / "objects.json").exists()
    told = answer.out + answer.err
    assert "s3://shared" in told
    assert "credential" not in told


def test_a_withdrawal_is_told_to_the_server_at_once_and_removes_files_as_soon_as_the_bucket_is_back(
    office: PortOffice, s3proxy: StandIn
) -> None:
    settings = s3proxy.settings()
    office.agency(targets={"sharing": {"objects": settings.model_dump()}})
    assert office.run("publish", "ports").code == 0
    assert s3proxy.paths(settings)
    office.agency(targets={"sharing": {"objects": {**settings.model_dump(), "endpoint": "http://127.0.0.1:9"}}})
    assert office.run("withdraw", "ports", "--reason", "错误").code == 3
    assert query(office.home, "SELECT dataset FROM shared_table WHERE retired_at IS NULL") == []
    assert s3proxy.paths(settings)
    office.agency(targets={"sharing": {"objects": settings.model_dump()}})
    assert office.run("publish", "ports").code == 0
    assert s3proxy.paths(settings) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"bucket": "Not A Bucket"},
        {"prefix": "../elsewhere"},
        {"prefix": "共享"},
        {"endpoint": "https://name:password@127.0.0.1"},
        {"addresses": "public"},
        {"secret_access_key": "never-in-a-file"},
    ],
    ids=str,
)
def test_what_can_not_be_meant_is_refused(office: PortOffice, wrong: dict[str, str]) -> None:
    _choose(office, **wrong)
    answer = office.run("plan")
    assert answer.code not in (0, 1)
    assert next(iter(wrong)) in answer.out + answer.err
