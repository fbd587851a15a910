"""What all tests share: which examples Hypothesis takes, that Ctrl-C reaches what they start, and a real CKAN."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

from tests.object_stores import moto, s3proxy
from tests.portal_factory import empty_portal, portal

__all__ = ["empty_portal", "moto", "portal", "s3proxy"]

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("untimed", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "untimed")


@pytest.fixture(autouse=True)
def _no_portal_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's own CKAN_URL and CKAN_TOKEN are not for tests to publish to."""
    for name in ("CKAN_URL", "CKAN_TOKEN"):
        monkeypatch.delenv(name, raising=False)


# A run that a shell started in the background is born with SIGINT ignored, and would hand that on to its children.
signal.signal(signal.SIGINT, signal.default_int_handler)
