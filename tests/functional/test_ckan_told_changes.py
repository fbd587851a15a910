"""Without our plugin, rows change by what the release tells of itself; a large release's files and rows go together."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.targets.ckan import stage
from tests.ckan_office import CkanOffice, released_rows
from tests.fault_proxy import FaultProxy
from tests.portal_factory import Portal
from tests.proxy_faults import Say
from tests.workspace_factory import PORTS, TODAY, make_port_office

_numbers = itertools.count()
FIRST = [PORTS[0], *([f"{one:03}", f"港{one}", "1901-05-01", "", ""] for one in range(60))]
#: One row less, one changed, one more.
SECOND = [*FIRST[:8], *FIRST[9:30], [*FIRST[30][:1], "新港", *FIRST[30][2:]], *FIRST[31:], ["900", "后港", "", "", ""]]


#: What changes rows.
WRITES = ("datastore_upsert", "datastore_records_delete")


def last_page(called: list[str]) -> int:
    """Where the page changed, of a run that lists no less than before."""
    return len(called) - 1 - called[::-1].index("package_revise")


@pytest.fixture
def offices(ckan: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes an office with one dataset, by a way."""
    with FaultProxy(ckan.url) as proxy:
        for name, value in (("OPENDATA_TODAY", TODAY), ("CKAN_URL", proxy.url), ("CKAN_TOKEN", ckan.token("editor"))):
            monkeypatch.setenv(name, value)

        def make(way: str) -> CkanOffice:
            office = CkanOffice(make_port_office(tmp_path, ("ports",)), ckan, proxy, f"t{next(_numbers)}-", way)
            office.agency()
            office.office.ports(FIRST)
            return office

        yield make


def shown(office: CkanOffice) -> list[tuple[Any, ...]]:
    """Code and name of all rows in the table."""
    table = office.resources("ports")["csv"]["id"]
    return office.portal.sql("datastore", f'SELECT code, name FROM "{table}" ORDER BY code')


def released(office: CkanOffice, number: int) -> list[tuple[Any, ...]]:
    """The same of a release's file."""
    return sorted((row[0], row[1]) for row in released_rows(office.office, "ports", number))


def actions(office: CkanOffice) -> list[str]:
    """The actions that were called so far."""
    return [sent.action for sent in office.proxy.sent if sent.action]


def test_what_the_release_tells_is_written_and_nothing_read(offices: Any) -> None:
    office = offices("stock")
    office.run("publish")
    before = len(actions(office))
    office.office.ports(SECOND)
    assert office.run("publish").datasets["ports"]["release"] == 2
    called = actions(office)[before:]
    page = last_page(called)
    assert sorted(called[page + 1 : page + 4]) == ["datastore_records_delete", "datastore_upsert", "datastore_upsert"]
    assert sum(one in WRITES for one in called) == 3
    assert "datastore_search" not in called[:page]
    assert shown(office) == released(office, 2)
    sent = [json.loads(one.body) for one in office.proxy.sent if one.action == "datastore_upsert"]
    # Of the changed row its key and the cell that changed; all its words are found nevertheless.
    assert [one["records"] for one in sent if one["method"] == "update"] == [[{"code": FIRST[30][0], "name": "新港"}]]
    table = office.resources("ports")["csv"]["id"]
    found = "SELECT code FROM \"{}\" WHERE _full_text @@ plainto_tsquery('simple', '{}')"
    for word in ("新港", FIRST[30][0]):
        assert office.portal.sql("datastore", found.format(table, word)) == [(FIRST[30][0],)]


def test_many_rows_go_in_several_calls_at_a_time(offices: Any) -> None:
    office = offices("stock")
    fields = [{**field, "constraints": {}} for field in office.office.schemas["ports"]["fields"]]
    office.office.schema("ports", fields=fields)
    rows = [[f"{number:04}", f"港{number}", "1901-05-01", "", ""] for number in range(2_000)]
    office.office.ports([PORTS[0], *rows])
    office.run("publish")
    before = len(actions(office))
    changed = [[row[0], "新港", *row[2:]] if number < 700 else row for number, row in enumerate(rows[:-100])]
    added = [[f"9{number:04}", "后港", "", "", ""] for number in range(50)]
    office.office.ports([PORTS[0], *changed, *added])
    notes = office.run("publish").datasets["ports"]["targets"]["ckan"]["notes"]
    called = actions(office)[before:]
    assert sorted(one for one in called[last_page(called) :] if one in WRITES) == [
        "datastore_records_delete",
        *["datastore_upsert"] * 3,
    ]
    assert any(note.endswith("rows were changed in 4 calls after the page") for note in notes)
    assert shown(office) == released(office, 2)


def test_a_release_put_back_is_compared_since_its_changes_are_others(offices: Any) -> None:
    office = offices("stock")
    office.run("publish")
    office.office.ports(SECOND)
    office.run("publish")
    office.run("rollback", "ports")
    assert shown(office) == released(office, 1)


@pytest.mark.parametrize("way", ["plugin", "stock"])
def test_files_and_rows_may_go_at_the_same_time(offices: Any, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(stage, "_WORTH_A_THREAD", 0)
    office = offices(way)
    office.run("publish")
    assert shown(office) == released(office, 1)
    office.office.ports(SECOND)
    office.run("publish")
    assert shown(office) == released(office, 2)
    assert office.office.run("verify").code == 0


@pytest.mark.parametrize("action", ["release_load", "package_revise"])
def test_one_of_both_that_fails_shows_nothing_and_the_next_run_goes_on(
    offices: Any, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setattr(stage, "_WORTH_A_THREAD", 0)
    office = offices("plugin")
    office.run("publish")
    office.office.ports(SECOND)
    office.proxy.on(Say(403), action, times=1)
    assert office.office.run("publish").code == 1
    assert shown(office) == released(office, 1)
    office.run("publish")
    assert shown(office) == released(office, 2)
