"""Files of a shared table: Parquet written aside, named by their content, with their statistics for the Delta log."""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.engines.duck import quote_name, quote_text
from pipelines.home import to_disk
from pipelines.targets.sharing.columns import SharedColumn

CHANGE_FOLDER = "_change_data"
_OPTIONS = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {level}, ROW_GROUP_SIZE 122880"
#: Change data and small files are packed harder: they are a release's whole cost, and take no time.
_LEVEL, _HARD = 3, 15
#: Longer texts have no place in the statistics.
_LONGEST = 32
#: Seconds after which a vector that no version names is nobody's: its name tells no version.
_SURELY_LEFT = 3600


@dataclass(frozen=True)
class WrittenFile:
    """A file that is on the disk and in no version yet."""

    path: str
    size: int
    rows: int
    sha256: str
    stats: str = ""

    @property
    def tags(self) -> dict[str, str]:
        """What the log keeps of it beside Delta's own."""
        return {"sha256": self.sha256, "rows": str(self.rows)}


def sha256_of(file: Path) -> str:
    """The file's SHA-256 in hex."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _extremes(one: SharedColumn) -> list[str]:
    name = quote_name(one.name)
    if one.type == "timestamp":
        # Milliseconds are as fine as readers compare: the bounds are rounded outwards.
        instant = f"timezone('UTC', {name})"
        low, high = f"date_trunc('millisecond', min({instant}))", f"date_trunc('millisecond', max({instant}))"
        form = "'%Y-%m-%dT%H:%M:%S.%gZ'"
        return [f"strftime({low}, {form})", f"strftime({high} + INTERVAL 1 MILLISECOND, {form})"]
    if one.type == "date":
        return [f"CAST(min({name}) AS VARCHAR)", f"CAST(max({name}) AS VARCHAR)"]
    return [f"min({name})", f"max({name})"]


def _fit(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def _statistics(connection: duckdb.DuckDBPyConnection, file: Path, columns: Sequence[SharedColumn]) -> tuple[int, str]:
    """Rows, and Delta's statistics as JSON: rows, least and greatest value, missing values per column."""
    asked = ["count(*)"]
    for one in columns:
        asked += [f"count(*) - count({quote_name(one.name)})", *_extremes(one)]
    (found,) = connection.execute(f"SELECT {', '.join(asked)} FROM read_parquet({quote_text(file)})").fetchall()
    rows, facts = int(found[0]), found[1:]
    nulls, least, greatest = {}, {}, {}
    for position, one in enumerate(columns):
        null, low, high = facts[3 * position : 3 * position + 3]
        nulls[one.name] = null
        if one.type != "boolean" and _fit(low) and _fit(high):
            least[one.name], greatest[one.name] = low, high
    told = {"minValues": least, "maxValues": greatest, "nullCount": nulls} if columns else {}
    stats = {"numRecords": rows, **told}
    return rows, json.dumps(stats, ensure_ascii=False, separators=(",", ":"))


def write_parquet(
    connection: duckdb.DuckDBPyConnection,
    table: Path,
    select: str,
    version: int,
    columns: Sequence[SharedColumn],
    folder: str = "",
    *,
    small: bool = False,
) -> WrittenFile:
    """Write the rows of a query to a file of a version; its name is the version's and its content's.

    Args:
        connection: May write below `table`.
        table: The table's folder.
        select: The rows.
        version: The version that will have the file.
        columns: What statistics are kept of.
        folder: Where below the table; `_change_data` for change data.
        small: Whether it is small beside the table: it is packed harder, and only its rows are told, for each version
            that marks some of them repeats what is told, and no reader gains by passing it over.
    """
    place = table / folder
    place.mkdir(parents=True, exist_ok=True)
    draft = place / f".{os.getpid()}-{os.urandom(4).hex()}.draft"
    level = _HARD if small else _LEVEL
    try:
        connection.execute(f"COPY ({select}) TO {quote_text(draft)} ({_OPTIONS.format(level=level)})")
        digest = sha256_of(draft)
        rows, stats = _statistics(connection, draft, () if small else columns)
        to_disk(draft)
        size = draft.stat().st_size  # under its own name another writer, who comes first, may remove it at any time
        file = place / f"v{version:08}-{digest[:24]}.parquet"
        draft.rename(file)
        to_disk(place)
    finally:
        draft.unlink(missing_ok=True)  # of a disk that failed
    return WrittenFile(file.relative_to(table).as_posix(), size, rows, digest, stats)


def remove_unnamed(table: Path, named: set[str], version: int) -> int:
    """Remove files that no version has, of writers that were killed or came second; returns how many.

    Those of versions after `version` may be another writer's who has not committed yet, and stay.
    """
    removed = 0
    for folder in (table, table / CHANGE_FOLDER):
        for file in folder.glob("deletion_vector_*.bin") if folder.is_dir() else ():
            if file.name not in named and time.time() - file.stat().st_mtime > _SURELY_LEFT:
                file.unlink(missing_ok=True)
                removed += 1
        for file in sorted(folder.glob("v*.parquet")) if folder.is_dir() else ():
            begun = int(file.name[1:9])
            if begun <= version and file.relative_to(table).as_posix() not in named:
                file.unlink(missing_ok=True)
                removed += 1
    return removed


def remove_drafts(table: Path) -> None:
    """Remove what writers that are dead were writing."""
    for folder in (table, table / CHANGE_FOLDER, table / "_delta_log"):
        for draft in folder.glob(".*.draft") if folder.is_dir() else ():
            if not _alive(int(draft.name[1:].partition("-")[0])):
                draft.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
