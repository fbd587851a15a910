"""The one place where DuckDB is opened: bounded in memory, and locked to the folders and files that a stage names.

Measured on DuckDB 1.5.5: with allowed directories, no external access and a locked configuration, it refuses every path
outside them (`..` and symlinks included), to ATTACH and COPY, too; INSTALL; and any later SET (reliability.md M21).
"""

from __future__ import annotations

import importlib.resources
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.engines.instance import Instance
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
    alone: bool = False,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the DuckDB file `database` that can touch its own folder, `folders`, `files`, and nothing else.

    Where all of these lie in the folders of a shared instance, it can touch what else lies there, unless it is to be
    `alone`: as who reads what somebody else wrote, which may be a download in the folder of work files.

    Raises:
        OutsideError: DuckDB can't open the file, an extension is missing, or disk or memory ran out within the block.
    """
    places = [database.parent, *folders, *files]
    shared = None if alone else next((one for one in _SHARED if one.takes(places, extensions)), None)
    with _ended_by_signals():
        if shared is None:
            with _open_own(database, folders, files, extensions) as connection:
                yield connection
        else:
            with _failures_named(database), shared.work(database) as connection:
                yield connection


#: The instances that work is done in where it may be; usually one.
_SHARED: list[Instance] = []


@contextmanager
def shared_instance(work: Path, others: Sequence[Path], extensions: Sequence[str] = ()) -> Iterator[None]:
    """Let all work within the block whose files lie in some folders be done in one instance, which is much quicker.

    Args:
        work: The folder of work files.
        others: Folders that hold nothing but what this program made: who reads sources has an instance of its own.
        extensions: What some of the work needs.
    """

    def make() -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(":memory:", config=_configured(extensions))
        _prepare(connection, work / "spill", extensions)
        # It would outlive a piece of work, and a file may be written anew.
        connection.execute("SET enable_external_file_cache = false")
        _lock(connection, (work, *others), ())
        return connection

    instance = Instance(make, work, (work, *others), extensions)
    _SHARED.append(instance)
    try:
        yield
    finally:
        _SHARED.remove(instance)
        instance.end()


@contextmanager
def passing_folder(files: Sequence[Path], prefix: str) -> Iterator[Path]:
    """A folder for work on files, gone afterwards: where a shared instance reaches it, if one reaches the files."""
    shared = next((one for one in _SHARED if one.takes(files, ())), None)
    if shared:
        shared.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=shared.folder if shared else None) as name:
        yield Path(name)


@contextmanager
def beside(connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Another connection to the same database, whose answer can be read while the first goes on to be used."""
    [(database,)] = connection.execute("SELECT current_database()").fetchall()
    with connection.cursor() as other:
        other.execute(f"USE {quote_name(database)}")
        yield other


@contextmanager
def _open_own(
    database: Path, folders: Sequence[Path], files: Sequence[Path], extensions: Sequence[str]
) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = duckdb.connect(str(database), config=_configured(extensions))
    except duckdb.Error as error:
        raise disk_failure("DuckDB can't open its work file", database, error) from error
    with connection:
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
