"""state.sqlite as the pipeline left it at this very request: what is served, to whom, until when.

Every request begins a read transaction and asks SQLite whether the file changed (`PRAGMA data_version`, and the inode
in case it was replaced). Only while it has not changed are rows that were read before used again, so a revocation holds
at the next request.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from opendata_sharing.errors import StoreUnusable
from opendata_sharing.records import Access, Agency, DataFile, Granted, SharedTable, Token, Version

FORM = 1

_TOKENS = """
SELECT token.hash, token.prefix, token.bureau, token.issued_at, token.expires_at, token.revoked_at,
       bureau.title, bureau.removed_at
FROM token JOIN bureau ON bureau.id = token.bureau WHERE {}
"""
_ACCESS = "id, bureau, table_id, need, purpose, basis, valid_from, valid_to, revoked_at, history"
_TABLE = (
    "id, dataset, policy, name, title, summary, owner, columns, conditions, cycle_days, cycle, created_at, retired_at, "
    "first_version, current_version"
)
_FILE = "path, kind, first_version, last_version, size, rows, sha256"
#: Later than any instant that is written.
_NEVER = "9999-99"


@dataclass(frozen=True, slots=True)
class Grants:
    """What a bureau may read now, by name; nothing of it changes by the clock alone before `until`."""

    by_name: Mapping[str, Granted]
    ordered: tuple[Granted, ...]
    listed: tuple[bytes, ...]
    until: str


class State:
    """The rows of one unchanged state.sqlite, read when they are first asked for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._agency: Agency | None = None
        self._tokens: dict[str, Token] = {}
        self._tables: dict[str, SharedTable] = {}
        self._has_all_tables = False
        self._items: dict[str, bytes] = {}
        self._access: dict[str, Access] = {}
        self._accesses: dict[str, tuple[Access, ...]] = {}
        self._grants: dict[str, Grants] = {}
        self._versions: dict[str, tuple[Version, ...]] = {}
        self._files: dict[str, Mapping[str, DataFile]] = {}
        self._files_by_id: dict[str, Mapping[str, DataFile]] = {}

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """The rows of a SELECT, for what only the page shows."""
        return self._connection.execute(statement, values).fetchall()

    @property
    def agency(self) -> Agency:
        """The one agency.

        Raises:
            StoreUnusable: there is none yet.
        """
        if self._agency is None:
            row = self._connection.execute('SELECT id, name, share, "schema" FROM agency').fetchone()
            if row is None:
                raise StoreUnusable("state.sqlite names no agency: let the pipeline publish first")
            self._agency = Agency(*row)
        return self._agency

    def token(self, digest: str) -> Token | None:
        """The token with that SHA-256 (hex); None: there is none. Misses are not kept, for anybody can send them."""
        found = self._tokens.get(digest)
        if found is None:
            row = self._connection.execute(_TOKENS.format("token.hash = ?"), (digest,)).fetchone()
            if row is not None:
                found = self._tokens[digest] = Token(*row)
        return found

    def token_beginning(self, beginning: str) -> Token | None:
        """The token whose SHA-256 begins so (32 hex digits)."""
        condition = "token.hash >= ? AND token.hash < ?"
        row = self._connection.execute(_TOKENS.format(condition), (beginning, beginning + "g")).fetchone()
        return None if row is None else Token(*row)

    def table(self, table_id: str | None) -> SharedTable | None:
        """A table, retired ones too; None: it isn't written yet."""
        if table_id is None:
            return None
        if table_id not in self._tables:
            row = self._connection.execute(f"SELECT {_TABLE} FROM shared_table WHERE id = ?", (table_id,)).fetchone()
            if row is None:
                return None
            self._tables[table_id] = SharedTable(*row)
        return self._tables[table_id]

    def accesses(self, bureau: str) -> tuple[Access, ...]:
        """All accesses of a bureau, good or not."""
        if bureau not in self._accesses:
            rows = self._connection.execute(f"SELECT {_ACCESS} FROM access WHERE bureau = ?", (bureau,))
            self._accesses[bureau] = tuple(map(Access._make, rows))
        return self._accesses[bureau]

    def access(self, identifier: str) -> Access | None:
        """An access, good or not."""
        if identifier not in self._access:
            row = self._connection.execute(f"SELECT {_ACCESS} FROM access WHERE id = ?", (identifier,)).fetchone()
            if row is None:
                return None
            self._access[identifier] = Access(*row)
        return self._access[identifier]

    def granted(self, access: Access, now: str) -> Granted | None:
        """The access with its table, if it is good at that instant; whether the bureau is, its token says."""
        table = self.table(access.table_id)
        good = (
            access.valid_from <= now
            and (access.valid_to is None or access.valid_to > now)
            and (access.revoked_at is None or access.revoked_at > now)
        )
        if table is None or table.current_version is None or table.retired_at is not None or not good:
            return None
        return Granted(access, table, table.current_version)

    def grants(self, bureau: str, now: str) -> Grants:
        """What the bureau may read at that instant."""
        known = self._grants.get(bureau)
        if known is None or known.until <= now:
            known = self._grants[bureau] = self._find_grants(bureau, now)
        return known

    def _find_grants(self, bureau: str, now: str) -> Grants:
        if not self._has_all_tables:
            rows = self._connection.execute(f"SELECT {_TABLE} FROM shared_table")
            self._tables = {table.id: table for table in map(SharedTable._make, rows)}
            self._has_all_tables = True
        accesses = self.accesses(bureau)
        turns = (turn for access in accesses for turn in (access.valid_from, access.valid_to, access.revoked_at))
        found = [granted for access in accesses if (granted := self.granted(access, now))]
        found.sort(key=lambda granted: granted.table.name.casefold())
        return Grants(
            {granted.table.name.casefold(): granted for granted in found},
            tuple(found),
            tuple(self._listed(granted.table) for granted in found),
            min((turn for turn in turns if turn is not None and turn > now), default=_NEVER),
        )

    def _listed(self, table: SharedTable) -> bytes:
        """The table as listings show it; the same for every bureau."""
        if table.id not in self._items:
            item = {"name": table.name, "schema": self.agency.schema, "share": self.agency.share}
            item |= {"shareId": self.agency.id, "id": table.id}
            self._items[table.id] = json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()
        return self._items[table.id]

    def versions(self, table: SharedTable) -> tuple[Version, ...]:
        """The versions that are served, oldest first."""
        if table.id not in self._versions:
            rows = self._connection.execute(
                "SELECT version, release, at, rows, added, changed, removed FROM version"
                " WHERE table_id = ? AND version BETWEEN ? AND ? ORDER BY version",
                (table.id, table.first_version, table.current_version),
            )
            self._versions[table.id] = tuple(map(Version._make, rows))
        return self._versions[table.id]

    def files(self, table_id: str) -> Mapping[str, DataFile]:
        """The files of a table that are there to be served, by path."""
        if table_id not in self._files:
            rows = self._connection.execute(f"SELECT {_FILE} FROM data_file WHERE table_id = ?", (table_id,))
            self._files[table_id] = {file.path: file for file in map(DataFile._make, rows)}
        return self._files[table_id]

    def file(self, table_id: str, identifier: str) -> DataFile | None:
        """The file of a table that `file_id` calls so."""
        if table_id not in self._files_by_id:
            self._files_by_id[table_id] = {file_id(path): file for path, file in self.files(table_id).items()}
        return self._files_by_id[table_id].get(identifier)


def file_id(path: str) -> str:
    """How addresses call a file: the SHA-256 (hex) of its path in the table's folder, which they keep to themselves."""
    return hashlib.sha256(path.encode()).hexdigest()


class StateFile:
    """state.sqlite, open for reading; one thread uses it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity: tuple[int, int] | None = None
        self._connection: sqlite3.Connection | None = None
        self._data_version: int | None = None
        self._state: State | None = None

    @contextmanager
    def reading(self) -> Iterator[State]:
        """One whole state, as it is now, for as long as the block runs; nothing may be awaited in it.

        Raises:
            StoreUnusable: there is no state.sqlite, or one of another form.
            sqlite3.Error: it can't be read.
        """
        connection = self._opened()
        connection.execute("BEGIN")
        try:
            (data_version,) = connection.execute("PRAGMA data_version").fetchone()
            if self._state is None or data_version != self._data_version:
                self._check_form(connection)
                self._state, self._data_version = State(connection), data_version
            yield self._state
        finally:
            connection.execute("COMMIT")

    def close(self) -> None:
        """Let the file go."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._state = self._identity = None

    def _opened(self) -> sqlite3.Connection:
        try:
            found = self._path.stat()
        except FileNotFoundError as error:
            raise StoreUnusable(
                "the store has no state.sqlite: let the pipeline publish first, or name another folder with --store"
            ) from error
        identity = (found.st_dev, found.st_ino)
        if self._connection is None or identity != self._identity:
            self.close()
            self._connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=5
            )
            self._identity = identity
        return self._connection

    @staticmethod
    def _check_form(connection: sqlite3.Connection) -> None:
        (form,) = connection.execute("PRAGMA user_version").fetchone()
        if form != FORM:
            raise StoreUnusable(
                f"state.sqlite has form {form}, this server reads form {FORM}: install the server of the same release"
            )
