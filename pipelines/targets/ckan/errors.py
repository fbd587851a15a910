"""What can go wrong with a portal, as classes: each asks for another next step.

PortalError
├── PortalDown        nothing answers, or only errors do
├── Untrusted         whoever answers can't prove to be the portal
├── Elsewhere         the portal has another address
├── Refused           the token may not do that, or is none
├── NotFound          there is no such object, or no such action
├── Conflict          somebody changed the object since it was read (compare-and-swap failed)
├── Invalid           the portal's own rules forbid what was sent
├── TooLarge          the upload is over the portal's limit
└── UnknownOutcome    a write was sent and its answer was lost: read back, then decide
    └── Unavailable   a server before the portal says that the portal is away
"""

from __future__ import annotations

from resource_catalog.errors import OutsideError


class PortalError(OutsideError):
    """The portal failed or refused; `retry_after` is how many seconds it asks to wait, 0 where it doesn't."""

    def __init__(self, what: str, *, where: str = "", fix: str = "", retry_after: float = 0) -> None:
        super().__init__(what, where=where, fix=fix)
        self.retry_after = retry_after


class PortalDown(PortalError):
    """Nothing answers at the portal's address, or only errors do; nothing that was sent can have been done."""

    may_fail_all = True


class Untrusted(PortalError):
    """Whoever answers has no certificate that proves it to be the portal; nothing was sent."""

    may_fail_all = True


class Elsewhere(PortalError):
    """What answers leads to another address, where nothing was sent."""

    may_fail_all = True


class Refused(PortalError):
    """The portal refuses the token, or what it asks for."""

    may_fail_all = True


class NotFound(PortalError):
    """The portal knows no such object, or no such action."""


class Conflict(PortalError):
    """Somebody changed the object since it was read; nothing was written."""


class Invalid(PortalError):
    """What was sent breaks a rule of the portal; nothing was written."""


class TooLarge(PortalError):
    """An upload is larger than the portal takes."""


class UnknownOutcome(PortalError):
    """A write was sent, and whether it was done can't be told from the answer."""

    may_fail_all = True


class Unavailable(UnknownOutcome):
    """A web server before the portal says that the portal is away for now."""
