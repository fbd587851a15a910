"""The data dictionary that the public sees: the columns in open releases, their constraints in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.handover import Publication
from resource_catalog.data_dictionary import code_meaning, code_validity, mask_in_words
from resource_catalog.table_schema import Constraints, SchemaField, TableSchema, parse_table_schema

#: Chinese names of the Table Schema types.
TYPE_NAMES = {
    "string": "文本", "number": "数值", "integer": "整数", "boolean": "是否", "object": "对象", "array": "数组",
    "list": "列表", "date": "日期", "time": "时间", "datetime": "日期时间", "year": "年", "yearmonth": "年月",
    "duration": "时长", "geopoint": "坐标点", "geojson": "地理图形", "any": "任意",
}  # fmt: skip


@dataclass(frozen=True)
class Phrase:
    """A constraint's name in both languages, and its value where it has one."""

    zh: str
    en: str
    value: str = ""


@dataclass(frozen=True)
class Meaning:
    """A code, what it means in both languages, and from when to when; each but the code may be ""."""

    code: str
    label: str
    label_en: str
    validity: str


@dataclass(frozen=True)
class Column:
    """One line of the dictionary."""

    field: SchemaField
    type_zh: str
    key: bool
    constraints: tuple[Phrase, ...]
    codes: tuple[Meaning, ...]
    mask: str


def public_schema(publication: Publication) -> TableSchema:
    """The schema of what is shown, the release's own where there is one, without a column that isn't open."""
    schema = publication.schema
    if publication.release is not None:
        descriptor = publication.release.resource["schema"]
        schema = parse_table_schema(descriptor, str(publication.release.folder / "datapackage.json"))
    return schema.model_copy(update={"fields": public_fields(schema)})


def public_fields(schema: TableSchema) -> tuple[SchemaField, ...]:
    """The fields whose disclosure class is `open`."""
    return tuple(field for field in schema.fields if field.disclosure == "open")


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _bounds(rules: Constraints) -> Iterator[Phrase]:
    for value, zh, en in (
        (rules.minimum, "不小于", "at least"),
        (rules.maximum, "不大于", "at most"),
        (rules.exclusive_minimum, "大于", "more than"),
        (rules.exclusive_maximum, "小于", "less than"),
    ):
        if value is not None:
            yield Phrase(zh, en, _written(value))


def _lengths(rules: Constraints) -> Iterator[Phrase]:
    if rules.min_length is not None and rules.min_length == rules.max_length:
        yield Phrase("长度", "length", str(rules.min_length))
        return
    if rules.min_length is not None:
        yield Phrase("最短", "min. length", str(rules.min_length))
    if rules.max_length is not None:
        yield Phrase("最长", "max. length", str(rules.max_length))


def constraints_in_words(rules: Constraints) -> tuple[Phrase, ...]:
    """The constraints of one field as short phrases."""
    phrases = []
    if rules.required:
        phrases.append(Phrase("必填", "required"))
    if rules.unique:
        phrases.append(Phrase("不重复", "unique"))
    phrases += [*_bounds(rules), *_lengths(rules)]
    if rules.pattern:
        phrases.append(Phrase("格式", "pattern", rules.pattern))
    if rules.enum:
        phrases.append(Phrase("取值", "one of", " · ".join(_written(value) for value in rules.enum)))
    return tuple(phrases)


def _column(field: SchemaField, schema: TableSchema) -> Column:
    codes = tuple(Meaning(one.code, code_meaning(one), one.label_en, code_validity(one)) for one in field.codes)
    # The codes are listed with what they mean; the enum has nothing that they lack.
    rules = field.constraints.model_copy(update={"enum": None}) if codes else field.constraints
    return Column(
        field,
        TYPE_NAMES[field.type],
        field.name in schema.primary_key,
        constraints_in_words(rules),
        codes,
        mask_in_words(field.mask),
    )


def dictionary(schema: TableSchema) -> tuple[Column, ...]:
    """The dictionary's lines, in the order of the columns."""
    return tuple(_column(field, schema) for field in public_fields(schema))
