"""The command line: reads arguments, calls one command, prints what it returned, and turns errors into exit codes.

Nothing heavy is imported before a command runs, so that `opendata --help` answers at once.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn, TextIO

import click

from pipelines.cli import bureaus, catalog, checking, contracts, datasets, needs, receipts
from resource_catalog import errors

#: Class of error → exit code (INTERFACE.md); the first that fits.
EXIT_CODES: tuple[tuple[type[errors.OpenDataError], int], ...] = (
    (errors.LockedError, 75),
    (errors.NotPermittedError, 4),
    (errors.OutsideError, 3),
    (errors.OpenDataError, 2),
)
INTERRUPTED = 128 + signal.SIGINT
#: Python's own 700 new objects cost a sixth of a short command's time: what a command imports and builds, it keeps.
_COLLECT_AFTER = 50_000


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="opendata-pipeline")
def cli() -> None:
    """From an agency's resource catalogue to published open data."""


_GROUPS = (datasets, checking, catalog, bureaus, needs, contracts, receipts)
for _command in (command for group in _GROUPS for command in group.COMMANDS):
    cli.add_command(_command)


def _exit_code(error: errors.OpenDataError) -> int:
    return next(code for kind, code in EXIT_CODES if isinstance(error, kind))


class _Terminated(SystemExit):
    """Somebody asked the program to end."""


def _on_terminate(_signal: int, _frame: object) -> NoReturn:
    raise _Terminated(128 + signal.SIGTERM)


def _never_fail_to_print(stream: TextIO) -> None:
    """Where a terminal can't show a character, show its code instead of ending in a traceback."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")


def _run() -> int:
    """Run the command; unlike click's own `main` it leaves a reader who has gone to us."""
    try:
        with cli.make_context("opendata", sys.argv[1:]) as context:
            cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as ending:
        return ending.exit_code
    return 0


def main() -> None:
    """The console script."""
    gc.set_threshold(_COLLECT_AFTER)
    signal.signal(signal.SIGTERM, _on_terminate)
    _never_fail_to_print(sys.stdout)
    _never_fail_to_print(sys.stderr)
    try:
        code = _run()
    except errors.OpenDataError as error:
        click.echo(f"opendata: {error}", err=True)
        code = _exit_code(error)
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("opendata: interrupted; run it again to complete", err=True)
        code = INTERRUPTED
    except _Terminated:
        click.echo("opendata: ended; run it again to complete", err=True)
        code = 128 + signal.SIGTERM
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to say, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)
