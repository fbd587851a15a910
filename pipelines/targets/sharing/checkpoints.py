"""Checkpoints of a table's log: what a version consists of, in Parquet, so that nobody need read the commits before it.

Source: the Delta protocol, "Checkpoints". They are written by deltalake, and read here by pyarrow, since the writer of
the next version needs each action as the commits had it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.home import to_disk

#: A checkpoint stands at every version that this divides, as is Delta's custom.
EVERY = 10
HINT = "_last_checkpoint"
_END = b"PAR1"
_NAME = re.compile(r"(\d{20})\.checkpoint\.parquet")


@dataclass(frozen=True)
class Checkpoint:
    """A version as its checkpoint has it: protocol, metadata, and the actions that add its files, by path."""

    protocol: Mapping[str, Any]
    metadata: Mapping[str, Any]
    adds: Mapping[str, Mapping[str, Any]]


def checkpoint_file(log: Path, version: int) -> Path:
    """Where a version's checkpoint lies."""
    return log / f"{version:020}.checkpoint.parquet"


def checkpoint_versions(log: Path) -> list[int]:
    """The versions that have a checkpoint, ascending."""
    found = (_NAME.fullmatch(one.name) for one in log.glob("*.checkpoint.parquet"))
    return sorted(int(match[1]) for match in found if match)


def is_whole(file: Path) -> bool:
    """Whether a file is there and ends as Parquet does: one that was cut short doesn't."""
    try:
        with file.open("rb") as opened:
            opened.seek(-len(_END), os.SEEK_END)
            return opened.read() == _END
    except OSError:
        return False


def _without_nulls(value: Any) -> Any:
    """A checkpoint writes every field, null where an action lacks it."""
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return value


def read_checkpoint(log: Path, version: int) -> Checkpoint:
    """A version's checkpoint.

    Raises:
        OSError: it can't be read.
        ValueError: it is no checkpoint, or was harmed.
    """
    from pyarrow import ArrowException, parquet  # of hundreds of tables few have one, and loading it takes a while

    try:
        columns = parquet.read_table(checkpoint_file(log, version), columns=["protocol", "metaData", "add"])
        rows = columns.to_pylist(maps_as_pydicts="strict")
    except (ArrowException, KeyError) as error:
        raise ValueError(f"checkpoint {version} can't be read: {error}") from error
    protocols, metadata, adds = ([row[name] for row in rows if row[name]] for name in ("protocol", "metaData", "add"))
    if len(protocols) != 1 or len(metadata) != 1:
        raise ValueError(f"checkpoint {version} has no protocol or no metadata")
    files = {one["path"]: {**_without_nulls(one), "dataChange": True} for one in adds}
    return Checkpoint(_without_nulls(protocols[0]), _without_nulls(metadata[0]), files)


def write_checkpoint(table: Path, version: int) -> None:
    """Write a version's checkpoint, in the place of one that is there; it is on the disk when this returns.

    Raises:
        OSError: the disk failed.
        ValueError: deltalake can't read the log.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    log = table / "_delta_log"
    (log / HINT).unlink(missing_ok=True)  # before what it may name: readers trust it
    checkpoint_file(log, version).unlink(missing_ok=True)
    try:
        DeltaTable(table, version=version).create_checkpoint()
    except DeltaError as error:
        raise ValueError(f"checkpoint {version} could not be written: {error}") from error
    for file in (checkpoint_file(log, version), log / HINT, log):
        to_disk(file)
