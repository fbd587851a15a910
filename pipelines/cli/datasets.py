"""The commands on datasets: plan, publish, status, verify, drift, withdraw, rollback, serve."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from pipelines.cli.options import Command, common, end, ids_argument, opened, print_json

if TYPE_CHECKING:
    from pipelines.commands.publish import Outcome
    from pipelines.commands.run import Run


def say_outcome(run: Run, outcome: Outcome, as_json: bool) -> None:
    """Print what was done, and end with 1 if some dataset is blocked or failed, or a target was lost on the way."""
    from pipelines.plan import as_document
    from pipelines.reporting.printing import print_outcome

    for message in outcome.lost:
        click.echo(f"opendata: {message}", err=True)
    if as_json:
        print_json(as_document(run.name, outcome.decisions, outcome.report))
    else:
        print_outcome(outcome.decisions, outcome.report, sys.stdout, (*run.unfit, *outcome.lost))
    end(outcome.trouble or bool(outcome.lost))


def confirming(command: Command) -> Command:
    """The options by which a release that leaps away from the last one is confirmed."""
    what = "Publish a dataset though it leaps away from its last release: ID and signs, as plan shows them."
    by = click.option("--by", metavar="NAME", help="Who confirms; default: the user of this machine.")
    return click.option("--confirm", "tokens", multiple=True, metavar="ID:SIGNS", help=what)(by(command))


def _with_confirmations(run: Run, tokens: Sequence[str], by: str | None) -> Run:
    from pipelines.commands.confirming import read_confirmations

    return replace(run, confirmations=read_confirmations(tokens, by if by is not None else _user())) if tokens else run


def _user() -> str:
    """The user of this machine, by number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


@click.command()
@ids_argument
@click.option("--save", type=click.Path(path_type=Path), help="Keep the plan in a file, for publish --plan.")
@confirming
@common
def plan(
    ids: Sequence[str],
    save: Path | None,
    tokens: Sequence[str],
    by: str | None,
    workspace: Path,
    home: Path | None,
    as_json: bool,
) -> None:
    """What publish would do and why; writes nothing. A saved plan keeps what was confirmed."""
    from pipelines.commands import publish as command
    from pipelines.plan import as_document
    from pipelines.reporting.printing import print_plan

    with opened(workspace, home, as_json, leave_home=True, targets=True) as run:
        outcome = command.plan(_with_confirmations(run, tokens, by), ids, save)
        if as_json:
            print_json(as_document(run.name, outcome.decisions, None))
        else:
            print_plan(outcome.decisions, sys.stdout)
    end(outcome.trouble)


@click.command()
@ids_argument
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="Do exactly this saved plan, or nothing.")
@confirming
@common
def publish(
    ids: Sequence[str],
    plan_file: Path | None,
    tokens: Sequence[str],
    by: str | None,
    workspace: Path,
    home: Path | None,
    as_json: bool,
) -> None:
    """Print the plan, then do it: check, package, publish, prove.

    Of datasets that are named, every published byte is read again, and put back where it differs.
    """
    from pipelines.commands import publish as command
    from pipelines.reporting.printing import print_plan

    with opened(workspace, home, as_json, targets=True) as run:
        run = _with_confirmations(run, tokens, by)
        outcome = command.publish(run, ids, plan_file, lambda planned: print_plan(planned, _beside_json(as_json)))
        say_outcome(run, outcome, as_json)


def _beside_json(as_json: bool) -> TextIO:
    return sys.stderr if as_json else sys.stdout


@click.command()
@ids_argument
@common
def status(ids: Sequence[str], workspace: Path, home: Path | None, as_json: bool) -> None:
    """Where each dataset stands: release, age against its promised cycle, what each target shows."""
    from pipelines.commands import standing
    from pipelines.reporting import listing

    with opened(workspace, home, as_json, leave_home=True, targets=True) as run:
        found = standing.status(run, ids)
        if as_json:
            print_json(listing.status_document(found))
        else:
            listing.print_status(found, sys.stdout)


@click.command()
@ids_argument
@common
def verify(ids: Sequence[str], workspace: Path, home: Path | None, as_json: bool) -> None:
    """Re-read every published byte and compare it with its release."""
    from pipelines.commands import standing
    from pipelines.reporting import listing

    with opened(workspace, home, as_json, leave_home=True, targets=True) as run:
        proofs = standing.verify(run, ids)
    if as_json:
        print_json(listing.proofs_document(proofs))
    else:
        listing.print_proofs(proofs, sys.stdout)
    end(any(proof.faults for proof in proofs))


@click.command()
@ids_argument
@common
def drift(ids: Sequence[str], workspace: Path, home: Path | None, as_json: bool) -> None:
    """What someone else changed where datasets are published: as written, as it is now, as it should be."""
    from pipelines.commands import standing
    from pipelines.reporting import listing

    with opened(workspace, home, as_json, leave_home=True, targets=True) as run:
        found, trouble = standing.drift(run, ids)
    if as_json:
        print_json(listing.drift_document(found, trouble))
    else:
        listing.print_drift(found, trouble, sys.stdout)
    end(bool(found or trouble))


@click.command()
@click.argument("dataset", metavar="ID")
@click.option("--reason", required=True, help="Why; readers see it.")
@common
def withdraw(dataset: str, reason: str, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Recall a dataset from every target, with a tombstone and proof."""
    from pipelines.commands import recall
    from pipelines.commands.publish import recall as carry_out

    with opened(workspace, home, as_json, targets=True) as run:
        outcome = carry_out(run, dataset, lambda: recall.withdraw(run, dataset, reason), "withdraw")
        say_outcome(run, outcome, as_json)


@click.command()
@click.argument("dataset", metavar="ID")
@click.option("--to", "number", type=int, help="The release; default: the one before, or the last if withdrawn.")
@common
def rollback(dataset: str, number: int | None, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Put an earlier release back."""
    from pipelines.commands import recall
    from pipelines.commands.publish import recall as carry_out

    with opened(workspace, home, as_json, targets=True) as run:
        outcome = carry_out(run, dataset, lambda: recall.rollback(run, dataset, number), "rollback")
        say_outcome(run, outcome, as_json)


@click.command()
@click.option("--port", default=8000, show_default=True, help="Of the portal, on 127.0.0.1.")
@click.option("--sharing-port", default=8001, show_default=True, help="Of the sharing server, on 127.0.0.1.")
@common
def serve(port: int, sharing_port: int, workspace: Path, home: Path | None, as_json: bool) -> None:
    """The static portal on loopback, and the sharing server where something is shared."""
    from pipelines.commands.serving import open_server, sharing_server

    with (
        opened(workspace, home, as_json, leave_home=True) as run,
        open_server(run.home.portal, port) as server,
        sharing_server(run.home.sharing, sharing_port) as sharing,
    ):
        address = f"http://127.0.0.1:{server.server_port}/"
        if as_json:
            print_json({"address": address, "sharing": sharing})
        else:
            click.echo(f"{address}  (Ctrl-C ends it)")
            if sharing:
                click.echo(f"{sharing}  (for Delta Sharing clients; its page: {sharing.removesuffix('delta-sharing')})")
        sys.stdout.flush()
        server.serve_forever()


COMMANDS = (plan, publish, status, verify, drift, withdraw, rollback, serve)
