"""Passport numbers (ICAO Doc 9303): up to nine letters and digits, whatever state they are of.

In our reading of part 4, where nine places are for the number; the check of the machine-readable zone is no part of it.
"""

from __future__ import annotations

from quality.standards.normal_form import well_formed
from quality.standards.standard import Standard

STANDARD = Standard(form=well_formed(r"[0-9A-Z]{5,9}"))
