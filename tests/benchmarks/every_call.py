"""Every call of a publication to a real CKAN, and of a withdrawal, fails in every way: which invariants hold then.

`python -m tests.benchmarks.every_call` makes a trial for each call and each way to fail: the disturbed run, a look as
anybody, a rerun, another look, and a further run that must write nothing. One line each; the last says how many ended
how. It takes hours; `--modes`, `--calls writes`, `--ways` and `--commands` ask for less. The tests take the writes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.portal_readers import running
from tests.broken_invariants import after_publish, after_withdrawal
from tests.disturbed_office import DISTURBED, PUBLISH, WITHDRAW, DisturbedOffice, disturbed_office
from tests.failing_calls import MODES, Disturbed, fail_each_call
from tests.fault_proxy import Sent
from tests.portal_factory import Portal

#: From the n-th call about one dataset on, all calls about it fail.
ALWAYS = "for good"
_KILLS = ("killed before", "killed after")


def _counted(office: DisturbedOffice, mode: str, calls: str) -> Callable[[Sent], bool]:
    """Which calls fail; a kill at a call that only reads is one at the write before or after it."""
    if mode == ALWAYS:
        return office.concerns
    if mode in _KILLS or calls == "writes":
        return lambda sent: sent.writes
    return lambda sent: True


def _trials(office: DisturbedOffice, command: str, mode: str, calls: str) -> Iterator[tuple[Disturbed, list[str]]]:
    """Each disturbed run, and what did not hold after it."""
    expected = _undisturbed(office, command)

    def prepare(_number: int) -> None:
        if command == "publish":
            office.change()
        elif office.standing()["withdrawn"]:
            office.must_run("rollback", DISTURBED)

    words, check = (PUBLISH, after_publish) if command == "publish" else (WITHDRAW, after_withdrawal)
    for run in fail_each_call(
        office.office.proxy,
        lambda: office.start(*words),
        MODES["status" if mode == ALWAYS else mode],
        prepare=prepare,
        times=None if mode == ALWAYS else 1,
        where=_counted(office, mode, calls),
    ):
        yield run, check(office, run, expected)


def _undisturbed(office: DisturbedOffice, command: str) -> Mapping[str, Any]:
    """The portal's state after a run without a fault."""
    if command == "publish":
        office.change()
        office.must_run(*PUBLISH)
        return office.state()
    for _ in range(2):  # the first withdrawal finds more releases than those after it
        if office.standing()["withdrawn"]:
            office.must_run("rollback", DISTURBED)
        office.must_run(*WITHDRAW)
    return office.state()


def _try(portal: Portal, way: str, command: str, asked: argparse.Namespace) -> Counter[str]:
    """All trials of one command by one way; how many ended how."""
    ended: Counter[str] = Counter()
    with (
        tempfile.TemporaryDirectory(prefix="every-call-") as name,
        disturbed_office(Path(name), portal, f"{way}-{command}-", way) as office,
    ):
        for mode in asked.modes.split(","):
            for run, broken in _trials(office, command, mode, asked.calls):
                ended[f"{mode}: {'broken' if broken else 'held'}, exit {run.code}"] += 1
                print(way, command, mode, run.number, run.call.place, run.code, *broken, sep="  ", flush=True)
    return ended


def main() -> int:
    """Try what is asked for; 0 where every invariant held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ways", default="plugin,stock")
    parser.add_argument("--commands", default="publish,withdraw")
    parser.add_argument("--modes", default=",".join((*MODES, ALWAYS)))
    parser.add_argument("--calls", choices=("all", "writes"), default="all")
    asked = parser.parse_args()
    ended: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="every-call-") as name:
        Path(name).chmod(0o711)  # PostgreSQL's account passes through it
        with running(Path(name) / "portal") as portal:
            portal.configure(plugins=("release",))
            for way in asked.ways.split(","):
                for command in asked.commands.split(","):
                    portal.control("empty")
                    ended += _try(portal, way, command, asked)
    for how, number in sorted(ended.items()):
        print(f"{number:5}  {how}")
    print(f"{ended.total():5}  points")
    return 1 if any("broken" in how for how in ended) else 0


if __name__ == "__main__":
    sys.exit(main())
