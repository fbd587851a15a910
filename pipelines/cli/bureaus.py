"""The commands on other bureaus and their grants."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.cli.options import common, opened, print_json, tell

_FILE = click.Path(path_type=Path, dir_okay=False)
_profile = click.option(
    "--profile", type=_FILE, metavar="FILE", help="The profile file. Default: profiles/ID.share in the home."
)


@click.group()
def bureau() -> None:
    """Other bureaus' access to what is shared."""


@bureau.command("add")
@click.argument("bureau_id", metavar="ID")
@click.option("--title", required=True, help="The bureau's name, as people know it.")
@_profile
@common
def bureau_add(
    bureau_id: str, title: str, profile: Path | None, workspace: Path, home: Path | None, as_json: bool
) -> None:
    """Register a bureau and write its profile file, once: nothing else has its token."""
    from pipelines.commands import sharing_bureaus
    from pipelines.reporting import sharing_lines

    with opened(workspace, home, as_json, leave_home=True) as run:
        issued = sharing_bureaus.add(run, bureau_id, title, profile)
    tell(issued, as_json, sharing_lines.issued_document, sharing_lines.print_issued)


@bureau.command("list")
@common
def bureau_list(workspace: Path, home: Path | None, as_json: bool) -> None:
    """Every bureau with its tokens, what it reads, and what of that ends soon."""
    from pipelines.commands import sharing_bureaus
    from pipelines.reporting import sharing_lines

    with opened(workspace, home, as_json, leave_home=True) as run:
        lines = sharing_bureaus.bureaus(run)
    tell(lines, as_json, sharing_lines.bureaus_document, sharing_lines.print_bureaus)


@bureau.command("rotate")
@click.argument("bureau_id", metavar="ID")
@click.option("--now", "at_once", is_flag=True, help="End the old token at once, rather than after the overlap.")
@_profile
@common
def bureau_rotate(
    bureau_id: str, at_once: bool, profile: Path | None, workspace: Path, home: Path | None, as_json: bool
) -> None:
    """Issue another token and write its profile file; the old one ends after an overlap."""
    from pipelines.commands import sharing_bureaus
    from pipelines.reporting import sharing_lines

    with opened(workspace, home, as_json, leave_home=True) as run:
        issued = sharing_bureaus.rotate(run, bureau_id, profile, at_once=at_once)
    tell(issued, as_json, sharing_lines.issued_document, sharing_lines.print_issued)


@bureau.command("remove")
@click.argument("bureau_id", metavar="ID")
@click.option("--reason", default="", help="Why.")
@common
def bureau_remove(bureau_id: str, reason: str, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Take a bureau off the register: its tokens, grants and contracts end at once."""
    from pipelines.commands import sharing_bureaus

    with opened(workspace, home, as_json, leave_home=True) as run:
        sharing_bureaus.remove(run, bureau_id, reason)
    print_json({"bureau": bureau_id, "removed": True}) if as_json else click.echo(f"{bureau_id}: removed")


@click.group()
def grant() -> None:
    """What bureaus may read by confirmed needs."""


@grant.command("list")
@click.option("--bureau", "of_bureau", metavar="ID", help="Of this bureau alone.")
@common
def grant_list(of_bureau: str | None, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Every grant: columns, rows, its end, and why it doesn't hold."""
    from pipelines.commands import sharing_needs
    from pipelines.reporting import sharing_lines

    with opened(workspace, home, as_json, leave_home=True) as run:
        lines = sharing_needs.grants(run, of_bureau)
    tell(lines, as_json, sharing_lines.grants_document, sharing_lines.print_grants)


@grant.command("revoke")
@click.argument("grant_id", metavar="ID")
@click.option("--reason", required=True, help="Why; the bureau reads it.")
@common
def grant_revoke(grant_id: str, reason: str, workspace: Path, home: Path | None, as_json: bool) -> None:
    """End a grant: refused from the next request on, addresses of files that were given out included."""
    from pipelines.commands import sharing_needs
    from pipelines.reporting import sharing_lines

    with opened(workspace, home, as_json, leave_home=True) as run:
        ended, breaks = sharing_needs.revoke(run, grant_id, reason)
    if as_json:
        document = sharing_lines.grant_document(ended)
        print_json({**document, "breaks": sharing_lines.breaks_document(breaks)})
    else:
        click.echo(f"{ended.id}: ended, {ended.bureau} no longer reads {ended.dataset}")
        sharing_lines.print_breaks(breaks, sys.stdout)


COMMANDS = (bureau, grant)
