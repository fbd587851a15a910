"""What a call is refused with: HTTP status, the protocol's error code, and a sentence that says what to do."""

from __future__ import annotations


class CallRefused(Exception):  # noqa: N818 - an answer, not a failure of this program
    """A call that gets an error as its answer.

    `code` is one of UNAUTHENTICATED, INVALID_PARAMETER_VALUE, MALFORMED_REQUEST, RESOURCE_DOES_NOT_EXIST,
    UNSUPPORTED_OPERATION, RESOURCE_EXHAUSTED, PERMISSION_DENIED, INTERNAL_ERROR. `headers` go out with the answer.
    """

    def __init__(self, status: int, code: str, message: str, *, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


class StoreDamaged(Exception):  # noqa: N818 - a fact about the store
    """Something in the store is missing, cut off or not what it was; the answer is 500 and never a part of a table."""


class StoreUnusable(Exception):  # noqa: N818 - a fact about the store
    """The folder is no sharing store, or one of another version; the message says what to do."""


def invalid(message: str) -> CallRefused:
    """400: a parameter has a value that can't be served."""
    return CallRefused(400, "INVALID_PARAMETER_VALUE", message)


def malformed(message: str) -> CallRefused:
    """400: the request isn't of the protocol's form."""
    return CallRefused(400, "MALFORMED_REQUEST", message)


def unsupported(message: str) -> CallRefused:
    """400: what the protocol knows and this server, or this table, doesn't offer."""
    return CallRefused(400, "UNSUPPORTED_OPERATION", message)


def not_found() -> CallRefused:
    """404: the same words for what isn't there and for what isn't granted, so that nobody can tell them apart."""
    return CallRefused(
        404, "RESOURCE_DOES_NOT_EXIST", "there is no such share, schema or table, or it isn't granted to this bureau"
    )


def forbidden(message: str) -> CallRefused:
    """403: a file address that isn't good, or no longer."""
    return CallRefused(403, "PERMISSION_DENIED", message)
