"""The columns of the catalogue workbook: the national template's, and a sheet for the keys that it lacks.

The 13 core elements are those of 政务信息资源目录编制指南（试行）, 发改高技术〔2017〕1272号 (standards.md 1.1).
The items (信息项) come from the Table Schemas, where they exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resource_catalog.entry import Entry
from resource_catalog.table_schema import FieldType, SchemaField, TableSchema
from resource_catalog.template_cells import (
    COUNT,
    DATE,
    FLAG,
    LIST,
    MAPPING,
    NO,
    NUMERIC,
    OPTIONAL_COUNT,
    OPTIONAL_LIST,
    OPTIONAL_NUMBER,
    OPTIONAL_TEXT,
    ROWS,
    RULES,
    SHEET,
    TEXT,
    WAIVERS,
    YES,
    Codec,
)
from resource_catalog.vocabulary import Openness

CATALOGUE_SHEET, ITEMS_SHEET, OWN_SHEET = "信息资源目录", "信息项", "补充信息"
#: Joins the rows of the three sheets, so that each may be sorted by itself.
ORDINAL = "序号"
#: Follows from openness, which has three values where the national template has two.
OPEN_TO_SOCIETY = "是否向社会开放"


@dataclass(frozen=True)
class Column:
    """A column and the entry's key that it holds."""

    heading: str
    key: tuple[str, ...]
    codec: Codec


def _column(heading: str, key: str, codec: Codec) -> Column:
    return Column(heading, tuple(key.split(".")), codec)


NATIONAL_COLUMNS = (
    _column("信息资源分类", "classification", TEXT),
    _column("信息资源名称", "title", TEXT),
    _column("信息资源代码", "code", TEXT),
    _column("信息资源提供方", "provider", TEXT),
    _column("信息资源提供方代码", "provider_code", TEXT),
    _column("信息资源摘要", "summary", TEXT),
    _column("信息资源格式", "resource_format", TEXT),
    _column("共享类型", "sharing", TEXT),
    _column("共享条件", "sharing_condition", TEXT),
    _column("不予共享依据", "sharing_basis", TEXT),
    _column("共享方式", "sharing_mode", TEXT),
    _column("开放条件", "openness_condition", TEXT),
    _column("更新周期", "update_cycle", TEXT),
    _column("发布日期", "issued", DATE),
    _column("关联资源代码", "related", LIST),
)
OWN_COLUMNS = tuple(
    _column(key, key, codec)
    for key, codec in {
        "id": TEXT,
        "owner": TEXT,
        "openness": TEXT,
        "openness_basis": TEXT,
        "opened": DATE,
        "theme": TEXT,
        "keywords": LIST,
        "title_en": TEXT,
        "summary_en": TEXT,
        "licence": TEXT,
        "source.path": OPTIONAL_TEXT,
        "source.database": OPTIONAL_TEXT,
        "source.table": OPTIONAL_TEXT,
        "source.query": OPTIONAL_TEXT,
        "source.url": OPTIONAL_TEXT,
        "source.catalogue": OPTIONAL_TEXT,
        "source.format": OPTIONAL_TEXT,
        "source.encoding": OPTIONAL_TEXT,
        "source.delimiter": OPTIONAL_TEXT,
        "source.quote": OPTIONAL_TEXT,
        "source.escape": OPTIONAL_TEXT,
        "source.sheet": SHEET,
        "source.header_row": ROWS,
        "source.footer_rows": COUNT,
        "source.hidden": FLAG,
        "source.records": OPTIONAL_TEXT,
        "source.columns": MAPPING,
        "source.null_values": OPTIONAL_LIST,
        "source.allow_empty": FLAG,
        "schema": OPTIONAL_TEXT,
        "suite": OPTIONAL_TEXT,
        "quality.minimum_score": OPTIONAL_NUMBER,
        "quality.rows_change": OPTIONAL_NUMBER,
        "quality.rows_change_floor": OPTIONAL_COUNT,
        "quality.quarantine.share": OPTIONAL_NUMBER,
        "quality.quarantine.rows": OPTIONAL_COUNT,
        "quality.waivers": WAIVERS,
        "deadline": RULES,
        "channels": OPTIONAL_LIST,
        "period.start": DATE,
        "period.end": DATE,
    }.items()
)
COLUMNS = NATIONAL_COLUMNS + OWN_COLUMNS
NUMERIC_HEADINGS = frozenset(column.heading for column in COLUMNS if column.codec in NUMERIC) | {ORDINAL}

_BEFORE_CONDITION = [column.heading for column in NATIONAL_COLUMNS].index("开放条件")
CATALOGUE_HEADINGS = (
    ORDINAL,
    *(column.heading for column in NATIONAL_COLUMNS[:_BEFORE_CONDITION]),
    OPEN_TO_SOCIETY,
    *(column.heading for column in NATIONAL_COLUMNS[_BEFORE_CONDITION:]),
)
OWN_HEADINGS = (ORDINAL, *(column.heading for column in OWN_COLUMNS))
ITEM_HEADINGS = (ORDINAL, "信息项名称", "字段名", "数据类型", "数据长度", "是否主键", "是否必选")

_ITEM_TYPES: Mapping[FieldType, str] = {
    "string": "C 字符型",
    "number": "N 数值型",
    "integer": "I 整型",
    "boolean": "L 逻辑型",
    "date": "D 日期型",
    "datetime": "T 日期时间型",
    "time": "C 字符型",
    "year": "C 字符型",
    "yearmonth": "C 字符型",
    "duration": "C 字符型",
}
_OTHER_TYPE = "G 通用型"


def cells_of(entry: Entry) -> dict[str, str]:
    """The entry's cells by heading, without its ordinal; "" where the value is absent."""
    data = entry.model_dump(by_alias=True)
    cells = {column.heading: column.codec.encode(_at(data, column.key)) for column in COLUMNS}
    cells[OPEN_TO_SOCIETY] = NO if entry.openness.code is Openness.WITHHELD else YES
    return cells


def _at(data: Any, key: tuple[str, ...]) -> Any:
    for part in key:
        data = None if data is None else data[part]
    return data


def entry_data(cells: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What an entry's YAML would say for these cells, and per heading why its cell can't be read."""
    data: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for column in COLUMNS:
        text = cells.get(column.heading, "")
        if not text:
            continue
        try:
            value = column.codec.decode(text)
        except ValueError as error:
            faults[column.heading] = str(error)
            continue
        *outer, last = column.key
        inner = data
        for part in outer:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return data, faults


def heading_of(location: tuple[str | int, ...]) -> str:
    """The heading of the column that holds the key at a location of the entry, or the first below it."""
    for column in COLUMNS:
        if column.key == location[: len(column.key)] or column.key[: len(location)] == location:
            return column.heading
    raise KeyError(location)


def item_type(field: SchemaField) -> str:
    """The guide's letter and word for a field's type: `C 字符型`."""
    return _ITEM_TYPES.get(field.type, _OTHER_TYPE)


def item_rows(ordinal: str, schema: TableSchema) -> list[tuple[str, ...]]:
    """The 信息项 of one resource, a row per field."""
    return [
        (
            ordinal,
            field.title or field.name,
            field.name,
            item_type(field),
            "" if field.constraints.max_length is None else str(field.constraints.max_length),
            YES if field.name in schema.primary_key else NO,
            YES if field.constraints.required or field.name in schema.primary_key else NO,
        )
        for field in schema.fields
    ]
