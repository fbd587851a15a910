"""An anonymous reader of one dataset on a CKAN portal, who judges every answer against the releases that are known.

`python -m tests.oracle_reader PORTAL DATASET KNOWN` reads until its standard input ends, says "reading" once its first
round is over, and prints its report as JSON. The dataset's metadata is read before and after every other reading.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.anonymous_http import AnonymousHTTP
from tests.known_releases import KnownReleases, row_digest
from tests.reader_report import Example, Report
from tests.release_verdicts import (
    Page,
    Sight,
    Span,
    Verdict,
    judge_all_pages,
    judge_file,
    judge_hits,
    judge_package,
    judge_page,
    place,
    place_pages,
    release_of,
    role_of,
)

#: In the order of a round: the file at the address that the metadata gives, the file at the resource's lasting address,
#: the table by its search and by SQL, the search for datasets. "dump", CKAN's own way to a whole table, is extra.
KINDS = ("file", "address", "table", "sql", "search")
STALL = 1.0
_MOST_PAGES = 10_000


@dataclass(frozen=True)
class Taken:
    """One reading, before it is placed in its time; `pages`: of several answers, which a switch may outrun."""

    kind: str
    sight: Sight
    waited: float
    promised: int | None = None
    pages: bool = False


def _failed(kind: str, fault: str, waited: float = 0.0) -> Taken:
    return Taken(kind, Sight(fault=Verdict.ERROR, why=fault), waited)


@dataclass
class OracleReader:
    """Reads a dataset in rounds. `page` is the number of rows that it asks for at once."""

    portal: str
    dataset: str
    known: KnownReleases
    http: AnonymousHTTP = field(default_factory=AnonymousHTTP)
    kinds: Sequence[str] = KINDS
    page: int = 32_000
    number: int = 0
    clock: Callable[[], float] = time.monotonic
    report: Report = field(default_factory=lambda: Report(readers=1))

    def __post_init__(self) -> None:
        self._started = self.clock()
        self._turn = self.number  # readers begin with different files
        self._package: Mapping[str, Any] = {}
        self._named: int | None = None
        self._switched: tuple[int | None, float] = (None, self._started)

    def round(self) -> None:
        """Read every kind once, one file of the release each round."""
        self._show()
        for kind in self.kinds:
            if kind not in self.report.left_out:
                before, taken = self._named, list(self._take(kind))
                self._show()
                for one in taken:
                    self._place(one, Span(before, self._named))
        self._turn += 1
        self.report.seconds = self.clock() - self._started

    def _show(self) -> None:
        result = self.http.call(self.portal, "package_show", id=self.dataset)
        if result.fault:
            self._named = None
            self._record("show", Verdict.ERROR, result.fault, result.waited, Span(None, None))
            return
        sight = judge_package(result.value, self.known)
        named = release_of(result.value)
        if named != self._named:
            self._switched = (self._named, self.clock())
        self._package, self._named = result.value, named
        self._record("show", sight.fault or Verdict.WHOLE, sight.why, result.waited, Span(named, named))

    def _place(self, taken: Taken, span: Span) -> None:
        if taken.kind == "search":
            span = self._search_span(taken.sight, span)
        verdict, why = place_pages(taken.sight, span) if taken.pages else place(taken.sight, span, taken.promised)
        self._record(taken.kind, verdict, why, taken.waited, span)

    def _search_span(self, sight: Sight, span: Span) -> Span:
        """An index follows the metadata: for a moment it may show the release before."""
        before, since = self._switched
        lag = self.clock() - since
        if before not in sight.releases or before in {span.before, span.after}:
            return span
        self.report.search_lag = max(lag, self.report.search_lag)
        return Span(before, span.after) if lag <= STALL else span

    def _record(self, kind: str, verdict: Verdict, why: str, waited: float, span: Span) -> None:
        if verdict in {Verdict.WHOLE, Verdict.OUTRUN} and waited > STALL:
            verdict, why = Verdict.STALL, f"{waited:.2f} s without a byte"
        if verdict is Verdict.WHOLE and span.after is not None:
            self.report.releases.add(span.after)
        seconds = round(self.clock() - self._started, 3)
        self.report.record(Example(kind, verdict, why, self.number, seconds, span.before, span.after), waited)

    def _take(self, kind: str) -> Iterator[Taken]:
        if kind in {"file", "address"}:
            yield from self._take_file(kind)
        elif kind == "search":
            yield self._take_search()
        elif kind in {"table", "sql", "dump"}:
            table = next((one["id"] for one in self._package.get("resources", ()) if role_of(one) == "csv"), None)
            if table is not None:  # where the metadata lists none, that is what was wrong with it
                yield from {"table": self._take_table, "sql": self._take_sql, "dump": self._take_dump}[kind](table)

    def _take_file(self, kind: str) -> Iterator[Taken]:
        roles = {role for release in self.known.all() for role in release.files}
        listed = [resource for resource in self._package.get("resources", ()) if role_of(resource) in roles]
        if not listed:
            return
        resource = listed[self._turn % len(listed)]
        lasting = f"{self.portal.rstrip('/')}/dataset/{self._package['id']}/resource/{resource['id']}/download"
        answer = self.http.get(resource["url"] if kind == "file" else lasting)
        if answer.fault:
            yield _failed(kind, f"{role_of(resource)}: {answer.fault}", answer.waited)
            return
        sight = judge_file(answer.body, role_of(resource), self.known)
        yield Taken(kind, sight, answer.waited, release_of(self._package) if kind == "file" else None)

    def _take_search(self) -> Taken:
        result = self.http.call(self.portal, "package_search", fq=f"name:{self.dataset}")
        if result.fault:
            return _failed("search", result.fault, result.waited)
        return Taken("search", judge_hits(result.value, self.dataset, self.known), result.waited)

    def _take_table(self, table: str) -> Iterator[Taken]:
        pages: list[Page] = []
        while len(pages) < _MOST_PAGES:
            offset = len(pages) * self.page
            arguments = {"resource_id": table, "limit": self.page, "offset": offset, "records_format": "lists"}
            result = self.http.call(self.portal, "datastore_search", **arguments)
            if result.fault:
                yield _failed("table", result.fault, result.waited)
                return
            names = [one["id"] for one in result.value["fields"]]
            page = self._page(names, result.value["records"], result.value["total"], offset)
            pages += [page] if isinstance(page, Page) else []
            sight = judge_page(page, self.known) if isinstance(page, Page) else page
            yield Taken("table", sight, result.waited)
            if sight.fault or offset + self.page >= result.value["total"]:
                break
        if len(pages) > 1:
            yield Taken("pages", judge_all_pages(pages, self.known), 0.0, pages=True)

    def _take_sql(self, table: str) -> Iterator[Taken]:
        sql = f'SELECT * FROM "{table}" LIMIT {self.page}'
        result = self.http.call(self.portal, "datastore_search_sql", sql=sql)
        if "Action name not known" in result.fault:
            self.report.left_out["sql"] = "the portal has no SQL search"
        elif result.fault:
            yield _failed("sql", result.fault, result.waited)
        else:
            names = [one["id"] for one in result.value["fields"]]
            rows = [[record[name] for name in names] for record in result.value["records"]]
            page = self._page(names, rows, None, 0)
            yield Taken("sql", judge_page(page, self.known) if isinstance(page, Page) else page, result.waited)

    def _take_dump(self, table: str) -> Iterator[Taken]:
        answer = self.http.get(f"{self.portal.rstrip('/')}/datastore/dump/{table}")
        if answer.fault:
            yield _failed("dump", answer.fault, answer.waited)
            return
        names, *rows = csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline=""))
        page = self._page(names, rows, None, 0, limit=sys.maxsize)
        sight = judge_page(page, self.known) if isinstance(page, Page) else page
        yield Taken("dump", sight, answer.waited, pages=True)

    def _page(
        self, names: Sequence[str], rows: Sequence[Sequence[Any]], total: int | None, offset: int, limit: int = 0
    ) -> Page | Sight:
        """The rows by their digests, without CKAN's own columns; a fault where no release has as many columns."""
        kept = [place for place, name in enumerate(names) if name not in {"_id", "_full_text"}]
        releases = sorted(self.known.all(), key=lambda release: release.number != self._named)
        types = next((one.table.types for one in releases if one.table and len(one.table.types) == len(kept)), None)
        if types is None:
            return Sight(fault=Verdict.MIXED, why=f"the table has {len(kept)} columns, as no known release has")
        digests = [row_digest(types, [row[place] for place in kept]) for row in rows]
        return Page(digests, total, offset, limit or self.page)


def _read_until_told(reader: OracleReader, pause: float) -> None:
    """Rounds until standard input ends."""
    told = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        told.set()

    threading.Thread(target=listen, daemon=True).start()
    reader.round()
    print("reading", flush=True)
    while not told.wait(pause):
        reader.round()


def main() -> None:
    """Read as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("portal", help="address of the portal")
    parser.add_argument("dataset", help="name of the dataset")
    parser.add_argument("known", type=Path, help="folder of the releases as `write_known` writes them")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--number", type=int, default=0, help="which of the readers this is")
    parser.add_argument("--page", type=int, default=32_000, help="rows to ask for at once")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between rounds")
    asked = parser.parse_args()
    kinds = asked.kinds.split(",")
    known = KnownReleases(asked.known)
    reader = OracleReader(asked.portal, asked.dataset, known, kinds=kinds, page=asked.page, number=asked.number)
    _read_until_told(reader, asked.pause)
    print(json.dumps(reader.report.document(), ensure_ascii=False))


if __name__ == "__main__":
    main()
