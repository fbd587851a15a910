"""One DuckDB that the pieces of a run's work share, each with a database file of its own attached to it.

To make an instance takes 25 ms, for its 3,000 functions (measured on DuckDB 1.5.5), and a dataset has ten pieces of
work. `engines/duck.py` makes the instance, and decides who works in it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb


class Instance:
    """An instance in memory that may touch some folders and nothing else; it is made once somebody works in it.

    Its connections are kept until it ends: what Python registers with one (`create_function`) all can call, and it
    lives no longer than the connection.

    Args:
        make: Makes it, locked to the folders, with the extensions loaded.
        folder: The one for work files.
        places: All of its folders.
        extensions: Their names.
    """

    def __init__(
        self,
        make: Callable[[], duckdb.DuckDBPyConnection],
        folder: Path,
        places: Sequence[Path],
        extensions: Sequence[str],
    ) -> None:
        self.folder = folder
        self._make, self._places, self._extensions = make, [place.resolve() for place in places], frozenset(extensions)
        self._lock = threading.Lock()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._databases: dict[Path, tuple[str, int]] = {}
        self._numbers = itertools.count(1)
        self._is_broken = self._has_ended = False

    def takes(self, places: Sequence[Path], extensions: Sequence[str]) -> bool:
        """Whether files or folders lie in its own, extensions are there, and it never failed as a whole."""
        inside = all(any(place.resolve().is_relative_to(one) for one in self._places) for place in places)
        return inside and self._extensions.issuperset(extensions) and not self._is_broken

    @contextmanager
    def work(self, database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection whose tables are those of a database file, which others may have open at the same time.

        Raises:
            duckdb.Error: the file can't be opened or written.
        """
        connection = self._begin(database)
        try:
            yield connection
        except (duckdb.FatalException, duckdb.InternalException):
            self._is_broken = True
            raise
        finally:
            self._leave(database, connection)

    def _begin(self, database: Path) -> duckdb.DuckDBPyConnection:
        with self._lock:
            self._root = self._root or self._make()
            connection = self._idle.pop() if self._idle else self._root.cursor()
            name, users = self._databases.get(database, ("", 0))
            try:
                if not users:
                    name = f"work {next(self._numbers)}"
                    file = str(database).replace("'", "''")
                    connection.execute(f"ATTACH '{file}' AS \"{name}\"")
                connection.execute(f'USE "{name}"')
            except duckdb.Error:
                self._idle.append(connection)
                raise
            self._databases[database] = name, users + 1
            return connection

    def _leave(self, database: Path, connection: duckdb.DuckDBPyConnection) -> None:
        """Close the file if nobody else has it open; its last words to the disk may fail as any others may."""
        with self._lock:
            name, users = self._databases.pop(database)
            try:
                _roll_back(connection)
                connection.execute("USE memory")
                if users == 1:
                    connection.execute(f'DETACH "{name}"')
                else:
                    self._databases[database] = name, users - 1
                self._idle.append(connection)
            except duckdb.Error:
                self._is_broken = True
                raise
            finally:
                self._close_when_empty()

    def end(self) -> None:
        """Close it, as soon as nobody works in it any more."""
        with self._lock:
            self._has_ended = True
            self._close_when_empty()

    def _close_when_empty(self) -> None:
        if self._has_ended and not self._databases and self._root:
            for connection in (*self._idle, self._root):
                connection.close()


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    """End the transaction that an error left open, if one did."""
    try:
        connection.rollback()
    except duckdb.TransactionException:
        return
