"""Short logs: a checkpoint at every tenth version, and no commit before the last that a served version may need.

Every step leaves a whole log: a checkpoint is on the disk, was read back and compared with the commits before it when
the first of these goes, and they go oldest first, so that what is left is always a checkpoint and all that follow it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pipelines.targets.sharing.checkpoints import (
    EVERY,
    checkpoint_file,
    checkpoint_versions,
    is_whole,
    read_checkpoint,
    write_checkpoint,
)
from pipelines.targets.sharing.delta_log import (
    DESCRIBED,
    broken,
    commit_file,
    commit_info,
    first_version,
    last_version,
    log_folder,
    read_commit,
    replay,
)
from resource_catalog.errors import OutsideError


def keep_short(table: Path, newest: int, needed: int | None) -> None:
    """Write the checkpoint that is due, and remove what nobody needs who reads versions from `needed` on.

    What can't be done now is tried again by the next run: readers read a long log as well, and `verify` names what is
    wrong with one.

    Args:
        table: The table's folder.
        newest: Its newest version: what is too short for a checkpoint is not looked at.
        needed: The first version that is still read; None where nothing may go yet.
    """
    if newest < EVERY:
        return
    with suppress(OSError, OutsideError):
        add_checkpoint(table)
        if needed is not None:
            shorten(table, needed)


def add_checkpoint(table: Path) -> None:
    """Write the checkpoint that is due, where it is missing or was cut short.

    Raises:
        OSError: the disk failed; readers read the commits.
        OutsideError: the log is broken.
    """
    last, log = last_version(table), log_folder(table)
    due = (last or 0) // EVERY * EVERY
    if not due or is_whole(checkpoint_file(log, due)):
        return
    for left in log.glob("*.checkpoint.parquet#*"):  # of deltalake, where it was killed in writing
        left.unlink(missing_ok=True)
    try:
        write_checkpoint(table, due)
    except ValueError as error:
        raise broken(table, str(error)) from error


def checkpoint_fault(table: Path, version: int) -> str:
    """What is wrong with a version's checkpoint, held against the commits before it; "" where it says the same.

    Raises:
        OutsideError: the log is broken.
    """
    try:
        stored = read_checkpoint(log_folder(table), version)
    except (OSError, ValueError) as error:
        return str(error)
    first = first_version(table) or 0
    if first and not any(first <= one < version for one in checkpoint_versions(log_folder(table))):
        return ""  # it alone tells of what was before
    replayed = replay(table, version, below_checkpoint=version)
    if replayed is None or replayed.adds != stored.adds:
        return f"checkpoint {version} of its log has other files than the commits before it"
    return ""


def _stands_alone(table: Path, version: int) -> bool:
    """Whether all that the commits up to a version say is in its checkpoint and its own commit."""
    described = all(key in commit_info(read_commit(table, version)) for key in DESCRIBED)
    return described and not checkpoint_fault(table, version)  # an older program did not repeat it there


def shorten(table: Path, needed: int) -> int:
    """Remove the commits that nobody needs who reads versions from `needed` on; returns how many.

    Where a checkpoint is not what the commits say, they stay, and `verify` names it.

    Raises:
        OSError: the disk failed; what is left is whole.
        OutsideError: the log is broken.
    """
    log = log_folder(table)
    first = first_version(table)
    if first is None:
        return 0
    kept = next((one for one in reversed(checkpoint_versions(log)) if one <= needed), 0)
    if kept <= first or not _stands_alone(table, kept):
        return 0
    for version in checkpoint_versions(log):
        if version < kept:
            checkpoint_file(log, version).unlink()
    for version in range(first, kept):
        commit_file(table, version).unlink()
    return kept - first
