"""Our CKAN plugin on a real CKAN: rows and parameters that don't fit are refused whole, and say where."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest

from tests.plugin_portal import Dataset, PluginPortal, csv_bytes, plugin_on
from tests.portal_factory import Portal

HEADER = ["决定书文号", "数量", "内容"]


@pytest.fixture(scope="module")
def plugin(portal: Portal) -> Iterator[PluginPortal]:
    with plugin_on(portal, two_phase=False) as running:
        yield running


@pytest.fixture
def dataset(plugin: PluginPortal) -> Dataset:
    return plugin.make_dataset()


BAD_ROWS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "no value in the key": (csv_bytes(HEADER, [("1号", 1, "甲"), ("", 2, "乙")]), {"line": 3, "column": "决定书文号"}),
    "the key twice": (csv_bytes(HEADER, [("1号", 1, "甲"), ("1号", 2, "乙")]), {}),
    "a row too wide": (csv_bytes(HEADER, [("1号", 1, "甲"), ("2号", 2, "乙", "丙")]), {"line": 3}),
    "a row too narrow": (csv_bytes(HEADER, [("1号", 1, "甲"), ("2号", 2)]), {"line": 3}),
    "a word for a number": (csv_bytes(HEADER, [("1号", "一", "甲")]), {"line": 2, "column": "数量"}),
    "no UTF-8": (csv_bytes(HEADER, [("1号", 1, "甲")]) + "2号,2,乙\r\n".encode("gb18030"), {"line": 3}),
    "a NUL": (csv_bytes(HEADER, [("1号", 1, "\0")]), {"line": 2}),
    "other headings": (csv_bytes(["数量", "决定书文号", "内容"], [(1, 1, "甲")]), {}),
    "nothing at all": (b"", {}),
    "half a gzip file": (gzip.compress(csv_bytes(HEADER, [(f"{n}号", n, "甲" * n) for n in range(2000)]))[:-3000], {}),
    "too large once it is unpacked": (gzip.compress(csv_bytes(HEADER, [(1, 1, "甲" * 3_000_000)])), {}),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_rows_that_do_not_fit_are_refused_whole(dataset: Dataset, case: str) -> None:
    dataset.publish(1)
    waiting = dataset.portal.waiting_tables()
    rows, place = BAD_ROWS[case]
    refused = dataset.load(rows)
    assert refused.status == 409
    assert refused.body["upload"]
    assert {name: refused.body.get(name) for name in place} == place
    assert dataset.state() == ("第1版", {1})
    assert dataset.portal.waiting_tables() == waiting


BAD_PARAMETERS: dict[str, dict[str, Any]] = {
    "a name longer than PostgreSQL's": {"fields": [{"id": "字" * 22, "type": "text"}]},
    "a name that CKAN hides": {"fields": [{"id": "_id", "type": "text"}]},
    "a name twice": {"fields": [{"id": "甲", "type": "text"}, {"id": "甲", "type": "text"}]},
    "a type that is SQL": {"fields": [{"id": "甲", "type": "text); DROP TABLE x; --"}]},
    "no fields": {"fields": []},
    "a key of no column": {"primary_key": ["没有"]},
    "an index of no column": {"indexes": ["没有"]},
    "headings for other columns": {"header": ["甲"]},
    "no list": {"primary_key": "决定书文号"},
}


@pytest.mark.parametrize("case", BAD_PARAMETERS)
def test_parameters_that_do_not_fit_are_refused(dataset: Dataset, case: str) -> None:
    asked = BAD_PARAMETERS[case]
    refused = dataset.load(csv_bytes(HEADER, [("1号", 1, "甲")]), **asked)
    (parameter,) = asked
    assert refused.status == 409
    assert refused.body[parameter]
