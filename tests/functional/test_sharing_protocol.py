"""The sharing server speaks the read side of Delta Sharing, by plain HTTP (checklist items P1 to P12 and P14)."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.object_stores import PLACES, make_place
from tests.sharing_servers import Response, RunningServer, running_server, table_path, urls
from tests.sharing_store import SharedDelta, SharingStore, sample_rows

DELTA = "responseformat=delta;readerfeatures=deletionvectors,columnmapping"


@dataclass
class Office:
    store: SharingStore
    server: RunningServer
    permits: SharedDelta
    token: str
    latest_only: str

    def query(self, body: object = None, table: str = "permits", **headers: str) -> Response:
        return self.server.query(table_path(self.store, table), self.token, body, **headers)

    def get(self, path: str, table: str = "permits", token: str | None = None, **headers: str) -> Response:
        return self.server.get(f"{table_path(self.store, table)}{path}", token or self.token, **headers)


def _grow(permits: SharedDelta) -> None:
    """Versions 0 to 4: rows, more rows, an update, a delete, an overwrite."""
    permits.write(sample_rows(4))
    permits.delta().update(updates={"名称": "'改名'"}, predicate="\"编号\" = 'A001'")
    permits.delta().delete("\"编号\" = 'A002'")
    permits.write(sample_rows(100, 3), mode="overwrite")


@pytest.fixture(scope="module", params=PLACES)
def office(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Office]:
    """O5: the same on local files and on S3, through the gateway and by presigned addresses."""
    place = make_place(request, request.param)
    store = SharingStore(tmp_path_factory.mktemp("sharing") / "store", share="Agency-One", bucket=place)
    token, latest_only = store.add_bureau("tax"), store.add_bureau("health")
    permits = store.add_table("permits", sample_rows())
    _grow(permits)
    for name in ("alpha", "Beta", "gamma"):
        store.grant("tax", store.add_table(name, sample_rows()))
    store.add_table("ungranted", sample_rows())
    store.grant("tax", permits)
    store.grant("health", permits, history=False)
    with running_server(store.folder, settings={"calls_per_second": "10000", "calls_burst": "10000"}) as server:
        yield Office(store, server, permits, token, latest_only)


def _walk(office: Office, path: str, size: int | None) -> list[str]:
    """The names of all items, page by page."""
    names: list[str] = []
    token = ""
    for _ in range(20):
        query = [f"maxResults={size}"] if size is not None else []
        page = office.server.get(
            f"{path}?{'&'.join([*query, *([f'pageToken={token}'] if token else [])])}", office.token
        ).json()
        names.extend(item["name"] for item in page["items"])
        token = page.get("nextPageToken", "")
        if not token:
            return names
    raise AssertionError("the listing has no end")


def test_listings_show_what_is_granted_and_nothing_else(office: Office) -> None:
    """P1."""
    get = office.server.get
    shares = get("/shares", office.token).json()["items"]
    assert [share["name"] for share in shares] == ["Agency-One"]
    assert get("/shares/Agency-One", office.token).json()["share"]["displayName"] == "某市某局"
    schemas = get("/shares/Agency-One/schemas", office.token).json()["items"]
    assert schemas == [{"name": "resources", "share": "Agency-One"}]
    for path in ("/shares/Agency-One/schemas/resources/tables", "/shares/Agency-One/all-tables"):
        tables = get(path, office.token).json()["items"]
        assert [table["name"] for table in tables] == ["alpha", "Beta", "gamma", "permits"]
        assert {table["schema"] for table in tables} == {"resources"}
    other = get("/shares/Agency-One/all-tables", office.latest_only).json()["items"]
    assert [table["name"] for table in other] == ["permits"]


@pytest.mark.parametrize("size", [None, 1, 2, 3, 4, 100])
def test_pages_of_a_listing_walk_everything_once(office: Office, size: int | None) -> None:
    """P1."""
    names = _walk(office, "/shares/Agency-One/all-tables", size)
    assert names == ["alpha", "Beta", "gamma", "permits"]
    assert _walk(office, "/shares", size) == ["Agency-One"]


def test_a_page_of_no_results_has_a_token_to_go_on_with(office: Office) -> None:
    """P1."""
    page = office.server.get("/shares/Agency-One/all-tables?maxResults=0", office.token).json()
    assert page["items"] == []
    rest = office.server.get(f"/shares/Agency-One/all-tables?pageToken={page['nextPageToken']}", office.token).json()
    assert len(rest["items"]) == 4


@pytest.mark.parametrize("query", ["pageToken=nonsense", "maxResults=-1", "maxResults=many", "pageToken=a.b.c"])
def test_a_bad_page_token_or_size_is_400(office: Office, query: str) -> None:
    """P1."""
    response = office.server.get(f"/shares/Agency-One/all-tables?{query}", office.token)
    assert (response.status, response.code()) == (400, "INVALID_PARAMETER_VALUE")


def test_a_page_token_of_another_bureau_or_listing_is_400(office: Office) -> None:
    """P1."""
    token = office.server.get("/shares/Agency-One/all-tables?maxResults=1", office.token).json()["nextPageToken"]
    assert office.server.get(f"/shares/Agency-One/all-tables?pageToken={token}", office.latest_only).status == 400
    other = f"/shares/Agency-One/schemas/resources/tables?pageToken={token}"
    assert office.server.get(other, office.token).status == 400


def test_names_do_not_mind_case(office: Office) -> None:
    """P2."""
    path = "/shares/aGENCY-oNE/schemas/RESOURCES/tables/bETA/version"
    assert office.server.get(path, office.token).status == 200


def test_what_is_not_granted_answers_as_what_is_not_there(office: Office) -> None:
    """P2: no oracle, whatever is asked of it."""
    for suffix in ("/version", "/metadata", "/changes?startingVersion=0"):
        answers = [office.get(suffix, table=name) for name in ("ungranted", "nowhere")]
        assert {(answer.status, answer.body) for answer in answers} == {(404, answers[0].body)}
        assert answers[0].code() == "RESOURCE_DOES_NOT_EXIST"
    queries = [office.query({"version": "x"}, table=name) for name in ("ungranted", "nowhere")]
    assert {(answer.status, answer.body) for answer in queries} == {(404, queries[0].body)}
    assert office.server.get("/shares/other", office.token).status == 404
    assert office.server.get("/shares/Agency-One/schemas/other/tables", office.token).status == 404


def test_version_is_told_to_get_and_to_head(office: Office) -> None:
    """P3."""
    path = table_path(office.store, "permits")
    for method, suffix in (("GET", "/version"), ("HEAD", "/version"), ("HEAD", "")):
        answer = office.server.call(method, path + suffix, office.token)
        assert (answer.status, answer.headers["delta-table-version"], answer.body) == (200, "4", b"")


@pytest.mark.parametrize(
    ("since", "version"),
    [
        ("2026-01-01T00:00:00Z", "0"),
        ("2025-01-01T00:00:00Z", "0"),
        ("2026-01-01T00:00:00.001Z", "1"),
        ("2026-01-03T08:00:00%2B08:00", "2"),
        ("2026-01-05T00:00:00Z", "4"),
    ],
)
def test_version_since_an_instant_is_the_first_at_or_after_it(office: Office, since: str, version: str) -> None:
    """P3."""
    assert office.get(f"/version?startingTimestamp={since}").headers["delta-table-version"] == version


@pytest.mark.parametrize("since", ["2026-01-05T00:00:01Z", "2999-01-01T00:00:00Z", "yesterday", ""])
def test_version_since_the_future_or_nonsense_is_400(office: Office, since: str) -> None:
    """P3."""
    assert office.get(f"/version?startingTimestamp={since}").status == 400


def test_without_history_only_the_latest_snapshot_is_given(office: Office) -> None:
    """P3b."""
    path = table_path(office.store, "permits")
    for body in ({"version": 1}, {"timestamp": "2026-01-02T00:00:00Z"}, {"startingVersion": 0}, {"version": 4}):
        assert office.server.query(path, office.latest_only, body).status == 400
    for suffix in (
        "/changes?startingVersion=0",
        "/metadata?version=1",
        "/version?startingTimestamp=2026-01-01T00:00:00Z",
    ):
        assert office.get(suffix, token=office.latest_only).status == 400
    latest = office.server.query(path, office.latest_only)
    assert latest.status == 200
    assert len(urls(latest)) == 1
    assert "enableChangeDataFeed" not in latest.lines()[1]["metaData"]["configuration"]


def test_metadata_comes_in_both_formats(office: Office) -> None:
    """P4."""
    plain = office.get("/metadata")
    assert plain.headers["content-type"] == "application/x-ndjson; charset=utf-8"
    protocol, metadata = plain.lines()
    assert protocol == {"protocol": {"minReaderVersion": 1}}
    fields = json.loads(metadata["metaData"]["schemaString"])["fields"]
    assert [field["name"] for field in fields] == ["编号", "名称", "数量", "金额", "日期", "时刻", "有效"]
    assert metadata["metaData"]["configuration"] == {"enableChangeDataFeed": "true", "opendata.earliestVersion": "0"}
    delta = office.get("/metadata", delta_sharing_capabilities=DELTA).lines()
    assert delta[0]["protocol"]["deltaProtocol"]["minReaderVersion"] == 1
    assert delta[1]["metaData"]["deltaMetadata"]["schemaString"] == metadata["metaData"]["schemaString"]


def test_metadata_of_a_version_or_an_instant_but_not_of_both(office: Office) -> None:
    """P4."""
    assert office.get("/metadata?version=1").headers["delta-table-version"] == "1"
    assert office.get("/metadata?timestamp=2026-01-02T12:00:00Z").headers["delta-table-version"] == "1"
    assert office.get("/metadata?version=1&timestamp=2026-01-02T12:00:00Z").status == 400
    assert office.query({"version": 1, "timestamp": "2026-01-02T12:00:00Z"}).status == 400


@pytest.mark.parametrize(
    ("body", "version", "files"),
    [
        ({}, 4, 1),
        (None, 4, 1),
        ({"version": 1}, 1, 2),
        ({"version": "1"}, 1, 2),
        ({"version": 0}, 0, 1),
        ({"timestamp": "2026-01-02T00:00:00Z"}, 1, 2),
        ({"timestamp": "2026-01-02T23:59:59.999Z"}, 1, 2),
        ({"timestamp": "2026-03-01T00:00:00Z"}, 4, 1),
        ({"limitHint": 1, "version": 1}, 1, 1),
        ({"limitHint": 5, "version": 1}, 1, 2),
        ({"limitHint": 0, "version": 1}, 1, 0),
    ],
)
def test_query_gives_the_files_of_the_snapshot_that_is_asked_for(
    office: Office, body: object, version: int, files: int
) -> None:
    """P5."""
    answer = office.query(body)
    assert answer.headers["delta-table-version"] == str(version)
    assert len(urls(answer)) == files
    assert {line["file"]["version"] for line in answer.lines() if "file" in line} <= {version}


@pytest.mark.parametrize(
    "body",
    [
        {"version": 5},
        {"version": 99},
        {"timestamp": "2025-12-31T23:59:59Z"},
        {"timestamp": "2999-01-01T00:00:00Z"},
        {"startingVersion": 5},
    ],
)
def test_query_of_a_version_that_is_not_served_is_400_and_says_which_are(office: Office, body: object) -> None:
    """P5."""
    answer = office.query(body)
    assert (answer.status, answer.code()) == (400, "INVALID_PARAMETER_VALUE")


def _predicate(op: str, value: object, kind: str = "string", column: str = "编号") -> str:
    literal = {"op": "literal", "value": value, "valueType": kind}
    return json.dumps({"op": op, "children": [{"op": "column", "name": column, "valueType": kind}, literal]})


def _negated(predicate: str) -> str:
    return json.dumps({"op": "not", "children": [json.loads(predicate)]})


#: Version 1 has two files: A000 to A003 and A004 to A007.
@pytest.mark.parametrize(
    ("predicate", "files"),
    [
        (_predicate("equal", "A002"), 1),
        (_predicate("equal", "B"), 0),
        (_predicate("lessThan", "A004"), 1),
        (_predicate("lessThanOrEqual", "A004"), 2),
        (_predicate("greaterThan", "A003"), 1),
        (_predicate("greaterThanOrEqual", "A003"), 2),
        (_predicate("greaterThan", 3, "long", "数量"), 1),
        (_predicate("lessThan", "2026-01-05", "date", "日期"), 1),
        (_negated(_predicate("greaterThan", 3, "long", "数量")), 1),
        (json.dumps({"op": "isNull", "children": [{"op": "column", "name": "编号", "valueType": "string"}]}), 0),
        (json.dumps({"op": "isNull", "children": [{"op": "column", "name": "名称", "valueType": "string"}]}), 2),
        (f'{{"op":"and","children":[{_predicate("equal", "A002")},{_predicate("equal", "A006")}]}}', 0),
        (f'{{"op":"or","children":[{_predicate("equal", "A002")},{_predicate("equal", "A006")}]}}', 2),
        (
            '{"op":"in","children":[{"op":"column","name":"编号","valueType":"string"},'
            '{"op":"literal","value":"A001","valueType":"string"},{"op":"literal","value":"Z","valueType":"string"}]}',
            1,
        ),
    ],
)
def test_json_predicates_leave_out_files_that_can_not_match(office: Office, predicate: str, files: int) -> None:
    """P5."""
    assert len(urls(office.query({"version": 1, "jsonPredicateHints": predicate}))) == files


@pytest.mark.parametrize(
    "predicate",
    [
        "",
        "{",
        "[]",
        "7",
        '{"op":"like"}',
        '{"op":"equal","children":[]}',
        _predicate("equal", "A002", column="没有"),
        _predicate("equal", "x", "long", "数量"),
        _predicate("equal", "0.05", "double", "金额"),
        "[" * 100_000,
        '{"op":"not","children":[' * 500 + "{}" + "]}" * 500,
    ],
)
def test_a_predicate_that_is_not_understood_leaves_all_files(office: Office, predicate: str) -> None:
    """P5."""
    answer = office.query({"version": 1, "jsonPredicateHints": predicate})
    assert (answer.status, len(urls(answer))) == (200, 2)


@pytest.mark.parametrize(
    ("hints", "files"),
    [
        (["`编号` = 'A002'"], 1),
        (["编号 >= 'A004'", "数量 > 3"], 1),
        (["'A004' > 编号"], 1),
        (["数量 IS NULL"], 2),
        (["编号 IS NULL"], 0),
        (["(编号 = 'A002')", "not sql at all"], 1),
        (["编号 = 'A002' OR 编号 = 'A006'"], 2),
        (["数量 <> 1"], 2),
    ],
)
def test_sql_predicates_that_are_simple_are_used_and_others_skipped(
    office: Office, hints: list[str], files: int
) -> None:
    """P5."""
    assert len(urls(office.query({"version": 1, "predicateHints": hints}))) == files


def test_a_limit_beside_a_predicate_drops_no_file(office: Office) -> None:
    """P5: the first files' rows may all fail the predicate."""
    body = {"version": 1, "limitHint": 1, "predicateHints": ["数量 IS NOT NULL"]}
    assert len(urls(office.query(body))) == 2


def test_versions_since_a_start_tell_files_added_and_removed(office: Office) -> None:
    """P6."""
    lines = office.query({"startingVersion": 2, "endingVersion": 4}).lines()[2:]
    told = [(kind, line[kind]["version"]) for line in lines for kind in line]
    assert sorted(told) == [
        ("add", 2),
        ("add", 3),
        ("add", 4),
        ("remove", 2),
        ("remove", 3),
        ("remove", 4),
        ("remove", 4),
    ]
    assert office.query({"startingVersion": 3}).headers["delta-table-version"] == "3"


def test_rewriting_files_without_changing_rows_is_not_told(tmp_path: Path) -> None:
    """P6."""
    store = SharingStore(tmp_path / "store")
    token, table = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", table)
    table.write(sample_rows(4))
    table.delta().optimize.compact()
    table.publish()
    with running_server(store.folder) as server:
        path = table_path(store, "permits")
        assert len(urls(server.query(path, token))) == 1
        assert server.query(path, token, {"startingVersion": 2}).lines()[2:] == []
        assert server.get(f"{path}/changes?startingVersion=2", token).lines()[2:] == []
        assert len(server.get(f"{path}/changes?startingVersion=0", token).lines()[2:]) == 2


def _pages(office: Office, body: dict[str, Any]) -> list[list[dict[str, Any]]]:
    pages, token = [], None
    while True:
        lines = office.query(body | ({"pageToken": token} if token else {})).lines()
        assert "endStreamAction" in lines[-1]
        pages.append(lines[2:-1])
        token = lines[-1]["endStreamAction"].get("nextPageToken")
        if token is None:
            return pages


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_of_files_are_together_the_unpaged_answer(office: Office, size: int) -> None:
    """P7."""
    pages = _pages(office, {"version": 1, "maxFiles": size})
    assert all(len(page) <= size for page in pages)
    paged = [line["file"]["id"] for page in pages for line in page]
    assert paged == [line["file"]["id"] for line in office.query({"version": 1}).lines()[2:]]


def test_pages_of_changes_are_together_the_unpaged_answer(office: Office) -> None:
    """P7."""
    whole = [line for line in office.get("/changes?startingVersion=0").lines()[2:]]
    found, token = [], ""
    for _ in range(len(whole)):
        lines = office.get(f"/changes?startingVersion=0&maxFiles=1{token and f'&pageToken={token}'}").lines()
        found.extend(lines[2:-1])
        token = lines[-1]["endStreamAction"].get("nextPageToken", "")
    assert token == ""
    key = [(kind, line[kind]["id"]) for line in whole for kind in line]
    assert [(kind, line[kind]["id"]) for line in found for kind in line] == key


def test_a_page_token_is_bound_to_recipient_table_and_question(office: Office) -> None:
    """P7."""
    body: dict[str, Any] = {"limitHint": 100, "maxFiles": 1}
    lines = office.query({"version": 1, **body}).lines()
    token = lines[-1]["endStreamAction"]["nextPageToken"]
    assert office.query({"version": 1, **body, "pageToken": token}).status == 200
    assert office.query({"version": 1, "maxFiles": 1, "pageToken": token}).status == 400
    assert office.query({"version": 1, **body, "pageToken": token}, table="alpha").status == 400
    path = table_path(office.store, "permits")
    assert office.server.query(path, office.latest_only, {"maxFiles": 1, "pageToken": token}).status == 400
    assert office.query({"version": 1, **body, "pageToken": token[:-2] + "xx"}).status == 400


def test_an_old_page_token_is_400(tmp_path: Path) -> None:
    """P7."""
    store = SharingStore(tmp_path / "store")
    token, table = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", table)
    table.write(sample_rows(4))
    with running_server(store.folder, settings={"url_seconds": "5"}) as server:
        path = table_path(store, "permits")
        page = server.query(path, token, {"maxFiles": 1}).lines()[-1]["endStreamAction"]["nextPageToken"]
        assert server.query(path, token, {"maxFiles": 1, "pageToken": page}).status == 200
        time.sleep(5)
        assert server.query(path, token, {"maxFiles": 1, "pageToken": page}).status == 400


def test_refreshing_keeps_to_the_version_though_the_table_moved_on(tmp_path: Path) -> None:
    """P8, and pages that were begun before."""
    store = SharingStore(tmp_path / "store")
    token, table = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", table)
    table.write(sample_rows(4))
    with running_server(store.folder) as server:
        path = table_path(store, "permits")
        first = server.query(path, token, {"includeRefreshToken": True}).lines()
        page = server.query(path, token, {"maxFiles": 1}).lines()
        table.write(sample_rows(50), mode="overwrite")
        refresh = first[-1]["endStreamAction"]["refreshToken"]
        again = server.query(path, token, {"refreshToken": refresh})
        ids = [line["file"]["id"] for line in first if "file" in line]
        assert [line["file"]["id"] for line in again.lines() if "file" in line] == ids
        assert again.headers["delta-table-version"] == "1"
        following = page[-1]["endStreamAction"]["nextPageToken"]
        rest = server.query(path, token, {"maxFiles": 1, "pageToken": following})
        assert [line["file"]["id"] for line in (*page, *rest.lines()) if "file" in line] == ids
        assert server.query(path, token).headers["delta-table-version"] == "2"
        assert server.query(path, token, {"refreshToken": refresh, "version": 1}).status == 400
        assert server.query(path, token, {"refreshToken": "x"}).status == 400


def _read(server: RunningServer, url: str) -> pa.Table:
    import pyarrow.parquet as pq

    return pq.read_table(pa.BufferReader(server.get(url).body))


def test_changes_have_all_four_kinds(office: Office) -> None:
    """P9."""
    lines = office.get("/changes?startingVersion=0").lines()[2:]
    kinds = {(kind, line[kind]["version"]) for line in lines for kind in line}
    assert {("add", 0), ("add", 1), ("cdf", 2), ("cdf", 3)} <= kinds
    found: set[str] = set()
    for line in lines:
        if "cdf" in line:
            found.update(_read(office.server, line["cdf"]["url"])["_change_type"].to_pylist())
    assert {"update_preimage", "update_postimage", "delete"} <= found
    overwrite = {kind for line in lines for kind in line if line[kind]["version"] == 4}
    assert overwrite == {"add", "remove"} or overwrite == {"cdf"}


@pytest.mark.parametrize(
    ("query", "versions"),
    [
        ("startingVersion=1&endingVersion=2", {1, 2}),
        ("startingVersion=2&endingVersion=2", {2}),
        ("startingVersion=3", {3, 4}),
        ("startingTimestamp=2026-01-02T00:00:01Z&endingTimestamp=2026-01-04T00:00:00Z", {2, 3}),
        ("startingTimestamp=2026-01-03T00:00:00Z&endingTimestamp=2026-01-03T23:00:00Z", {2}),
        ("startingVersion=0&endingVersion=99", {0, 1, 2, 3, 4}),
    ],
)
def test_both_ends_of_changes_are_included(office: Office, query: str, versions: set[int]) -> None:
    """P9."""
    answer = office.get(f"/changes?{query}")
    told = {line[kind]["version"] for line in answer.lines()[2:] for kind in line}
    assert told == versions
    assert answer.headers["delta-table-version"] == str(min(versions))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "startingVersion=5",
        "startingVersion=3&endingVersion=2",
        "startingVersion=0&startingTimestamp=2026-01-01T00:00:00Z",
        "startingVersion=0&endingVersion=1&endingTimestamp=2026-01-02T00:00:00Z",
        "startingVersion=-1",
        "startingVersion=one",
        "startingTimestamp=2999-01-01T00:00:00Z",
        "startingVersion=0&includeHistoricalMetadata=perhaps",
        "startingVersion=0&maxFiles=0",
    ],
)
def test_changes_that_can_not_be_told_are_400(office: Office, query: str) -> None:
    """P9."""
    assert office.get(f"/changes?{query}").status == 400


def test_below_the_earliest_version_a_resync_is_required(tmp_path: Path) -> None:
    """P9, O2: told at once, rather than failing on a file that is gone."""
    store = SharingStore(tmp_path / "store")
    token, table = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", table)
    for start in (4, 8):
        table.write(sample_rows(start), mode="overwrite")
    store.execute("UPDATE shared_table SET first_version = 2")
    with running_server(store.folder) as server:
        path = table_path(store, "permits")
        for answer in (
            server.get(f"{path}/changes?startingVersion=1", token),
            server.query(path, token, {"version": 1}),
            server.query(path, token, {"startingVersion": 0}),
        ):
            assert answer.status == 400
            assert "earliest=2" in answer.json()["message"]
        assert server.get(f"{path}/changes?startingVersion=2", token).status == 200
        configuration = server.get(f"{path}/metadata", token).lines()[1]["metaData"]["configuration"]
        assert configuration["opendata.earliestVersion"] == "2"


def test_changes_of_a_table_without_a_feed_are_400(tmp_path: Path) -> None:
    """P9."""
    store = SharingStore(tmp_path / "store")
    token, table = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", table)
    table.delta().alter.set_table_properties({"delta.enableChangeDataFeed": "false"})
    table.publish()
    with running_server(store.folder) as server:
        path = table_path(store, "permits")
        assert server.get(f"{path}/changes?startingVersion=1", token).code() == "UNSUPPORTED_OPERATION"
        assert server.query(path, token).status == 200


def test_a_new_column_is_told_with_historical_metadata_alone(tmp_path: Path) -> None:
    """P9."""
    store = SharingStore(tmp_path / "store")
    token, table = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", table)
    wider = sample_rows(4).append_column("备注", pa.array(["新"] * 4))
    table.write(wider, schema_mode="merge")
    with running_server(store.folder) as server:
        path = f"{table_path(store, 'permits')}/changes?startingVersion=0"
        told = [line["metaData"] for line in server.get(path, token).lines() if "metaData" in line]
        assert ["备注" in metadata["schemaString"] for metadata in told] == [True]
        history = server.get(f"{path}&includeHistoricalMetadata=true", token).lines()
        told = [line["metaData"] for line in history if "metaData" in line]
        assert [("备注" in metadata["schemaString"], metadata["version"]) for metadata in told] == [
            (False, 0),
            (True, 1),
        ]


@pytest.mark.parametrize(
    ("header", "form"),
    [
        (None, "parquet"),
        ("responseformat=parquet", "parquet"),
        ("responseformat=delta", "delta"),
        ("responseformat=delta,parquet", "parquet"),
        ("ResponseFormat=DELTA; readerfeatures=x", "delta"),
        ("asyncquery=true;responseformat=parquet", "parquet"),
    ],
)
def test_the_format_is_the_one_that_the_client_can(office: Office, header: str | None, form: str) -> None:
    """P10."""
    headers = {"delta_sharing_capabilities": header} if header else {}
    answer = office.query({}, **headers)
    assert answer.headers["delta-sharing-capabilities"].split(";")[0] == f"responseformat={form}"
    keys = {"parquet": "url", "delta": "deltaSingleAction"}
    assert all(keys[form] in line["file"] for line in answer.lines()[2:])


def test_a_format_that_nobody_knows_is_400(office: Office) -> None:
    """P10."""
    assert office.query({}, delta_sharing_capabilities="responseformat=avro").status == 400


def _feature_table(store: SharingStore, feature: str) -> SharedDelta:
    """A table whose protocol asks its readers for a feature, written by hand."""
    table = store.add_table(feature, sample_rows())
    log = table.folder / "_delta_log" / f"{0:020}.json"
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    for line in lines:
        if "protocol" in line:
            line["protocol"] = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": [feature]}
        if "add" in line and feature == "deletionVectors":
            vector = {"storageType": "u", "pathOrInlineDv": "ab^-aqEH.-t@S}K{vb[*k^", "offset": 1, "sizeInBytes": 40}
            line["add"] |= {"deletionVector": vector | {"cardinality": 1}, "tags": {"vector": "deletion_vector_1.bin"}}
    log.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return table


@pytest.mark.parametrize("feature", ["deletionVectors", "columnMapping"])
def test_a_table_that_needs_features_is_refused_to_a_client_without_them(tmp_path: Path, feature: str) -> None:
    """P10."""
    store = SharingStore(tmp_path / "store")
    token = store.add_bureau("tax")
    store.grant("tax", _feature_table(store, feature))
    path = table_path(store, feature)
    with running_server(store.folder) as server:
        for capabilities in ("responseformat=parquet", "responseformat=delta", f"readerfeatures={feature}"):
            answer = server.query(path, token, delta_sharing_capabilities=capabilities)
            assert (answer.status, answer.code()) == (400, "UNSUPPORTED_OPERATION")
            assert feature.lower() in answer.json()["message"]
        both = f"responseformat=parquet,delta;readerfeatures={feature}"
        answer = server.query(path, token, delta_sharing_capabilities=both)
        assert answer.headers["delta-sharing-capabilities"].startswith("responseformat=delta")
        assert answer.lines()[0]["protocol"]["deltaProtocol"]["readerFeatures"] == [feature]


def test_a_deletion_vector_in_a_file_gets_an_address_of_its_own(tmp_path: Path) -> None:
    """P10."""
    store = SharingStore(tmp_path / "store")
    token, table = store.add_bureau("tax"), _feature_table(store, "deletionVectors")
    store.grant("tax", table)
    content = b"a vector"
    (table.folder / "deletion_vector_1.bin").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    store.execute("INSERT INTO data_file VALUES (?, 'deletion_vector_1.bin', 'dv', 0, NULL, 8, 0, ?)", table.id, digest)
    with running_server(store.folder) as server:
        answer = server.query(table_path(store, "deletionVectors"), token, delta_sharing_capabilities=DELTA)
        line = answer.lines()[2]["file"]
        vector = line["deltaSingleAction"]["add"]["deletionVector"]
        assert vector["storageType"] == "p"
        assert server.get(vector["pathOrInlineDv"]).body == content
        assert len(server.get(line["deltaSingleAction"]["add"]["path"]).body) == line["size"]


def test_a_table_without_vectors_in_what_is_asked_is_read_by_everybody(tmp_path: Path) -> None:
    """P10: it may have them, and has none."""
    store = SharingStore(tmp_path / "store")
    token, table = store.add_bureau("tax"), _feature_table(store, "deletionVectors")
    log = table.folder / "_delta_log" / f"{0:020}.json"
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    for line in lines:
        line.get("add", {}).pop("deletionVector", None)
    log.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    store.grant("tax", table)
    with running_server(store.folder) as server:
        path = table_path(store, "deletionVectors")
        assert len(urls(server.query(path, token))) == 1
        delta = server.query(path, token, delta_sharing_capabilities="responseformat=delta")
        assert delta.lines()[0]["protocol"]["deltaProtocol"] == {"minReaderVersion": 1, "minWriterVersion": 4}


def test_the_end_of_the_stream_is_told_where_it_is_wanted(office: Office) -> None:
    """P11."""
    wanted = office.query({}, delta_sharing_capabilities="responseformat=parquet;includeEndStreamAction=true")
    assert "includeEndStreamAction=true" in wanted.headers["delta-sharing-capabilities"]
    end = wanted.lines()[-1]["endStreamAction"]
    assert end["minUrlExpirationTimestamp"] == wanted.lines()[-2]["file"]["expirationTimestamp"]
    assert all("endStreamAction" not in line for line in office.query({}).lines())


def test_a_failure_is_never_in_the_middle_of_an_answer(tmp_path: Path) -> None:
    """P11, F55: the answer is whole or an error; here the last of three versions can't be read."""
    store = SharingStore(tmp_path / "store")
    token, table = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", table)
    table.write(sample_rows(4))
    table.write(sample_rows(8))
    log = table.folder / "_delta_log" / f"{2:020}.json"
    log.write_bytes(log.read_bytes()[:-20])
    with running_server(store.folder) as server:
        answer = server.get(f"{table_path(store, 'permits')}/changes?startingVersion=0", token)
        assert (answer.status, answer.code()) == (500, "INTERNAL_ERROR")
        assert answer.headers["x-request-id"] in answer.json()["message"]


def test_file_ids_are_stable_and_of_the_kind_that_is_asked_for(office: Office) -> None:
    """P12."""
    ids: dict[str, list[str]] = {}
    for kind in ("parquet", "delta"):
        answers = [office.query({"version": 1}, fileidhash=kind) for _ in range(2)]
        assert answers[0].headers["fileidhash"] == kind
        found = [[line["file"]["id"] for line in answer.lines()[2:]] for answer in answers]
        assert found[0] == found[1]
        ids[kind] = found[0]
    assert [len(ids[kind][0]) for kind in ("parquet", "delta")] == [32, 64]
    assert office.query({}, fileidhash="md4").status == 400
    same = office.query({"version": 1}, fileidhash="delta", delta_sharing_capabilities="responseformat=delta")
    assert [line["file"]["id"] for line in same.lines()[2:]] == ids["delta"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        {"limitHint": -1},
        {"limitHint": "many"},
        {"limitHint": True},
        {"version": 1.5},
        {"version": -1},
        {"version": 1 << 70},
        {"timestamp": 7},
        {"timestamp": "no instant"},
        {"timestamp": "9999999999-01-01"},
        {"predicateHints": "编号 = 'A002'"},
        {"predicateHints": [7]},
        {"jsonPredicateHints": {"op": "equal"}},
        {"maxFiles": 0},
        {"pageToken": 7},
        {"pageToken": "x"},
        {"includeRefreshToken": "yes"},
        {"startingVersion": 0, "version": 0},
        {"includeRefreshToken": True, "version": 0},
    ],
)
def test_a_malformed_body_is_4xx_and_says_why(office: Office, body: object) -> None:
    """P14."""
    answer = office.query(body)
    assert answer.status == 400
    assert answer.json()["message"]
    assert answer.code() in {"MALFORMED_REQUEST", "INVALID_PARAMETER_VALUE"}


def test_a_body_that_is_too_large_is_413(office: Office) -> None:
    """P14."""
    assert office.query(b" " * ((1 << 20) + 1)).status == 413


def test_other_methods_and_addresses_are_refused_in_the_same_words(office: Office) -> None:
    """P14."""
    path = table_path(office.store, "permits")
    answer = office.server.call("DELETE", f"{path}/query", office.token)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert office.server.get("/nowhere", office.token).code() == "RESOURCE_DOES_NOT_EXIST"


def test_what_this_server_does_not_offer_is_refused_clearly(office: Office) -> None:
    """E10, E11."""
    path = table_path(office.store, "permits")
    for suffix in ("/queries/7", "/temporary-table-credentials"):
        answer = office.server.call("POST", path + suffix, office.token, {})
        assert (answer.status, answer.code()) == (400, "UNSUPPORTED_OPERATION")


@pytest.mark.parametrize("place", ["folder", "gateway"])
def test_a_checkpoint_stands_for_the_commits_before_it(
    tmp_path: Path, place: str, request: pytest.FixtureRequest
) -> None:
    store = SharingStore(tmp_path / "store", bucket=make_place(request, place))
    token, table = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", table)
    table.write(sample_rows(4))
    table.delta().create_checkpoint()
    table.write(sample_rows(8))
    path = table_path(store, "permits")
    with running_server(store.folder) as server:
        before = server.query(path, token).lines()
    for version in (0, 1):
        (table.folder / "_delta_log" / f"{version:020}.json").unlink()
    table.send()
    with running_server(store.folder) as server:
        after = server.query(path, token).lines()

    def known(lines: list[dict[str, Any]]) -> list[tuple[str, int]]:
        return [(line["file"]["id"], line["file"]["size"]) for line in lines if "file" in line]

    assert len(known(after)) == 3
    assert known(after) == known(before)
    assert json.loads(after[2]["file"]["stats"])["numRecords"] == 4
