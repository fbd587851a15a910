"""Rules on 信息资源名称: unique, no system's name, no copy that a spreadsheet numbered (standards.md 8 no. 24)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from resource_catalog.catalog_values import Catalog, CatalogFault
from resource_catalog.entry import Entry
from resource_catalog.fault_rules import TITLE_DUPLICATE, TITLE_LOOKALIKE, TITLE_NUMBERED, TITLE_SYSTEM_NAME
from resource_catalog.lookalike import alike, skeleton

_SYSTEM = "(?<!生态)系统|平台|数据库|(?:业务|前置|共享|交换|中间|生产|备份)库|门户|网站|客户端|小程序|软件|APP"
#: The title ends with a kind of system, maybe with a version or brackets after it, or with that system's "data".
_SYSTEM_NAME = re.compile(
    rf"(?:{_SYSTEM})(?:[（(].*[）)]|[Vv]?[0-9.]+(?:版)?)?$|(?:(?<!生态)系统|平台)的?(?:数据|信息|资源|库表)$"
)
_NUMBER = re.compile(r"[0-9]+")
#: After a number these say that it counts or dates something, and was not filled in by dragging.
_COUNTED = ("年", "月", "日", "季", "期", "批", "届", "版", "号")
_YEARS = range(1900, 2100)


def system_name(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """The title is the name of a system, platform or database."""
    found = _SYSTEM_NAME.search(entry.title.strip())
    if found:
        message = f"the title {entry.title} names a system, by its {found[0]}, and not what data it holds"
        yield TITLE_SYSTEM_NAME.of(catalog, entry, message, key=("title",))


def duplicate_titles(catalog: Catalog) -> Iterator[CatalogFault]:
    """Two entries of one provider have one title."""
    for entry, other in alike(catalog.entries, lambda entry: (entry.provider or catalog.agency.name, entry.title)):
        message = f"the same provider has the same title in {other.id}"
        yield TITLE_DUPLICATE.of(catalog, entry, message, key=("title",))


def lookalike_titles(catalog: Catalog) -> Iterator[CatalogFault]:
    """Two titles differ by spaces, width, brackets or case alone."""
    found = alike(catalog.entries, lambda entry: skeleton(entry.title), but_not=lambda entry: entry.title)
    for entry, other in found:
        message = f"the title differs from that of {other.id} only by spaces, brackets or width"
        yield TITLE_LOOKALIKE.of(catalog, entry, message, key=("title",))


def _stems(title: str) -> Iterator[tuple[tuple[str, str], int]]:
    """(what stands around a number, the number), for each number that dragging may have filled in."""
    for found in _NUMBER.finditer(title):
        before, after = title[: found.start()], title[found.end() :]
        dated = len(found[0]) == 4 and int(found[0]) in _YEARS
        if not dated and not after.startswith(_COUNTED):
            yield (before, after), int(found[0])


def numbered_titles(catalog: Catalog) -> Iterator[CatalogFault]:
    """Titles of one provider that differ by a number alone, which runs on as by dragging a cell: 名单1, 名单2."""
    series: dict[tuple[str, str, str], dict[int, Entry]] = defaultdict(dict)
    for entry in catalog.entries:
        for stem, number in _stems(entry.title):
            series[(entry.provider or catalog.agency.name, *stem)][number] = entry
    neighbours: dict[str, Entry] = {}
    for numbered in series.values():
        for number, entry in numbered.items():
            neighbour = numbered.get(number + 1) or numbered.get(number - 1)
            if neighbour is not None:
                neighbours.setdefault(entry.id, neighbour)
    for entry_id, neighbour in neighbours.items():
        message = f"the title differs from that of {neighbour.id} only by a number that runs on"
        yield TITLE_NUMBERED.of(catalog, catalog.by_id[entry_id], message, key=("title",))
