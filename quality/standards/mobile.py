"""Mobile numbers of the mainland: eleven digits of the ranges in use; a +86 before them does not count.

Source: standards.md 3.5. The ranges are our reading; a detector of personal data should be less strict.
"""

from __future__ import annotations

from sqlglot import exp

from quality.standards.normal_form import plainly, well_formed, without
from quality.standards.standard import Standard


def _national(text: exp.Expr) -> exp.Expr:
    return without(plainly(text), r"^(?:\+|00)86")


STANDARD = Standard(
    form=well_formed(r"1(?:3[0-9]|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])[0-9]{8}", plain=_national)
)
