"""Repairs of dates: the ways in which people write a day that can be read in one way only (standards.md 8 no. 9, 10).

Each touches only what the field's own format refuses, and writes the day as that format has it.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from quality.cells import literal, matches, typed
from quality.repairs.repair import call, group, substituted, translated
from resource_catalog.table_schema import SchemaField, TableSchema

_NUMERALS, _DIGITS = "〇○零一二三四五六七八九", "000123456789"
#: In RE2's rewriting, \10 is the first group and a zero.
_TENS = ((r"([23])十([1-9])", r"\1\2"), (r"([23])十", r"\10"), (r"十([1-9])", r"1\1"), (r"十", r"10"))
#: Midnight, which spreadsheets add to a day.
_MIDNIGHT = r"(?:[ T]0?0:00(?::00(?:\.0+)?)?)?"
_DAY = (
    r"(?:1[89]|20)[0-9]{2}(?:年[0-9]{1,2}月[0-9]{1,2}[日号]?|-[0-9]{1,2}-[0-9]{1,2}|/[0-9]{1,2}/[0-9]{1,2}"
    rf"|\.[0-9]{{1,2}}\.[0-9]{{1,2}}|[0-9]{{4}}){_MIDNIGHT}"
)
_PARTS = r"^([0-9]{4})[年./-]?([0-9]{1,2})[月./-]?([0-9]{1,2}).*$"
_ONES = "[一二三四五六七八九]"
_IN_NUMERALS = rf"[〇○零一二三四五六七八九]{{4}}年(?:{_ONES}|十[一二]?)月(?:二?十{_ONES}?|三十一?|{_ONES})[日号]"
#: Days since the epoch from 1982 to 2064: beyond, a bare number is more likely something else.
_SERIAL = r"([3-5][0-9]{4}|60000)(?:\.0+)?"


def days_only(field: SchemaField, _schema: TableSchema) -> str:
    """For fields whose values are days."""
    return "" if field.type == "date" else f"is for fields of type date, and this one is {field.type}"


def _written(field: SchemaField, day: exp.Expr) -> exp.Expr:
    own = field.format if isinstance(field.format, str) else "default"
    pattern = "%Y-%m-%d" if own in ("default", "any") else own.removeprefix("fmt:")
    return call("strftime", day, literal(pattern))


def _or_as_it_was(field: SchemaField, text: exp.Expr, day: exp.Expr) -> exp.Expr:
    """The day in the field's format where the field's own format refuses the text and there is such a day."""
    refused = typed(field, text.copy()).is_(exp.null())
    return (
        exp.Case().when(refused, exp.Coalesce(this=_written(field, day), expressions=[text.copy()])).else_(text.copy())
    )


def _arabic(text: exp.Expr) -> exp.Expr:
    """二〇一七年五月十八日 as 2017年5月18日."""
    digits = translated(text, _NUMERALS, _DIGITS)
    for pattern, by in _TENS:
        digits = substituted(digits, pattern, by)
    return exp.Case().when(matches(text.copy(), _IN_NUMERALS), digits).else_(text.copy())


def _day(text: exp.Expr) -> exp.Expr:
    """The day that a text means; NULL where it is in none of the forms, or no day of the calendar."""
    joined = substituted(text, _PARTS, r"\1-\2-\3")
    parsed = call("try_strptime", joined, literal("%Y-%m-%d"))
    return exp.Case().when(matches(text.copy(), _DAY), parsed)


def dates(field: SchemaField, text: exp.Expr) -> exp.Expr:
    """2017年5月18日, 20170518, 2017.5.18, 2017/5/18, 2017-5-18 0:00:00, 二〇一七年五月十八日; never 5/6/17."""
    return _or_as_it_was(field, text, _day(_arabic(text)))


def excel_serial(epoch: str) -> Callable[[SchemaField, exp.Expr], exp.Expr]:
    """42873 as 2017-05-18: a bare number from 30000 to 60000 as days since a spreadsheet's `epoch`."""

    def mended(field: SchemaField, text: exp.Expr) -> exp.Expr:
        days = exp.cast(group(text, f"^{_SERIAL}$", 1), "INTEGER")
        day = exp.Add(this=exp.cast(literal(epoch), "DATE"), expression=days)
        return _or_as_it_was(field, text, exp.Case().when(matches(text.copy(), _SERIAL), day))

    return mended
