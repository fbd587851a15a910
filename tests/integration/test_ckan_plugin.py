"""Our CKAN plugin on a real CKAN: a table that it loads is what CKAN would have made, whole, and not seen too early."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugin_portal import Dataset, PluginPortal, csv_bytes, plugin_on
from tests.portal_factory import Portal

CKANS_PYTHON = Path(__file__).parents[2] / "var" / "ckan" / "programs" / "environment" / "bin" / "python"
#: Loads CKAN as a server does, and tells which actions and permissions are there before anybody asks for one.
LOAD = """
import sys
from ckan import authz, logic
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
make_app(CKANConfigLoader(sys.argv[1]).get_config())
gathered = [logic._actions, authz._AuthFunctions._functions]
print([[name in found for name in ("package_show", "release_load")] for found in gathered])
"""
HEADER = ["决定书文号", "数量", "内容"]
TYPED = [
    {"id": "文号", "type": "text", "info": {"label": "决定书文号", "notes": "一事一号"}},
    {"id": "金额", "type": "numeric"},
    {"id": "有效", "type": "boolean"},
    {"id": "决定日期", "type": "date"},
    {"id": "更新时间", "type": "timestamp"},
    {"id": "占比%", "type": "integer"},
    {"id": "类别:号", "type": "text"},
]
TYPED_ROWS = [
    ("001号", "0.10", "true", "2026-02-28", "2026-03-01 08:00:00", "7", "冷食 糕点"),
    ("002号", "12345678901234567890.123456789", "false", "1949-10-01", "", "", ""),
    ("003号", "", "", "", "2026-03-01 08:00:00.5", "-1", '热食,\n糕点 “引号”" \\'),
]
TYPED_TEXTS = [
    ["001号", "0.10", "true", "2026-02-28", "2026-03-01T08:00:00", "7", "冷食 糕点"],
    ["002号", "12345678901234567890.123456789", "false", "1949-10-01", None, None, None],
    ["003号", None, None, None, "2026-03-01T08:00:00.5", "-1", '热食,\n糕点 “引号”" \\'],
]


@pytest.fixture(scope="module")
def plugin(portal: Portal) -> Iterator[PluginPortal]:
    with plugin_on(portal, two_phase=True) as running:
        yield running


@pytest.fixture
def dataset(plugin: PluginPortal) -> Dataset:
    return plugin.make_dataset()


@pytest.fixture
def typed(dataset: Dataset) -> Dataset:
    """A dataset whose table has every type, and was switched to."""
    rows = csv_bytes([field["id"] for field in TYPED], TYPED_ROWS)
    indexes = ["类别:号", ["决定日期", "占比%"]]
    loaded = dataset.load(rows, fields=TYPED, primary_key=["文号"], indexes=indexes).done()
    dataset.switch(loaded["twin"], "第1版").done()
    return dataset


def digest(rows: list[list[str | None]]) -> str:
    """The checksum as the README says it: an independent computation."""
    texts = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    numbers = (int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") for text in texts)
    return f"{sum(numbers) % 2**64:016x}"


def test_a_visitor_learns_nothing_and_may_nothing(dataset: Dataset) -> None:
    call = dataset.portal.call
    assert call("release_capabilities", account=None).status == 403
    for action in ("release_load", "release_drop"):
        assert call(action, account=None, resource_id=dataset.resource_id).status == 403
    switch = {"revise": {"match": {"id": dataset.id}}, "tables": {dataset.resource_id: "0" * 16}}
    assert call("release_switch", account=None, **switch).status == 403


def test_all_actions_are_there_before_the_first_request(plugin: PluginPortal) -> None:
    program = [CKANS_PYTHON, "-c", LOAD, plugin.portal.folder / "ckan.ini"]
    loaded = subprocess.run(program, capture_output=True, text=True, check=True)
    assert loaded.stdout.splitlines()[-1] == "[[True, True], [True, True]]"


def test_the_capabilities_are_told_to_users(plugin: PluginPortal) -> None:
    told = plugin.call("release_capabilities").done()
    able = {"load": True, "differences": True, "two_phase": True, "files": True}
    assert told == {"version": "1.0.0", **able, "max_upload": 8 * 2**20}


def test_another_agency_may_not_touch_the_dataset(dataset: Dataset) -> None:
    dataset.publish(1)
    twin = dataset.load_release(2)
    call = dataset.portal.call
    for action in ("release_load", "release_drop"):
        assert call(action, account="other-editor", resource_id=dataset.resource_id).status == 403
    switch = {"revise": {"match": {"id": dataset.id}}, "tables": {dataset.resource_id: twin}}
    assert call("release_switch", account="other-editor", **switch).status == 403
    assert dataset.state() == ("第1版", {1})


def test_a_table_of_another_dataset_is_not_switched_by_the_way(plugin: PluginPortal, dataset: Dataset) -> None:
    other = plugin.make_dataset()
    other.publish(1)
    twin = other.load_release(2)
    revise = {"match": {"id": dataset.id}, "update": {"title": "第2版"}}
    assert plugin.call("release_switch", revise=revise, tables={other.resource_id: twin}).status == 409
    assert other.state() == ("第1版", {1})


def test_values_come_back_exactly(typed: Dataset) -> None:
    form = {"resource_id": typed.resource_id, "records_format": "lists"}
    with_ids = typed.portal.call("datastore_search", account=None, **form)
    assert [record[0] for record in with_ids.done()["records"]] == [1, 2, 3]
    shown = typed.portal.sql(
        "datastore", f'SELECT "金额"::text, "占比%", "类别:号" FROM "{typed.resource_id}" ORDER BY _id'
    )
    assert shown == [
        ("0.10", 7, "冷食 糕点"),
        ("12345678901234567890.123456789", None, None),
        (None, -1, TYPED_TEXTS[2][6]),
    ]
    first, second, third = typed.records()
    assert (first["有效"], second["有效"], third["有效"]) == (True, False, None)
    assert (first["决定日期"], second["更新时间"], third["更新时间"]) == ("2026-02-28", None, "2026-03-01T08:00:00.500")


def test_the_digest_is_that_of_the_rows_in_any_order(dataset: Dataset) -> None:
    header = [field["id"] for field in TYPED]
    forward = dataset.load(csv_bytes(header, TYPED_ROWS), fields=TYPED, primary_key=["文号"]).done()
    backward = dataset.load(
        gzip.compress(csv_bytes(header, TYPED_ROWS[::-1])), fields=TYPED, primary_key=["文号"]
    ).done()
    assert forward["digest"] == backward["digest"] == digest(TYPED_TEXTS)
    assert forward["twin"] != backward["twin"]


def test_an_empty_text_in_quotes_is_no_missing_value(dataset: Dataset) -> None:
    rows = '决定书文号,数量,内容\r\n1号,"",""\r\n2号,,\r\n'.encode()
    dataset.switch(dataset.load(rows).done()["twin"], "第1版").done()
    assert [(record["数量"], record["内容"]) for record in dataset.records()] == [(None, ""), (None, None)]


def test_other_headings_than_the_columns_names_are_named(dataset: Dataset) -> None:
    rows = csv_bytes(["行政许可决定书文号", "数量", "内容"], [("1号", 1, "甲")])
    assert dataset.load(rows).status == 409
    header = ["行政许可决定书文号", "数量", "内容"]
    assert dataset.load(b"\xef\xbb\xbf" + rows, header=header).done()["rows"] == 1


def test_the_table_is_as_ckan_would_have_made_it(typed: Dataset) -> None:
    info = typed.portal.call("datastore_info", account=None, resource_id=typed.resource_id).done()
    columns = {column["id"]: column for column in info["fields"]}
    assert [column["type"] for column in info["fields"]] == [
        "text",
        "numeric",
        "bool",
        "date",
        "timestamp",
        "int4",
        "text",
    ]
    assert columns["文号"]["info"] == {"label": "决定书文号", "notes": "一事一号"}
    assert columns["文号"]["schema"]["notnull"] and not columns["金额"]["schema"]["notnull"]
    assert {name for name, column in columns.items() if column["schema"]["is_index"]} == {
        "文号",
        "决定日期",
        "占比%",
        "类别:号",
    }
    # CKAN knows its own indexes by their names: to ask for them again changes nothing.
    before = typed.portal.sql("datastore", _indexes(typed))
    again = {"resource_id": typed.resource_id, "primary_key": ["文号"], "force": True}
    typed.portal.call("datastore_create", **again).done()
    assert typed.portal.sql("datastore", _indexes(typed)) == before
    assert len(before) == 5


def _indexes(dataset: Dataset) -> str:
    return f"SELECT indexdef FROM pg_indexes WHERE tablename = '{dataset.resource_id}' ORDER BY 1"


def test_words_are_found_and_found_anew_after_an_edit(typed: Dataset) -> None:
    assert [record["文号"] for record in typed.records(q="糕点")] == ["001号", "003号"]
    edit = {"resource_id": typed.resource_id, "force": True, "method": "update"}
    typed.portal.call("datastore_upsert", records=[{"文号": "001号", "类别:号": "茶叶"}], **edit).done()
    assert [record["文号"] for record in typed.records(q="茶叶")] == ["001号"]
    assert [record["文号"] for record in typed.records(q="糕点")] == ["003号"]


def test_the_words_are_those_of_ckans_own_trigger(typed: Dataset) -> None:
    words = f'SELECT _full_text FROM "{typed.resource_id}" ORDER BY _id'
    loaded = typed.portal.sql("datastore", words)
    typed.portal.sql("datastore", f'UPDATE "{typed.resource_id}" SET _full_text = NULL')
    assert typed.portal.sql("datastore", words) == loaded


def test_further_rows_get_further_numbers(typed: Dataset) -> None:
    insert = {"resource_id": typed.resource_id, "force": True, "method": "insert"}
    typed.portal.call("datastore_upsert", records=[{"文号": "004号"}], **insert).done()
    assert [record["_id"] for record in typed.records()] == [1, 2, 3, 4]


def test_sql_reads_the_table_and_never_a_waiting_one(typed: Dataset) -> None:
    call = typed.portal.call
    statement = f'SELECT count(*) AS rows FROM "{typed.resource_id}"'
    assert call("datastore_search_sql", account=None, sql=statement).done()["records"] == [{"rows": 3}]
    typed.load_release(2)
    (table,) = [name for name in typed.portal.waiting_tables() if name.startswith("twin_")][-1:]
    for name in (f'"{table}"', f'ckanext_release."{table}"'):
        assert call("datastore_search_sql", account=None, sql=f"SELECT * FROM {name}").status in (403, 404, 409)
    assert call("datastore_search", account=None, resource_id=table).status == 404


def test_aliases_rights_and_others_words_outlast_a_release(dataset: Dataset) -> None:
    dataset.publish(1)
    portal, resource_id = dataset.portal, dataset.resource_id
    words = [{"id": "数量", "info": {"label": "手写", "unit": "件"}}]
    extra = {"fields": words, "aliases": [f"alias-{dataset.name}"], "force": True}
    portal.call("datastore_create", resource_id=resource_id, **extra).done()
    portal.sql("datastore", "DO $$ BEGIN CREATE ROLE auditor; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    portal.sql("datastore", f'GRANT SELECT ON "{resource_id}", "alias-{dataset.name}" TO auditor')
    dataset.publish(2, rows=5)
    by_alias = portal.call("datastore_search", account=None, resource_id=f"alias-{dataset.name}").done()
    assert (by_alias["total"], {record["数量"] for record in by_alias["records"]}) == (5, {2})
    info = portal.call("datastore_info", account=None, resource_id=resource_id).done()
    assert info["meta"]["aliases"] == [f"alias-{dataset.name}"]
    assert {column["id"]: column.get("info") for column in info["fields"]}["数量"] == {"label": "数量", "unit": "件"}
    rights = "SELECT has_table_privilege('auditor', 'public.\"{}\"', 'SELECT')"
    for name in (resource_id, f"alias-{dataset.name}"):
        assert portal.sql("datastore", rights.format(name)) == [(True,)]


def test_a_view_that_is_no_alias_stops_the_switch(dataset: Dataset) -> None:
    dataset.publish(1)
    view = f'CREATE VIEW "view-{dataset.name}" AS SELECT count(*) FROM "{dataset.resource_id}"'
    dataset.portal.sql("datastore", view)
    refused = dataset.switch(dataset.load_release(2), "第2版")
    assert refused.status == 409
    assert f"view-{dataset.name}" in str(refused.body["tables"])
    assert dataset.state() == ("第1版", {1})


def test_the_total_is_the_new_tables(dataset: Dataset) -> None:
    for release, rows in ((1, 3), (2, 5), (3, 0), (4, 2)):
        dataset.publish(release, rows)
        form = {"account": None, "resource_id": dataset.resource_id}
        assert dataset.portal.call("datastore_search", **form).done()["total"] == rows


def test_many_columns_are_loaded(dataset: Dataset) -> None:
    names = [f"列{number}" for number in range(300)]
    fields = [{"id": name, "type": "text"} for name in names]
    loaded = dataset.load(csv_bytes(names, [names]), fields=fields, primary_key=[]).done()
    dataset.switch(loaded["twin"], "第1版").done()
    (record,) = dataset.records()
    assert [record[name] for name in names] == names


def test_a_new_load_takes_the_place_of_one_that_waits(dataset: Dataset) -> None:
    before = len(dataset.portal.waiting_tables())
    first = dataset.load_release(1)
    second = dataset.load_release(2)
    assert len(dataset.portal.waiting_tables()) == before + 1
    assert dataset.switch(first, "第1版").status == 409
    dataset.switch(second, "第2版").done()
    assert dataset.state() == ("第2版", {2})
    assert len(dataset.portal.waiting_tables()) == before


def test_an_uploaded_file_is_told_by_its_digest_to_whoever_may_update_it(dataset: Dataset) -> None:
    content = "文号\n007\n".encode()
    file = io.BytesIO(content)
    file.name = "permits.csv"
    portal = dataset.portal
    made = portal.portal.call("resource_create", "editor", file, package_id=dataset.id, name="permits")
    asked = {"resources": [made["id"], dataset.resource_id]}
    stored = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert portal.call("release_files", **asked).done() == {made["id"]: stored, dataset.resource_id: None}
    assert [portal.call("release_files", account=one, **asked).status for one in (None, "other-editor")] == [403, 403]
    for bad in ({}, {"resources": "x"}, {"resources": [7]}, {"resources": [""]}):
        assert portal.call("release_files", **bad).status == 409
    assert portal.call("release_files", account="administrator", resources=["../../../etc/passwd"]).status == 409


def test_a_dropped_table_is_gone_for_everybody(dataset: Dataset) -> None:
    dataset.publish(1)
    dataset.load_release(2)
    portal, form = dataset.portal, {"resource_id": dataset.resource_id}
    assert portal.call("release_drop", **form).done() == {"dropped": True, "twins": 1}
    assert portal.call("datastore_search", account=None, **form).status == 404
    resource = portal.call("resource_show", account=None, id=dataset.resource_id).done()
    assert resource["datastore_active"] is False
    assert portal.call("release_drop", **form).done() == {"dropped": False, "twins": 0}


def test_a_removed_resources_rows_are_gone_too(dataset: Dataset) -> None:
    dataset.publish(1)
    portal, form = dataset.portal, {"resource_id": dataset.resource_id}
    portal.call("package_revise", match={"id": dataset.id}, filter=["-resources__*"]).done()
    # CKAN itself leaves them behind, and readable.
    assert portal.call("datastore_search", account=None, **form).status == 200
    assert portal.call("release_drop", account="other-editor", **form).status == 403
    assert portal.call("release_drop", **form).done() == {"dropped": True, "twins": 0}
    assert portal.call("datastore_search", account=None, **form).status == 404
