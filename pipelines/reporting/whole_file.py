"""A file that a command was told to write: written aside and renamed in, so that nobody ever sees half of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.home import disk_failure, to_disk


@contextmanager
def written_whole(file: Path, what: str) -> Iterator[Path]:
    """A place to write the file at; it becomes `file` at the end of the block, and is gone if that fails.

    Args:
        file: Where the file is to be; its folder is made if there is none.
        what: What it is, for the message.

    Raises:
        OutsideError: the disk refuses it.
    """
    aside = file.with_name(f".new-{file.name}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        to_disk(aside)
        aside.replace(file)
        to_disk(file.parent)
    except OSError as error:
        raise disk_failure(f"{what} can't be written", file, error) from error
    finally:
        with suppress(OSError):  # it was renamed, or the folder refuses all
            aside.unlink()


def write_text_whole(file: Path, text: str, what: str) -> None:
    """Write a text in UTF-8, whole or not at all; what can't be written as UTF-8 is replaced.

    Raises:
        OutsideError: the disk refuses it.
    """
    with written_whole(file, what) as aside:
        aside.write_bytes(text.encode("utf-8", "replace"))
