"""The repair of amounts of money that were written with their unit: 50万元, ￥1,234.50, 伍拾万圆整.

They become the number in the field's declared `unit`, exactly; another currency than the renminbi is left as it is
(standards.md 8 no. 15).
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from quality.cells import literal, matches, typed
from quality.repairs.repair import call, group, substituted, translated
from resource_catalog.table_schema import SchemaField, TableSchema

_IN_YUAN: Mapping[str, int] = {
    "元": 1, "十元": 10, "百元": 100, "千元": 1000, "万元": 10**4, "十万元": 10**5, "百万元": 10**6, "千万元": 10**7,
    "亿元": 10**8,
}  # fmt: skip
_MULTIPLIERS: Mapping[str, int] = {unit.removesuffix("元"): factor for unit, factor in _IN_YUAN.items()}
_SIGN = r"(?:人民币|RMB|CNY)?\s*[￥¥]?\s*"
_NUMBER = r"([+-]?(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,14})(?:\.[0-9]{1,4})?)"
_SCALE = r"(十万|百万|千万|十|百|千|万|亿)?"
#: Groups: sign of the currency, number, multiplier, yuan.
_WRITTEN = rf"({_SIGN}){_NUMBER}\s*{_SCALE}([元圆]?)[整正]?(?:人民币)?"
#: Fits the largest number times the largest factor, and every digit that dividing by a unit can give.
_EXACT = "DECIMAL(18, 8)"

#: Chinese numerals of either kind, and the digit or mark that each stands for.
_NUMERALS = "壹贰貳叁參肆伍陆陸柒捌玖两零〇一二三四五六七八九拾佰仟萬億圆圓正"
_PLAIN = "12233456678920" + "0123456789十百千万亿元元整"
_SECTION = r"(?:[1-9]千)?0?(?:[1-9]百)?0?(?:[1-9]?十)?0?[1-9]?"
_SPELLED = rf"(?:人民币)?(?:({_SECTION})亿)?0?(?:({_SECTION})万)?0?({_SECTION})元(?:([1-9])角)?(?:0?([1-9])分)?整?"


def money_only(field: SchemaField, _schema: TableSchema) -> str:
    """For numbers whose unit is one of money."""
    if field.type not in ("number", "integer"):
        return f"is for fields of type number or integer, and this one is {field.type}"
    if field.unit not in _IN_YUAN:
        return f"needs the field's unit to be one of {', '.join(_IN_YUAN)}"
    return ""


def _factor(multiplier: exp.Expr, has_yuan: exp.Expr, unit: str) -> exp.Expr:
    """From the number to the field's unit; one that names neither multiplier nor currency is in it already."""
    chosen = exp.Case()
    for name, factor in _MULTIPLIERS.items():
        if name:
            chosen = chosen.when(exp.EQ(this=multiplier.copy(), expression=literal(name)), _in_unit(factor, unit))
    return chosen.when(has_yuan, _in_unit(1, unit)).else_(_in_unit(_IN_YUAN[unit], unit))


def _in_unit(factor: int, unit: str) -> exp.Expr:
    own = _IN_YUAN[unit]
    quotient = str(factor // own) if factor >= own else f"{factor / own:.8f}"
    return exp.cast(literal(quotient), _EXACT, dialect="duckdb")


def _shortest(number: exp.Expr) -> exp.Expr:
    return substituted(exp.cast(number, "VARCHAR"), r"\.?0+$", "")


def _arabic(field: SchemaField, text: exp.Expr) -> exp.Expr:
    """￥1,234.50, 50万元, 3千元, 1.6万 in the field's unit; "1,234" is in it already."""
    pattern = f"^{_WRITTEN}$"
    digits = exp.cast(
        call("replace", group(text, pattern, 2), literal(","), literal("")), "DECIMAL(18, 4)", dialect="duckdb"
    )
    marks = exp.DPipe(this=group(text, pattern, 1), expression=group(text, pattern, 4))
    names_currency = exp.NEQ(this=call("trim", marks), expression=literal(""))
    return _shortest(exp.Mul(this=digits, expression=_factor(group(text, pattern, 3), names_currency, field.unit)))


def _place(section: exp.Expr, mark: str, weight: int) -> exp.Expr:
    found = exp.TryCast(this=group(section, f"([1-9]){mark}", 1), to=exp.DataType.build("BIGINT"))
    value = exp.Coalesce(this=found, expressions=[exp.Literal.number(0)])
    return exp.Mul(this=value, expression=exp.Literal.number(weight))


def _section(section: exp.Expr) -> exp.Expr:
    """Thousands, hundreds, tens and ones; 十 without a digit is one ten."""
    bare_ten = (
        exp.Case()
        .when(matches(section.copy(), "(?:.*[^1-9])?十.*"), exp.Literal.number(10))
        .else_(exp.Literal.number(0))
    )
    total: exp.Expr = bare_ten
    for mark, weight in (("千", 1000), ("百", 100), ("十", 10), ("$", 1)):
        total = exp.Add(this=total, expression=_place(section, mark, weight))
    return exp.paren(total)


def _spelled(field: SchemaField, text: exp.Expr) -> exp.Expr:
    """伍拾万圆整 and its like, by sections of 亿, 万 and 元."""
    plain = _in_plain_numerals(text)
    pattern = f"^{_SPELLED}$"
    yuan = exp.Add(
        this=exp.Add(
            this=exp.Mul(this=_section(group(plain, pattern, 1)), expression=exp.Literal.number(10**8)),
            expression=exp.Mul(this=_section(group(plain, pattern, 2)), expression=exp.Literal.number(10**4)),
        ),
        expression=_section(group(plain, pattern, 3)),
    )
    cents = exp.Add(this=_place(group(plain, pattern, 4), "$", 10), expression=_place(group(plain, pattern, 5), "$", 1))
    hundredths = exp.Add(this=exp.Mul(this=exp.paren(yuan), expression=exp.Literal.number(100)), expression=cents)
    exact = exp.Mul(
        this=exp.cast(exp.paren(hundredths), "DECIMAL(18, 0)", dialect="duckdb"),
        expression=exp.cast(literal("0.01"), "DECIMAL(4, 2)", dialect="duckdb"),
    )
    factor = exp.cast(literal(f"{1 / _IN_YUAN[field.unit]:.8f}"), "DECIMAL(9, 8)", dialect="duckdb")
    return _shortest(exp.Mul(this=exact, expression=factor))


def _in_plain_numerals(text: exp.Expr) -> exp.Expr:
    return translated(text, _NUMERALS, _PLAIN)


def amount(field: SchemaField, text: exp.Expr) -> exp.Expr:
    """An amount with its currency, unit or grouping, or spelled out, as a number in the field's unit.

    Only what the field's type refuses is touched.
    """
    refused = typed(field, text.copy()).is_(exp.null())
    spelled_out = exp.and_(
        matches(_in_plain_numerals(text), _SPELLED), exp.not_(matches(_in_plain_numerals(text), "(?:人民币)?0*元?整?"))
    )
    return (
        exp.Case()
        .when(exp.and_(refused, matches(text.copy(), _WRITTEN)), _arabic(field, text))
        .when(exp.and_(refused.copy(), spelled_out), _spelled(field, text))
        .else_(text.copy())
    )
