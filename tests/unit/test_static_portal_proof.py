"""The proof names each file that is missing, changed, strange or left over."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.handover import Publication
from pipelines.targets.static import StaticPortal
from tests.release_factory import ReleaseFactory, make_entry, on_request_entry, publish, sample_rows


@pytest.fixture
def factory(tmp_path: Path) -> ReleaseFactory:
    return ReleaseFactory(tmp_path)


@pytest.fixture
def portal(tmp_path: Path) -> StaticPortal:
    return StaticPortal(tmp_path / "portal", "https://data.agency.example/")


@pytest.fixture
def shown(factory: ReleaseFactory, portal: StaticPortal) -> Publication:
    entry = make_entry("permits")
    for count in (3, 4):
        factory.release(entry, sample_rows(count))
    publication = factory.publication(entry)
    publish(portal, publication)
    portal.refresh(factory.agency)
    return publication


def rewrite(path: Path, content: bytes) -> None:
    """Change a file in the portal alone: its release's folder keeps the inode with the right bytes."""
    path.unlink()
    path.write_bytes(content)


def test_a_sound_portal_has_no_faults(portal: StaticPortal, shown: Publication) -> None:
    proof = portal.prove(shown)
    assert proof.faults == ()
    assert proof.files == 3 * 10 + 6
    assert proof.bytes > 0


@pytest.mark.parametrize(
    "name",
    [
        "latest/data/permits.csv", "1/data/permits.parquet", "2/SHA256SUMS", "index.html", "feed.atom", "about.json",
        "dcat.jsonld", "dictionary.csv", "preview.json", "latest/quality.json",
    ],
)  # fmt: skip
@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_damaged_file_is_named(portal: StaticPortal, shown: Publication, name: str, damage: str) -> None:
    path = portal.folder / "dataset" / "permits" / name
    if damage == "missing":
        path.unlink()
    else:
        rewrite(path, path.read_bytes() + b" \n")
    assert any(fault.startswith(f"dataset/permits/{name} ") for fault in portal.prove(shown).faults)


def test_a_damaged_portal_is_healed_by_publishing_again(portal: StaticPortal, shown: Publication) -> None:
    rewrite(portal.folder / "dataset" / "permits" / "latest" / "data" / "permits.csv", b"spoilt")
    for _ in range(2):
        publish(portal, shown)
        assert portal.prove(shown).faults == ()
        rewrite(portal.folder / "dataset" / "permits" / "index.html", b"spoilt")


def test_a_stranger_is_named(portal: StaticPortal, shown: Publication) -> None:
    (portal.folder / "dataset" / "permits" / "latest" / "notes.txt").write_bytes(b"?")
    assert portal.prove(shown).faults == ("dataset/permits/latest/notes.txt doesn't belong to the publication",)


def test_another_publication_is_not_proved(factory: ReleaseFactory, portal: StaticPortal, shown: Publication) -> None:
    factory.release(shown.entry, sample_rows(9))
    assert portal.prove(factory.publication(shown.entry)).faults == (
        "dataset/permits/about.json belongs to another publication",
    )


def test_a_dataset_that_no_list_names_is_a_fault(portal: StaticPortal, shown: Publication) -> None:
    rewrite(portal.folder / "index.json", b'{"datasets": []}')
    rewrite(portal.folder / "catalog.jsonld", b"{}")
    assert portal.prove(shown).faults == ("index.json doesn't list permits", "catalog.jsonld doesn't list permits")


def test_a_notice_has_no_data(factory: ReleaseFactory, portal: StaticPortal) -> None:
    notice = factory.notice(on_request_entry("shareholders"))
    publish(portal, notice)
    portal.refresh(factory.agency)
    assert portal.prove(notice).faults == ()
    leaked = portal.folder / "dataset" / "shareholders" / "data" / "shareholders.csv"
    leaked.parent.mkdir()
    leaked.write_bytes(b"name\r\n")
    faults = portal.prove(notice).faults
    assert "dataset/shareholders/data/shareholders.csv doesn't belong to the publication" in faults
    assert any("is left of the data of shareholders" in fault for fault in faults)


def test_becoming_on_request_takes_the_data_away(factory: ReleaseFactory, portal: StaticPortal) -> None:
    factory.release(make_entry("shareholders"), sample_rows(2))
    publish(portal, factory.publication(make_entry("shareholders")))
    notice = factory.notice(on_request_entry("shareholders"))
    publish(portal, notice)
    portal.refresh(factory.agency)
    assert portal.prove(notice).faults == ()
    assert not list(portal.folder.rglob("shareholders.csv"))
