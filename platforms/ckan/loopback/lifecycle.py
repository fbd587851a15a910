"""Starting and ending a portal, whole or server by server."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Collection, Iterable
from pathlib import Path

from loopback import configuration, database
from loopback.failure import PortalFailure
from loopback.processes import remember, remembered, send, spawn, stop, wait_until
from loopback.programs import Programs
from loopback.services import CRASH, END, NAMES, Service, birth, services
from loopback.stack import Stack, Wishes, choose, load, save, with_wishes

_SECONDS_TO_START = 90
#: A busy server may miss one question, such as a worker between two jobs.
_SECONDS_TO_ANSWER = 5
#: CKAN opens its database while it loads; Solr it asks only later, so those three load side by side.
_TOGETHER = (("postgres", "redis"), ("solr", "ckan", "worker"))


def up(folder: Path, programs: Programs, wishes: Wishes, port: int | None) -> Stack:
    """Start the portal of a folder, or find that it runs as wished."""
    before = load(folder)
    if before and any(birth(before, name) for name in NAMES):
        _refuse_half(before, programs)
        _refuse_other(before, wishes, port)
        return before
    stack = choose(folder, wishes, port)
    configuration.plugins(stack, programs)
    furnish(stack, programs)
    save(stack)
    try:
        start(stack, programs, NAMES)
    except PortalFailure:
        down(stack)
        raise
    return stack


def _refuse_half(stack: Stack, programs: Programs) -> None:
    dead = [name for name, is_up in states(stack, programs).items() if not is_up]
    if dead:
        logs = ", ".join(str(stack.log(name)) for name in dead)
        raise PortalFailure(
            f"this portal is half up: {', '.join(dead)} does not answer. Read {logs}; then take it down and up again."
        )


def _refuse_other(stack: Stack, wishes: Wishes, port: int | None) -> None:
    if port and port != stack.ports.ckan:
        raise PortalFailure(f"this portal runs at {stack.url}: take it down first to start it on another port.")
    if wishes != stack.wishes:
        raise PortalFailure("this portal runs with other plugins or settings: `configure` changes them.")


def furnish(stack: Stack, programs: Programs) -> None:
    """Make a new folder a copy of the founded, empty portal; write what the servers read when they start."""
    if not (stack.folder / "secrets.json").exists():
        if not programs.empty_portal.exists():
            raise PortalFailure("the portal's programs are not installed here: run portal.py install first.")
        stack.folder.chmod(0o711)  # PostgreSQL's account passes through it
        new = database.folder_of(stack)
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(programs.empty_portal / "accounts", stack.folder / "accounts", dirs_exist_ok=True)
        shutil.copytree(database.folder_of(Stack(programs.empty_portal, stack.ports, stack.wishes)), new)
        database.give(new)
        # Last: it says that the rest is whole.
        shutil.copy(programs.empty_portal / "secrets.json", stack.folder / "secrets.json")
    stack.storage.mkdir(exist_ok=True)
    stack.log("ckan").parent.mkdir(mode=0o700, exist_ok=True)
    configuration.write_solr(stack, programs)
    configuration.write_ckan(stack, programs)


def start(stack: Stack, programs: Programs, wanted: Collection[str]) -> None:
    """Start those servers that are not running, let paused ones go on, and wait until each answers."""
    known = services(stack, programs)
    for together in _TOGETHER:
        asked = [known[name] for name in together if name in wanted]
        found = [service for service in asked if _goes_on(stack, service)]
        for service in asked:
            if service not in found:
                _spawn(stack, service)
        for service in asked:
            _await(stack, service, found=service in found)


def _goes_on(stack: Stack, service: Service) -> bool:
    """Whether a server runs already; a paused one goes on."""
    running = birth(stack, service.name)
    if running is not None:
        send(running, signal.SIGCONT)
    return running is not None


def _spawn(stack: Stack, service: Service) -> None:
    born = spawn(service.command, stack.log(service.name), stack.folder, service.account)
    remember(born, stack.process(service.name))


def _await(stack: Stack, service: Service, *, found: bool) -> None:
    """Wait until a server answers; one that was found running is started anew if it ends meanwhile.

    A worker whose Redis went away may take a while to end of it, and is still there when both are to start.
    """

    def settled() -> bool:
        return birth(stack, service.name) is None or service.is_ready()

    if not wait_until(settled, _SECONDS_TO_START):
        raise PortalFailure(f"{service.name} does not answer after {_SECONDS_TO_START} s: {stack.log(service.name)}")
    if birth(stack, service.name) is None and found:
        _spawn(stack, service)
        _await(stack, service, found=False)
    elif birth(stack, service.name) is None:
        raise PortalFailure(f"{service.name} ended as soon as it was started; why: {stack.log(service.name)}")


def states(stack: Stack, programs: Programs) -> dict[str, bool]:
    """Which servers run and answer."""

    def answers(service: Service) -> bool:
        return birth(stack, service.name) is not None and wait_until(service.is_ready, _SECONDS_TO_ANSWER)

    return {name: answers(service) for name, service in services(stack, programs).items()}


def down(stack: Stack) -> None:
    """End what was started for this portal, and nothing else."""
    for name in reversed(NAMES):
        _end(stack, name, END[name])


def crash(stack: Stack, names: Iterable[str]) -> None:
    """End servers without a word, as a power cut would."""
    for name in names:
        _end(stack, name, CRASH[name])


def _end(stack: Stack, name: str, asked: signal.Signals) -> None:
    kept = remembered(stack.process(name))
    if kept is not None:
        stop(kept, asked)
        stack.process(name).unlink(missing_ok=True)


def hold(stack: Stack, names: Iterable[str], held: bool) -> None:
    """Make servers hang, connections open and nothing answered; or let them go on."""
    for name in names:
        running = birth(stack, name)
        if running is None:
            raise PortalFailure(f"{name} is not running: start it first.")
        send(running, signal.SIGSTOP if held else signal.SIGCONT)


def configure(stack: Stack, programs: Programs, wishes: Wishes) -> Stack:
    """Give a running portal other plugins and settings; CKAN starts anew where that changes anything."""
    if wishes == stack.wishes:
        return stack
    changed = with_wishes(stack, wishes)
    configuration.write_ckan(changed, programs)
    save(changed)
    for name in ("worker", "ckan"):
        _end(changed, name, END[name])
    start(changed, programs, ("ckan", "worker"))
    return changed
