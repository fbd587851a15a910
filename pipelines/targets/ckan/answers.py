"""What an answer of CKAN's action API means: a result, or an error of the class that says what to do next."""

from __future__ import annotations

import email.utils
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pipelines.targets.ckan.errors import (
    Conflict,
    Elsewhere,
    Invalid,
    NotFound,
    PortalDown,
    PortalError,
    Refused,
    TooLarge,
    Unavailable,
    UnknownOutcome,
)

_LONGEST = 300
#: Ends of the names of the actions whose result is an object.
_OBJECTS = ("_show", "_search", "_revise", "package_create", "_capabilities", "_load", "_switch")


def _document(content: bytes) -> Any:
    """The JSON of an answer, with numbers as they are written; None where it is no JSON."""
    try:
        return json.loads(content, parse_float=Decimal)
    except ValueError:
        return None


def said(error: Any) -> str:
    """CKAN's error in one line, its fields first, without what repeats its class."""
    if isinstance(error, Mapping):
        parts = [f"{key}: {said(value)}" for key, value in error.items() if key not in ("__type", "__junk")]
        return "; ".join(parts)[:_LONGEST]
    if isinstance(error, list):
        return "; ".join(text for text in map(said, error) if text)[:_LONGEST]
    return " ".join(str(error).split())[:_LONGEST]


def _seconds(headers: Mapping[str, str]) -> float:
    """What Retry-After asks for, in seconds or as a date (RFC 9110, 10.2.3); 0 where it says nothing that is known."""
    written = headers.get("Retry-After", "").strip()
    if written.isdecimal():
        return float(written)
    try:
        there = email.utils.parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (email.utils.parsedate_to_datetime(written) - there).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def _refusal(status: int, error: Any, where: str) -> PortalError:
    """The class of an error that CKAN itself tells: nothing was done."""
    text = said(error)
    if status in (401, 403):
        fix = "check CKAN_TOKEN, and whether its user is an editor of the organisation"
        return Refused(f"the portal refuses ({text})", where=where, fix=fix)
    if status == 404:
        return NotFound(f"the portal knows no such thing ({text})", where=where, fix="look at the portal")
    if isinstance(error, Mapping) and "match" in error:
        fix = "somebody changed the dataset in the meantime: run again"
        return Conflict("the dataset is no longer as it was read", where=where, fix=fix)
    if isinstance(error, Mapping) and "base" in error:  # our plugin's word for a table that rows differ from
        return Conflict(f"the table is not as it was left ({said(error['base'])})", where=where, fix="load it whole")
    return Invalid(f"the portal's rules forbid it ({text})", where=where, fix="mend what the message names")


def unavailable(status: int, headers: Mapping[str, str], where: str) -> PortalError:
    """The error of a status that says no more than that it did not work, or that is none of CKAN's."""
    if status == 429:
        return PortalDown("the portal is too busy", where=where, fix="run again later", retry_after=_seconds(headers))
    away = status in (502, 503)
    fix = "look at the portal's log, then run again"
    said = f"the portal answers {status}" + ("" if status >= 500 else ", and not as CKAN does")
    return (Unavailable if away else UnknownOutcome)(said, where=where, fix=fix, retry_after=_seconds(headers))


def _unparsed(status: int, headers: Mapping[str, str], content: Any, where: str) -> PortalError:
    if status == 400 and isinstance(content, str) and "Action name not known" in content:
        return NotFound("the portal has no such action", where=where, fix="enable the plugin that brings it")
    if status == 413:
        return TooLarge(
            "the portal takes no file that large",
            where=where,
            fix="have ckan.max_resource_size, and the limit of the web server before it, raised",
        )
    if 300 <= status < 400:
        parts = urlsplit(headers.get("Location", ""))
        # Without a password, and without what came by a form.
        goal = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
        return Elsewhere(f"the portal leads elsewhere ({goal})", where=where, fix="set CKAN_URL to the final address")
    if status in (401, 403):
        return Refused(f"the portal refuses ({status})", where=where, fix="check CKAN_TOKEN")
    return unavailable(status, headers, where)


def result_of(action: str, status: int, headers: Mapping[str, str], content: bytes, where: str) -> Any:
    """The result that an answer carries.

    Raises:
        PortalError: of the class that the answer amounts to; UnknownOutcome where it is none that CKAN gives.
    """
    document = _document(content)
    if not isinstance(document, dict) or status >= 500 or status == 429:
        raise _unparsed(status, headers, document, where)
    if document.get("success") is True and status == 200 and _is_result(action, document):
        return document["result"]
    if document.get("success") is False and "error" in document:
        error = document["error"]
        if "too large" in said(error).lower() or "too_large" in said(error).lower():
            raise _unparsed(413, headers, None, where)
        raise _refusal(status, error, where)
    raise _unparsed(status, headers, None, where)


def _is_result(action: str, document: Mapping[str, Any]) -> bool:
    """Whether there is a result of the action's kind: where it lists, a list; where the result is read, an object."""
    kind = list if "_list" in action else dict if action.endswith(_OBJECTS) else object
    return "result" in document and isinstance(document["result"], kind)
