"""Kills the upkeep of a shared table's log at its first, second, third … step on the disk.

A program of its own, since deltalake can't go on in a fork of a process that used it: `python -m
tests.killed_shortening BASE FOLDER HOURS…` leaves, in FOLDER/1, FOLDER/2 …, copies of the factory's folder BASE in
which sweeps so many hours after the factory's start were killed at that step; the last one was not.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from pipelines.targets.sharing import log_shortening
from tests.killed_at_step import killed_at
from tests.shared_tables import ShareFactory


def main(arguments: Sequence[str]) -> None:
    """Do it; prints nothing."""
    base, folder, *hours = arguments
    log_shortening.EVERY = 4
    step, killed = 0, True
    while killed:
        step += 1
        factory = ShareFactory(Path(folder) / f"{step}", keep_days=3)
        shutil.copytree(base, factory.root)

        def work(factory: ShareFactory = factory) -> None:
            sweep(factory, [int(one) for one in hours])

        killed = killed_at(step, factory.root / "sharing", work)


def sweep(factory: ShareFactory, hours: Sequence[int]) -> None:
    """What runs do that find nothing to publish."""
    factory.sharing.recover()
    for one in hours:
        factory.sharing.sweep(factory.at(0, hours=one))


if __name__ == "__main__":
    main(sys.argv[1:])
