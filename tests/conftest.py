"""What all tests share: which examples Hypothesis takes, that Ctrl-C reaches what they start, and a real CKAN."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

from tests.portal_factory import empty_portal, portal

__all__ = ["empty_portal", "portal"]

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")

# A run that a shell started in the background is born with SIGINT ignored, and would hand that on to its children.
signal.signal(signal.SIGINT, signal.default_int_handler)
