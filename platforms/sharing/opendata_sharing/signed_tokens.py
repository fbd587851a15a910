"""Page tokens, refresh tokens and sessions: small signed texts that any server of the store can read."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from opendata_sharing.keys import AddressKeys


def give(keys: AddressKeys, purpose: str, content: dict[str, Any]) -> str:
    """A token that holds the content, readable by anybody, changeable by nobody."""
    body = base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode().rstrip("=")
    kid, signature = keys.sign(purpose, body)
    return f"{body}.{kid}.{signature}"


def take(keys: AddressKeys, purpose: str, token: str) -> dict[str, Any] | None:
    """The content of a token that was given for that purpose; None: it is anything else."""
    body, _, rest = token.partition(".")
    kid, _, signature = rest.partition(".")
    if not keys.is_good(kid, signature, purpose, body):
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, binascii.Error):
        return None
    return content if isinstance(content, dict) else None
