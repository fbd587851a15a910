"""Where a database server is and who asks it: by agency.yaml, or by the address that the environment gives."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from pipelines.sources.mysql_table import MYSQL
from pipelines.sources.postgres_table import POSTGRES
from pipelines.sources.server import ServerKind
from resource_catalog.agency import Database
from resource_catalog.errors import SourceError

_KINDS: dict[Literal["postgres", "mysql"], ServerKind] = {"postgres": POSTGRES, "mysql": MYSQL}
_SCHEMES: dict[str, Literal["postgres", "mysql"]] = {"postgresql": "postgres", "postgres": "postgres", "mysql": "mysql"}
#: One name. A raw `@`, `:` or `/` in it is the rest of a password whose own signs were not escaped.
_PATH = re.compile(r"/[^/@:]+")


@dataclass(frozen=True)
class ServerAddress:
    """A database on a server, the account and its password; `said_in` is where a person would change that."""

    kind: Literal["postgres", "mysql"]
    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)
    said_in: str

    @property
    def server(self) -> ServerKind:
        """What that kind of server must tell."""
        return _KINDS[self.kind]

    @property
    def place(self) -> str:
        """Which database on which server, for messages."""
        return f"{self.kind} database {self.name!r} on {self.host}:{self.port}"


def server_address(database: Database) -> ServerAddress:
    """The server that a database is read from: the one that its `address_env` holds, else the declared one.

    Raises:
        SourceError: the address is none, or the password's variable is not set; no message has either's value.
    """
    if database.address:
        return _configured(database)
    if database.kind == "sqlite":
        raise SourceError("the database has no file", where=database.path, fix="set path in agency.yaml")
    port = database.port or _KINDS[database.kind].port
    where = f"{database.kind} database {database.name!r} on {database.host}:{port}"
    password = _password(database, where)
    said_in = "host, port, name, user and password_env in agency.yaml"
    return ServerAddress(database.kind, database.host, port, database.name, database.user, password, said_in)


def _configured(database: Database) -> ServerAddress:
    parts, port = _parts(database.address)
    kind = _SCHEMES.get(parts.scheme) if parts else None
    if parts is None or kind is None or not parts.hostname or not _is_plain(parts):
        raise SourceError(
            "the variable holds no address of a database server",
            where=f"environment variable {database.address_env}",
            fix="write postgresql://user@host:port/name or mysql://…, with %XX for the signs / : @ ? # % in its parts, "
            "or unset it",
        )
    name, user = unquote(parts.path[1:]), unquote(parts.username or "")
    port = port or _KINDS[kind].port
    password = unquote(parts.password or "") or _password(
        database, f"{kind} database {name!r} on {parts.hostname}:{port}"
    )
    said_in = f"the environment variable {database.address_env}"
    return ServerAddress(kind, parts.hostname, port, name, user, password, said_in)


def _parts(address: str) -> tuple[SplitResult | None, int | None]:
    """The parts of an address and its port; None where it has no such parts."""
    try:
        parts = urlsplit(address)
        return parts, parts.port
    except ValueError:  # its message may hold the address
        return None, None


def _is_plain(parts: SplitResult) -> bool:
    return bool(_PATH.fullmatch(parts.path)) and not parts.query and not parts.fragment


def _password(database: Database, where: str) -> str:
    if not database.password_env:
        return ""
    password = os.environ.get(database.password_env)
    if password is None:
        raise SourceError(
            f"the environment has no variable {database.password_env}, which should hold the password",
            where=where,
            fix="set it where the command runs, or name another as password_env in agency.yaml",
        )
    return password
