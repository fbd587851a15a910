"""Addresses of electronic mail, as the Table Schema's format `email` has them: their letters' case is kept."""

from __future__ import annotations

from sqlglot import exp

from quality.repairs import REPAIRS
from quality.standards.normal_form import well_formed
from quality.standards.standard import Standard


def _trimmed(text: exp.Expr) -> exp.Expr:
    return REPAIRS["trim"](text.copy())


STANDARD = Standard(form=well_formed(r"[^@\s]+@[^@\s]+\.[^@\s.]+", plain=_trimmed))
