"""The command line: reads arguments, calls one command, prints what it returned, and turns errors into exit codes.

Nothing heavy is imported before a command runs, so that `opendata --help` answers at once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from resource_catalog import errors

if TYPE_CHECKING:
    from pipelines.commands.publish import Outcome
    from pipelines.commands.run import Run

#: Class of error → exit code (INTERFACE.md); the first that fits.
EXIT_CODES: tuple[tuple[type[errors.OpenDataError], int], ...] = (
    (errors.LockedError, 75),
    (errors.NotPermittedError, 4),
    (errors.OutsideError, 3),
    (errors.OpenDataError, 2),
)
SOME_FAILED = 1
INTERRUPTED = 128 + signal.SIGINT

Command = TypeVar("Command", bound=Callable[..., Any])


def _common(command: Command) -> Command:
    """The options that every command takes."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, the rest on stderr."),
        click.option(
            "--home", type=click.Path(path_type=Path), envvar="OPENDATA_HOME", help="Default: var/ in the workspace."
        ),
        click.option(
            "--workspace",
            type=click.Path(path_type=Path),
            envvar="OPENDATA_WORKSPACE",
            default=Path(),
            help="The agency's folder. Default: the current one.",
        ),
    ):
        command = option(command)
    return command


_ids = click.argument("ids", nargs=-1, metavar="[ID]...")


@contextmanager
def _opened(workspace: Path, home: Path | None, as_json: bool, *, leave_home: bool = False) -> Iterator[Run]:
    """A run; with `leave_home` its work files go to a folder that is gone afterwards."""
    from pipelines.commands.run import open_run
    from pipelines.progress import Progress

    with tempfile.TemporaryDirectory(prefix="opendata-") as folder, Progress(quiet=as_json) as progress:
        yield open_run(workspace, home, progress, Path(folder) if leave_home else None)


def _print_json(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def _say_outcome(run: Run, outcome: Outcome, as_json: bool) -> None:
    """Print what was done, and end with 1 if some dataset is blocked or failed."""
    from pipelines.plan import as_document
    from pipelines.printing import print_outcome

    if as_json:
        _print_json(as_document(run.name, outcome.decisions, outcome.report))
    else:
        print_outcome(outcome.decisions, outcome.report, sys.stdout)
    _end(outcome.trouble)


def _end(trouble: bool) -> None:
    if trouble:
        raise click.exceptions.Exit(SOME_FAILED)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="opendata-pipeline")
def cli() -> None:
    """From an agency's resource catalogue to published open data."""


@cli.command()
@_ids
@click.option("--save", type=click.Path(path_type=Path), help="Keep the plan in a file, for publish --plan.")
@_common
def plan(ids: Sequence[str], save: Path | None, workspace: Path, home: Path | None, as_json: bool) -> None:
    """What publish would do and why; writes nothing."""
    from pipelines.commands import publish as command
    from pipelines.plan import as_document
    from pipelines.printing import print_plan

    with _opened(workspace, home, as_json, leave_home=True) as run:
        outcome = command.plan(run, ids, save)
        if as_json:
            _print_json(as_document(run.name, outcome.decisions, None))
        else:
            print_plan(outcome.decisions, sys.stdout)
    _end(outcome.trouble)


@cli.command()
@_ids
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="Do exactly this saved plan, or nothing.")
@_common
def publish(ids: Sequence[str], plan_file: Path | None, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Print the plan, then do it: check, package, publish, prove."""
    from pipelines.commands import publish as command
    from pipelines.printing import print_plan

    with _opened(workspace, home, as_json) as run:
        outcome = command.publish(run, ids, plan_file, lambda planned: print_plan(planned, _out(as_json)))
        _say_outcome(run, outcome, as_json)


def _out(as_json: bool) -> Any:
    return sys.stderr if as_json else sys.stdout


@cli.command()
@_ids
@click.option("--data", type=click.Path(path_type=Path), help="Check this file instead, against --schema.")
@click.option("--schema", type=click.Path(path_type=Path), help="A Table Schema, for --data.")
@_common
def check(
    ids: Sequence[str], data: Path | None, schema: Path | None, workspace: Path, home: Path | None, as_json: bool
) -> None:
    """The quality self-check, without publishing."""
    from pipelines.commands import checking
    from pipelines.printing import print_outcome, print_plan

    if (data is None) != (schema is None):
        raise errors.UsageError("--data and --schema go together", fix="name both, or neither")
    if data and schema:
        with tempfile.TemporaryDirectory(prefix="opendata-") as folder:
            decisions = [checking.check_file(data, schema, Path(folder))]
    else:
        with _opened(workspace, home, as_json, leave_home=True) as run:
            decisions = checking.check_catalogued(run, ids)
    if as_json:
        _print_json(checking.as_document(decisions))
    else:
        print_plan(decisions, sys.stdout)
        print_outcome(decisions, None, sys.stdout)
    _end(any(decision.verdict != "unchanged" for decision in decisions))


@cli.command()
@_ids
@_common
def status(ids: Sequence[str], workspace: Path, home: Path | None, as_json: bool) -> None:
    """Where each dataset stands: release, age against its promised cycle, what each target shows."""
    from pipelines import listing
    from pipelines.commands import standing

    with _opened(workspace, home, as_json, leave_home=True) as run:
        found = standing.status(run, ids)
        if as_json:
            _print_json(listing.status_document(found))
        else:
            listing.print_status(found, sys.stdout)


@cli.command()
@_ids
@_common
def verify(ids: Sequence[str], workspace: Path, home: Path | None, as_json: bool) -> None:
    """Re-read every published byte and compare it with its release."""
    from pipelines import listing
    from pipelines.commands import standing

    with _opened(workspace, home, as_json, leave_home=True) as run:
        proofs = standing.verify(run, ids)
    if as_json:
        _print_json(listing.proofs_document(proofs))
    else:
        listing.print_proofs(proofs, sys.stdout)
    _end(any(proof.faults for proof in proofs))


@cli.command()
@click.argument("dataset", metavar="ID")
@click.option("--reason", required=True, help="Why; readers see it.")
@_common
def withdraw(dataset: str, reason: str, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Recall a dataset from every target, with a tombstone and proof."""
    from pipelines.commands import recall
    from pipelines.commands.publish import recall as carry_out

    with _opened(workspace, home, as_json) as run:
        outcome = carry_out(run, lambda: recall.withdraw(run, dataset, reason), "withdraw")
        _say_outcome(run, outcome, as_json)


@cli.command()
@click.argument("dataset", metavar="ID")
@click.option("--to", "number", type=int, help="The release; default: the one before, or the last if withdrawn.")
@_common
def rollback(dataset: str, number: int | None, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Put an earlier release back."""
    from pipelines.commands import recall
    from pipelines.commands.publish import recall as carry_out

    with _opened(workspace, home, as_json) as run:
        outcome = carry_out(run, lambda: recall.rollback(run, dataset, number), "rollback")
        _say_outcome(run, outcome, as_json)


@cli.group()
def catalog() -> None:
    """The catalogue itself: check it, keep it in a spreadsheet."""


@catalog.command("check")
@_common
def catalog_check(workspace: Path, home: Path | None, as_json: bool) -> None:
    """Every fault of the entries, with its owner and its fix."""
    from pipelines import listing
    from resource_catalog.catalog import check_catalog

    with _opened(workspace, home, as_json, leave_home=True) as run:
        faults = check_catalog(run.catalog)
        if as_json:
            _print_json(listing.faults_document(faults))
        else:
            listing.print_faults(faults, len(run.catalog.entries), sys.stdout)
    _end(any(fault.severity == "must" for fault in faults))


@catalog.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@_common
def catalog_export(file: Path, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Write the catalogue as a workbook in the national template's columns."""
    from resource_catalog.national_template import export_catalog

    with _opened(workspace, home, as_json, leave_home=True) as run:
        if run.catalog.broken:
            names = ", ".join(entry.id for entry in run.catalog.broken)
            raise errors.WorkspaceError(f"entries that can't be read would be lost: {names}", fix="mend them first")
        export_catalog(run.catalog, file)
        facts = {"file": str(file), "entries": len(run.catalog.entries)}
    _print_json(facts) if as_json else click.echo(f"{facts['entries']} entries written to {file}")


@catalog.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_common
def catalog_import(file: Path, workspace: Path, home: Path | None, as_json: bool) -> None:
    """Write entries from a workbook in the national template's columns; all of them, or none."""
    from pipelines import listing
    from resource_catalog.national_template import import_catalog
    from resource_catalog.workspace import open_workspace

    summary = import_catalog(file, open_workspace(workspace))
    if as_json:
        _print_json(listing.import_document(summary))
    else:
        listing.print_import(summary, sys.stdout)
    _end(bool(summary.faults))


@cli.command()
@click.option("--port", default=8000, show_default=True, help="On 127.0.0.1.")
@_common
def serve(port: int, workspace: Path, home: Path | None, as_json: bool) -> None:
    """The static portal on loopback."""
    from pipelines.commands.serving import open_server

    with _opened(workspace, home, as_json, leave_home=True) as run, open_server(run.home.portal, port) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        _print_json({"address": address}) if as_json else click.echo(f"{address}  (Ctrl-C ends it)")
        sys.stdout.flush()
        server.serve_forever()


@cli.command("schema")
@click.argument("kind", type=click.Choice(["entry", "agency"]), default="entry")
@_common
def schema_command(kind: str, workspace: Path, home: Path | None, as_json: bool) -> None:
    """The JSON Schema of an entry or of agency.yaml, for editors."""
    from resource_catalog.json_schema import agency_json_schema, entry_json_schema

    _print_json(entry_json_schema() if kind == "entry" else agency_json_schema())


def _exit_code(error: errors.OpenDataError) -> int:
    return next(code for kind, code in EXIT_CODES if isinstance(error, kind))


def _on_terminate(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


def main() -> None:
    """The console script."""
    signal.signal(signal.SIGTERM, _on_terminate)
    try:
        code = cli.main(standalone_mode=False)
    except errors.OpenDataError as error:
        click.echo(f"opendata: {error}", err=True)
        code = _exit_code(error)
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("opendata: interrupted; run it again to complete", err=True)
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to say, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
