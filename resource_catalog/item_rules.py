"""Rules on 信息项: title, type and unit of the schema's fields (standards.md 1.1 no. 8; 8 no. 24)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from resource_catalog import fault_rules as rules
from resource_catalog.catalog_values import Catalog, CatalogFault
from resource_catalog.entry import Entry
from resource_catalog.errors import WorkspaceError
from resource_catalog.fault_rule import FaultRule
from resource_catalog.lookalike import alike, skeleton
from resource_catalog.table_schema import SchemaField
from resource_catalog.workspace import table_schema

_NUMERIC = ("number", "integer")
UNITS = (
    "万美元|亿美元|百万元|千万元|万元|亿元|千元|美元|欧元|港元|元|角|分|户|件|人次|人|次|个|家|条|辆|台|套|份|批|项|吨|公斤|千克|克|"
    "公里|千米|米|厘米|毫米|平方米|平方公里|公顷|亩|立方米|升|天|日|工作日|个工作日|周|月|年|小时|分钟|秒|岁|度|"
    "%|％|‰|℃|m²|m|km|kg|t|h|RMB|CNY|USD"
)
#: A unit in brackets at the end of a title, or one of money without brackets.
_BRACKETED = re.compile(rf"[（(\[【/](?:单位)?[:：]?\s*({UNITS})\s*[）)\]】]?$")
_BARE = re.compile(r"(万美元|亿美元|百万元|千万元|万元|亿元|千元)$")


def _fields(catalog: Catalog, entry: Entry) -> tuple[SchemaField, ...]:
    try:
        return table_schema(catalog.workspace, entry).fields
    except WorkspaceError:
        return ()  # another rule says so


def _of(
    rule: FaultRule, catalog: Catalog, entry: Entry, field: SchemaField, message: str, fix: str = ""
) -> CatalogFault:
    """The fault of a field; it stands in the schema, and the line is that of the entry's key for it."""
    name = f"{field.name} ({field.title})" if field.title and field.title != field.name else field.name
    place = catalog.workspace.schema_file(entry).name
    return rule.of(
        catalog, entry, f"{place}, field {name}: {message}", key=("schema",), subject=f"field.{field.name}", fix=fix
    )


def untitled_items(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """A field has no Chinese name, neither as its title nor as its name."""
    for field in _fields(catalog, entry):
        if not re.search(r"[\u3400-\u9fff]", field.title or field.name):
            yield _of(rules.ITEM_UNTITLED, catalog, entry, field, "it has no Chinese title")


def untyped_items(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """A field has no type, or `any`."""
    for field in _fields(catalog, entry):
        if field.type == "any":
            yield _of(rules.ITEM_UNTYPED, catalog, entry, field, "it has no type")


def lookalike_items(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """Two fields have one title, or titles that differ only in their writing."""
    titled = [field for field in _fields(catalog, entry) if field.title]
    for field, other in alike(titled, lambda field: skeleton(field.title)):
        message = f"its title is that of {other.name}, or differs only by spaces, brackets or width"
        yield _of(rules.ITEM_LOOKALIKE, catalog, entry, field, message)


def unit_in(title: str) -> str:
    """The unit that a title ends with; "" where it ends with none."""
    text = title.strip()
    found = _BRACKETED.search(text) or _BARE.search(text)
    return found[1] if found else ""


def _plain(unit: str) -> str:
    return unicodedata.normalize("NFKC", unit).strip().casefold()


def units(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """A numeric field's title has a unit that the schema does not declare, or another than it declares."""
    for field in _fields(catalog, entry):
        named = unit_in(field.title or field.name) if field.type in _NUMERIC else ""
        if named and not field.unit:
            fix = f'set "unit": "{named}" in the schema'
            message = f"the unit {named} stands in its name alone"
            yield _of(rules.UNIT_UNDECLARED, catalog, entry, field, message, fix)
        elif named and _plain(named) != _plain(field.unit):
            message = f"its name says {named}, and its unit {field.unit}"
            yield _of(rules.UNIT_CLASH, catalog, entry, field, message)
