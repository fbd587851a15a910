"""Organisations of a running portal: a trial needs the one that its workspace's agency publishes in."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from loopback.failure import PortalFailure
from loopback.stack import Stack

_SECONDS = 60


def ensure(stack: Stack, name: str) -> None:
    """Make an organisation where there is none of that name.

    Raises:
        PortalFailure: the portal does not answer, or refuses the name.
    """
    known = _call(stack, "organization_list").get("result")
    if not isinstance(known, list) or name not in known:
        made = _call(stack, "organization_create", name=name)
        if not made.get("success"):
            raise PortalFailure(f"the organisation {name} was not made: {made.get('error')}")


def _call(stack: Stack, action: str, **data: str) -> dict[str, object]:
    token = stack.token_file("administrator").read_text().strip()
    headers = {"Authorization": token, "Content-Type": "application/json"}
    address = f"{stack.url}/api/3/action/{action}"
    request = urllib.request.Request(address, json.dumps(data).encode(), headers)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - loopback
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        with error:
            return dict(json.load(error))
    except OSError as error:
        raise PortalFailure(f"the portal does not answer: {error}; run `up` first.") from error
