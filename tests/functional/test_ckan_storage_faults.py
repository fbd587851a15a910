"""The portal's disk and tables suffer harm: `verify` says what is not as published, and `publish ID` heals it."""

from __future__ import annotations

import json
import resource
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ckanapi
import pytest

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.package import read_package
from pipelines.targets.ckan.positions import are_broken, straighten
from tests.ckan_office import CkanOffice
from tests.dying_portal import PublishFirst, assert_converged, files_without_a_resource, read_meanwhile, sight
from tests.fault_proxy import FaultProxy
from tests.portal_factory import Portal

pytestmark = pytest.mark.faults

#: Bytes of a file that still find room.
_ROOM = 1_000


@contextmanager
def full_disk(office: CkanOffice) -> Iterator[None]:
    """The portal can write no file to its end, as on a disk that is full; its databases can."""
    kept = json.loads((office.portal.folder / "run" / "ckan.json").read_text("utf-8"))
    workers = [int(pid) for pid in Path(f"/proc/{kept['number']}/task/{kept['number']}/children").read_text().split()]
    before = {worker: resource.prlimit(worker, resource.RLIMIT_FSIZE) for worker in workers}
    for worker, (_, hard) in before.items():
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (_ROOM, hard))
    try:
        yield
    finally:
        for worker, limits in before.items():
            resource.prlimit(worker, resource.RLIMIT_FSIZE, limits)


def file_of(office: CkanOffice, role: str) -> Path:
    """Where the portal keeps a file of release 1."""
    listed = office.show("ports-releases")["resources"]
    identity = next(one["id"] for one in listed if (one["release"], one["release_role"]) == ("1", role))
    return office.portal.folder / "storage" / "resources" / identity[:3] / identity[3:6] / identity[6:]


def faults(office: CkanOffice) -> list[str]:
    """What `verify` finds at the portal."""
    answer = office.office.run("verify", "ports")
    (found,) = (proof["faults"] for proof in answer.document["proofs"] if proof["target"] == "ckan")
    assert answer.code == (1 if found else 0)
    return list(found)


def test_a_full_disk_costs_readers_nothing(publish_first: PublishFirst) -> None:
    office = publish_first("plugin")
    before = files_without_a_resource(office)
    with full_disk(office), read_meanwhile(office) as readings:
        answer = office.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    assert readings.torn == []
    assert (sight(office).release, sight(office).torn) == (1, [])
    # What found room lies there under a name that nobody knows.
    assert set(files_without_a_resource(office)) - set(before)
    office.run("publish")
    assert_converged(office)


def test_a_file_that_was_changed_and_one_that_was_deleted_are_named_and_healed(publish_first: PublishFirst) -> None:
    office = publish_first("plugin")
    office.office.ports()  # as it was published
    ids = {role: one["id"] for role, one in office.resources("ports").items()}
    changed = file_of(office, "csv")
    changed.write_bytes(changed.read_bytes().replace("东港".encode(), "假港".encode()))
    file_of(office, "xlsx").unlink()
    assert faults(office) == ["1/csv has other bytes than the release", "1/xlsx can't be downloaded (500)"]
    office.run("publish", "ports")
    assert_converged(office, release=1)
    assert {role: one["id"] for role, one in office.resources("ports").items()} == ids
    # The harmed files' own addresses, which nothing leads to any more, are no one's.
    assert not changed.exists() or b"\xe5\x81\x87" not in changed.read_bytes()


EDITS = {
    "UPDATE {} SET name = '假港' WHERE code = '002'": (
        "the DataStore shows other values: in row 2 (code '002') name is '假港', and the release has '西港'"
    ),
    "UPDATE {} SET opened = NULL WHERE code = '001'": (
        "the DataStore shows other values: in row 1 (code '001') opened is empty, and the release has '1901-05-01'"
    ),
    "DELETE FROM {} WHERE code = '010'": "the DataStore shows 2 rows of 3: row 3 (code '010') is missing",
    "INSERT INTO {} (code, name) VALUES ('999', '假港')": (
        "the DataStore shows 4 rows of 3: there is a row (code '999') that the release has not"
    ),
}


def test_a_row_that_was_edited_is_named_and_healed(publish_first: PublishFirst) -> None:
    office = publish_first("stock")
    office.office.ports()
    table = office.resources("ports")["csv"]["id"]
    for edit, said in EDITS.items():
        office.portal.sql("datastore", edit.format(f'"{table}"'))
        assert faults(office) == [said]
        office.run("publish", "ports")
        assert faults(office) == []
    assert_converged(office, release=1)


def poison(office: CkanOffice, dataset: str, identity: str) -> None:
    """Somebody makes a resource twice under one id, as a repeated request does (CKAN answers 200, or 500)."""
    for _ in range(2):
        try:
            office.portal.call(
                "resource_create",
                "editor",
                package_id=f"{office.prefix}{dataset}",
                id=identity,
                url="http://example.org/",
            )
        except ckanapi.CKANAPIError:
            continue


def positions(office: CkanOffice, dataset: str) -> list[int]:
    return [one["position"] for one in office.show(dataset)["resources"]]


def test_a_dataset_whose_resources_ckan_has_muddled_is_put_right(publish_first: PublishFirst) -> None:
    office = publish_first("plugin")
    ids = {role: one["id"] for role, one in office.resources("ports").items()}
    foreign = "11111111-2222-4333-8444-" + office.show("ports")["id"][-12:]
    poison(office, "ports", foreign)
    assert positions(office, "ports") == [*range(7), 8]
    with pytest.raises(ckanapi.CKANAPIError):  # what everybody has from then on
        office.edit("ports", author="某人")
    with read_meanwhile(office, kinds=("file", "address")) as readings:
        answer = office.run("publish")
    assert readings.torn == []
    assert any(f"{office.prefix}ports" in note for note in answer.datasets["ports"]["targets"]["ckan"]["notes"][1:])
    assert positions(office, "ports") == list(range(8))
    assert {role: one["id"] for role, one in office.resources("ports").items()} == ids
    assert foreign in {one["id"] for one in office.show("ports")["resources"]}
    office.edit("ports", author="某人")


def test_a_single_muddled_resource_is_put_right_too(proxy: FaultProxy, ckan: Portal) -> None:
    name, identity = f"single-{uuid.uuid4().hex[:8]}", str(uuid.uuid4())
    ckan.call("package_create", "editor", name=name, owner_org="own-agency")
    for _ in range(2):
        ckan.call("resource_create", "editor", package_id=name, id=identity, name="1", url="http://example.org/")
    client = Client(proxy.url, ckan.token("editor"))
    muddled = read_package(client, name)
    assert muddled and are_broken(muddled)
    straight = straighten(client, muddled)
    assert [(one["id"], one["name"], one["position"]) for one in straight.resources] == [(identity, "1", 0)]
    ckan.call("package_patch", "editor", id=name, title="改名")
