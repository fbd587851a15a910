"""One portal: its folder, ports, plugins and settings, as they are written down for every later command."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from fcntl import LOCK_EX, flock
from pathlib import Path

from loopback.failure import PortalFailure

#: Where a person finds a portal for trials, if nobody else is there.
USUAL_PORT = 5000
ADDRESS = "127.0.0.1"
#: An organisation of each editor; the administrator is a sysadmin of all.
ACCOUNTS = {"administrator": None, "editor": "own-agency", "other-editor": "other-agency"}


@dataclass(frozen=True)
class Ports:
    """Where each server listens, on loopback."""

    ckan: int
    postgres: int
    redis: int
    solr: int


@dataclass(frozen=True)
class Wishes:
    """What the caller wants beyond a plain CKAN: plugins by their short names, and lines of its configuration."""

    plugins: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Secrets:
    """Passwords of the database's roles, and the key of CKAN's sessions and tokens."""

    owner: str
    ckan: str
    datastore_reader: str
    key: str


@dataclass(frozen=True)
class Stack:
    """A portal's folder, and what was decided when it started."""

    folder: Path
    ports: Ports
    wishes: Wishes

    @property
    def url(self) -> str:
        """CKAN's address."""
        return f"http://{ADDRESS}:{self.ports.ckan}"

    @property
    def solr_url(self) -> str:
        """The address of Solr's one core."""
        return f"http://{ADDRESS}:{self.ports.solr}/solr/ckan"

    @property
    def configuration(self) -> Path:
        """CKAN's settings."""
        return self.folder / "ckan.ini"

    @property
    def storage(self) -> Path:
        """Uploaded files."""
        return self.folder / "storage"

    def log(self, service: str) -> Path:
        """What a server says."""
        return self.folder / "log" / f"{service}.log"

    def process(self, service: str) -> Path:
        """Which process a server is."""
        return self.folder / "run" / f"{service}.json"

    def secrets(self) -> Secrets:
        """The passwords, from a file that only its owner may read."""
        return Secrets(**json.loads((self.folder / "secrets.json").read_text("utf-8")))

    def token_file(self, account: str) -> Path:
        """Where an account's token lies."""
        return self.folder / "accounts" / f"{account}.token"

    def database_url(self, database: str, role: str) -> str:
        """Where a role finds a database, its password included."""
        secrets = self.secrets()
        password = {"owner": secrets.owner, "ckan": secrets.ckan, "datastore_reader": secrets.datastore_reader}[role]
        return f"postgresql://{role}:{password}@{ADDRESS}:{self.ports.postgres}/{database}"


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text, "utf-8")
    new.replace(file)


def save(stack: Stack) -> None:
    """Write down what was decided, and what a test needs: addresses, token files, the database's owner."""
    decided = {"url": stack.url, "ports": asdict(stack.ports), "wishes": asdict(stack.wishes)}
    accounts = {name: str(stack.token_file(name)) for name in ACCOUNTS}
    databases = {name: stack.database_url(name, "owner") for name in ("ckan", "datastore")}
    text = json.dumps({**decided, "tokens": accounts, "databases": databases}, indent=2)
    write_private(stack.folder / "portal.json", text + "\n")


def load(folder: Path) -> Stack | None:
    """The portal of a folder; None where none was ever started."""
    try:
        kept = json.loads((folder / "portal.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    wishes = Wishes(tuple(kept["wishes"]["plugins"]), kept["wishes"]["settings"])
    return Stack(folder, Ports(**kept["ports"]), wishes)


def choose(folder: Path, wishes: Wishes, port: int | None) -> Stack:
    """The portal to start: on the ports it had where they are free, but on a port that is asked for or not at all."""
    before = load(folder)
    wanted = asdict(before.ports) if before else {"ckan": USUAL_PORT, "postgres": 0, "redis": 0, "solr": 0}
    if port is not None:
        wanted["ckan"] = port
    with _held() as held:
        found = {name: held(number) or held(0) for name, number in wanted.items()}
    if port and found["ckan"] != port:
        raise PortalFailure(
            f"port {port} is taken by another program: choose another with --port, or 0 for a free one."
        )
    return Stack(folder, Ports(**{name: number or 0 for name, number in found.items()}), wishes)


@contextmanager
def _held() -> Iterator[_Hold]:
    """A way to try ports; those found free stay held until all are chosen, so that none is given twice."""
    hold = _Hold([])
    try:
        yield hold
    finally:
        for taken in hold.sockets:
            taken.close()


@dataclass(frozen=True)
class _Hold:
    sockets: list[socket.socket]

    def __call__(self, port: int) -> int | None:
        """The port (for 0 a free one), or None where another program has it."""
        tried = socket.socket()
        # As the servers do: a connection that has just closed does not keep a port.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((ADDRESS, port))
        except OSError:
            tried.close()
            return None
        self.sockets.append(tried)
        number: int = tried.getsockname()[1]
        return number


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One command at a time on a folder; another one waits."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing((folder / ".lock").open("w")) as file:
        flock(file, LOCK_EX)
        yield


def with_wishes(stack: Stack, wishes: Wishes) -> Stack:
    """The same portal with other plugins and settings."""
    return replace(stack, wishes=wishes)
