"""A source is a regular file in an allowed folder, whatever way its path takes there."""

import os
from pathlib import Path

import pytest

from resource_catalog.agency import Agency
from resource_catalog.errors import SourceError, WorkspaceError
from resource_catalog.workspace import Workspace, open_workspace, resolve_source, table_schema
from tests.catalogue_factory import AGENCY, SCHEMA, make_entry, make_workspace, write_schema


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "roots" / "data").mkdir(parents=True)
    (tmp_path / "roots" / "data" / "big.csv").write_text("a\n")
    (tmp_path / "roots" / "database").mkdir()
    (tmp_path / "roots" / "database" / "secret.csv").write_text("a\n")
    return make_workspace(tmp_path / "workspace")


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return Agency.model_validate({**AGENCY, "data_roots": [str(tmp_path / "roots" / "data")]})


def test_allowed_paths_are_resolved(workspace: Workspace, agency: Agency, tmp_path: Path) -> None:
    (workspace.catalog_dir / "link.csv").symlink_to(workspace.catalog_dir / "samples" / "tides.csv")
    (workspace.catalog_dir / "roots").symlink_to(tmp_path / "roots" / "data")
    tides = workspace.catalog_dir / "samples" / "tides.csv"
    big = tmp_path / "roots" / "data" / "big.csv"
    expected = {
        "samples/tides.csv": tides,
        "samples/../samples/tides.csv": tides,
        "link.csv": tides,
        str(big): big,
        "roots/big.csv": big,
    }
    assert {path: resolve_source(workspace, agency, path) for path in expected} == expected


def test_an_allowed_folder_may_be_a_symlink_itself(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(tmp_path / "roots" / "data")
    agency = Agency.model_validate({**AGENCY, "data_roots": [str(tmp_path / "alias")]})
    path = str(tmp_path / "alias" / "big.csv")
    assert resolve_source(workspace, agency, path) == tmp_path / "roots" / "data" / "big.csv"


@pytest.mark.parametrize(
    "path",
    [
        "../schemas",
        "../resource_catalogue/x.csv",
        "samples/../../secret.csv",
        "/etc/passwd",
        "{roots}/database/secret.csv",
        "{roots}/data/../database/secret.csv",
        "file-link.csv",
        "folder-link/secret.csv",
        "chain.csv",
    ],
)
def test_paths_that_leave_are_refused(workspace: Workspace, agency: Agency, tmp_path: Path, path: str) -> None:
    secret = tmp_path / "roots" / "database" / "secret.csv"
    (workspace.catalog_dir / "file-link.csv").symlink_to(secret)
    (workspace.catalog_dir / "folder-link").symlink_to(secret.parent)
    (workspace.catalog_dir / "chain.csv").symlink_to("folder-link/secret.csv")
    with pytest.raises(SourceError) as caught:
        resolve_source(workspace, agency, path.format(roots=tmp_path / "roots"))
    assert "leaves the allowed folders" in caught.value.what
    assert all(part in caught.value.fix for part in ("source.path", str(workspace.catalog_dir), *agency.data_roots))


def test_a_path_outside_does_not_tell_what_is_there(workspace: Workspace, agency: Agency, tmp_path: Path) -> None:
    messages = set()
    for name in ("secret.csv", "none.csv"):
        with pytest.raises(SourceError) as caught:
            resolve_source(workspace, agency, str(tmp_path / "roots" / "database" / name))
        messages.add(caught.value.what)
    assert len(messages) == 1


@pytest.mark.parametrize("path", ["", "none.csv", "samples", "loop", "samples/tides.csv/x", "pipe", "a\0b", "x" * 5000])
def test_what_is_no_file_is_refused(workspace: Workspace, agency: Agency, path: str) -> None:
    (workspace.catalog_dir / "loop").symlink_to("loop")
    os.mkfifo(workspace.catalog_dir / "pipe")
    with pytest.raises(SourceError) as caught:
        resolve_source(workspace, agency, path)
    assert "leaves" not in caught.value.what


def test_the_key_to_mend_can_be_another(workspace: Workspace, agency: Agency) -> None:
    with pytest.raises(SourceError) as caught:
        resolve_source(workspace, agency, "none.sqlite", key="databases.main.path")
    assert "databases.main.path" in caught.value.fix


def test_a_folder_without_agency_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        open_workspace(tmp_path)
    assert "--workspace" in caught.value.fix


def test_the_schema_goes_by_the_entry(workspace: Workspace) -> None:
    write_schema(workspace, "tides")
    write_schema(workspace, "other", {"fields": [{"name": "only"}]})
    assert table_schema(workspace, make_entry()).names == tuple(field["name"] for field in SCHEMA["fields"])
    assert table_schema(workspace, make_entry(schema="other")).names == ("only",)
    with pytest.raises(WorkspaceError):
        table_schema(workspace, make_entry(schema="none"))
