"""A withdrawn dataset leaves its name, date and reason, and not one byte of its data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipelines.handover import Form, Publication
from pipelines.targets.static import StaticPortal
from tests.release_factory import ReleaseFactory, make_entry, publish, sample_rows

REASON = "含有个人信息，现予撤回"


@pytest.fixture
def factory(tmp_path: Path) -> ReleaseFactory:
    return ReleaseFactory(tmp_path)


@pytest.fixture
def portal(tmp_path: Path) -> StaticPortal:
    return StaticPortal(tmp_path / "portal", "https://data.agency.example/")


@pytest.fixture
def withdrawn(factory: ReleaseFactory, portal: StaticPortal) -> Publication:
    """A dataset that was published twice and then withdrawn, beside one that stays."""
    stays = make_entry("stays")
    factory.release(stays, sample_rows(2, start=500))
    publish(portal, factory.publication(stays))
    entry = make_entry("recalled", title="抽检结果", code="307002/000040")
    for count in (3, 4):
        factory.release(entry, sample_rows(count))
        publish(portal, factory.publication(entry))
    portal.refresh(factory.agency)
    assert list(portal.folder.rglob("recalled.csv"))
    tombstone = factory.tombstone(entry, REASON)
    publish(portal, tombstone)
    portal.refresh(factory.agency)
    return tombstone


def test_no_file_and_no_value_of_it_is_left(portal: StaticPortal, withdrawn: Publication) -> None:
    assert portal.prove(withdrawn).faults == ()
    for path in portal.folder.rglob("*"):
        if path.is_file():
            assert path.name.partition(".")[0] != "recalled"
            assert "示例企业3号".encode() not in path.read_bytes()


def test_its_folder_holds_the_tombstone_alone(portal: StaticPortal, withdrawn: Publication) -> None:
    folder = portal.folder / "dataset" / "recalled"
    assert sorted(path.name for path in folder.iterdir()) == ["about.json", "feed.atom", "index.html"]
    assert REASON in (folder / "index.html").read_text(encoding="utf-8")
    standing = portal.standing("recalled")
    assert standing is not None
    assert (standing.form, standing.release) == (Form.TOMBSTONE, None)


def test_no_list_offers_it(portal: StaticPortal, withdrawn: Publication) -> None:
    listed = [dataset["id"] for dataset in json.loads((portal.folder / "index.json").read_bytes())["datasets"]]
    assert listed == ["stays"]
    assert "recalled" not in (portal.folder / "catalog.jsonld").read_text(encoding="utf-8")
    feed = (portal.folder / "feed.atom").read_text(encoding="utf-8")
    assert "recalled/#withdrawn-" in feed
    assert "recalled/#published-" not in feed


def test_lists_that_were_not_renewed_are_faults(
    factory: ReleaseFactory, portal: StaticPortal, withdrawn: Publication
) -> None:
    back = factory.publication(withdrawn.entry)
    publish(portal, back)
    portal.refresh(factory.agency)
    publish(portal, withdrawn)
    assert portal.prove(withdrawn).faults == (
        "index.json still lists recalled, which is withdrawn",
        "catalog.jsonld still lists recalled, which is withdrawn",
    )


@pytest.mark.parametrize("place", ["assets/copy.bin", "versions/stays/hidden/x.csv", "recalled.csv.bak"])
def test_a_copy_under_another_name_is_found_by_its_bytes(
    portal: StaticPortal, withdrawn: Publication, place: str
) -> None:
    (portal.folder / place).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(withdrawn.kept[0].folder / "data" / "recalled.csv", portal.folder / place)
    assert portal.prove(withdrawn).faults == (f"{place} is left of the data of recalled",)


@pytest.mark.parametrize("place", ["versions/recalled/0123456789abcdef/index.html", "old/data/recalled.csv"])
def test_a_leftover_is_found_by_its_name(portal: StaticPortal, withdrawn: Publication, place: str) -> None:
    (portal.folder / place).parent.mkdir(parents=True)
    (portal.folder / place).write_bytes(b"left")
    assert portal.prove(withdrawn).faults == (f"{place} is left of the data of recalled",)


def test_the_other_dataset_stands_as_it_did(
    factory: ReleaseFactory, portal: StaticPortal, withdrawn: Publication
) -> None:
    assert portal.prove(factory.publication(make_entry("stays"))).faults == ()
