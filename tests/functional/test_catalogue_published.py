"""The open catalogue is a data set: made from the entries themselves, renewed with them, whole or not at all."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from resource_catalog.open_catalogue import HEADINGS
from tests.workspace_factory import PortOffice, files_with, text_field

#: Half of the columns by the template's words, half by names of the schema's own.
SCHEMA: dict[str, Any] = {
    "fields": [
        text_field(heading if position % 2 else f"c{position}", title=heading)
        for position, heading in enumerate(HEADINGS)
    ],
    "primaryKey": "c0",
}


@pytest.fixture
def catalogued(office: PortOffice) -> PortOffice:
    """The port office with its catalogue as one more dataset."""
    office.add("catalogue", "307006/000013", SCHEMA, title="公共数据资源目录", source={"catalogue": "open"})
    return office


def rows(office: PortOffice, release: int) -> dict[str, dict[str, str]]:
    with (office.release("catalogue", release) / "data" / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        return {row[f"c{len(HEADINGS) - 1}"]: row for row in csv.DictReader(file)}


def test_the_catalogue_is_published_with_what_may_be_seen(catalogued: PortOffice) -> None:
    answer = catalogued.run("publish")
    assert (answer.code, answer.verdicts["catalogue"]) == (0, "published")
    found = rows(catalogued, 1)
    assert sorted(found) == ["buoys", "catalogue", "ports", "stations", "tides", "wrecks"]
    assert found["ports"]["c8"] == "港口代码:字符型、港口名称:字符型、opened:日期型"
    for inside in ("keeper", "finder", "船员"):
        assert files_with(catalogued.release("catalogue", 1), inside) == []


def test_an_unchanged_catalogue_makes_no_release_and_an_edit_of_any_entry_one(catalogued: PortOffice) -> None:
    catalogued.run("publish")
    assert catalogued.run("publish").verdicts["catalogue"] == "unchanged"
    catalogued.entry("crews", summary="船员名册")
    assert catalogued.run("publish").verdicts["catalogue"] == "unchanged"
    catalogued.entry("wrecks", owner="打捞处")
    renewed = catalogued.run("publish").datasets["catalogue"]
    assert (renewed["verdict"], renewed["changes"]) == ("published", {"added": 0, "removed": 0, "changed": 1})
    assert rows(catalogued, 2)["wrecks"][HEADINGS[5]] == "打捞处"


def test_a_new_open_field_is_in_the_next_catalogue(catalogued: PortOffice) -> None:
    catalogued.run("publish catalogue")
    fields = [*catalogued.schemas["buoys"]["fields"], text_field("颜色")]
    catalogued.schema("buoys", fields=fields)
    assert catalogued.run("publish catalogue").verdicts == {"catalogue": "published"}
    assert rows(catalogued, 2)["buoys"]["c8"].endswith("、颜色:字符型")


def test_a_broken_entry_blocks_the_catalogue_and_nothing_else(catalogued: PortOffice) -> None:
    catalogued.run("publish")
    catalogued.entry_file("tides").write_text("id: tides\n", "utf-8")
    answer = catalogued.run("publish")
    assert answer.code == 1
    assert (answer.verdicts["catalogue"], answer.verdicts["ports"]) == ("blocked", "unchanged")
    assert "tides.yaml" in answer.datasets["catalogue"]["reason"]
    assert "tides" in rows(catalogued, 1)
    assert not catalogued.release("catalogue", 2).exists()
    found = catalogued.run("check catalogue").datasets["catalogue"]["findings"]
    assert [(finding["rule"], finding["file"]) for finding in found] == [("catalogue-incomplete", "catalogue: open")]


def test_other_tables_may_point_to_the_catalogue(catalogued: PortOffice) -> None:
    catalogued.add(
        "needs",
        "307006/000213",
        {
            "fields": [text_field("need"), text_field("resource")],
            "foreignKeys": [{"fields": ["resource"], "reference": {"resource": "catalogue", "fields": ["c0"]}}],
        },
        title="共享需求清单",
        source={"path": "samples/needs.csv"},
    )
    needs = catalogued.samples / "needs.csv"
    needs.write_text("need,resource\n1,307002/000001\n", "utf-8")
    assert catalogued.run("publish").verdicts["needs"] == "published"
    needs.write_text("need,resource\n1,307002/000001\n2,307002/000006\n", "utf-8")
    found = catalogued.run("check needs").datasets["needs"]["findings"]
    assert [(finding["rule"], finding["row"]) for finding in found] == [("foreign-key", 3)]


def test_the_self_check_knows_the_catalogue_as_a_source(catalogued: PortOffice) -> None:
    faults = catalogued.run("catalog check").document["faults"]
    assert [fault for fault in faults if fault["dataset"] == "catalogue" and fault["severity"] == "must"] == []


@pytest.mark.parametrize("source", [{"catalogue": "open", "path": "samples/ports.csv"}, {"catalogue": "closed"}, {}])
def test_a_source_is_exactly_one_place(catalogued: PortOffice, source: dict[str, str]) -> None:
    catalogued.entry("catalogue", source=source)
    assert catalogued.run("plan catalogue").verdicts == {"catalogue": "failed"}
