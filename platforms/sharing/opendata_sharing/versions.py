"""Which version of a table a call means, and whether this bureau may have it."""

from __future__ import annotations

from opendata_sharing import instants
from opendata_sharing.calls import Call
from opendata_sharing.errors import CallRefused, StoreDamaged, invalid, not_found, unsupported
from opendata_sharing.records import Granted, Version
from opendata_sharing.state import State


def find_table(call: Call, state: State) -> Granted:
    """The table that the path names, if it is granted; names don't mind case.

    Raises:
        CallRefused: 404, it isn't there or isn't granted.
    """
    names = call.parameters
    granted = state.grants(call.who.bureau, call.now).by_name.get(names["table"].casefold())
    agency = state.agency
    if (
        granted is None
        or names["share"].casefold() != agency.share.casefold()
        or names["schema"].casefold() != agency.schema.casefold()
    ):
        raise not_found()
    call.granted = granted
    return granted


def require_history(granted: Granted) -> None:
    """Refuse what only an access with history may ask.

    Raises:
        CallRefused: 400.
    """
    if not granted.access.history:
        raise unsupported(
            "older versions and changes of this table aren't shared with this bureau, only its latest snapshot is"
        )


def resync(earliest: int, latest: int, asked: str) -> CallRefused:
    """400 for a version that isn't served, with what is: the sign for a bureau to fetch the whole table anew."""
    return invalid(
        f"{asked}: versions {earliest} to {latest} are served; before them a resync is required, earliest={earliest}"
    )


def require_served(granted: Granted, version: int, asked: str) -> int:
    """The version, if it is served.

    Raises:
        CallRefused: 400, with the versions that are.
    """
    if not granted.table.first_version <= version <= granted.version:
        raise resync(granted.table.first_version, granted.version, f"{asked} {version} isn't served")
    return version


def version_at_or_before(state: State, granted: Granted, text: str, name: str, now: float) -> int:
    """The version that was the latest at an instant.

    Raises:
        CallRefused: 400, the instant is before the earliest version served, or is still to come.
    """
    asked = instants.asked_milliseconds(text, name)
    if asked > now * 1000:
        raise invalid(f"{name} is still to come: which version will be the latest then isn't known")
    found = [version.version for version in state.versions(granted.table) if instant(version) <= asked]
    if not found:
        raise resync(granted.table.first_version, granted.version, f"{name} is before the earliest version")
    return found[-1]


def version_at_or_after(state: State, granted: Granted, text: str, name: str) -> int:
    """The first version since an instant.

    Raises:
        CallRefused: 400, there is none since.
    """
    asked = instants.asked_milliseconds(text, name)
    for version in state.versions(granted.table):
        if instant(version) >= asked:
            return version.version
    raise invalid(f"{name} is after the latest version, {granted.version}")


def asked_version(call: Call, state: State, version: int | None, timestamp: str | None) -> int:
    """The version of a snapshot: the one that is asked for by number or by instant, or the latest.

    Raises:
        CallRefused: 400.
    """
    granted = call.what
    if version is None and timestamp is None:
        return granted.version
    require_history(granted)
    if version is not None and timestamp is not None:
        raise invalid("version and timestamp can't both be asked for")
    if version is not None:
        return require_served(granted, version, "version")
    return version_at_or_before(state, granted, str(timestamp), "timestamp", call.seconds)


def instant(version: Version) -> int:
    """When a version was published, in milliseconds since 1970.

    Raises:
        StoreDamaged: its record has no instant.
    """
    try:
        return instants.milliseconds(version.at)
    except ValueError as error:
        raise StoreDamaged(f"version {version.version} has no instant") from error


def instants_of(state: State, granted: Granted) -> dict[int, int]:
    """Version → its instant, of all that are served."""
    return {version.version: instant(version) for version in state.versions(granted.table)}
