"""The command as a person and a program meet it: help, exit codes, one JSON document, near ids, a terminal, a pipe."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pipelines.cli import EXIT_CODES, cli
from resource_catalog import errors
from tests.workspace_factory import PORTS, TODAY, PortOffice, run_command

ROOT = Path(__file__).parents[2]


def all_commands(group: click.Group = cli, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from all_commands(command, (*prefix, name))
        else:
            yield (*prefix, name)


PROMISED = {
    "plan", "publish", "check", "status", "verify", "withdraw", "rollback", "serve", "schema",
    "catalog check", "catalog import", "catalog export",
}  # fmt: skip


def test_promised_commands_are_there() -> None:
    assert {" ".join(words) for words in all_commands()} >= PROMISED


@pytest.mark.parametrize("words", list(all_commands()), ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    answer = run_command(*words, "--help")
    assert (answer.code, answer.err) == (0, "")
    for option in ("--workspace", "--home", "--json"):
        assert option in answer.out
    command = cli
    for word in words:
        command = command.commands[word]  # type: ignore[assignment,attr-defined]
    assert command.get_short_help_str()
    undocumented = [
        parameter.name for parameter in command.params if isinstance(parameter, click.Option) and not parameter.help
    ]
    assert undocumented == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.UsageError, 2),
        (errors.WorkspaceError, 2),
        (errors.SourceError, 2),
        (errors.OutsideError, 3),
        (errors.NotPermittedError, 4),
        (errors.LockedError, 75),
    ],
)
def test_exit_code_by_class(kind: type[errors.OpenDataError], code: int) -> None:
    assert next(number for known, number in EXIT_CODES if issubclass(kind, known)) == code


def test_every_error_class_has_its_code() -> None:
    for kind in errors.OpenDataError.__subclasses__():
        assert any(issubclass(kind, known) for known, _ in EXIT_CODES)


@pytest.mark.parametrize("command", ["plan", "publish", "check", "status", "verify", "catalog check"])
@pytest.mark.parametrize("broken", [False, True])
def test_json_is_one_document_and_all_of_stdout(office: PortOffice, command: str, broken: bool) -> None:
    if broken:
        office.ports([PORTS[0], ("x", "", "", "", "")])
        office.entry("buoys", unknown=1)
    answer = office.run(command)
    assert isinstance(json.loads(answer.out), dict)
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (["plan", "prots"], 2, "ports"),
        (["publish", "tide"], 2, "tides"),
        (["check", "bouys"], 2, "buoys"),
        (["status", "port"], 2, "ports"),
        (["verify", "port"], 2, "ports"),
        (["withdraw", "port", "--reason", "x"], 2, "ports"),
        (["rollback", "port"], 2, "ports"),
        (["fly"], 2, "fly"),
        (["plan", "--fast"], 2, "--fast"),
        (["check", "--data", "x.csv"], 2, "--schema"),
        (["serve", "--port", "1"], 2, "publish"),
    ],
)
def test_wrong_use_names_what_was_meant(office: PortOffice, words: list[str], code: int, named: str) -> None:
    answer = office.run(words[0], *words[1:])
    assert (answer.code, answer.out) == (code, "")
    assert named in answer.err
    assert "Traceback" not in answer.err
    assert not office.home.exists()


def test_no_workspace_is_said(tmp_path: Path) -> None:
    for command in ("plan", "publish", "status", "verify", "check"):
        answer = run_command(command, "--workspace", str(tmp_path))
        assert (answer.code, answer.out) == (2, "")
        assert "agency.yaml" in answer.err
        assert "--workspace" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_broken_agency_file_is_said_with_its_line(office: PortOffice) -> None:
    office.agency(colour="blue")
    answer = office.run("plan")
    assert answer.code == 2
    assert "agency.yaml:" in answer.err
    assert "colour" in answer.err


def test_wrong_day_is_wrong_use(office: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_TODAY", "yesterday")
    answer = office.run("plan")
    assert answer.code == 2
    assert "OPENDATA_TODAY" in answer.err


def test_outside_failure_of_all_ends_with_3(published: PortOffice) -> None:
    (published.home / "ledger.sqlite").write_bytes(b"broken" * 1000)
    for command in ("plan", "publish", "status", "verify"):
        answer = published.run(command)
        assert (answer.code, answer.out) == (3, "")
        assert "ledger.sqlite" in answer.err


def test_workspace_and_home_from_the_environment(office: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_WORKSPACE", str(office.root))
    monkeypatch.setenv("OPENDATA_HOME", str(office.home))
    assert run_command("publish", "ports", "--json").verdicts == {"ports": "published"}
    assert office.release("ports", 1).is_dir()


def test_check_of_a_file_needs_no_catalogue(office: PortOffice, tmp_path: Path) -> None:
    schema = office.root / "schemas" / "ports.schema.json"
    answer = run_command("check", "--data", str(office.samples / "ports.csv"), "--schema", str(schema), "--json")
    assert answer.code == 0
    assert answer.document["datasets"][0]["valid"]
    office.ports([*PORTS, ("1", "北港", "", "", "")])
    answer = run_command("check", "--data", str(office.samples / "ports.csv"), "--schema", str(schema), "--json")
    assert answer.code == 1
    (finding,) = answer.document["datasets"][0]["findings"]
    assert (finding["rule"], finding["row"], finding["column"]) == ("pattern", 5, "code")
    for data in (tmp_path / "none.csv", tmp_path):
        assert run_command("check", "--data", str(data), "--schema", str(schema)).code == 2


@pytest.mark.parametrize("command", ["plan", "publish", "check", "status", "verify", "catalog check"])
def test_people_read_lines_and_no_traceback(office: PortOffice, command: str) -> None:
    office.ports([PORTS[0], ("x", "", "昨天", "", "")])
    answer = office.run(command, json=False)
    assert answer.out.strip()
    assert "Traceback" not in answer.out + answer.err


def on_a_terminal(office: PortOffice, command: str) -> tuple[int, str]:
    """The command on a terminal of its own: its exit code, and all that the terminal showed."""
    leader, follower = pty.openpty()
    words = [sys.executable, "-m", "pipelines.cli", command, "--workspace", str(office.root), "--home"]
    environment = {**os.environ, "OPENDATA_TODAY": TODAY, "TERM": "xterm", "COLUMNS": "120"}
    run = subprocess.Popen(
        [*words, str(office.home)], cwd=ROOT, stdin=follower, stdout=follower, stderr=follower, env=environment
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            shown += os.read(leader, 1 << 16)
        except OSError:  # the other side has closed
            break
    os.close(leader)
    return run.wait(), shown.decode()


@pytest.mark.parametrize("command", ["plan", "publish", "check", "verify"])
def test_live_progress_on_a_terminal(office: PortOffice, command: str) -> None:
    code, shown = on_a_terminal(office, command)
    assert code == 0
    assert "Traceback" not in shown


def test_reader_of_the_output_may_leave(office: PortOffice) -> None:
    words = [sys.executable, "-m", "pipelines.cli", "plan", "--workspace", str(office.root), "--home"]
    with subprocess.Popen(
        [*words, str(office.home)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        said = run.stderr.read()
    assert run.returncode == 0
    assert "Traceback" not in said
    assert "Exception" not in said
