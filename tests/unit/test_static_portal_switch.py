"""Readers of the portal meet one whole release at any moment; what was there already is not written again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from pipelines.targets.static import StaticPortal, files
from resource_catalog.errors import OutsideError
from tests.release_factory import ReleaseFactory, make_entry, publish, sample_rows


@pytest.fixture
def factory(tmp_path: Path) -> ReleaseFactory:
    return ReleaseFactory(tmp_path)


@pytest.fixture
def portal(tmp_path: Path) -> StaticPortal:
    return StaticPortal(tmp_path / "portal", "https://data.agency.example/")


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file, folder and link with its inode and its time of change."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in folder.rglob("*")
    }


class Reader(threading.Thread):
    """Resolves the dataset's link again and again, and reads the page and the files behind it."""

    def __init__(self, link: Path) -> None:
        super().__init__()
        self.link = link
        self.done = threading.Event()
        self.visited = threading.Event()
        self.releases: set[int] = set()
        self.faults: list[str] = []

    def run(self) -> None:
        while not self.done.is_set():
            try:
                self.read()
            except Exception as error:  # noqa: BLE001  # any failure of a reader is what this test looks for
                self.faults.append(repr(error))
            self.visited.set()

    def read(self) -> None:
        """One visit: whatever the link says at its beginning is whole."""
        version = self.link.parent / self.link.readlink()
        about = json.loads((version / "about.json").read_bytes())
        page = (version / "index.html").read_text(encoding="utf-8")
        sums = (version / "latest" / "SHA256SUMS").read_text(encoding="utf-8")
        if f"{about['release']}/data/" not in page:
            self.faults.append(f"page of another release than {about['release']}")
        for line in sums.splitlines():
            digest, _, path = line.partition("  ")
            if hashlib.sha256((version / "latest" / path).read_bytes()).hexdigest() != digest:
                self.faults.append(f"{path} is not that of release {about['release']}")
        self.releases.add(about["release"])


def test_a_reader_sees_whole_releases_only(factory: ReleaseFactory, portal: StaticPortal) -> None:
    entry = make_entry("permits")
    factory.release(entry, sample_rows(1))
    publish(portal, factory.publication(entry))
    reader = Reader(portal.folder / "dataset" / "permits")
    reader.start()
    for count in range(2, 22):
        release = factory.release(entry, sample_rows(count))
        publish(portal, factory.publication(entry))
        while release.number not in reader.releases and not reader.faults:
            reader.visited.wait()
            reader.visited.clear()
    reader.done.set()
    reader.join()
    assert reader.faults == []
    assert reader.releases == set(range(1, 22))


@pytest.mark.parametrize("operation", ["unlink", "replace", "rename", "symlink_to"])
def test_the_address_is_there_after_every_step_of_a_switch(
    factory: ReleaseFactory, portal: StaticPortal, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    entry = make_entry("permits")
    factory.release(entry, sample_rows(1))
    publish(portal, factory.publication(entry))
    factory.release(entry, sample_rows(2))
    publication = factory.publication(entry)
    staged = portal.stage(publication)
    page = portal.folder / "dataset" / "permits" / "index.html"
    real = getattr(Path, operation)

    def watched(path: Path, *arguments: Any, **options: Any) -> Any:
        result = real(path, *arguments, **options)
        assert page.is_file()
        return result

    monkeypatch.setattr(Path, operation, watched)
    portal.switch(publication, staged)
    assert page.is_file()


def test_the_version_before_stays_until_the_next_switch(factory: ReleaseFactory, portal: StaticPortal) -> None:
    entry = make_entry("permits")
    versions = []
    for count in (1, 2, 3):
        factory.release(entry, sample_rows(count))
        versions.append(publish(portal, factory.publication(entry)))
    assert sorted(versions[0].parent.iterdir()) == sorted(versions[1:])


def test_nothing_is_visible_before_the_switch(factory: ReleaseFactory, portal: StaticPortal) -> None:
    entry = make_entry("permits")
    factory.release(entry, sample_rows(1))
    portal.stage(factory.publication(entry))
    portal.refresh(factory.agency)
    assert portal.standing("permits") is None
    assert json.loads((portal.folder / "index.json").read_bytes()) == {"datasets": []}


def test_a_recalled_release_does_not_stay_in_the_version_before(factory: ReleaseFactory, portal: StaticPortal) -> None:
    entry = make_entry("permits")
    for count in (1, 2):
        factory.release(entry, sample_rows(count))
        publish(portal, factory.publication(entry))
    publication = factory.publication(entry)
    publish(portal, dataclasses.replace(publication, kept=publication.kept[1:]))
    assert [path.parts[-3] for path in (portal.folder / "versions").rglob("permits.csv")].count("1") == 0


def test_the_link_is_relative_and_versions_share_files(factory: ReleaseFactory, portal: StaticPortal) -> None:
    entry = make_entry("permits")
    release = factory.release(entry, sample_rows(1))
    publish(portal, factory.publication(entry))
    link = portal.folder / "dataset" / "permits"
    assert str(link.readlink()).startswith("../versions/permits/")
    first = link.resolve()
    factory.release(entry, sample_rows(2))
    publish(portal, factory.publication(entry))
    for place in ("latest", "1"):
        assert (first / place / "data" / "permits.csv").samefile(link / "1" / "data" / "permits.csv")
    assert not (link / "1" / "data" / "permits.csv").samefile(release.folder / "data" / "permits.csv")


def test_files_are_copied_where_they_cannot_be_linked(
    factory: ReleaseFactory, portal: StaticPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(place: Path, source: Path) -> None:
        raise OSError(18, "Invalid cross-device link", str(place))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    entry = make_entry("permits")
    release = factory.release(entry, sample_rows(3))
    publish(portal, factory.publication(entry))
    portal.refresh(factory.agency)
    copied = portal.folder / "dataset" / "permits" / "latest" / "data" / "permits.csv"
    assert not copied.samefile(release.folder / "data" / "permits.csv")
    assert portal.prove(factory.publication(entry)).faults == ()


def test_publishing_the_same_again_writes_nothing(factory: ReleaseFactory, portal: StaticPortal) -> None:
    entry, other = make_entry("permits"), make_entry("recalled")
    for each in (entry, other):
        factory.release(each, sample_rows(3))
    publications = [factory.publication(entry), factory.tombstone(other, "撤回")]
    for publication in publications:
        publish(portal, publication)
    portal.refresh(factory.agency)
    before = state_of(portal.folder)
    for publication in publications:
        publish(portal, publication)
    portal.refresh(factory.agency)
    assert state_of(portal.folder) == before


def test_the_same_publications_give_the_same_bytes(factory: ReleaseFactory, tmp_path: Path) -> None:
    entry = make_entry("permits")
    for count in (1, 2):
        factory.release(entry, sample_rows(count))
    found = []
    for name in ("one", "two"):
        portal = StaticPortal(tmp_path / name, "https://data.agency.example/")
        publish(portal, factory.publication(entry))
        portal.refresh(factory.agency)
        found.append({path: (portal.folder / path).read_bytes() for path in files.files_below(portal.folder)
                      if not (portal.folder / path).is_symlink()})  # fmt: skip
    assert found[0] == found[1]


def test_what_a_killed_run_left_is_cleared(factory: ReleaseFactory, portal: StaticPortal) -> None:
    entry = make_entry("permits")
    factory.release(entry, sample_rows(1))
    shelf = portal.folder / "versions" / "permits"
    (shelf / ".draft" / "latest").mkdir(parents=True)
    (shelf / ".draft" / "latest" / "half.csv").write_bytes(b"ha")
    (shelf / "0123456789abcdef").mkdir()
    staged = publish(portal, factory.publication(entry))
    portal.refresh(factory.agency)
    assert list(shelf.iterdir()) == [staged]
    assert portal.prove(factory.publication(entry)).faults == ()


def test_a_changed_byte_is_refused_before_readers_see_it(factory: ReleaseFactory, portal: StaticPortal) -> None:
    entry = make_entry("permits")
    release = factory.release(entry, sample_rows(1))
    path = release.folder / "data" / "permits.jsonl"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(OutsideError) as caught:
        portal.stage(factory.publication(entry))
    assert caught.value.where == str(path)
    assert portal.standing("permits") is None


def test_checksums_of_another_release_are_refused(factory: ReleaseFactory, portal: StaticPortal) -> None:
    entry = make_entry("permits")
    release = factory.release(entry, sample_rows(1))
    other = factory.release(make_entry("other"), sample_rows(2))
    (release.folder / "SHA256SUMS").write_bytes((other.folder / "SHA256SUMS").read_bytes())
    with pytest.raises(OutsideError):
        portal.stage(factory.publication(entry))


def test_a_folder_at_the_address_is_refused(factory: ReleaseFactory, portal: StaticPortal) -> None:
    entry = make_entry("permits")
    factory.release(entry, sample_rows(1))
    (portal.folder / "dataset" / "permits").mkdir(parents=True)
    with pytest.raises(OutsideError):
        portal.stage(factory.publication(entry))
