"""The commands on datasets: plan, publish, check, status, verify, drift, withdraw, rollback, serve."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from pipelines.cli.options import common, end, ids_argument, opened, print_json
from resource_catalog import errors

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


@click.command()
@ids_argument
@click.option("--save", type=click.Path(path_type=Path), help="Keep the plan in a file, for publish --plan.")
@common
def plan(ids: Sequence[str], save: Path | None, workspace: Path, home: Path | None, as_json: bool) -> None:
    """What publish would do and why; writes nothing."""
    from pipelines.commands import publish as command
    from pipelines.plan import as_document
    from pipelines.reporting.printing import print_plan

    with opened(workspace, home, as_json, leave_home=True, targets=True) as run:
        outcome = command.plan(run, ids, save)
        if as_json:
            print_json(as_document(run.name, outcome.decisions, None))
        else:
            print_plan(outcome.decisions, sys.stdout)
    end(outcome.trouble)


@click.command()
@ids_argument
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="Do exactly this saved plan, or nothing.")
@common
def publish(ids: Sequence[str], plan_file: Path | None, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Print the plan, then do it: check, package, publish, prove.

    Of datasets that are named, every published byte is read again, and put back where it differs.
    """
    from pipelines.commands import publish as command
    from pipelines.reporting.printing import print_plan

    with opened(workspace, home, as_json, targets=True) as run:
        outcome = command.publish(run, ids, plan_file, lambda planned: print_plan(planned, _beside_json(as_json)))
        say_outcome(run, outcome, as_json)


def _beside_json(as_json: bool) -> TextIO:
    return sys.stderr if as_json else sys.stdout


@click.command()
@ids_argument
@click.option("--data", type=click.Path(path_type=Path), help="Check this file instead, against --schema.")
@click.option("--schema", type=click.Path(path_type=Path), help="A Table Schema, for --data.")
@click.option("--repairs", type=click.Path(path_type=Path), help="List every repaired cell there, a CSV per dataset.")
@common
def check(
    ids: Sequence[str],
    data: Path | None,
    schema: Path | None,
    repairs: Path | None,
    workspace: Path,
    home: Path | None,
    as_json: bool,
) -> None:
    """The quality self-check, without publishing."""
    from pipelines.commands import checking
    from pipelines.plan import TROUBLE
    from pipelines.reporting.check_lines import print_check

    if (data is None) != (schema is None):
        raise errors.UsageError("--data and --schema go together", fix="name both, or neither")
    if data and schema:
        with tempfile.TemporaryDirectory(prefix="opendata-") as folder:
            decisions = [checking.check_file(data, schema, Path(folder))]
    else:
        with opened(workspace, home, as_json, leave_home=True) as run:
            decisions = checking.check_catalogued(run, ids, repairs)
    if as_json:
        print_json(checking.as_document(decisions))
    else:
        print_check(decisions, sys.stdout)
    end(any(decision.verdict in TROUBLE for decision in decisions))


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
@click.option("--port", default=8000, show_default=True, help="On 127.0.0.1.")
@common
def serve(port: int, workspace: Path, home: Path | None, as_json: bool) -> None:
    """The static portal on loopback."""
    from pipelines.commands.serving import open_server

    with opened(workspace, home, as_json, leave_home=True) as run, open_server(run.home.portal, port) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        print_json({"address": address}) if as_json else click.echo(f"{address}  (Ctrl-C ends it)")
        sys.stdout.flush()
        server.serve_forever()


COMMANDS = (plan, publish, check, status, verify, drift, withdraw, rollback, serve)
