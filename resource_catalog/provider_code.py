"""Whether a provider's code is a 统一社会信用代码: its form, its check character, and that of the code inside it.

GB 32100-2015 and GB 11714 (standards.md 3.1, 3.2).
"""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
_INNER_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_character(first: str) -> str:
    """The check character of the first 17 characters of a 统一社会信用代码."""
    total = sum(_ALPHABET.index(sign) * weight for sign, weight in zip(first, _WEIGHTS, strict=True))
    # The second remainder matters: a sum that 31 divides gives "0".
    return _ALPHABET[(31 - total % 31) % 31]


def inner_check_character(first: str) -> str:
    """The check character of the first 8 characters of a 组织机构代码."""
    total = sum(_INNER_ALPHABET.index(sign) * weight for sign, weight in zip(first, _INNER_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def code_fault(code: str) -> str:
    """What is wrong with a 统一社会信用代码, as half a sentence; "" where nothing is."""
    if len(code) != 18:
        return f"has {len(code)} characters, not 18"
    strange = sorted({sign for sign in code if sign not in _ALPHABET})
    if strange:
        return f"has {' and '.join(map(repr, strange))}, which no such code has"
    if code[17] != check_character(code[:17]):
        return f"ends in {code[17]}, and its check character is {check_character(code[:17])}"
    inner = inner_check_character(code[8:16])
    if code[16] != inner:
        return f"holds an organisation code that ends in {code[16]}, and whose check character is {inner}"
    return ""
