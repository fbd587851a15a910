"""A bureau's profile file (Delta Sharing, version 1): written once, for its owner alone, and nowhere else is its token.

The file is first written beside its place, then the act is noted, then it is put there. So a run that is killed leaves
either nothing that anybody knows, or a file that the next run puts in its place.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from pathlib import Path

from pipelines.home import disk_failure, to_disk
from pipelines.shares.bureaus import Secret
from pipelines.shares.state import SharingState
from resource_catalog.errors import UsageError

_VERSION = 1
_OWNER_ONLY = 0o600


def _aside(place: Path) -> Path:
    return place.with_name(f"{place.name}.new")


def _owner(file: Path, state: SharingState) -> str | None:
    """The bureau whose token a file has; "" where nobody was ever given that token; None where it is no profile."""
    try:
        token = json.loads(file.read_text("utf-8"))["bearerToken"]
        found = state.tokens.get(hashlib.sha256(token.encode()).hexdigest())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return found.bureau if found else ""


def finish(place: Path, bureau: str, state: SharingState) -> bool:
    """Put the profile of a run that was killed in its place, if there is one whose token is the bureau's; say whether.

    Raises:
        OutsideError: the disk refuses it.
    """
    aside = _aside(place)
    if not aside.exists() or _owner(aside, state) != bureau:
        return False
    put(place)
    return True


def write_aside(
    place: Path, bureau: str, endpoint: str, secret: Secret, expires_at: datetime.datetime, state: SharingState
) -> None:
    """Write a profile beside its place, readable for its owner alone.

    Raises:
        UsageError: another file is there, which would be lost.
        OutsideError: the disk refuses it.
    """
    if place.exists() and _owner(place, state) not in (bureau, ""):
        raise UsageError(
            "another file is there, and would be lost", where=str(place), fix="name another with --profile"
        )
    profile = {
        "shareCredentialsVersion": _VERSION,
        "endpoint": endpoint,
        "bearerToken": secret.text,
        "expirationTime": expires_at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    aside = _aside(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(profile, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise disk_failure("the profile can't be written", place, error) from error


def put(place: Path) -> None:
    """Put the profile that was written beside its place there.

    Raises:
        OutsideError: the disk refuses it.
    """
    try:
        _aside(place).replace(place)
        to_disk(place.parent)
    except OSError as error:
        raise disk_failure("the profile can't be put in its place", place, error) from error


def drop(place: Path) -> None:
    """Take the profile that was written beside its place away: its token was not issued."""
    _aside(place).unlink(missing_ok=True)
