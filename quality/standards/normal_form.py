"""The standard form of a text: as it is where that is well formed, else without what does not count in writing it.

What does not count: spaces, format characters and dashes anywhere, full-width forms, letter case. Of NFKC that is all
that a code can need; a ① or ２⁄３ among the characters of a code is a fault.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from quality.cells import literal, matches
from quality.repairs.characters import half_width

_ASCII_MARKS = r"[\s-]+"
_MARKS = r"[\s\p{Z}\p{Cf}\p{Pd}]+"


def without(text: exp.Expr, pattern: str) -> exp.Expr:
    """The text without what matches a pattern, everywhere."""
    return exp.Anonymous(this="regexp_replace", expressions=[text, literal(pattern), literal(""), literal("g")])


def _upper(text: exp.Expr) -> exp.Expr:
    return exp.Upper(this=text)


def _has_beyond_ascii(text: exp.Expr) -> exp.Expr:
    octets = exp.Anonymous(this="strlen", expressions=[text.copy()])
    return exp.NEQ(this=octets, expression=exp.Length(this=text.copy()))


def plainly(text: exp.Expr) -> exp.Expr:
    """The text without what does not count in writing a code."""
    wide = _upper(without(half_width(text), _MARKS))
    # Full-width forms cost thirty times as much to map, so only where there can be some.
    return exp.Case().when(_has_beyond_ascii(text), wide).else_(_upper(without(text.copy(), _ASCII_MARKS)))


def well_formed(pattern: str, plain: Callable[[exp.Expr], exp.Expr] = plainly) -> Callable[[exp.Expr], exp.Expr]:
    """The standard form by a pattern of the whole text; `plain` takes off what does not count.

    Clean data costs one match a cell.
    """

    def form(text: exp.Expr) -> exp.Expr:
        other = plain(text)
        return exp.Case().when(matches(text.copy(), pattern), text.copy()).when(matches(other, pattern), other.copy())

    return form
