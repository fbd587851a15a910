"""Our CKAN plugin on a real CKAN: a table loaded by what differs from the live one is that which is loaded whole."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.plugin_portal import Answer, Dataset, PluginPortal, csv_bytes, plugin_on, wait_for
from tests.portal_factory import Portal

FIELDS = [
    {"id": "区划", "type": "text", "info": {"label": "区划代码"}},
    {"id": "序号", "type": "integer"},
    {"id": "占比%", "type": "numeric"},
    {"id": "时间", "type": "timestamp"},
    {"id": "内容:全文", "type": "text"},
]
HEADER = [str(field["id"]) for field in FIELDS]
KEY = ["区划", "序号"]

Row = tuple[object, ...]


def row(number: int, word: str = "食品", share: object = "0.10", time: str = "2026-03-01 08:00:00.5") -> Row:
    """A row; its key are the first two columns, of which neither is a key alone."""
    return (f"310{number % 2}", number // 2, share, time, word)


LIVE: list[Row] = [row(1), row(2, "", "", ""), row(3), row(4, '热食,\n“糕点”" \\'), row(5), row(6)]
CASES: Mapping[str, list[Row]] = {
    "nothing differs": LIVE,
    "one at the front": [row(7), *LIVE],
    "one in the middle": [*LIVE[:3], row(7), *LIVE[3:]],
    "some at the end": [*LIVE, row(7), row(9)],
    "the first goes": LIVE[1:],
    "the last goes": LIVE[:-1],
    "a value changes": [*LIVE[:2], row(3, "茶叶"), *LIVE[3:]],
    "a value comes, another goes": [row(1, share=""), row(2, "", "7", ""), *LIVE[2:]],
    "a number is written otherwise": [row(1, share="0.1"), *LIVE[1:]],
    "a key changes": [*LIVE[:4], row(15), LIVE[5]],
    "two change places": [LIVE[1], LIVE[0], *LIVE[2:]],
    "the last comes first": [LIVE[5], *LIVE[:5]],
    "everything at once": [row(9), LIVE[1], row(8), LIVE[2], row(5, "茶叶"), row(7)],
    "all go": [],
    "all are others": [row(11), row(12), row(13)],
}


def changes(before: Sequence[Row], after: Sequence[Row]) -> bytes:
    """What differs, as a caller writes it who compares row by row: moved ones are those out of their old order."""
    lines: list[Row] = [
        (None, *old[:2], None, None, None) for old in before if old[:2] not in {one[:2] for one in after}
    ]
    last = -1
    for place, new in enumerate(after, start=1):
        found = before.index(new) if new in before else -1
        if found > last:
            last = found
        else:
            lines.append((place, *new))
    return csv_bytes(["_id", *HEADER], lines)


@dataclass
class Live:
    """A dataset whose live table has rows of which the digest is known."""

    dataset: Dataset
    digest: str

    def load(self, rows: bytes, **parameters: Any) -> Answer:
        """Load a waiting table by differences from the live one."""
        asked = {"fields": FIELDS, "primary_key": KEY, "indexes": ["时间"], "base": {"digest": self.digest}}
        return self.dataset.load(rows, **{**asked, **parameters})

    def load_whole(self, rows: Sequence[Row]) -> Answer:
        """Load a waiting table whole."""
        return self.dataset.load(csv_bytes(HEADER, rows), fields=FIELDS, primary_key=KEY, indexes=["时间"])

    def publish(self, loaded: Answer) -> None:
        """Switch to a waiting table."""
        self.dataset.switch(loaded.done()["twin"], "版").done()
        self.digest = loaded.body["digest"]

    def table(self, loaded: Answer) -> tuple[list[Any], list[Any]]:
        """All that a waiting table has: rows with numbers and full text in the numbers' order, and its columns."""
        name = f"twin_{loaded.done()['twin']}"
        sql = self.dataset.portal.sql
        columns = sql("datastore", _COLUMNS.format(name=name))
        return sql("datastore", f"SELECT * FROM ckanext_release.{name} ORDER BY _id"), columns

    def rows(self, **parameters: Any) -> list[Row]:
        """The number and the words of the rows that everybody sees."""
        return [(record["_id"], record["内容:全文"]) for record in self.dataset.records(**parameters)]


_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, col_description(a.attrelid, a.attnum)
FROM pg_attribute a WHERE a.attrelid = 'ckanext_release.{name}'::regclass AND a.attnum > 0 ORDER BY a.attnum
"""


def make_live(plugin: PluginPortal, rows: Sequence[Row] = LIVE) -> Live:
    """A dataset that shows rows."""
    live = Live(plugin.make_dataset(), "")
    live.publish(live.load_whole(rows))
    return live


@pytest.fixture(scope="module")
def plugin(portal: Portal) -> Iterator[PluginPortal]:
    with plugin_on(portal, two_phase=False) as running:
        yield running


@pytest.fixture(scope="module")
def unchanged(plugin: PluginPortal) -> Live:
    """A dataset that no test switches or edits."""
    return make_live(plugin)


@pytest.fixture
def live(plugin: PluginPortal) -> Live:
    return make_live(plugin)


@pytest.mark.parametrize("case", CASES)
def test_a_table_by_differences_is_the_one_that_is_loaded_whole(unchanged: Live, case: str) -> None:
    by_differences = unchanged.load(changes(LIVE, CASES[case]))
    table = unchanged.table(by_differences)
    whole = unchanged.load_whole(CASES[case])
    assert by_differences.done()["rows"] == len(CASES[case])
    assert by_differences.body["digest"] == whole.body["digest"]
    assert table == unchanged.table(whole)
    assert [line[0] for line in table[0]] == list(range(1, len(CASES[case]) + 1))


def test_releases_follow_each_other_by_differences(live: Live) -> None:
    choose, before = random.Random(4711), LIVE  # noqa: S311 - no secret
    for release in range(6):
        kept = [one for one in before if choose.random() > 0.2]
        after = [(*one[:4], f"茶叶{release}") if choose.random() < 0.2 else one for one in kept]
        for new in range(3):
            after.insert(choose.randint(0, len(after)), row(100 * (release + 1) + new, "海鲜"))
        live.publish(live.load(changes(before, after)))
        assert live.rows() == [(place, one[4] or None) for place, one in enumerate(after, start=1)]
        before = after


def test_new_words_are_found_and_old_ones_no_more(live: Live) -> None:
    assert [number for number, _ in live.rows(q="食品")] == [1, 3, 5, 6]
    live.publish(live.load(changes(LIVE, [row(1, "茶叶"), *LIVE[1:5], row(7, "茶叶")])))
    assert [number for number, _ in live.rows(q="茶叶")] == [1, 6]
    assert [number for number, _ in live.rows(q="食品")] == [3, 5]


def test_indexes_rights_labels_and_aliases_stay(live: Live) -> None:
    portal, resource_id = live.dataset.portal, live.dataset.resource_id
    alias, words = f"alias-{live.dataset.name}", [{"id": "占比%", "info": {"unit": "%"}}]
    portal.call("datastore_create", resource_id=resource_id, fields=words, aliases=[alias], force=True).done()
    # That of `_id` alone is named after the waiting table.
    definition = "regexp_replace(indexdef, 'twin_[0-9a-f]+', 'twin')"
    indexes = f"SELECT {definition} FROM pg_indexes WHERE tablename = '{resource_id}' ORDER BY 1"
    rights = f"SELECT relacl::text FROM pg_class WHERE oid = 'public.\"{resource_id}\"'::regclass"
    before = portal.sql("datastore", indexes), portal.sql("datastore", rights)
    live.publish(live.load(changes(LIVE, LIVE[1:])))
    assert (portal.sql("datastore", indexes), portal.sql("datastore", rights)) == before
    assert len(before[0]) == 4
    info = portal.call("datastore_info", account=None, resource_id=alias).done()
    assert info["meta"]["count"] == 5
    dictionary = portal.call("datastore_info", account=None, resource_id=resource_id).done()["fields"]
    assert {column["id"]: column.get("info") for column in dictionary if column.get("info")} == {
        "区划": {"label": "区划代码"},
        "占比%": {"unit": "%"},
    }


def test_another_digest_than_the_live_tables_is_refused(unchanged: Live) -> None:
    kept = unchanged.load_whole(LIVE).done()["twin"]
    refused = unchanged.load(changes(LIVE, LIVE[1:]), base={"digest": "0" * 16})
    assert (refused.status, list(refused.body)[0]) == (409, "base")
    assert f"twin_{kept}" in unchanged.dataset.portal.waiting_tables()


EDITS: Mapping[str, str] = {
    "a value changed": """UPDATE "{0}" SET "占比%" = 1 WHERE _id = 3""",
    "a value changed and back": """UPDATE "{0}" SET "占比%" = "占比%" + 1 WHERE _id = 3;
        UPDATE "{0}" SET "占比%" = "占比%" - 1 WHERE _id = 3""",
    "a row gone": """DELETE FROM "{0}" WHERE _id = 3""",
    "a row added": """INSERT INTO "{0}" ("区划", "序号") VALUES ('9', 9)""",
    "a row for another": """DELETE FROM "{0}" WHERE _id = 3; INSERT INTO "{0}" ("区划", "序号") VALUES ('9', 9)""",
    "other words to be found by": """ALTER TABLE "{0}" DISABLE TRIGGER zfulltext;
        UPDATE "{0}" SET _full_text = to_tsvector('假') WHERE _id = 3; ALTER TABLE "{0}" ENABLE TRIGGER zfulltext""",
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_table_that_was_touched_is_refused(live: Live, edit: str) -> None:
    for statement in EDITS[edit].split(";"):
        live.dataset.portal.sql("datastore", statement.format(live.dataset.resource_id))
    waiting = live.dataset.portal.waiting_tables()
    refused = live.load(changes(LIVE, LIVE[1:]))
    assert (refused.status, list(refused.body)[0]) == (409, "base")
    assert live.dataset.portal.waiting_tables() == waiting
    live.publish(live.load_whole(LIVE))
    live.publish(live.load(changes(LIVE, LIVE[1:])))
    assert len(live.rows()) == 5


OTHER_COLUMNS: Mapping[str, list[dict[str, Any]]] = {
    "another type": [*FIELDS[:2], {"id": "占比%", "type": "text"}, *FIELDS[3:]],
    "another order": [*FIELDS[:2], FIELDS[3], FIELDS[2], FIELDS[4]],
    "one less": FIELDS[:4],
    "one more": [*FIELDS, {"id": "备注", "type": "text"}],
    "another name": [*FIELDS[:4], {"id": "内容", "type": "text"}],
}


@pytest.mark.parametrize("case", OTHER_COLUMNS)
def test_other_columns_than_the_live_tables_are_refused(unchanged: Live, case: str) -> None:
    names = [str(field["id"]) for field in OTHER_COLUMNS[case]]
    refused = unchanged.load(csv_bytes(["_id", *names], []), fields=OTHER_COLUMNS[case])
    assert (refused.status, list(refused.body)[0]) == (409, "base")


def test_a_table_that_ckan_made_is_refused(plugin: PluginPortal) -> None:
    dataset = plugin.make_dataset()
    nothing = csv_bytes(["_id", *HEADER], [])
    assert "base" in Live(dataset, "0" * 16).load(nothing).body  # there is none at all
    made = {"fields": FIELDS, "primary_key": KEY, "records": [], "force": True}
    plugin.call("datastore_create", resource_id=dataset.resource_id, **made).done()
    refused = Live(dataset, "0" * 16).load(nothing)
    assert (refused.status, list(refused.body)[0]) == (409, "base")


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"primary_key": []}, "base"),
        ({"base": ["0" * 16]}, "base"),
        ({"base": {"digest": 1}}, "base"),
        ({"header": HEADER[:4]}, "header"),
        ({"base": None}, "upload"),  # a whole table's file has no numbers
    ],
)
def test_parameters_that_do_not_fit_are_refused(unchanged: Live, parameters: dict[str, Any], named: str) -> None:
    refused = unchanged.load(changes(LIVE, LIVE[1:]), **parameters)
    assert (refused.status, list(refused.body)[0]) == (409, named)


BAD_LINES: Mapping[str, tuple[list[Row], dict[str, Any]]] = {
    "a word for a number": ([(1, *row(1)), (3, *row(3, share="一"))], {"line": 3, "column": "占比%"}),
    "a word for a place": ([(1, *row(1)), ("三", *row(3))], {"line": 3, "column": "_id"}),
    "a place twice": ([(3, *row(3)), (3, *row(5))], {"line": 3}),
    "a place that is none": ([(0, *row(7))], {}),
    "a place behind the end": ([(8, *row(7))], {}),
    "half a key": ([(1, "3100", None, *row(1)[2:])], {"line": 2, "column": "序号"}),
    "half a key to be removed": ([(None, "3100", None, None, None, None)], {"line": 2, "column": "序号"}),
    "a key twice": ([(7, *row(7)), (8, *row(7))], {}),
    "a row too narrow": ([(1, *row(1)), (None, "3100")], {"line": 3}),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_a_bad_line_is_refused_with_its_place(unchanged: Live, case: str) -> None:
    waiting = unchanged.dataset.portal.waiting_tables()
    lines, place = BAD_LINES[case]
    refused = unchanged.load(csv_bytes(["_id", *HEADER], lines))
    assert refused.status == 409
    assert refused.body["upload"]
    assert {name: refused.body.get(name) for name in place} == place
    assert unchanged.dataset.portal.waiting_tables() == waiting
    assert len(unchanged.rows()) == len(LIVE)


def test_headings_may_be_others_than_the_columns_names(unchanged: Live) -> None:
    rows = csv_bytes(["_id", *"甲乙丙丁戊"], [(1, *row(7))])
    assert unchanged.load(rows, header=list("甲乙丙丁戊")).done()["rows"] == 7


def test_ckan_killed_in_a_load_by_differences_leaves_the_live_table(live: Live) -> None:
    plugin = live.dataset.portal
    before = plugin.waiting_tables()
    with ThreadPoolExecutor(1) as pool, plugin.connected("datastore") as holder:
        holder.execute(f'LOCK TABLE "{live.dataset.resource_id}" IN ACCESS EXCLUSIVE MODE'.encode())
        load = pool.submit(live.load, changes(LIVE, LIVE[1:]))
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessShareLock'"
        wait_for(lambda: bool(plugin.sql("datastore", waiting)), "the load at the live table")
        plugin.portal.control("kill", "ckan")
        assert load.exception() is not None
    plugin.portal.control("start", "ckan")
    assert len(live.rows()) == len(LIVE)
    wait_for(lambda: plugin.waiting_tables() == before, "the end of the killed one's transaction")
    live.publish(live.load(changes(LIVE, LIVE[1:])))
    assert len(live.rows()) == 5
