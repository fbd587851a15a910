"""Where one agency's own files lie, and which files its entries may read: code never finds data by itself."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from resource_catalog.agency import Agency
from resource_catalog.code_list import code_list_file, with_code_lists
from resource_catalog.entry import Entry
from resource_catalog.errors import SourceError, WorkspaceError
from resource_catalog.table_schema import TableSchema, read_table_schema


@dataclass(frozen=True)
class Workspace:
    """The folder of one agency."""

    root: Path

    @property
    def catalog_dir(self) -> Path:
        """The catalogue's folder, which relative source paths start from."""
        return self.root / "resource_catalog"

    @property
    def agency_file(self) -> Path:
        """The file that says who publishes."""
        return self.catalog_dir / "agency.yaml"

    @property
    def entries_dir(self) -> Path:
        """The folder of the entries, a file each."""
        return self.catalog_dir / "entries"

    @property
    def schemas_dir(self) -> Path:
        """The folder of the Table Schemas."""
        return self.root / "schemas"

    @property
    def suites_dir(self) -> Path:
        """The folder of the expectation suites."""
        return self.root / "quality" / "suites"

    def entry_file(self, entry_id: str) -> Path:
        """The file that declares an entry."""
        return self.entries_dir / f"{entry_id}.yaml"

    def schema_file(self, entry: Entry) -> Path:
        """The file of the entry's Table Schema."""
        return self.schemas_dir / f"{entry.schema_id}.schema.json"

    def suite_file(self, entry: Entry) -> Path | None:
        """The file of the entry's expectation suite: the one that it names, or that of its id where there is one.

        Raises:
            WorkspaceError: there is no suite of the name.
        """
        file = self.suites_dir / f"{entry.suite or entry.id}.json"
        if file.is_file():
            return file
        if entry.suite:
            raise WorkspaceError("there is no such suite", where=str(file), fix="write it, or mend the entry's suite")
        return None

    def code_list_file(self, name: str) -> Path:
        """The file of a code list that the schemas name."""
        return code_list_file(self.schemas_dir, name)


def open_workspace(root: Path) -> Workspace:
    """The workspace in a folder.

    Raises:
        WorkspaceError: the folder has no resource_catalog/agency.yaml.
    """
    workspace = Workspace(root.absolute())
    if not workspace.agency_file.is_file():
        raise WorkspaceError(
            "this folder is no workspace: it has no resource_catalog/agency.yaml",
            where=str(workspace.root),
            fix="name the workspace's folder with --workspace DIR or the environment variable OPENDATA_WORKSPACE",
        )
    return workspace


def resolve_source(workspace: Workspace, agency: Agency, path: str, *, key: str = "source.path") -> Path:
    """The real regular file that a path names, relative to resource_catalog/ or absolute under a data root.

    `key` is the YAML key that has the path, for the message.

    Raises:
        SourceError: it lies outside the allowed folders (by `..`, absolute or through a symlink), or is no file.
    """
    allowed = (workspace.catalog_dir, *(Path(root) for root in agency.data_roots))
    fix = f"mend {key}; allowed are files in {', '.join(map(str, allowed))}"
    if not path:
        raise SourceError("the path is empty", where=key, fix=fix)
    try:
        real = Path(os.path.realpath(workspace.catalog_dir / path))
        inside = any(real.is_relative_to(os.path.realpath(folder)) for folder in allowed)
        # Asked in this order, so that a path outside doesn't tell whether anything is there.
        if not inside:
            raise SourceError("the path leaves the allowed folders", where=path, fix=fix)
        mode = real.stat().st_mode
    except FileNotFoundError as error:
        raise SourceError("there is no such file", where=path, fix=fix) from error
    except (OSError, ValueError) as error:
        raise SourceError(f"the path can't be followed: {error}", where=path, fix=fix) from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device, pipe or socket"
        raise SourceError(f"the path names {kind}, not a file", where=path, fix=fix)
    return real


def table_schema(workspace: Workspace, entry: Entry) -> TableSchema:
    """The Table Schema of an entry, with the codes of its code lists.

    Raises:
        WorkspaceError: it is missing, no JSON, or no Table Schema, or a code list of it can't be read.
    """
    file = workspace.schema_file(entry)
    return with_code_lists(read_table_schema(file), file)
