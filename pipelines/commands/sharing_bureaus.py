"""Bureaus and their access: add, list, rotate, remove; and what each of them may read."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

from pipelines.commands.run import Run
from pipelines.commands.sharing_state import Sharing, changing, note, read_sharing
from pipelines.shares import profile
from pipelines.shares.acts import SharingAct
from pipelines.shares.bureaus import (
    Secret,
    add_bureau,
    good_tokens,
    known_bureau,
    new_secret,
    remove_bureau,
    rotate_token,
)
from pipelines.shares.contracts import policy_for
from pipelines.shares.lines import BureauLine, Issued
from pipelines.shares.state import Bureau, Grant, Token


def add(run: Run, bureau: str, title: str, file: Path | None) -> Issued:
    """Register a bureau, issue its token and write its profile file.

    Raises:
        UsageError: the id is none, it is registered already, or the file would overwrite another.
        LockedError: another run is at work.
    """

    def acts(sharing: Sharing, secret: Secret, expires_at: datetime.datetime) -> tuple[SharingAct, ...]:
        return add_bureau(sharing.state, bureau, title, secret, expires_at, sharing.stamp)

    with changing(run) as sharing:
        place = _place(run, bureau, file)
        return _finished(sharing, bureau, place) or _issue(sharing, bureau, place, acts)


def rotate(run: Run, bureau: str, file: Path | None, *, at_once: bool) -> Issued:
    """Issue another token; the old one ends after the overlap that agency.yaml sets, or at once.

    Raises:
        UsageError: there is no such bureau, or the file would overwrite another.
        LockedError: another run is at work.
    """
    with changing(run) as sharing:
        known_bureau(sharing.state, bureau)
        place = _place(run, bureau, file)
        overlap = datetime.timedelta(days=0 if at_once else sharing.settings.rotation_overlap_days)
        old = good_tokens(sharing.state, bureau, run.at)
        until = min(old[-1].expires_at, run.at + overlap) if old and overlap else None

        def acts(sharing: Sharing, secret: Secret, expires_at: datetime.datetime) -> tuple[SharingAct, ...]:
            return rotate_token(sharing.state, bureau, secret, expires_at, overlap, sharing.stamp)

        profile.finish(place, bureau, sharing.state)
        return _issue(sharing, bureau, place, acts, until)


def _place(run: Run, bureau: str, file: Path | None) -> Path:
    return (file or run.home.profiles / f"{bureau}.share").absolute()


def _finished(sharing: Sharing, bureau: str, place: Path) -> Issued | None:
    """A registration whose run was killed before its profile was in its place: it is put there now."""
    if not profile.finish(place, bureau, sharing.state):
        return None
    token = good_tokens(sharing.state, bureau, sharing.run.at)[-1]
    return Issued(bureau, place, token.prefix, token.expires_at)


def _issue(
    sharing: Sharing,
    bureau: str,
    place: Path,
    acts: Callable[[Sharing, Secret, datetime.datetime], tuple[SharingAct, ...]],
    until: datetime.datetime | None = None,
) -> Issued:
    secret, expires_at = new_secret(), sharing.stamp.in_days(sharing.settings.token_days)
    new = acts(sharing, secret, expires_at)
    profile.write_aside(place, bureau, sharing.settings.endpoint, secret, expires_at, sharing.state)
    noted = False
    try:
        sharing.ledger.append(new, sharing.head)
        noted = True
    finally:
        if not noted:
            profile.drop(place)
    profile.put(place)
    note(sharing, ())
    return Issued(bureau, place, secret.prefix, expires_at, until)


def remove(run: Run, bureau: str, reason: str) -> None:
    """Take a bureau off the register; all that it asks for is refused from the server's next request on.

    Raises:
        UsageError: there is no such bureau.
        LockedError: another run is at work.
    """
    with changing(run) as sharing:
        note(sharing, remove_bureau(sharing.state, bureau, reason, sharing.stamp))


def bureaus(run: Run) -> list[BureauLine]:
    """Every registered bureau, in the order of ids.

    Raises:
        OutsideError: the chain of acts can't be read.
    """
    sharing = read_sharing(run)
    registered = [one for one in sharing.state.bureaus.values() if one.removed_at is None]
    return [_line(sharing, bureau) for bureau in sorted(registered, key=lambda one: one.id)]


def _line(sharing: Sharing, bureau: Bureau) -> BureauLine:
    at = sharing.run.at
    tokens = tuple(good_tokens(sharing.state, bureau.id, at))
    grants = tuple(
        one for one in sharing.state.grants.values() if one.bureau == bureau.id and sharing.state.holds(one, at)
    )
    read = [offer.entry.id for offer in sharing.offers if policy_for(sharing.state, offer, bureau.id, at) is not None]
    return BureauLine(bureau, tokens, grants, tuple(read), tuple(_warnings(sharing, bureau, tokens, grants)))


def _warnings(sharing: Sharing, bureau: Bureau, tokens: tuple[Token, ...], grants: tuple[Grant, ...]) -> list[str]:
    """What ends within the days that agency.yaml names, the newest token's end and each grant's; and what has ended."""
    last = sharing.stamp.in_days(sharing.settings.expiry_warning_days)
    if not tokens:
        return [f"no token is good any more → `opendata bureau rotate {bureau.id}`"]
    said = []
    newest = tokens[-1]
    if newest.expires_at <= last:
        said.append(
            f"token {newest.prefix}… ends on {newest.expires_at:%Y-%m-%d} → `opendata bureau rotate {bureau.id}`"
        )
    for grant in grants:
        if grant.valid_to <= last:
            renew = f"`opendata need renew {grant.id} --by NAME`"
            said.append(f"{grant.id} of {grant.dataset} ends on {grant.valid_to:%Y-%m-%d} → {renew}")
    return said
