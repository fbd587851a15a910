"""One faulty entry file is broken and harms no other; a faulty agency stops the catalogue."""

from pathlib import Path

import pytest

from resource_catalog.catalog import Catalog, load_catalog
from resource_catalog.errors import UsageError, WorkspaceError
from resource_catalog.yaml_document import YamlFault
from tests.catalogue_factory import ENTRY, make_workspace, write_yaml


def broken_places(catalog: Catalog) -> dict[str, list[tuple[int | None, str]]]:
    return {
        broken.file.name: [(error.line, error.key) for error in broken.errors if isinstance(error, YamlFault)]
        for broken in catalog.broken
    }


def test_entries_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    catalog = load_catalog(make_workspace(tmp_path, {"id": "b"}, {"id": "a-1"}, {"id": "a"}))
    assert [entry.id for entry in catalog.entries] == ["a", "a-1", "b"]
    assert catalog.broken == ()
    assert catalog.agency.name == "潮汐局"


def test_broken_files_harm_no_other_entry(tmp_path: Path) -> None:
    workspace = make_workspace(
        tmp_path, {"id": "whole"}, {"id": "unknown", "tittle": "x"}, {"id": "word", "openness": "x"}
    )
    (workspace.entries_dir / "twice.yaml").write_text("id: twice\nowner: 甲\nid: twice\n")
    (workspace.entries_dir / "latin.yaml").write_bytes(b"id: latin\nowner: \xe9\n")
    (workspace.entries_dir / "folder.yaml").mkdir()
    (workspace.entries_dir / ".hidden.yaml").write_text("not: an entry\n")
    (workspace.entries_dir / "README.md").write_text("not an entry\n")
    catalog = load_catalog(workspace)
    assert [entry.id for entry in catalog.entries] == ["whole"]
    assert broken_places(catalog) == {
        "folder.yaml": [(None, "")],
        "latin.yaml": [(2, "")],
        "twice.yaml": [(3, "id")],
        "unknown.yaml": [(17, "tittle")],
        "word.yaml": [(11, "openness")],
    }
    assert {broken.id: broken.owner for broken in catalog.broken}["word"] == ENTRY["owner"]


def test_a_file_is_named_for_its_id(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    write_yaml(workspace.entries_dir / "other.yaml", ENTRY)
    write_yaml(workspace.entries_dir / "tides.yml", {**ENTRY, "id": "tides-2"})
    catalog = load_catalog(workspace)
    assert catalog.entries == ()
    assert broken_places(catalog) == {"other.yaml": [(1, "id")], "tides.yml": [(1, "id")]}


def test_two_files_with_one_id_are_both_broken_and_name_each_other(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {"id": "tides"}, {"id": "whole"})
    second = workspace.entries_dir / "second.yaml"
    second.write_text("# a comment first\nid: tides\nunknown: x\n")
    catalog = load_catalog(workspace)
    assert [entry.id for entry in catalog.entries] == ["whole"]
    messages = {broken.id: " ".join(error.what for error in broken.errors) for broken in catalog.broken}
    assert f"{second}:2" in messages["tides"]
    assert f"{workspace.entry_file('tides')}:1" in messages["second"]


def test_a_faulty_agency_stops_the_catalogue(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {}, unknown="x")
    with pytest.raises(WorkspaceError) as caught:
        load_catalog(workspace)
    assert str(workspace.agency_file) in caught.value.where


def test_a_workspace_without_entries_has_an_empty_catalogue(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    workspace.entries_dir.rmdir()
    assert load_catalog(workspace).entries == ()


def test_entries_are_found_by_id(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, {"id": "tides"}, {"id": "winds"}, {"id": "bad", "x": 1})
    catalog = load_catalog(workspace)
    assert catalog.entry("tides").id == "tides"
    with pytest.raises(UsageError) as unknown:
        catalog.entry("tide")
    assert "tides" in unknown.value.fix
    assert "winds" not in unknown.value.fix
    with pytest.raises(WorkspaceError) as broken:
        catalog.entry("bad")
    assert "bad.yaml" in broken.value.where


def test_a_period_that_ends_before_it_starts_is_a_fault(tmp_path: Path) -> None:
    good = {"start": "2017-01-01", "end": "2017-01-01"}
    bad = {"start": "2017-01-02", "end": "2017-01-01"}
    catalog = load_catalog(make_workspace(tmp_path, {"id": "good", "period": good}, {"id": "bad", "period": bad}))
    assert [entry.id for entry in catalog.entries] == ["good"]
    assert [key for _, key in broken_places(catalog)["bad.yaml"]] == ["period"]


def test_lines_of_entries_are_known(tmp_path: Path) -> None:
    catalog = load_catalog(make_workspace(tmp_path, {}))
    assert catalog.line("tides", "title") == list(ENTRY).index("title") + 1
    assert catalog.line("none", "title") is None
