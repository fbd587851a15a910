"""Masks: what of an open field's value the public sees, each as one expression over the field's text.

Every mask gives its own result back unchanged, keeps what it keeps as it was written (full width stays full width), and
stars out whole what is not of its kind. Source: standards.md 7, the masks of Chinese practice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

from quality.cells import column, constant, literal, matches, one_of, only_if
from quality.table import text_column, value_column
from resource_catalog.table_schema import SchemaField, TableSchema

#: Where fewer characters than this would be hidden, all of them are: what is left tells the rest.
_FEWEST_HIDDEN = 4
_PHONE = r"[0-9０-９*+＋\-－()（）\s]+"
_RESIDENT_ID = r"[0-9０-９*]+[0-9０-９XxＸｘ*]"
_CARD = r"[0-9０-９*\-－\s]+"
_EMAIL = r"[^@\s]+@[A-Za-z0-9.\-]+"

#: Han characters but those that end a unit; in the middle of a unit also none that name a street, a house or a village.
_OUTER = r"[^\P{Han}省区县旗]"
_LAST = r"[^\P{Han}省市区县旗]"
_MIDDLE = r"[^\P{Han}省市区县旗路街弄巷村镇乡号室楼栋幢座园苑寓厦厂宅坊]"
_UNIT = f"(?:{_OUTER}{_MIDDLE}{{0,6}}{_LAST}|{_OUTER})"
_AUTONOMOUS = f"{_OUTER}{_LAST}{{1,16}}自治[县旗]"
_DISTRICT = f"^(?:{_UNIT}(?:省|自治区))?(?:{_UNIT}(?:市|自治州|地区|盟))?(?:{_AUTONOMOUS}|{_UNIT}[区县旗])"
#: 小区, 园区, 开发区, 三区 … are places to live and work, and no districts.
_NO_DISTRICT = r".*[小社园校院库景厂宅舍住活生街片务税业发一二三四五六七八九十]区"

_Mask = Callable[[exp.Expr], exp.Expr]


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _number(number: int) -> exp.Expr:
    return exp.Literal.number(number)


def _length(cell: exp.Expr) -> exp.Expr:
    """Characters, not bytes and not halves of a rare one."""
    return _call("length", cell.copy())


def _joined(*parts: exp.Expr) -> exp.Expr:
    first, *others = parts
    for part in others:
        first = exp.DPipe(this=first, expression=part)
    return first


def _stars(length: exp.Expr) -> exp.Expr:
    return _call("repeat", literal("*"), length)


def _left(cell: exp.Expr, length: int) -> exp.Expr:
    return _call("left", cell.copy(), _number(length))


def _person_name(cell: exp.Expr) -> exp.Expr:
    """The first character, and a star for each further one: 张*, 张**."""
    return _joined(_left(cell, 1), _stars(exp.Sub(this=_length(cell), expression=_number(1))))


def _ends(shape: str, first: int, last: int) -> _Mask:
    """The first and last characters of a text of that shape, a star for each between."""

    def masked(cell: exp.Expr) -> exp.Expr:
        hidden = exp.Sub(this=_length(cell), expression=_number(first + last))
        enough = exp.GTE(this=_length(cell), expression=_number(first + last + _FEWEST_HIDDEN))
        ends = _joined(_left(cell, first), _stars(hidden), _call("right", cell.copy(), _number(last)))
        return exp.Case().when(exp.and_(matches(cell.copy(), shape), enough), ends).else_(_stars(_length(cell)))

    return masked


def _email(cell: exp.Expr) -> exp.Expr:
    """The first character, three stars whatever the length, and the domain."""
    domain = only_if(matches(cell.copy(), _EMAIL), _call("regexp_extract", cell.copy(), literal("@.*$")))
    return _joined(_left(cell, 1), literal("***"), exp.Coalesce(this=domain, expressions=[literal("")]))


def _address(cell: exp.Expr) -> exp.Expr:
    """Down to the first district or county; missing where there is none to be sure of."""
    district = _call("regexp_extract", cell.copy(), literal(_DISTRICT))
    found = exp.and_(exp.NEQ(this=district, expression=literal("")), exp.not_(matches(district.copy(), _NO_DISTRICT)))
    return only_if(found, district.copy())


MASKS: Mapping[str, _Mask] = {
    "person-name": _person_name,
    "resident-id": _ends(_RESIDENT_ID, 3, 4),
    "mobile": _ends(_PHONE, 3, 4),
    "phone": _ends(_PHONE, 3, 4),
    "email": _email,
    "card": _ends(_CARD, 6, 4),
    "address": _address,
}
#: Masks that may leave nothing of a value.
DROPPING = frozenset({"address"})


def _holds(field: SchemaField, allowed: tuple[Any, ...]) -> exp.Expr:
    """Whether a cell is one of the values of a condition, where "" and null stand for a missing one."""
    values = [constant(field, item) for item in allowed if item not in ("", None)]
    options: list[exp.Expr] = []
    if values:
        options.append(exp.Coalesce(this=one_of(column(value_column(field.name)), values), expressions=[exp.false()]))
    if len(values) < len(allowed):
        missing = exp.Coalesce(this=column(text_column(field.name)), expressions=[literal("")])
        options.append(exp.EQ(this=missing, expression=literal("")))
    return exp.or_(*options)


def masked(field: SchemaField, schema: TableSchema) -> exp.Expr:
    """A field's value over CELLS as the public sees it: masked where it has a mask whose conditions all hold."""
    own = column(value_column(field.name))
    if field.mask is None:
        return own
    hidden = MASKS[field.mask.kind](column(text_column(field.name)))
    conditions = [_holds(schema.field(name), allowed) for name, allowed in field.mask.where.items()]
    if not conditions:
        return hidden
    return exp.Case().when(exp.and_(*conditions), hidden).else_(own)
