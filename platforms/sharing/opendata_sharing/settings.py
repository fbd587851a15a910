"""What an operator may set: by argument, or as OPENDATA_SHARING_<NAME> in the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from opendata_sharing.errors import StoreUnusable

PREFIX = "OPENDATA_SHARING_"


@dataclass(frozen=True)
class Settings:
    """One server's settings. The limits hold per bureau and per instance: n instances let n times as much through."""

    store: Path
    #: The address that file addresses begin with; empty: the one that the client called.
    address: str = ""
    #: How long a file address is good, in seconds; a pandas reader gets all of them first and reads then.
    url_seconds: int = 3600
    #: The same for presigned addresses of an object store, which nobody can take back: a removed grant stays readable
    #: for that long at most.
    presigned_seconds: int = 900
    #: Protocol and page calls: so many a second in the long run, and so many at once.
    calls_per_second: float = 50.0
    calls_burst: int = 200
    #: Requests for files: a client reads one file in many ranges.
    files_per_second: float = 300.0
    files_burst: int = 3000
    #: Files that are being sent at the same time.
    files_at_once: int = 64
    #: Bytes of files in any one hour; 0: no limit.
    bytes_per_hour: int = 0
    #: Calls without a good token, per client address.
    strangers_per_second: float = 5.0
    strangers_burst: int = 50
    #: The largest body of a request, in bytes.
    body_bytes: int = 1 << 20
    #: How long a person stays logged in on the page, in seconds.
    session_seconds: int = 8 * 3600


def from_environment(store: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings that the environment has, over the defaults.

    Raises:
        StoreUnusable: a setting isn't of its kind.
    """
    settings = Settings(store)
    for field in fields(Settings):
        text = environment.get(PREFIX + field.name.upper())
        if text is None or field.name == "store":
            continue
        kind = type(getattr(settings, field.name))
        try:
            settings = replace(settings, **{field.name: kind(text)})
        except ValueError as error:
            raise StoreUnusable(f"{PREFIX}{field.name.upper()} must be of the kind {kind.__name__}") from error
    return settings
