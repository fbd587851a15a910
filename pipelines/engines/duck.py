"""The one place where DuckDB is opened: bounded in memory, and locked to the folders and files that a stage names.

Measured on DuckDB 1.5.5: with allowed directories, no external access and a locked configuration, it refuses every path
outside them (`..` and symlinks included), ATTACH, INSTALL, COPY out and any later SET (reliability.md M21).
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.home import disk_failure
from resource_catalog.errors import OutsideError

MEMORY_LIMIT = "700MB"
#: Extensions that come as wheels: DuckDB's name → the wheel's package.
_EXTENSIONS = {
    "excel": "duckdb_extension_excel",
    "sqlite_scanner": "duckdb_extension_sqlite_scanner",
    "postgres_scanner": "duckdb_extension_postgres_scanner",
    "mysql_scanner": "duckdb_extension_mysql_scanner",
}


def quote_text(value: object) -> str:
    """A value as an SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def quote_name(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def extension_file(name: str) -> Path:
    """The file of an extension that its wheel installed.

    Raises:
        OutsideError: the wheel lacks one for this DuckDB.
    """
    folder = Path(str(importlib.resources.files(_EXTENSIONS[name]))) / "extensions" / f"v{duckdb.__version__}"
    file = folder / f"{name}.duckdb_extension"
    if not file.exists():
        raise OutsideError(
            f"the DuckDB extension {name} is not installed for DuckDB {duckdb.__version__}",
            fix="reinstall with the versions of constraints.txt",
        )
    return file


#: Files whose signature this process saw verified, as they were then.
_VERIFIED: set[tuple[Path, int, int]] = set()


def _as_it_is(file: Path) -> tuple[Path, int, int]:
    found = file.stat()
    return file, found.st_mtime_ns, found.st_size


def _configured(extensions: Sequence[str]) -> dict[str, str | bool | int | float | list[str]]:
    """What a connection has to begin with: at each LOAD of 12 MB their signature costs 70 ms, and once is enough."""
    verified = extensions and all(_as_it_is(extension_file(name)) in _VERIFIED for name in extensions)
    return {"allow_unsigned_extensions": True} if verified else {}


def _load(connection: duckdb.DuckDBPyConnection, extensions: Sequence[str]) -> None:
    for name in extensions:
        file = extension_file(name)
        before = _as_it_is(file)
        connection.execute(f"LOAD {quote_text(file)}")
        _VERIFIED.add(before)


def _prepare(connection: duckdb.DuckDBPyConnection, spill: Path, extensions: Sequence[str]) -> None:
    connection.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'; SET temp_directory = {quote_text(spill)}")
    connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    _load(connection, extensions)


def _lock(connection: duckdb.DuckDBPyConnection, folders: Sequence[Path], files: Sequence[Path]) -> None:
    inside = ", ".join(quote_text(f"{folder.resolve()}/") for folder in folders)
    single = ", ".join(quote_text(file) for file in files)
    connection.execute(f"SET allowed_directories = [{inside}]; SET allowed_paths = [{single}]")
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")


@contextmanager
def open_work(
    database: Path,
    *,
    folders: Sequence[Path] = (),
    files: Sequence[Path] = (),
    extensions: Sequence[str] = (),
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the DuckDB file `database` that can touch its own folder, `folders`, `files`, and nothing else.

    Raises:
        OutsideError: DuckDB can't open the file, an extension is missing, or disk or memory ran out within the block.
    """
    try:
        connection = duckdb.connect(str(database), config=_configured(extensions))
    except duckdb.Error as error:
        raise disk_failure("DuckDB can't open its work file", database, error) from error
    with _ended_by_signals(), connection:
        _prepare(connection, database.parent / "spill", extensions)
        _lock(connection, [database.parent, *folders], files)
        with _failures_named(database):
            yield connection


@contextmanager
def _failures_named(database: Path) -> Iterator[None]:
    """Disk and memory failures as what they are to the reader: the machine's, not the data's."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise OutsideError(
            f"the table needs more than {MEMORY_LIMIT} of memory and the disk to spill to is short: {error}",
            where=str(database.parent),
            fix="free disk space under the home's work folder, or set OPENDATA_HOME to a larger disk",
        ) from error
    except (duckdb.IOException, duckdb.TransactionException) as error:  # a commit that the disk refuses is the latter
        raise disk_failure("a file could not be read or written", database.parent, error) from error


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end a run in the middle of a query, of which DuckDB makes an error like any other."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error.__cause__, KeyboardInterrupt | SystemExit):
            raise error.__cause__ from None
        raise


@contextmanager
def open_source(extensions: Sequence[str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own for a scanner that must reach a database: in memory, apart from the locked one.

    It reads declared tables and queries only, and its rows go to the work file as values.
    """
    with _ended_by_signals(), duckdb.connect(":memory:", config=_configured(extensions)) as connection:
        connection.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'; SET TimeZone = 'UTC'")
        _load(connection, extensions)
        yield connection
