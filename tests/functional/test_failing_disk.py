"""A disk that fails in any step, and one that forgets at a power cut what was not synced: no half object, ever."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pipelines.ledger import Act, Ledger
from tests.killed_runs import portal_faults, state_of, store_faults
from tests.workspace_factory import PORTS, TODAY, PortOffice, make_port_office, snapshot

#: What makes something durable or puts it in its place.
_STEPS = ("fsync", "rename", "replace", "symlink", "mkdir")
_TRIED = 16


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    """An office that has published, and whose ports have changed since; its home is kept aside."""
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path, ("ports",))
    assert office.run("publish").code == 0
    shutil.copytree(office.home, tmp_path / "kept", symlinks=True)
    office.ports(PORTS[:3])
    return office


def _place(argument: Any) -> str:
    return str(Path(f"/proc/self/fd/{argument}").readlink()) if isinstance(argument, int) else str(argument)


@dataclass
class Disk:
    """Counts the steps below a folder, and fails at the n-th; 0 fails at none."""

    folder: Path
    failing: int = 0
    steps: int = 0

    def wrap(self, name: str, patch: pytest.MonkeyPatch) -> None:
        real: Callable[..., Any] = getattr(os, name)

        def step(*arguments: Any, **options: Any) -> Any:
            place = _place(arguments[name in ("rename", "replace", "symlink")])
            if place.startswith(str(self.folder)) and not (name == "mkdir" and Path(place).exists()):
                self.steps += 1
                if self.steps == self.failing:
                    raise OSError(errno.EIO, os.strerror(errno.EIO), place)
            return real(*arguments, **options)

        patch.setattr(os, name, step)


def publish_on(disk: Disk, office: PortOffice) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for name in _STEPS:
            disk.wrap(name, patch)
        return office.run("publish")


def test_a_disk_that_fails_in_any_step_leaves_whole_releases_and_the_rerun_completes(
    changed: PortOffice, tmp_path: Path
) -> None:
    office = changed
    undisturbed = Disk(office.home)
    answer = publish_on(undisturbed, office)
    assert answer.code == 0, answer.out
    expected = state_of(office)
    assert undisturbed.steps > _TRIED
    for number in range(1, undisturbed.steps + 1, -(-undisturbed.steps // _TRIED)):
        shutil.rmtree(office.home)
        shutil.copytree(tmp_path / "kept", office.home, symlinks=True)
        answer = publish_on(Disk(office.home, number), office)
        said = answer.out + answer.err
        assert answer.code in (1, 3), (number, said)
        assert "fault of the program" not in said, number
        assert "Traceback" not in said
        assert "Input/output error" in said, number
        assert portal_faults(office) + store_faults(office) == [], number
        assert office.run("publish").code == 0, number
        found = state_of(office)
        assert {part: one for part, one in found.items() if one != expected[part]} == {}, number
        before = snapshot(office.home)
        assert office.run("publish").code == 0
        assert snapshot(office.home) == before, number


@dataclass
class Durable:
    """What would survive a power cut: contents by inode as they were synced, and folders whose names were not yet."""

    folder: Path
    synced: dict[int, tuple[int, int]] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)
    shown: int = 0
    lost: list[str] = field(default_factory=list)

    def sync(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        self.synced[found.st_ino] = (found.st_mtime_ns, found.st_size)
        self.pending.discard(_place(descriptor))

    def show(self, source: Any, goal: Any) -> None:
        """A rename: all that it puts in its place has to be durable by now."""
        goal = Path(goal)
        if not goal.is_relative_to(self.folder) or goal.relative_to(self.folder).parts[0] == "work":
            return
        self.shown += 1
        path = Path(source)
        for one in (path, *path.rglob("*")):
            found = one.lstat()
            if one.is_symlink() or self.synced.get(found.st_ino) == (found.st_mtime_ns, found.st_size):
                continue
            self.lost.append(f"{one} is shown as {goal} and not synced")
        self.pending.add(str(goal.parent))

    def note(self) -> None:
        """An act of the ledger: what it tells of has to be found after a power cut."""
        self.lost += [f"the ledger tells of names in {folder} that are not synced" for folder in sorted(self.pending)]


@pytest.fixture
def durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Durable]:
    found = Durable(tmp_path / "home")
    fsync, append = os.fsync, Ledger.append

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        found.sync(descriptor)

    def appended(ledger: Ledger, *acts: Act) -> None:
        found.note()
        append(ledger, *acts)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Ledger, "append", appended)
    for name in ("rename", "replace"):
        real = getattr(os, name)

        def shown(source: Any, goal: Any, real: Callable[..., Any] = real, **options: Any) -> None:
            found.show(source, goal)
            real(source, goal, **options)

        monkeypatch.setattr(os, name, shown)
    yield found


def test_nothing_is_shown_or_noted_that_a_power_cut_would_lose(
    durable: Durable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path, ("ports", "wrecks"))
    assert office.run("publish").code == 0
    office.ports(PORTS[:3])
    assert office.run("publish").code == 0
    assert office.run("rollback", "ports").code == 0
    assert office.run("withdraw", "ports", "--reason", "数据有误").code == 0
    durable.note()
    assert durable.shown > 20
    assert "\n".join(durable.lost) == ""


@pytest.mark.parametrize("lost", [lambda ledger: ledger.write_bytes(b""), lambda ledger: ledger.unlink()])
def test_a_ledger_that_lost_everything_is_told_by_what_readers_see(
    changed: PortOffice, lost: Callable[[Path], None]
) -> None:
    lost(changed.home / "ledger.sqlite")
    before = snapshot(changed.portal)
    answer = changed.run("publish")
    assert answer.code == 1
    assert "the ledger knows of none after 0" in answer.datasets["ports"]["reason"]
    assert snapshot(changed.portal) == before
