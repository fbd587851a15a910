"""Real database servers on loopback for the tests that read from them: started once, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

#: Words that no output may hold.
PASSWORD = "canary-5e7b'\"\\x"  # noqa: S105 - of a server that lives as long as the tests
_SECONDS_TO_START = 60


@dataclass(frozen=True)
class Server:
    """A running server, and how to run SQL on it as its administrator."""

    port: int
    run: Callable[[str], str]


def _program(name: str, package: str) -> str:
    places = [shutil.which(name), *sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)]
    found = next((str(place) for place in places if place), None)
    if found is None:
        pytest.fail(f"{name} is missing: apt-get install {package}")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_root() -> bool:
    return os.geteuid() == 0


def _as_user(user: str, command: Sequence[str]) -> list[str]:
    """The command run by another user where we are root, whom both servers refuse."""
    return ["runuser", "-u", user, "--", *command] if _is_root() else list(command)


def _run_sql(client: Sequence[str], sql: str) -> str:
    done = subprocess.run(client, input=sql, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def _running(command: Sequence[str], log: Path, probe: Sequence[str]) -> Iterator[None]:
    """A server, from the moment when the command `probe` succeeds."""
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process:
        try:
            end = time.monotonic() + _SECONDS_TO_START
            while subprocess.run(probe, capture_output=True, check=False).returncode:
                if process.poll() is not None or time.monotonic() > end:
                    pytest.fail(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


@contextmanager
def _folder_of(user: str) -> Iterator[Path]:
    """A folder that the server's user owns and can reach, which pytest's own temporary folders are closed to."""
    with tempfile.TemporaryDirectory(prefix=f"{user}-", ignore_cleanup_errors=True) as name:
        if _is_root():
            shutil.chown(name, user)
        yield Path(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """PostgreSQL with the database `agency` and the account `reader`."""
    initdb, server, psql = (_program(name, "postgresql") for name in ("initdb", "postgres", "psql"))
    with _folder_of("postgres") as folder:
        port, data = _free_port(), str(folder / "data")
        create = [initdb, "-D", data, "-U", "owner", "-E", "UTF8", "--locale=C", "--auth-local=trust"]
        subprocess.run(_as_user("postgres", [*create, "--auth-host=scram-sha-256"]), check=True, capture_output=True)
        client = [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(folder), "-p", str(port), "-U", "owner"]
        command = [server, "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-c", "fsync=off"]
        with _running(_as_user("postgres", command), folder / "log", [*client, "-c", "SELECT 1", "postgres"]):
            secret = PASSWORD.replace("'", "''")
            _run_sql([*client, "postgres"], "CREATE DATABASE agency;")
            _run_sql([*client, "agency"], f"CREATE ROLE reader LOGIN PASSWORD '{secret}';")
            yield Server(port, lambda sql: _run_sql([*client, "agency"], sql))


@pytest.fixture(scope="session")
def mysql() -> Iterator[Server]:
    """MariaDB with the database `agency` and the account `reader`; its own time zone is eight hours ahead."""
    names = ("mariadb-install-db", "mariadbd", "mariadb")
    install, server, program = (_program(name, "mariadb-server") for name in names)
    with _folder_of("mysql") as folder:
        port, data, reached = _free_port(), f"--datadir={folder / 'data'}", str(folder / "socket")
        create = [install, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(_as_user("mysql", create), check=True, capture_output=True)
        client = [program, "--no-defaults", "-S", reached, "-u", "root", "--default-character-set=utf8mb4", "-N", "-B"]
        command = [server, "--no-defaults", data, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={reached}"]
        command += [f"--pid-file={folder / 'pid'}", "--skip-name-resolve"]
        with _running(_as_user("mysql", command), folder / "log", [*client, "-e", "SELECT 1"]):
            secret = PASSWORD.replace("\\", "\\\\").replace("'", "''")
            _run_sql(
                client,
                "SET GLOBAL time_zone = '+08:00'; CREATE DATABASE agency CHARACTER SET utf8mb4;"
                f"CREATE USER 'reader'@'127.0.0.1' IDENTIFIED BY '{secret}';"
                "GRANT SELECT ON agency.* TO 'reader'@'127.0.0.1';",
            )
            yield Server(port, lambda sql: _run_sql([*client, "agency"], sql))
