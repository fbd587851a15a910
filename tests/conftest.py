"""What all tests share: which examples Hypothesis takes, and that Ctrl-C reaches what they start."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")

# A run that a shell started in the background is born with SIGINT ignored, and would hand that on to its children.
signal.signal(signal.SIGINT, signal.default_int_handler)
