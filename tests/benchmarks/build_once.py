"""Extract, check and package the one dataset of a workspace. Arguments: the workspace, an empty folder."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

from pipelines.handover import Checked, Extract
from pipelines.stages.check import check
from pipelines.stages.compare import compare
from pipelines.stages.extract import extract
from pipelines.stages.package import package
from resource_catalog.catalog import load_catalog
from resource_catalog.workspace import open_workspace, table_schema

root, home = map(Path, sys.argv[1:])
workspace = open_workspace(root)
catalog = load_catalog(workspace)
(entry,) = catalog.entries
schema = table_schema(workspace, entry)
extracted = extract(catalog, entry, home / "work", schema.fields)
assert isinstance(extracted, Extract)
checked = check(extracted, schema, catalog.agency.thresholds, (), today=datetime.date.today())
assert isinstance(checked, Checked)
compared = compare(checked, None, None, (), workspace.schema_file(entry))
package(compared, catalog.agency, (), home / "releases", 1)
