"""A run that is killed, stopped, short of disk or not alone: readers keep what they had, and a rerun completes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.killed_runs import portal_faults, release_faults, state_of, store_faults
from tests.workspace_factory import OPEN, PORTS, TODAY, PortOffice, make_port_office, snapshot

ROOT = Path(__file__).parents[2]


def start(office: PortOffice, *words: str) -> subprocess.Popen[str]:
    places = ["--workspace", str(office.root), "--home", str(office.home)]
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *words, *places],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENDATA_TODAY": TODAY, "COLUMNS": "120"},
    )


def killed_everywhere(folder: Path, *words: str) -> list[dict[str, Any]]:
    run = subprocess.run(
        [sys.executable, "-m", "tests.killed_runs", str(folder), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENDATA_TODAY": TODAY},
    )
    assert run.returncode == 0, run.stderr
    outcomes: list[dict[str, Any]] = json.loads(run.stdout)
    return outcomes


@pytest.mark.faults
@pytest.mark.parametrize("case", ["first", "update", "withdraw", "rollback"])
def test_killed_at_every_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    office = make_port_office(tmp_path, ["ports"])
    words = ["publish"]
    if case != "first":
        assert office.run("publish").code == 0
        office.ports(PORTS[:3])
    if case == "rollback":
        assert office.run("publish").code == 0
        words = ["rollback", "ports"]
    if case == "withdraw":
        words = ["withdraw", "ports", "--reason", "数据有误"]
    *killed, whole = killed_everywhere(tmp_path, *words)
    assert whole["ended"] == 0
    assert len(killed) > 15
    assert all(outcome["ended"] == "killed" for outcome in killed)
    for outcome in (*killed, whole):
        assert (outcome["step"], outcome["faults"]) == (outcome["step"], [])
        assert (outcome["step"], outcome["codes"], outcome["said"]) == (outcome["step"], [0, 0], "")
        assert (outcome["step"], outcome["differs"]) == (outcome["step"], [])
        assert outcome["rested"]


@contextlib.contextmanager
def holding(office: PortOffice) -> Iterator[subprocess.Popen[str]]:
    """A run that stands still under the lock, because the plan that it prints has no reader yet."""
    for number in range(400):
        office.entry("buoys", summary="长" * 500)
        office.add(f"held-{number:03d}", f"307003/{number:06d}", office.schemas["crews"], **{
            key: value for key, value in office.entries["crews"].items() if key not in ("id", "code")
        } | {"title": f"暂不公开{number}", "openness_basis": "个人信息" * 60})  # fmt: skip
    run = start(office, "publish")
    assert run.stdout is not None
    run.stdout.read(1)  # the plan has begun, and its rest waits in the pipe
    try:
        yield run
    finally:
        run.kill()
        run.communicate()


def test_second_run_names_the_first_and_ends_with_75(published: PortOffice) -> None:
    office = published
    with holding(office) as first:
        for words in (["publish"], ["withdraw", "ports", "--reason", "x"], ["rollback", "ports"]):
            answer = office.run(words[0], *words[1:])
            assert answer.code == 75
            assert f"process {first.pid}" in answer.err
        assert office.run("status").code == 0
        assert office.run("plan").code == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_under_the_lock(office: PortOffice, number: int, code: int) -> None:
    with holding(office) as run:
        run.send_signal(number)
        _, said = run.communicate()
    assert run.returncode == code
    assert "Traceback" not in said
    assert not (office.home / "work").exists()
    assert office.run("publish").code == 0


@pytest.mark.parametrize("stage", ["extract", "check", "compare", "package", "publish", "prove"])
def test_ctrl_c_at_a_stage_and_the_rerun_completes(tmp_path: Path, office: PortOffice, stage: str) -> None:
    undisturbed = make_port_office(tmp_path / "undisturbed")
    assert undisturbed.run("publish").code == 0
    run = start(office, "publish")
    assert run.stderr is not None
    for line in run.stderr:
        if line.rstrip().endswith(f"  {stage}"):
            run.send_signal(signal.SIGINT)
            break
    _, said = run.communicate()
    assert run.returncode == 130
    assert "Traceback" not in said
    assert portal_faults(office) + store_faults(office) == []
    assert office.run("publish").code == 0
    expected, found = state_of(undisturbed), state_of(office)
    assert found["releases"] == expected["releases"]
    assert found["acts"] == expected["acts"]
    assert found["portal"] == expected["portal"]
    before = snapshot(office.home)
    assert office.run("publish").code == 0
    assert snapshot(office.home) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, leave: int) -> Path:
    """Fill a disk up to `leave` bytes."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        with contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 16))
                file.flush()
        file.truncate(max(0, ballast.stat().st_size - leave))
    return ballast


LEFT = (0, 40_000, 200_000, 800_000, 1_600_000, 3_000_000, 6_000_000)


@pytest.mark.parametrize("left", LEFT)
def test_full_disk(office: PortOffice, small_disk: Path, left: int) -> None:
    office.home = small_disk / "home"
    assert office.run("publish", "ports", "wrecks").code == 0
    shown = office.portal / "dataset" / "ports"
    ballast = fill(small_disk, left)
    office.ports([*PORTS[:3], ("010", "新南港", "", "", "")])
    answer = office.run("publish")
    assert answer.code or left > 1_000_000
    if answer.code:
        assert answer.code in (1, 3)
        assert "Traceback" not in answer.err
        reasons = [each["reason"] for each in answer.datasets.values() if each["verdict"] == "failed"] if (
            answer.code == 1
        ) else [answer.err]  # fmt: skip
        assert reasons
        for reason in reasons:
            assert "fault of the program" not in reason
            assert "bytes are free" in reason
            assert " → " in reason
    assert portal_faults(office) + store_faults(office) == []
    assert release_faults(shown / "latest") == []
    ballast.unlink()
    assert office.run("publish").code == 0
    assert office.run("verify").code == 0
    assert [office.release(name, 1).is_dir() for name in OPEN] == [True] * len(OPEN)
    assert not office.release("ports", 3).exists()
    before = snapshot(office.home)
    assert office.run("publish").code == 0
    assert snapshot(office.home) == before
