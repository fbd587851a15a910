"""The five servers of a portal: how each is started, known to be ready, and asked to end."""

from __future__ import annotations

import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from loopback import database
from loopback.processes import Birth, has_child, is_alive, remembered
from loopback.programs import Programs, program
from loopback.stack import ADDRESS, Stack

#: Three processes of four threads: readers and a publisher at once, on two cores and more.
_PROCESSES, _THREADS = 3, 4
#: Longer than a test holds a row locked, or a connection open between two requests.
_REQUEST_SECONDS, _IDLE_SECONDS = 900, 300
#: In the order in which they start; they end the other way round.
NAMES = ("postgres", "redis", "solr", "ckan", "worker")
#: What asks a server to end: PostgreSQL by its «fast» mode, which does not wait for open connections.
END = {**dict.fromkeys(NAMES, signal.SIGTERM), "postgres": signal.SIGINT}
#: What ends it at once: PostgreSQL by its «immediate» mode, a crash that leaves no shared memory behind.
CRASH = {**dict.fromkeys(NAMES, signal.SIGKILL), "postgres": signal.SIGQUIT}


@dataclass(frozen=True)
class Service:
    """One server; `account` runs it where we are root."""

    name: str
    command: list[str]
    is_ready: Callable[[], bool]
    account: str | None = None


def services(stack: Stack, programs: Programs) -> dict[str, Service]:
    """The servers by name, in the order in which they start."""
    found = [
        Service(
            "postgres",
            database.command(stack),
            lambda: database.is_ready(stack),
            database.ACCOUNT,
        ),
        Service("redis", _redis(stack), lambda: redis(stack, "PING") == "PONG"),
        Service("solr", _solr(stack, programs), lambda: answers(f"{stack.solr_url}/select?q=*:*&rows=0")),
        Service("ckan", _ckan(stack, programs), lambda: answers(f"{stack.url}/api/3/action/status_show")),
        Service("worker", _worker(stack, programs), lambda: _works(stack)),
    ]
    return {service.name: service for service in found}


def birth(stack: Stack, service: str) -> Birth | None:
    """The running process of a server; None where it is not running."""
    kept = remembered(stack.process(service))
    return kept if kept is not None and is_alive(kept) else None


def _redis(stack: Stack) -> list[str]:
    server = program("redis-server", "redis-server")
    return [server, "--bind", ADDRESS, "--port", str(stack.ports.redis), "--save", "", "--dir", str(stack.folder)]


def _solr(stack: Stack, programs: Programs) -> list[str]:
    classes = f"{programs.jars}/*:{programs.jars}"
    # The quick compiler: a trial's Solr starts often and lives briefly.
    options = ["-Xmx384m", "-XX:TieredStopAtLevel=1", f"-Dsolr.log.dir={stack.folder / 'log'}"]
    java = program("java", "default-jdk-headless")
    return [java, *options, "-cp", classes, "SolrOnLoopback", str(stack.folder / "solr"), str(stack.ports.solr)]


def _ckan(stack: Stack, programs: Programs) -> list[str]:
    options = {
        "--bind": f"{ADDRESS}:{stack.ports.ckan}",
        "--worker-class": "gthread",
        "--workers": str(_PROCESSES),
        "--threads": str(_THREADS),
        "--timeout": str(_REQUEST_SECONDS),
        "--keep-alive": str(_IDLE_SECONDS),
        "--graceful-timeout": "5",
        "--pythonpath": str(programs.recipes / "site"),
        "--env": f"CKAN_INI={stack.configuration}",
    }
    words = [word for option in options.items() for word in option]
    gunicorn = str(programs.environment / "bin" / "gunicorn")
    return [gunicorn, "--preload", "--no-control-socket", *words, "serving:application"]


def _worker(stack: Stack, programs: Programs) -> list[str]:
    return [str(programs.environment / "bin" / "ckan"), "-c", str(stack.configuration), "jobs", "worker"]


def answers(url: str, data: bytes | None = None) -> bool:
    """Whether a server answers 200 at an address."""
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def redis(stack: Stack, *words: str) -> str | list[str] | None:
    """What Redis answers to a command, in its own protocol (RESP2); None where it does not answer."""
    sent = [f"*{len(words)}", *(line for word in words for line in (f"${len(word.encode())}", word))]
    try:
        with socket.create_connection((ADDRESS, stack.ports.redis), timeout=5) as connection:
            connection.sendall(("\r\n".join(sent) + "\r\n").encode())
            with connection.makefile("r", encoding="utf-8", errors="replace", newline="\r\n") as lines:
                return _redis_answer(lines.readline, lines.read)
    except OSError:
        return None


def _redis_answer(line: Callable[[], str], read: Callable[[int], str]) -> str | list[str] | None:
    """One answer; its strings are taken as one byte a character, which holds for the names that we ask for."""
    kind, rest = (text := line().rstrip("\r\n"))[:1], text[1:]
    if kind == "*":
        items = [_redis_answer(line, read) for _ in range(int(rest))]
        return [item for item in items if isinstance(item, str)]
    if kind == "$":
        return None if rest == "-1" else read(int(rest) + 2)[:-2]
    return rest


def _works(stack: Stack) -> bool:
    """Whether the worker takes jobs: it waits for one, has a child that does one, or Redis knows it by its number.

    A Redis that died has forgotten who its workers are, and they do not tell it again.
    """
    running = birth(stack, "worker")
    if running is None:
        return False
    waits = " flags=b " in str(redis(stack, "CLIENT", "LIST"))  # somebody does, and only the worker ever does
    if waits or has_child(running):
        return True
    workers = redis(stack, "SMEMBERS", "rq:workers")
    return isinstance(workers, list) and str(running.number) in [redis(stack, "HGET", name, "pid") for name in workers]
