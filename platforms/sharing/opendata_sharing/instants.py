"""Instants: UTC, ISO 8601 with Z and whole seconds in the store, milliseconds since 1970 in the protocol."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from opendata_sharing.errors import invalid


def written(seconds: float) -> str:
    """Seconds since 1970 as the store writes them: 2026-11-30T08:00:00Z. Such texts sort as their instants do."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def milliseconds(text: str) -> int:
    """Milliseconds since 1970 of an instant that the store wrote.

    Raises:
        ValueError: it is no instant.
    """
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def asked_milliseconds(text: str, name: str) -> int:
    """Milliseconds since 1970 of an instant that a client sent as parameter `name`; without a zone it is UTC.

    Raises:
        CallRefused: 400, it is no instant.
    """
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        return int(instant.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise invalid(f"{name} must be an instant such as 2026-01-31T08:00:00Z") from error
