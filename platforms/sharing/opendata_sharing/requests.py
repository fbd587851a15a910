"""The parameters of a query and of a call for changes, checked for their form (PROTOCOL.md and protocol.proto)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from opendata_sharing.calls import Call
from opendata_sharing.errors import invalid, malformed

#: What 64 bits hold.
_LARGEST = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for; what isn't asked for is None, empty or False."""

    predicate_hints: tuple[str, ...] = ()
    json_predicate_hints: str | None = None
    limit_hint: int | None = None
    version: int | None = None
    timestamp: str | None = None
    starting_version: int | None = None
    ending_version: int | None = None
    starting_timestamp: str | None = None
    ending_timestamp: str | None = None
    historical_metadata: bool = False
    historical_protocol: bool = False
    max_files: int | None = None
    page_token: str | None = None
    include_refresh_token: bool = False
    refresh_token: str | None = None

    def digest(self) -> str:
        """What stays the same on all pages of one answer."""
        same = [
            self.predicate_hints,
            self.json_predicate_hints,
            self.limit_hint,
            self.version,
            self.timestamp,
            self.starting_version,
            self.ending_version,
            self.starting_timestamp,
            self.ending_timestamp,
            self.historical_metadata,
        ]
        return hashlib.sha256(json.dumps(same).encode()).hexdigest()[:16]


def read_query(body: bytes) -> Asked:
    """What the body of POST …/query asks for.

    Raises:
        CallRefused: 400, it is no such body.
    """
    try:
        said = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError) as error:
        raise malformed("the body must be a JSON object") from error
    if not isinstance(said, dict):
        raise malformed("the body must be a JSON object")
    hints = said.get("predicateHints") or []
    if not isinstance(hints, list) or not all(isinstance(hint, str) for hint in hints):
        raise invalid("predicateHints must be a list of texts")
    asked = Asked(
        predicate_hints=tuple(hints),
        json_predicate_hints=_text(said, "jsonPredicateHints"),
        limit_hint=_number(said, "limitHint"),
        version=_number(said, "version"),
        timestamp=_text(said, "timestamp"),
        starting_version=_number(said, "startingVersion"),
        ending_version=_number(said, "endingVersion"),
        historical_protocol=_flag(said, "includeHistoricalProtocol"),
        historical_metadata=True,
        max_files=_number(said, "maxFiles"),
        page_token=_text(said, "pageToken"),
        include_refresh_token=_flag(said, "includeRefreshToken"),
        refresh_token=_text(said, "refreshToken"),
    )
    _text(said, "idempotencyKey")
    _require_one(asked)
    return asked


def _require_one(asked: Asked) -> None:
    chosen = [asked.version, asked.timestamp, asked.starting_version, asked.refresh_token]
    if sum(choice is not None for choice in chosen) > 1:
        raise invalid("only one of version, timestamp, startingVersion and refreshToken can be asked for")
    if asked.include_refresh_token and any(choice is not None for choice in chosen[:3]):
        raise invalid("a refresh token is given for the latest snapshot only")
    if asked.max_files == 0:
        raise invalid("maxFiles must be 1 or more")


def read_changes(call: Call) -> Asked:
    """What the query string of GET …/changes asks for.

    Raises:
        CallRefused: 400, it has no start, or two, or something isn't of its form.
    """
    query = call.query
    asked = Asked(
        starting_version=call.number("startingVersion"),
        ending_version=call.number("endingVersion"),
        starting_timestamp=query.get("startingTimestamp"),
        ending_timestamp=query.get("endingTimestamp"),
        historical_metadata=_said_true(query.get("includeHistoricalMetadata"), "includeHistoricalMetadata"),
        historical_protocol=_said_true(query.get("includeHistoricalProtocol"), "includeHistoricalProtocol"),
        max_files=call.number("maxFiles"),
        page_token=query.get("pageToken"),
    )
    if (asked.starting_version is None) == (asked.starting_timestamp is None):
        raise invalid("one of startingVersion and startingTimestamp is required, and not both")
    if asked.ending_version is not None and asked.ending_timestamp is not None:
        raise invalid("endingVersion and endingTimestamp can't both be asked for")
    _require_one(asked)
    return asked


def _number(said: dict[str, Any], name: str) -> int | None:
    value = said.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)  # protocol buffers' JSON writes 64-bit numbers as texts
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise invalid(f"{name} must be a whole number from 0")
    return value


def _text(said: dict[str, Any], name: str) -> str | None:
    value = said.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"{name} must be a text")
    return value


def _flag(said: dict[str, Any], name: str) -> bool:
    value = said.get(name, False)
    if not isinstance(value, bool):
        raise invalid(f"{name} must be true or false")
    return value


def _said_true(text: str | None, name: str) -> bool:
    if text is None or text.lower() == "false":
        return False
    if text.lower() != "true":
        raise invalid(f"{name} must be true or false")
    return True
