"""One field of a Table Schema as SQL: its cell without missing values, in its type, and in its published text.

Expressions are sqlglot's, over the column of the raw text, so that another engine can render them. A value that its
type refuses becomes NULL in `typed`, and stays as it was in `text`: that pair is what the type rule compares.
Source: specs.frictionlessdata.io/table-schema, types and formats; where it leaves room, as frictionless 5 reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlglot import exp

from resource_catalog.table_schema import SchemaField, TableSchema

Expression = exp.Expr

_URI = r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+"
_FORMATS = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s.]+",
    "uri": _URI,
    "uuid": r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    "binary": r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
}
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|NaN|-?INF"
_ZONED = r".*[0-9](?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
_DATETIME = rf"{_DAY}[T ]{_CLOCK}(?:Z|[+-][0-9]{{2}}(?::?[0-9]{{2}})?)?"
_DURATION = (
    r"-?P(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+W)?(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
)
_LONGITUDE_LATITUDE = r"\[?\s*-?[0-9]+(?:\.[0-9]+)?\s*,\s*-?[0-9]+(?:\.[0-9]+)?\s*\]?"
#: Up to here a list of constants is searched cell by cell.
_LONGEST_SEARCHED = 64
#: What format "any" of a date may be: only forms that can be read in one way.
_PLAIN_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")


def literal(value: str) -> Expression:
    """A text as an SQL literal."""
    return exp.Literal.string(value)


def column(name: str) -> Expression:
    """A quoted column: Chinese names need the quotes, and nothing in a name can leave them."""
    return exp.column(exp.to_identifier(name, quoted=True))


def matches(text: Expression, pattern: str) -> Expression:
    """Whether the whole text matches a regular expression (RE2)."""
    return exp.RegexpFullMatch(this=text, expression=literal(pattern))


def only_if(condition: Expression, value: Expression) -> Expression:
    """The value where the condition holds, else NULL."""
    return exp.Case(ifs=[exp.If(this=condition, true=value)])


def one_of(cell: Expression, options: Sequence[Expression]) -> Expression:
    """Whether the cell equals one of some constants; NULL for no cell.

    DuckDB makes a join of IN (…), which is right for a long list; a hundred of them took 700 MB for six rows.
    """
    if len(options) == 1:
        return exp.EQ(this=cell, expression=options[0])
    if len(options) > _LONGEST_SEARCHED:
        return cell.isin(*options)
    return exp.ArrayContains(this=exp.Array(expressions=list(options)), expression=cell)


def _cast(text: Expression, kind: str) -> Expression:
    return exp.TryCast(this=text, to=exp.DataType.build(kind, dialect="duckdb"))


def _replace(text: Expression, old: str, new: str) -> Expression:
    return exp.func("REPLACE", text, literal(old), literal(new))


def _stripped_number(field: SchemaField, text: Expression) -> Expression:
    """The digits of a number: without group characters, with `.` for the decimal, bare of units where declared."""
    if field.group_char:
        text = _replace(text, field.group_char, "")
    if field.decimal_char != ".":
        text = _replace(text, field.decimal_char, ".")
    if not field.bare_number:
        text = exp.Anonymous(this="regexp_extract", expressions=[text, literal(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")])
    return text


def _string(field: SchemaField, text: Expression) -> Expression:
    pattern = _FORMATS.get(field.format) if isinstance(field.format, str) else None
    return only_if(matches(text, pattern), text) if pattern else text


def _integer(field: SchemaField, text: Expression) -> Expression:
    digits = _stripped_number(field, text)
    return only_if(matches(digits, r"[+-]?[0-9]+"), _cast(digits, "BIGINT"))


def _number(field: SchemaField, text: Expression) -> Expression:
    digits = _stripped_number(field, text)
    return only_if(matches(digits, _NUMBER), _cast(digits, "DOUBLE"))


def _boolean(field: SchemaField, text: Expression) -> Expression:
    yes = one_of(text.copy(), list(map(literal, field.true_values)))
    no = one_of(text.copy(), list(map(literal, field.false_values)))
    return exp.Case().when(yes, exp.true()).when(no, exp.false())


def _pattern_of(field: SchemaField) -> str | None:
    if not isinstance(field.format, str) or field.format in ("default", "any"):
        return None
    return field.format.removeprefix("fmt:")


def _parsed(text: Expression, pattern: str) -> Expression:
    moment = exp.Anonymous(this="try_strptime", expressions=[text, literal(pattern)])
    if "%Y" not in pattern:
        return moment
    # DuckDB would read 5/6/17 as a day of the year 5, where every other reader wants four digits of a year.
    year = exp.Anonymous(this="year", expressions=[moment.copy()])
    written = exp.RegexpLike(this=text.copy(), expression=literal("[0-9]{4}"))
    late = exp.GTE(this=year, expression=exp.Literal.number(1000))
    return only_if(exp.or_(late, written), moment)


def _date(field: SchemaField, text: Expression) -> Expression:
    pattern = _pattern_of(field)
    if pattern:
        return _cast(_parsed(text, pattern), "DATE")
    if field.format == "any":
        first, *others = (_parsed(text, plain) for plain in _PLAIN_DATES)
        return _cast(exp.Coalesce(this=first, expressions=others), "DATE")
    return only_if(matches(text, _DAY), _cast(text, "DATE"))


def _datetime(field: SchemaField, text: Expression) -> Expression:
    pattern = _pattern_of(field)
    if pattern:
        return _cast(_parsed(text, pattern), "TIMESTAMP")
    zoned = exp.Anonymous(this="timezone", expressions=[literal("UTC"), _cast(text, "TIMESTAMPTZ")])
    value = exp.Case().when(matches(text, _ZONED), zoned).else_(_cast(text, "TIMESTAMP"))
    return only_if(matches(text, _DATETIME), value)


def _time(field: SchemaField, text: Expression) -> Expression:
    pattern = _pattern_of(field)
    if pattern:
        return _cast(_parsed(text, pattern), "TIME")
    return only_if(matches(text, _CLOCK), _cast(text, "TIME"))


def _year(_field: SchemaField, text: Expression) -> Expression:
    return only_if(matches(text, r"[0-9]{4}"), _cast(text, "INTEGER"))


def _textual(pattern: str) -> Callable[[SchemaField, Expression], Expression]:
    return lambda _field, text: only_if(matches(text, pattern), text)


def _json(*kinds: str) -> Callable[[SchemaField, Expression], Expression]:
    def typed_json(_field: SchemaField, text: Expression) -> Expression:
        valid = exp.Anonymous(this="json_valid", expressions=[text])
        kind = exp.Anonymous(this="json_type", expressions=[text])
        # A CASE keeps json_type from ever seeing text that is no JSON, which would end the whole query.
        right = one_of(only_if(valid, kind), list(map(literal, kinds)))
        return only_if(right, _cast(text, "JSON"))

    return typed_json


_TYPES: dict[str, Callable[[SchemaField, Expression], Expression]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "year": _year,
    "yearmonth": _textual(r"[0-9]{4}-(?:0[1-9]|1[0-2])"),
    "duration": _textual(_DURATION),
    "geopoint": _textual(_LONGITUDE_LATITUDE),
    "object": _json("OBJECT"),
    "geojson": _json("OBJECT"),
    "array": _json("ARRAY"),
    "list": lambda _field, text: text,
    "any": lambda _field, text: text,
}


def text_of(field: SchemaField, schema: TableSchema, extra_missing: tuple[str, ...] = ()) -> Expression:
    """The cell, NULL where it is one of the field's or schema's missing values."""
    cell = column(field.name)
    own = field.missing_values if field.missing_values is not None else schema.missing_values
    missing = tuple(dict.fromkeys((*own, *extra_missing)))
    if not missing:
        return cell
    return only_if(exp.Not(this=one_of(cell.copy(), list(map(literal, missing)))), cell.copy())


def typed(field: SchemaField, text: Expression) -> Expression:
    """The text in its field's type, NULL where the type refuses it."""
    return _TYPES[field.type](field, text)


def exact_number(field: SchemaField, text: Expression) -> Expression:
    """A number's digits: all that were written, with `.` for the decimal and no grouping."""
    return _stripped_number(field, text)


def _iso_datetime(text: Expression, value: Expression) -> Expression:
    written = exp.Anonymous(this="strftime", expressions=[value, literal("%Y-%m-%dT%H:%M:%S.%f")])
    short = exp.Anonymous(this="regexp_replace", expressions=[written, literal(r"\.?0+$"), literal("")])
    whole = exp.Anonymous(this="strftime", expressions=[value, literal("%Y-%m-%dT%H:%M:%S")])
    instant = exp.Case().when(exp.RegexpLike(this=written, expression=literal(r"\.0+$")), whole).else_(short)
    zone = exp.Case().when(matches(text, _ZONED), literal("Z")).else_(literal(""))
    return exp.DPipe(this=instant, expression=zone)


def published(field: SchemaField, text: Expression, value: Expression) -> Expression:
    """The text of a value in the CSV: canonical for its type, and with every digit that was written."""
    if field.type == "number":
        return exact_number(field, text)
    if field.type == "datetime":
        return only_if(value.is_(exp.null()).not_(), _iso_datetime(text, value))
    if field.type == "year":
        return exp.Anonymous(this="printf", expressions=[literal("%04d"), value])
    return exp.cast(value, "VARCHAR")


def constant(field: SchemaField, value: Any) -> Expression:
    """A bound or enum value of the schema, in the field's type; dates and times in the field's format or in ISO's."""
    text = literal(str(value).lower() if isinstance(value, bool) else str(value))
    own = typed(field, text)
    if _pattern_of(field) is None or field.type not in ("date", "datetime", "time"):
        return own
    iso = typed(field.model_copy(update={"format": "default"}), text)
    return exp.Coalesce(this=own, expressions=[iso])
