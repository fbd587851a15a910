"""The keys that a release carries for its foreign keys are offered as such, and are no format of its table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.handover import Release
from pipelines.targets.release_files import data_files, key_files
from pipelines.targets.static import StaticPortal
from tests.release_factory import ReleaseFactory, make_entry, sample_rows

KEYS: dict[str, Any] = {
    "name": "firms", "type": "table", "path": "data/firms.keys.csv", "format": "csv", "mediatype": "text/csv",
    "bytes": 7, "hash": f"sha256:{'ab' * 32}",
}  # fmt: skip


def with_keys(release: Release) -> Release:
    return replace(release, descriptor={**release.descriptor, "resources": [*release.descriptor["resources"], KEYS]})


def test_they_are_told_from_the_formats(tmp_path: Path) -> None:
    release = with_keys(ReleaseFactory(tmp_path).release(make_entry("permits"), sample_rows(2)))
    assert [file.format for file in data_files(release)] == ["csv", "xlsx", "jsonl", "parquet"]
    assert [(file.name, file.path) for file in key_files(release)] == [("firms", "data/firms.keys.csv")]


def test_the_page_offers_them_beside_the_downloads(tmp_path: Path) -> None:
    factory, portal = ReleaseFactory(tmp_path), StaticPortal(tmp_path / "portal", "https://data.agency.example/")
    entry = make_entry("permits")
    factory.release(entry, sample_rows(2))
    publication = factory.publication(entry)
    assert publication.release is not None
    shown = with_keys(publication.release)
    publication = replace(publication, release=shown, kept=(shown,))
    portal.switch(publication, portal.stage(publication))
    page = (portal.folder / "dataset" / "permits" / "index.html").read_text("utf-8")
    assert page.count('href="latest/data/firms.keys.csv"') == 1
    assert page.count('class="get"') == 4
