"""The digest of a publication moves with what readers see, with nothing else, and costs no reading of data."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipelines.handover import Form
from pipelines.targets.static import StaticPortal
from tests.release_factory import ReleaseFactory, make_agency, make_entry, publish, sample_rows

BASE = "https://data.agency.example/"


@pytest.fixture
def factory(tmp_path: Path) -> ReleaseFactory:
    factory = ReleaseFactory(tmp_path)
    factory.release(make_entry("permits"), sample_rows(3))
    return factory


@pytest.fixture
def portal(tmp_path: Path) -> StaticPortal:
    return StaticPortal(tmp_path / "portal", BASE)


def test_equal_publications_have_equal_digests(factory: ReleaseFactory, portal: StaticPortal) -> None:
    first, second = (factory.publication(make_entry("permits")) for _ in range(2))
    assert portal.digest(first) == portal.digest(second)


@pytest.mark.parametrize(
    "change", [{"title": "另一名称"}, {"openness": "普遍公开"}, {"keywords": ["新"]}, {"update_cycle": "每月"}]
)
def test_it_moves_with_the_entry(factory: ReleaseFactory, portal: StaticPortal, change: dict[str, Any]) -> None:
    before = portal.digest(factory.publication(make_entry("permits")))
    assert portal.digest(factory.publication(make_entry("permits", **change))) != before


def test_it_moves_with_release_history_form_agency_and_address(
    factory: ReleaseFactory, portal: StaticPortal, tmp_path: Path
) -> None:
    entry = make_entry("permits")
    first = factory.publication(entry)
    digests = {portal.digest(first)}
    digests.add(StaticPortal(tmp_path / "portal", "https://elsewhere.example/").digest(first))
    digests.add(portal.digest(dataclasses.replace(first, agency=make_agency(name="另一机关"))))
    digests.add(portal.digest(dataclasses.replace(first, form=Form.NOTICE, release=None, kept=())))
    factory.tell(entry, "rolled_back", reason="核对")
    digests.add(portal.digest(factory.publication(entry)))
    factory.release(entry, sample_rows(4))
    digests.add(portal.digest(factory.publication(entry)))
    assert len(digests) == 6


def test_it_moves_with_the_words_of_its_own_clock_alone(factory: ReleaseFactory, portal: StaticPortal) -> None:
    clock = {"title": "及时", "basis": "办法", "follows": "event"}
    entry = make_entry("permits", deadline={"rule": "own"})
    digests = []
    for own, other in (("及时", "及时"), ("及时", "每年"), ("每年", "及时")):
        factory.agency = make_agency(
            deadline_rules={"own": {**clock, "title": own}, "other": {**clock, "title": other}}
        )
        digests.append(portal.digest(factory.publication(entry)))
    assert digests[0] == digests[1] != digests[2]


def test_what_no_reader_sees_does_not_move_it(factory: ReleaseFactory, portal: StaticPortal) -> None:
    entry = make_entry("permits", source={"path": "a.csv"})
    before = portal.digest(factory.publication(entry))
    moved = make_entry("permits", source={"path": "b.csv"}, channels=["portal"])
    factory.agency = make_agency(data_roots=["/srv/data"], thresholds={"minimum_score": 80})
    assert portal.digest(factory.publication(moved)) == before


def test_it_reads_no_data_file(factory: ReleaseFactory, portal: StaticPortal, tmp_path: Path) -> None:
    publication = factory.publication(make_entry("permits"))
    before = portal.digest(publication)
    shutil.rmtree(tmp_path / "releases")
    assert portal.digest(publication) == before
    assert not portal.folder.exists()


def test_standing_gives_the_digest_of_what_is_shown(factory: ReleaseFactory, portal: StaticPortal) -> None:
    publication = factory.publication(make_entry("permits"))
    assert portal.standing("permits") is None
    publish(portal, publication)
    standing = portal.standing("permits")
    assert standing is not None
    assert (standing.form, standing.release, standing.digest) == (Form.RELEASE, 1, portal.digest(publication))
