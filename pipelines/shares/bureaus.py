"""Bureaus and their tokens: who is registered, and the secret by which the server knows a bureau again."""

from __future__ import annotations

import datetime
import hashlib
import re
import secrets
from dataclasses import dataclass, field

from pipelines.shares.acts import BUREAU_ADDED, BUREAU_REMOVED, TOKEN_ENDED, TOKEN_ISSUED, SharingAct
from pipelines.shares.stamp import Stamp
from pipelines.shares.state import Bureau, SharingState, Token
from resource_catalog.errors import UsageError

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = 100
_BYTES = 32  # 256 random bits: so much that their plain SHA-256 can't be guessed back
_PREFIX = 6


@dataclass(frozen=True)
class Secret:
    """A new bearer token. Its text is for the bureau's profile file alone, and in no message."""

    text: str = field(repr=False)

    @property
    def hash(self) -> str:
        """What is kept of it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def prefix(self) -> str:
        """Its first signs, by which people tell tokens apart."""
        return self.text[:_PREFIX]


def new_secret() -> Secret:
    """A token that nobody can guess."""
    return Secret(secrets.token_urlsafe(_BYTES))


def known_bureau(state: SharingState, bureau: str) -> Bureau:
    """A registered bureau.

    Raises:
        UsageError: there is none of the id.
    """
    if not state.registered(bureau):
        known = ", ".join(sorted(one.id for one in state.bureaus.values() if one.removed_at is None)) or "none"
        fix = f"register it with `opendata bureau add ID --title TEXT`; registered: {known}"
        raise UsageError("there is no such bureau", where=bureau, fix=fix)
    return state.bureaus[bureau]


def good_tokens(state: SharingState, bureau: str, at: datetime.datetime) -> list[Token]:
    """The tokens that a bureau may use at an instant, oldest first."""
    mine = [token for token in state.tokens.values() if token.bureau == bureau and token.is_good(at)]
    return sorted(mine, key=lambda token: token.issued_at)


def add_bureau(
    state: SharingState, bureau: str, title: str, secret: Secret, expires_at: datetime.datetime, stamp: Stamp
) -> tuple[SharingAct, ...]:
    """Register a bureau and issue its first token.

    Raises:
        UsageError: the id is none, it is registered already, or it has no title.
    """
    if not _ID.fullmatch(bureau) or len(bureau) > _LONGEST:
        fix = f"write a-z, 0-9 and single hyphens, {_LONGEST} signs at most"
        raise UsageError("this is no id of a bureau", where=bureau, fix=fix)
    if not title.strip():
        raise UsageError("a bureau needs a name that people know it by", where=bureau, fix='add --title "…"')
    if state.registered(bureau):
        fix = f"`opendata bureau rotate {bureau}` issues another token"
        raise UsageError(f"it is registered already: {state.bureaus[bureau].title}", where=bureau, fix=fix)
    return (stamp.act(BUREAU_ADDED, bureau, title=title.strip()), _issued(bureau, secret, expires_at, stamp))


def _issued(bureau: str, secret: Secret, expires_at: datetime.datetime, stamp: Stamp) -> SharingAct:
    facts = {"token": secret.hash, "prefix": secret.prefix, "expires_at": expires_at.isoformat()}
    return stamp.act(TOKEN_ISSUED, bureau, **facts)


def rotate_token(
    state: SharingState,
    bureau: str,
    secret: Secret,
    expires_at: datetime.datetime,
    overlap: datetime.timedelta,
    stamp: Stamp,
) -> tuple[SharingAct, ...]:
    """Issue another token; the newest of the old ones stays good for the overlap, any older ends at once.

    Raises:
        UsageError: there is no such bureau.
    """
    known_bureau(state, bureau)
    *older, newest = good_tokens(state, bureau, stamp.at) or (None,)
    ended = [_ended(bureau, token, stamp.at, stamp) for token in older if token is not None]
    if newest is not None:
        ended.append(_ended(bureau, newest, stamp.at + overlap, stamp))
    return (*ended, _issued(bureau, secret, expires_at, stamp))


def _ended(bureau: str, token: Token, ends_at: datetime.datetime, stamp: Stamp) -> SharingAct:
    return stamp.act(TOKEN_ENDED, bureau, token=token.hash, prefix=token.prefix, ends_at=ends_at.isoformat())


def remove_bureau(state: SharingState, bureau: str, reason: str, stamp: Stamp) -> tuple[SharingAct, ...]:
    """Take a bureau off the register: its tokens, grants and contracts end in the same act.

    Raises:
        UsageError: there is no such bureau.
    """
    known_bureau(state, bureau)
    return (stamp.act(BUREAU_REMOVED, bureau, reason=reason.strip() or "the bureau was removed"),)
