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
@click.option("--columns", is_flag=True, help="Compare also the columns of what takes long: servers, large workbooks.")
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Enter the faults in this 数据质量问题台账 (.csv or .xlsx); what it has already keeps its dates.",
)
@common
def catalog_check(columns: bool, ledger: Path | None, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Every fault of the catalogue, with its owner, its fix and the day by which it is to be mended.

    Judges the entries and their schemas, their dates against the ledger, the real columns of the sources, and the
    points of the metadata that would be published.
    """
    from pipelines.commands.self_check import self_check
    from pipelines.reporting import self_check_lines

    with opened(workspace, home, as_json, leave_home=True) as run:
        found = self_check(run, thorough=columns, ledger=ledger)
        if as_json:
            print_json(self_check_lines.self_check_document(found))
        else:
            self_check_lines.print_self_check(found, sys.stdout)
    end(self_check_lines.is_to_mend(found))


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
