"""The commands on other bureaus' needs (共享需求): take in, list, decide, renew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.options import common, end, opened, print_json, read_day, tell, words_of
from resource_catalog import errors

if TYPE_CHECKING:
    from pipelines.shares.state import Conditions

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def need() -> None:
    """Other bureaus' needs: take them in, decide them in their term, renew what they gave."""


@need.command("template")
@click.argument("file", type=_FILE)
@common
def need_template(file: Path, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Write the empty workbook (共享需求清单) that bureaus fill in."""
    from pipelines.shares.need_file import write_template

    write_template(file)
    print_json({"file": str(file)}) if as_json else click.echo(f"template written to {file}")


@need.command("import")
@click.argument("file", type=_FILE, required=False)
@click.option("--from-platform", "platform", is_flag=True, help="What bureaus handed in on the sharing server's page.")
@common
def need_import(file: Path | None, platform: bool, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Take needs in from a workbook or a CSV, one row per bureau and resource; with any fault, none of its rows.

    What was taken in before is left as it is; a need that is not decided yet takes on what its row says now.
    """
    from pipelines.commands import sharing_needs
    from pipelines.reporting import sharing_lines

    if (file is None) != platform:
        raise errors.UsageError("needs come from a file or from the platform", fix="name FILE, or give --from-platform")
    with opened(workspace, home, as_json, leave_home=True) as run:
        intake = sharing_needs.import_file(run, file) if file else sharing_needs.import_from_platform(run)
    tell(intake, as_json, sharing_lines.intake_document, sharing_lines.print_intake)
    end(bool(intake.faults))


@need.command("list")
@click.option("--overdue", is_flag=True, help="Only those whose term has run out without a decision.")
@click.option("--bureau", "of_bureau", metavar="ID", help="Of this bureau alone.")
@common
def need_list(overdue: bool, of_bureau: str | None, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Every need: who asks for what, its decision, or the day by which it is to be decided."""
    from pipelines.commands import sharing_needs
    from pipelines.reporting import sharing_lines

    with opened(workspace, home, as_json, leave_home=True) as run:
        lines = sharing_needs.listed(run, of_bureau, overdue=overdue)
    tell(lines, as_json, sharing_lines.needs_document, sharing_lines.print_needs)


@need.command("decide")
@click.argument("need_id", metavar="ID")
@click.option("--grant/--refuse", "granted", default=None, help="Confirm the need, or refuse it.")
@click.option("--by", required=True, metavar="NAME", help="Who decides.")
@click.option("--columns", metavar="A,B", help="Only these of the columns that it asks for.")
@click.option("--rows", metavar="列=值,值", multiple=True, help="Only the rows with one of these values.")
@click.option("--reason", default="", help="Why it is refused, or granted in part; the bureau reads it.")
@click.option("--until", metavar="DATE", help="The grant's last day, YYYY-MM-DD. Default: by agency.yaml.")
@click.option("--no-history", is_flag=True, help="The latest rows alone: no earlier versions, no changes.")
@common
def need_decide(
    need_id: str,
    granted: bool | None,
    by: str,
    columns: str | None,
    rows: tuple[str, ...],
    reason: str,
    until: str | None,
    no_history: bool,
    workspace: Path,
    home: Path | None,
    as_json: bool,
) -> None:
    """Decide on a need, in whole or in part. A grant takes the place of the one that the bureau had of the dataset."""
    from pipelines.commands import sharing_needs
    from pipelines.reporting import sharing_lines

    if granted is None:
        raise errors.UsageError("the decision is missing", where=need_id, fix="give --grant or --refuse")
    if not granted and (columns or rows or until or no_history):
        raise errors.UsageError(
            "a refusal grants nothing", where=need_id, fix="give --grant, or leave out what it grants"
        )
    with opened(workspace, home, as_json, leave_home=True) as run:
        if granted:
            last = read_day(until, "--until") if until else None
            chosen = words_of(columns) if columns is not None else None
            wanted = sharing_needs.Wanted(by, reason, chosen, _conditions(rows), last, not no_history)
            decided = sharing_needs.grant(run, need_id, wanted)
        else:
            decided = sharing_needs.refuse(run, need_id, by, reason)
    tell(decided, as_json, sharing_lines.decided_document, sharing_lines.print_decided)


def _conditions(rows: tuple[str, ...]) -> Conditions | None:
    from pipelines.shares.need_file import read_conditions

    try:
        return read_conditions("；".join(rows)) if rows else None
    except ValueError as error:
        raise errors.UsageError(str(error), where="--rows", fix="write 列=值,值") from error


@need.command("renew")
@click.argument("name", metavar="ID")
@click.option("--by", required=True, metavar="NAME", help="Who renews it.")
@click.option("--until", metavar="DATE", help="The new last day, YYYY-MM-DD. Default: by agency.yaml, from today on.")
@common
def need_renew(name: str, by: str, until: str | None, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Let the grant of a need run on; ID is the need's or the grant's."""
    from pipelines.commands import sharing_needs
    from pipelines.reporting import sharing_lines

    with opened(workspace, home, as_json, leave_home=True) as run:
        renewed = sharing_needs.renew(run, name, by, read_day(until, "--until") if until else None)
    tell(renewed, as_json, sharing_lines.grant_document, sharing_lines.print_grant)


COMMANDS = (need,)
