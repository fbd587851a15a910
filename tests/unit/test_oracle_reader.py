"""The oracle reader finds every kind of wrong read, calls none of the right ones wrong, and counts them all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.anonymous_http import AnonymousHTTP, read_body
from tests.fault_proxy import FaultProxy
from tests.known_releases import KnownReleases, cell_text, write_known
from tests.oracle_reader import KINDS, OracleReader
from tests.played_portal import PlayedPortal, content_of, played_release, rows_of, served
from tests.proxy_faults import CutAnswer
from tests.reader_crowd import ReaderCrowd
from tests.reader_report import Report
from tests.release_verdicts import Verdict

Torn = Callable[[PlayedPortal], None]


class Clock:
    """Time that passes only when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> Callable[[], None]:
        def later() -> None:
            self.now += seconds

        return later


@pytest.fixture
def portal() -> Iterator[PlayedPortal]:
    with served(PlayedPortal()) as portal:
        portal.show(1)
        yield portal


@pytest.fixture
def known(tmp_path: Path) -> Path:
    for number in (1, 2, 3):
        write_known(tmp_path, played_release(number))
    return tmp_path


def read(portal: PlayedPortal, known: Path, rounds: int = 1, clock: Clock | None = None, **options: Any) -> Report:
    clock = clock or Clock()
    http = AnonymousHTTP(clock)
    options = {"kinds": (*KINDS, "dump"), **options}
    reader = OracleReader(portal.url, "licences", KnownReleases(known), http, clock=clock, **options)
    for _ in range(rounds):
        reader.round()
    return reader.report


def found(report: Report) -> dict[str, set[Verdict]]:
    """Kind → verdicts other than whole."""
    verdicts = {kind: set(counts) - {Verdict.WHOLE} for kind, counts in report.counts.items()}
    return {kind: others for kind, others in verdicts.items() if others}


@pytest.mark.parametrize("page", [32_000, 4, 2])
def test_whole_releases_are_called_whole(portal: PlayedPortal, known: Path, page: int) -> None:
    report = read(portal, known, rounds=2, page=page)

    assert found(report) == {}
    assert set(report.counts) >= {"show", *KINDS, "dump"}
    assert (report.wrong, report.releases) == (0, {1})


def test_each_release_of_a_row_is_seen(portal: PlayedPortal, known: Path) -> None:
    clock = Clock()
    reader = OracleReader(portal.url, "licences", KnownReleases(known), AnonymousHTTP(clock), clock=clock)
    for number in (1, 2, 3, 2):
        portal.show(number)
        reader.round()

    assert (found(reader.report), reader.report.releases) == ({}, {1, 2, 3})


def _rows_of_two(portal: PlayedPortal) -> None:
    portal.rows = [*rows_of(1)[:3], *rows_of(2)[3:]]


def _new_rows(portal: PlayedPortal) -> None:
    portal.rows = rows_of(2)


def _row_twice(portal: PlayedPortal) -> None:
    portal.rows = [*portal.rows[:-1], portal.rows[0]]


def _row_too_few(portal: PlayedPortal) -> None:
    portal.rows = portal.rows[1:]


def _no_rows(portal: PlayedPortal) -> None:
    portal.rows = []


def _total_of_none(portal: PlayedPortal) -> None:
    portal.total = 0


def _column_lost(portal: PlayedPortal) -> None:
    portal.columns = COLUMN_LOST
    portal.rows = [row[:1] for row in portal.rows]


COLUMN_LOST = ("编号",)


def _new_file(portal: PlayedPortal) -> None:
    portal.files["csv"] = content_of(2, "csv")


def _half_a_file(portal: PlayedPortal) -> None:
    portal.files["csv"] = content_of(1, "csv")[:50]


def _no_bytes(portal: PlayedPortal) -> None:
    portal.files["csv"] = b""


def _new_metadata(portal: PlayedPortal) -> None:
    portal.metadata = 2


def _new_title(portal: PlayedPortal) -> None:
    portal.fields["title"] = "许可 2"


def _new_hash(portal: PlayedPortal) -> None:
    portal.hashes["jsonl"] = played_release(2).files["jsonl"]


def _file_not_listed(portal: PlayedPortal) -> None:
    portal.hashes["jsonl"] = None


def _listed_twice(portal: PlayedPortal) -> None:
    portal.more = [{"id": "resource-csv", "name": "csv", "url": f"{portal.url}/download"}]


def _of_another_release(portal: PlayedPortal) -> None:
    portal.hashes["csv"] = None
    address = f"{portal.url}/dataset/licences/resource/resource-csv/download"
    portal.more = [{"id": "resource-csv", "name": "csv", "release": "2", "url": address}]


def _wrong_total(portal: PlayedPortal) -> None:
    portal.total = 5


def _unknown_release(portal: PlayedPortal) -> None:
    portal.metadata = 9


def _old_search(portal: PlayedPortal) -> None:
    portal.show(2)
    portal.search = 1


def _found_twice(portal: PlayedPortal) -> None:
    portal.hits = 2


def _not_found(portal: PlayedPortal) -> None:
    portal.search = None


@pytest.mark.parametrize(
    ("torn", "expected"),
    [
        (_rows_of_two, {"table": Verdict.MIXED, "sql": Verdict.MIXED, "dump": Verdict.MIXED}),
        (_new_rows, {"table": Verdict.MIXED, "sql": Verdict.MIXED, "dump": Verdict.MIXED}),
        (_row_twice, {"table": Verdict.MIXED, "sql": Verdict.MIXED, "dump": Verdict.MIXED}),
        (_row_too_few, {"table": Verdict.MIXED, "sql": Verdict.MIXED, "dump": Verdict.MIXED}),
        (_no_rows, {"table": Verdict.EMPTY, "sql": Verdict.EMPTY, "dump": Verdict.EMPTY}),
        (_total_of_none, {"table": Verdict.EMPTY}),
        (_new_file, {"file": Verdict.MIXED, "address": Verdict.MIXED}),
        (_half_a_file, {"file": Verdict.MIXED, "address": Verdict.MIXED}),
        (_no_bytes, {"file": Verdict.EMPTY, "address": Verdict.EMPTY}),
        (_new_title, {"show": Verdict.MIXED, "search": Verdict.MIXED}),
        (_new_hash, {"show": Verdict.MIXED, "search": Verdict.MIXED}),
        (_file_not_listed, {"show": Verdict.EMPTY, "search": Verdict.EMPTY}),
        (_listed_twice, {"show": Verdict.MIXED, "search": Verdict.MIXED}),
        (_of_another_release, {"show": Verdict.MIXED, "search": Verdict.MIXED}),
        (_wrong_total, {"table": Verdict.MIXED}),
        (_unknown_release, {"show": Verdict.MIXED}),
        (_found_twice, {"search": Verdict.MIXED}),
        (_not_found, {"search": Verdict.EMPTY}),
    ],
)
def test_a_torn_release_is_found_where_it_is_torn(
    portal: PlayedPortal, known: Path, torn: Torn, expected: dict[str, Verdict]
) -> None:
    torn(portal)
    report = read(portal, known)

    for kind, verdict in expected.items():
        assert verdict in report.counts[kind], (kind, report.examples)
    assert {example.kind for example in report.examples} == set(found(report))
    assert report.wrong == sum(report.total(verdict) for verdict in set.union(*found(report).values()))


@pytest.mark.parametrize("kind", ["file", "table", "sql", "dump", "address"])
def test_new_metadata_over_old_data_is_mixed(portal: PlayedPortal, known: Path, kind: str) -> None:
    _new_metadata(portal)

    assert read(portal, known, kinds=(kind,)).counts[kind] == {Verdict.MIXED: 1}


def test_a_lost_column_is_mixed(portal: PlayedPortal, known: Path) -> None:
    _column_lost(portal)

    assert read(portal, known, kinds=("table",)).counts["table"] == {Verdict.MIXED: 1}


@pytest.mark.parametrize(
    ("action", "kinds"),
    [
        ("package_show", {"show"}),
        ("package_search", {"search"}),
        ("datastore_search", {"table"}),
        ("datastore_search_sql", {"sql"}),
        ("download", {"file", "address"}),
        ("dump", {"dump"}),
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        (500, b"Internal Server Error"),
        (404, b'{"success": false, "error": {"message": "Not found"}}'),
        (302, b"?again"),
    ],
    ids=["500", "404", "redirects without end"],
)
def test_an_error_is_found(
    portal: PlayedPortal, known: Path, action: str, kinds: set[str], answer: tuple[int, bytes]
) -> None:
    portal.answers = {action: answer}
    report = read(portal, known)

    assert all(Verdict.ERROR in report.counts[kind] for kind in kinds), report.counts


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"success": true}', b'{"success": false, "result": {}}', b"[1]"])
def test_an_answer_that_is_none_is_an_error(portal: PlayedPortal, known: Path, body: bytes) -> None:
    portal.answers = {"datastore_search": (200, body)}

    assert read(portal, known).counts["table"] == {Verdict.ERROR: 1}


def test_a_portal_that_is_gone_is_an_error(portal: PlayedPortal, known: Path) -> None:
    portal.url = portal.url.rpartition(":")[0] + ":1"

    assert read(portal, known).counts == {"show": {Verdict.ERROR: 1 + len(KINDS) + 1}, "search": {Verdict.ERROR: 1}}


@pytest.mark.parametrize(
    ("action", "kind"), [("package_show", "show"), ("datastore_search", "table"), ("download", "file")]
)
def test_a_stall_is_found_by_the_readers_clock(portal: PlayedPortal, known: Path, action: str, kind: str) -> None:
    clock = Clock()
    portal.before[action] = clock.passes(1.01)
    slow = read(portal, known, clock=clock)
    portal.before[action] = clock.passes(0.99)
    quick = read(portal, known, clock=clock)

    assert slow.counts[kind][Verdict.STALL] > 0
    assert slow.slowest[kind] == pytest.approx(1.01)
    assert quick.wrong == 0


def test_a_switch_between_two_readings_is_not_wrong(portal: PlayedPortal, known: Path) -> None:
    """The address was release 1's, the bytes are release 2's, as the metadata says right after."""
    portal.before["download"] = lambda: portal.show(2)
    report = read(portal, known, kinds=("file", "address"))

    assert report.counts["file"] == {Verdict.OUTRUN: 1}
    assert report.counts["address"] == {Verdict.WHOLE: 1}
    assert report.wrong == 0


def test_a_switch_between_two_pages_outruns_the_reader(portal: PlayedPortal, known: Path) -> None:
    shown = iter([1, 2, 2])
    portal.before["datastore_search"] = lambda: portal.show(next(shown))
    report = read(portal, known, kinds=("table",), page=2)

    assert report.counts["table"] == {Verdict.WHOLE: 3}
    assert report.counts["pages"] == {Verdict.OUTRUN: 1}


def test_pages_of_two_releases_without_a_switch_are_mixed(portal: PlayedPortal, known: Path) -> None:
    _rows_of_two(portal)
    report = read(portal, known, kinds=("table",), page=3)

    assert report.counts["pages"] == {Verdict.MIXED: 1}


def test_rows_of_two_releases_in_one_page_are_mixed(portal: PlayedPortal, known: Path) -> None:
    _rows_of_two(portal)

    assert read(portal, known, kinds=("table",), page=4).counts["table"] == {Verdict.MIXED: 1}


def test_every_file_is_read_in_its_turn(portal: PlayedPortal, known: Path) -> None:
    portal.files["jsonl"] = content_of(2, "jsonl")

    assert read(portal, known, rounds=2, kinds=("file",)).counts["file"] == {Verdict.WHOLE: 1, Verdict.MIXED: 1}
    assert read(portal, known, kinds=("file",), number=1).counts["file"] == {Verdict.MIXED: 1}


def test_an_answer_that_ends_too_early_is_an_error(portal: PlayedPortal, known: Path) -> None:
    with FaultProxy(portal.url) as proxy:
        proxy.on(CutAnswer(10), where=lambda sent: "/download" in sent.path)
        portal.url = proxy.url

        assert read(portal, known, kinds=("address",)).counts["address"] == {Verdict.ERROR: 1}


def test_a_silence_within_an_answer_counts() -> None:
    clock = Clock()

    class Slow:
        parts = iter([(0.1, b"a"), (1.5, b"b"), (0.2, b"")])

        def read1(self, _size: int = -1) -> bytes:
            seconds, part = next(self.parts)
            clock.now += seconds
            return part

    body, longest = read_body(Slow(), clock)

    assert body == b"ab"
    assert longest == pytest.approx(1.5)


def test_search_may_follow_within_a_second(portal: PlayedPortal, known: Path) -> None:
    clock = Clock()
    http = AnonymousHTTP(clock)
    reader = OracleReader(portal.url, "licences", KnownReleases(known), http, kinds=("search",), clock=clock)
    reader.round()
    _old_search(portal)
    reader.round()
    clock.now += 0.9
    reader.round()
    assert reader.report.counts["search"] == {Verdict.WHOLE: 3}
    clock.now += 0.2
    reader.round()

    assert reader.report.counts["search"] == {Verdict.WHOLE: 3, Verdict.MIXED: 1}
    assert reader.report.search_lag == pytest.approx(1.1)


def test_search_that_runs_ahead_is_mixed(portal: PlayedPortal, known: Path) -> None:
    portal.search = 2
    report = read(portal, known, kinds=("search",))

    assert report.counts["search"] == {Verdict.MIXED: 1}


def test_sql_search_is_left_out_where_the_portal_has_none(portal: PlayedPortal, known: Path) -> None:
    portal.answers = {"datastore_search_sql": (400, b'"Bad request - Action name not known: datastore_search_sql"')}
    report = read(portal, known, rounds=2)

    assert set(report.left_out) == {"sql"}
    assert [name for name, _ in portal.seen].count("datastore_search_sql") == 1
    assert report.wrong == 0


def test_readers_are_anonymous(portal: PlayedPortal, known: Path) -> None:
    read(portal, known)

    assert {"authorization", "cookie"}.isdisjoint({name.lower() for _, headers in portal.seen for name in headers})


def test_a_release_becomes_known_while_reading(portal: PlayedPortal, known: Path) -> None:
    clock = Clock()
    reader = OracleReader(portal.url, "licences", KnownReleases(known), AnonymousHTTP(clock), clock=clock)
    portal.show(4)
    reader.round()
    assert reader.report.counts["show"][Verdict.MIXED] > 0
    before = reader.report.wrong
    write_known(known, played_release(4))
    reader.round()

    assert (reader.report.wrong, reader.report.releases) == (before, {4})


def test_all_examples_name_their_time_and_the_first_are_kept(portal: PlayedPortal, known: Path) -> None:
    _no_rows(portal)
    report = read(portal, known, rounds=5, kinds=("table",), number=3)
    (first, *_others) = report.examples

    assert report.counts["table"][Verdict.EMPTY] == 5
    assert len(report.examples) == 3
    assert (first.kind, first.reader, first.before, first.after) == ("table", 3, 1, 1)


def test_a_report_survives_json_and_adding_up(portal: PlayedPortal, known: Path) -> None:
    _new_file(portal)
    report = read(portal, known)
    again = Report.from_document(report.document())
    both = Report.of_all([report, again])

    assert again == report
    assert (both.readers, both.reads, both.wrong) == (2, 2 * report.reads, 2 * report.wrong)


def test_the_first_examples_of_several_readers_are_kept(portal: PlayedPortal, known: Path) -> None:
    _no_rows(portal)
    late, soon = Clock(), Clock()
    reports = []
    for clock in (late, soon):
        portal.before["package_search"] = clock.passes(0.5 if clock is late else 0.125)
        reports.append(read(portal, known, rounds=3, clock=clock, kinds=("search", "table")))
    both = Report.of_all(reports)

    assert [example.seconds for example in both.examples] == [0.125, 0.25, 0.375]
    assert both.counts["table"][Verdict.EMPTY] == 6


def test_several_processes_read_at_once(portal: PlayedPortal, known: Path) -> None:
    enough = threading.Semaphore(0)
    with ReaderCrowd(portal.url, "licences", known, readers=3, kinds=("file", "table")) as crowd:
        portal.rows = rows_of(2)
        portal.before["datastore_search"] = enough.release
        assert all(enough.acquire(timeout=60) for _ in range(12))

    assert crowd.report.readers == 3
    assert crowd.report.counts["table"][Verdict.MIXED] > 0
    assert crowd.report.counts["table"][Verdict.WHOLE] >= 3
    assert "file" not in found(crowd.report)


@pytest.mark.parametrize(
    ("kind", "spellings", "text"),
    [
        ("string", ["001"], "001"),
        ("string", [None, ""], ""),
        ("integer", [7, "7", "7.0"], "7"),
        ("number", [1.5, "1.50", "1.5"], "1.5"),
        ("number", ["1e3", 1000], "1000"),
        ("boolean", [True, "true", "t"], "true"),
        ("boolean", [False, "false"], "false"),
        ("date", ["2017-02-28", "2017-02-28T00:00:00"], "2017-02-28"),
        ("datetime", ["2017-02-28 08:00:00", "2017-02-28T08:00:00+08:00"], "2017-02-28T08:00:00"),
    ],
)
def test_a_cell_has_one_spelling(kind: str, spellings: list[object], text: str) -> None:
    assert {cell_text(kind, spelling) for spelling in spellings} == {text}
