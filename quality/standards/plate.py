"""Number plates of vehicles (机动车号牌, GA 36): common ones, and small and large ones of new energy.

Source: standards.md 3.7. A plate is printed with a dot behind its second character, which is no part of the number.
"""

from __future__ import annotations

from sqlglot import exp

from quality.standards.normal_form import plainly, well_formed, without
from quality.standards.standard import Standard

_PROVINCE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
_LETTER = "[A-HJ-NP-Z]"
_ANY = "[A-HJ-NP-Z0-9]"
_COMMON = f"{_ANY}{{4}}[A-HJ-NP-Z0-9挂学警港澳]"
_NEW_ENERGY = f"[A-HJK]{_ANY}[0-9]{{4}}|[0-9]{{5}}[A-HJK]"


def _undotted(text: exp.Expr) -> exp.Expr:
    return without(plainly(text), "[·•・]")


STANDARD = Standard(form=well_formed(f"{_PROVINCE}{_LETTER}(?:{_COMMON}|{_NEW_ENERGY})", plain=_undotted))
