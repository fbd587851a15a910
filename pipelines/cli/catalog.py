"""The commands on the catalogue itself: check it, keep it in a spreadsheet, show its JSON Schemas."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.cli.options import common, end, opened, print_json
from resource_catalog import errors


@click.group()
def catalog() -> None:
    """The catalogue itself: check it, keep it in a spreadsheet."""


@catalog.command("check")
@common
def catalog_check(workspace: Path, home: Path | None, as_json: bool) -> None:
    """Every fault of the entries, with its owner and its fix."""
    from pipelines.reporting import listing
    from resource_catalog.catalog import check_catalog

    with opened(workspace, home, as_json, leave_home=True) as run:
        faults = check_catalog(run.catalog)
        if as_json:
            print_json(listing.faults_document(faults))
        else:
            listing.print_faults(faults, len(run.catalog.entries), sys.stdout)
    end(any(fault.severity == "must" for fault in faults))


@catalog.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@common
def catalog_export(file: Path, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Write the catalogue as a workbook in the national template's columns."""
    from resource_catalog.national_template import export_catalog

    with opened(workspace, home, as_json, leave_home=True) as run:
        if run.catalog.broken:
            names = ", ".join(entry.id for entry in run.catalog.broken)
            raise errors.WorkspaceError(f"entries that can't be read would be lost: {names}", fix="mend them first")
        export_catalog(run.catalog, file)
        facts = {"file": str(file), "entries": len(run.catalog.entries)}
    print_json(facts) if as_json else click.echo(f"{facts['entries']} entries written to {file}")


@catalog.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@common
def catalog_import(file: Path, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Write entries from a workbook in the national template's columns; all of them, or none."""
    from pipelines.reporting import listing
    from resource_catalog.national_template import import_catalog
    from resource_catalog.workspace import open_workspace

    summary = import_catalog(file, open_workspace(workspace))
    if as_json:
        print_json(listing.import_document(summary))
    else:
        listing.print_import(summary, sys.stdout)
    end(bool(summary.faults))


@click.command("schema")
@click.argument("kind", type=click.Choice(["entry", "agency"]), default="entry")
@common
def schema_command(kind: str, workspace: Path, home: Path | None, as_json: bool) -> None:
    """The JSON Schema of an entry or of agency.yaml, for editors."""
    from resource_catalog.json_schema import agency_json_schema, entry_json_schema

    print_json(entry_json_schema() if kind == "entry" else agency_json_schema())


COMMANDS = (catalog, schema_command)
