"""The catalogue as a table of its own, a row a resource: what the public may see of it is a data set like any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from resource_catalog.catalog_values import Catalog
from resource_catalog.entry import Entry
from resource_catalog.table_schema import TableSchema
from resource_catalog.template_cells import DATE, LIST
from resource_catalog.template_columns import OPEN_TO_SOCIETY, cells_of, item_type
from resource_catalog.vocabulary import Openness

#: open: resources that are 公开 or 依申请公开; all: every one.
Scope = Literal["open", "all"]

#: The national template's words (standards.md 1.1), and those of the city's portal that it lacks.
HEADINGS = (
    "信息资源代码",
    "信息资源名称",
    "信息资源分类",
    "信息资源提供方",
    "信息资源提供方代码",
    "责任处室",
    "信息资源摘要",
    "信息资源格式",
    "信息项",
    "公开方式",
    OPEN_TO_SOCIETY,
    "开放条件",
    "数据领域",
    "关键字",
    "共享类型",
    "共享条件",
    "不予共享依据",
    "共享方式",
    "更新周期",
    "首次开放日期",
    "发布日期",
    "关联资源代码",
    "数据集标识",
)


def entries_in(catalog: Catalog, scope: Scope) -> tuple[Entry, ...]:
    """The readable entries that the table has, by id."""
    return tuple(entry for entry in catalog.entries if scope == "all" or entry.openness.code is not Openness.WITHHELD)


def catalogue_rows(
    catalog: Catalog, schemas: Mapping[str, TableSchema], scope: Scope
) -> tuple[tuple[int, tuple[str | None, ...]], ...]:
    """The table's rows under HEADINGS, None where there is no value; each with its 序号 in the officers' workbook.

    Lists are written as in that workbook (`template_cells`). 信息项 are `title:type`, joined by `、`, of open fields;
    one that is only shared, or never leaves, is not even named. 关联资源代码 are those of other rows.

    Args:
        catalog: The catalogue; its broken entries are the caller's to refuse.
        schemas: Table Schema by the id of its entry, of the entries that have one.
        scope: Which entries are rows.
    """
    ordinals = {entry.id: number for number, entry in enumerate(catalog.entries, 1)}
    entries = entries_in(catalog, scope)
    codes = {entry.code for entry in entries}
    return tuple((ordinals[entry.id], _row(catalog, entry, _items(schemas.get(entry.id)), codes)) for entry in entries)


def _row(catalog: Catalog, entry: Entry, items: str, codes: set[str]) -> tuple[str | None, ...]:
    cells = {
        **cells_of(entry),
        "信息资源提供方": entry.provider or catalog.agency.name,
        "信息资源提供方代码": entry.provider_code or catalog.agency.code,
        "责任处室": entry.owner,
        "信息项": items,
        "公开方式": entry.openness.written,
        # The guide's own codes: 1 是, 0 否.
        OPEN_TO_SOCIETY: "0" if entry.openness.code is Openness.WITHHELD else "1",
        "数据领域": entry.theme,
        "关键字": LIST.encode(entry.keywords),
        "首次开放日期": DATE.encode(entry.opened),
        "关联资源代码": LIST.encode([code for code in entry.related if code in codes]),
        "数据集标识": entry.id,
    }
    return tuple(cells[heading] or None for heading in HEADINGS)


def _items(schema: TableSchema | None) -> str:
    fields = schema.fields if schema else ()
    return "、".join(
        f"{field.title or field.name}:{item_type(field).split()[1]}" for field in fields if field.disclosure == "open"
    )
