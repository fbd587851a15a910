#!/usr/bin/env python3
"""A real CKAN on loopback: start it, break it, empty it, end it. `portal.py --help` lists the commands."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from loopback import emptying, installation, lifecycle, organisations
from loopback.failure import PortalFailure
from loopback.programs import Programs, missing_packages
from loopback.services import NAMES
from loopback.stack import Stack, Wishes, load, locked

#: This program's own folder, and what it makes in the repository's `var/`.
SOURCE = Path(sys.argv[0]).resolve().parent
MADE = SOURCE.parents[1] / "var" / "ckan"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="portal.py", description=__doc__)
    parser.add_argument("--folder", type=Path, default=MADE / "trial", help="where the portal lives (%(default)s)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("missing", help="name the Debian packages that are missing, one a line")
    commands.add_parser("install", help="install CKAN, Solr and an empty portal; a second time it does nothing")
    for name, text in (("up", "start the portal"), ("configure", "give the running portal other plugins and settings")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--with", dest="plugins", action="append", default=[], metavar="PLUGIN")
        command.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    commands.choices["up"].add_argument("--port", type=int, help="CKAN's own; 0: a free one (5000, if it is free)")
    commands.add_parser("down", help="end what `up` started")
    commands.add_parser("status", help="which servers answer; ends with 1 where one does not")
    commands.add_parser("empty", help="forget all data, keep accounts and organisations")
    commands.add_parser("organisation", help="make an organisation, where it is missing").add_argument("name")
    for name, text in (
        ("start", "start servers that do not run or are paused"),
        ("kill", "end servers as a power cut would"),
        ("pause", "make servers hang"),
        ("resume", "let paused servers go on"),
    ):
        commands.add_parser(name, help=text).add_argument("names", nargs="+", choices=NAMES, metavar="SERVER")
    return parser.parse_args()


def _wishes(arguments: argparse.Namespace) -> Wishes:
    pairs = [text.partition("=") for text in arguments.settings]
    if not all(separator for _, separator, _ in pairs):
        raise PortalFailure("--set takes KEY=VALUE, a line of CKAN's configuration.")
    return Wishes(tuple(arguments.plugins), {name.strip(): value.strip() for name, _, value in pairs})


def _greeting(stack: Stack) -> str:
    """What a shell can read back: eval "$(portal.py up)"."""
    token = stack.token_file("administrator")
    return "\n".join(
        [
            f"# CKAN answers at {stack.url}/",
            f"# Tokens and passwords of its accounts, each in a file of its own: {token.parent}",
            f"export CKAN_URL={stack.url}",
            f'export CKAN_TOKEN="$(cat {shlex.quote(str(token))})"',
        ]
    )


def _say(text: str) -> None:
    print(f"set-up: {text}", file=sys.stderr, flush=True)


def _carry_out(arguments: argparse.Namespace, programs: Programs) -> int:
    if arguments.command == "missing":
        print(*missing_packages(), sep="\n")
        return 0
    if arguments.command == "install":
        with locked(programs.folder):
            installation.install(programs, _say)
        return 0
    folder = arguments.folder.resolve()
    with locked(folder):
        if arguments.command == "up":
            print(_greeting(lifecycle.up(folder, programs, _wishes(arguments), arguments.port)))
            return 0
        return _change(arguments, programs)


def _change(arguments: argparse.Namespace, programs: Programs) -> int:
    """What needs a portal that was started before."""
    stack = load(arguments.folder.resolve())
    if stack is None:
        if arguments.command == "down":
            return 0
        raise PortalFailure(f"no portal was ever started in {arguments.folder}: run `up` first.")
    if arguments.command == "status":
        states = lifecycle.states(stack, programs)
        print("\n".join(f"{name:9}{'answers' if up else 'does not answer'}" for name, up in states.items()))
        return 0 if all(states.values()) else 1
    acts: dict[str, Callable[[], object]] = {
        "down": lambda: lifecycle.down(stack),
        "empty": lambda: emptying.empty(stack),
        "organisation": lambda: organisations.ensure(stack, arguments.name),
        "configure": lambda: lifecycle.configure(stack, programs, _wishes(arguments)),
        "start": lambda: lifecycle.start(stack, programs, arguments.names),
        "kill": lambda: lifecycle.crash(stack, arguments.names),
        "pause": lambda: lifecycle.hold(stack, arguments.names, True),
        "resume": lambda: lifecycle.hold(stack, arguments.names, False),
    }
    acts[arguments.command]()
    return 0


def main() -> int:
    """Carry out one command; the answer is the exit code: 0 done, 1 failed, 2 wrong use."""
    arguments = _arguments()
    programs = Programs(SOURCE, MADE / "programs")
    try:
        return _carry_out(arguments, programs)
    except PortalFailure as failure:
        print(f"portal: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
