"""What the gate itself has to say: too many rows to hold back, and waivers that are over or of no use."""

from __future__ import annotations

from quality.rules.gate.quarantine_ceiling import RULE as QUARANTINE_CEILING
from quality.rules.gate.waiver_expired import RULE as WAIVER_EXPIRED
from quality.rules.gate.waiver_unused import RULE as WAIVER_UNUSED

__all__ = [
    "QUARANTINE_CEILING", "WAIVER_EXPIRED", "WAIVER_UNUSED", "RULES",
]  # fmt: skip

RULES = (
    QUARANTINE_CEILING, WAIVER_EXPIRED, WAIVER_UNUSED,
)  # fmt: skip
