"""The one error of this program: what went wrong, and what to do."""

from __future__ import annotations


class PortalFailure(Exception):
    """Wrong use, or something outside that failed; its text is for the person who called."""
