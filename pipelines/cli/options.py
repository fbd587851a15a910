"""What every command shares: its options, the run that it opens, and how it prints and ends."""

from __future__ import annotations

import datetime
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from resource_catalog.errors import UsageError

if TYPE_CHECKING:
    from pipelines.commands.run import Run

SOME_FAILED = 1

Command = TypeVar("Command", bound=Callable[..., Any])
Found = TypeVar("Found")


def common(command: Command) -> Command:
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


ids_argument = click.argument("ids", nargs=-1, metavar="[ID]...")


@contextmanager
def opened(
    workspace: Path, home: Path | None, as_json: bool, *, leave_home: bool = False, targets: bool = False
) -> Iterator[Run]:
    """A run; with `leave_home` its work files go to a folder that is gone afterwards.

    With `targets` each is asked whether it is fit; one that is not is told on stderr, and makes the command end with 1.
    """
    from pipelines.commands.fitness import with_fit_targets
    from pipelines.commands.run import open_run
    from pipelines.engines.duck import shared_instance
    from pipelines.reporting.progress import Progress

    with tempfile.TemporaryDirectory(prefix="opendata-") as folder, Progress(quiet=as_json) as progress:
        run = open_run(workspace, home, progress, Path(folder) if leave_home else None)
        run = with_fit_targets(run) if targets else run
        for message in run.unfit:
            click.echo(f"opendata: {message}", err=True)
        # Only who writes releases needs the extension.
        extensions = ["excel"] if targets else []
        with shared_instance(run.work, [run.home.releases, run.home.shared, run.home.sharing], extensions):
            yield run
    end(bool(run.unfit))


def read_day(text: str, option: str) -> datetime.date:
    """The day that an option names.

    Raises:
        UsageError: it is no date.
    """
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", where=option, fix="write YYYY-MM-DD") from error


def words_of(text: str) -> tuple[str, ...]:
    """The words of an option that lists some, separated by commas."""
    return tuple(word.strip() for word in re.split(r"[,，、]", text) if word.strip())


def print_json(document: Any) -> None:
    """One document on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def tell(found: Found, as_json: bool, document: Callable[[Found], Any], show: Callable[[Found, TextIO], None]) -> None:
    """What a command found: as one JSON document, or as lines for people."""
    if as_json:
        print_json(document(found))
    else:
        show(found, sys.stdout)


def end(trouble: bool) -> None:
    """End with 1 where something is blocked, failed or different."""
    if trouble:
        raise click.exceptions.Exit(SOME_FAILED)
