"""Addresses of electronic mail, as the Table Schema's format `email` has them: their letters' case is kept."""

from __future__ import annotations

from quality.repairs.characters import trimmed
from quality.standards.normal_form import well_formed
from quality.standards.standard import Standard

STANDARD = Standard(form=well_formed(r"[^@\s]+@[^@\s]+\.[^@\s.]+", plain=trimmed))
