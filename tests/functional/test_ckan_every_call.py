"""Every write of a publication to CKAN is the last one, is lost, or fails for good: readers see whole releases.

The complete matrix, with every call and every way to fail, is `python -m tests.benchmarks.every_call`.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.broken_invariants import after_publish
from tests.disturbed_office import DISTURBED, OTHER, PUBLISH, DisturbedOffice, disturbed_office, once_each
from tests.failing_calls import MODES, Disturbed, fail_call, fail_each_call
from tests.portal_factory import Portal
from tests.proxy_faults import DropAnswer
from tests.workspace_factory import Answer

#: What a further release writes, by each way, in this order.
WRITES = {
    "plugin": [
        "package_revise",  # files, to where they wait
        "release_load",
        "package_revise",  # files, out of there …
        "package_revise",  # … and in, to where readers see them
        "release_switch",
        "package_revise",  # the release before the one before: overwritten …
        "package_revise",  # … and removed
    ],
    "stock": [
        "package_revise",
        "package_revise",
        "package_revise",
        "package_revise",  # the page
        "datastore_upsert",
        "datastore_upsert",
        "datastore_records_delete",
        "package_revise",
        "package_revise",
    ],
}


@pytest.fixture(scope="module")
def ckan(empty_portal: Portal) -> Portal:
    """A portal with our plugin."""
    empty_portal.configure(plugins=("release",))
    return empty_portal


@pytest.fixture(scope="module", params=["plugin", "stock"])
def office(
    request: pytest.FixtureRequest, ckan: Portal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DisturbedOffice]:
    """An office by each way, with some releases behind it."""
    way = request.param
    with disturbed_office(tmp_path_factory.mktemp(way), ckan, f"every-{way}-", way) as office:
        yield office


@pytest.fixture(scope="module")
def expected(office: DisturbedOffice) -> dict[str, Any]:
    """What the portal has after a run that nothing disturbed."""
    return office.state()


def test_killed_after_every_call_that_writes(office: DisturbedOffice, expected: dict[str, Any]) -> None:
    """And so before the next one: in between it only reads."""
    runs, broken = [], {}
    for run in fail_each_call(
        office.office.proxy,
        lambda: office.start(*PUBLISH),
        MODES["killed after"],
        prepare=lambda number: office.change(),
        where=office.concerns_write,
    ):
        runs.append(run)
        broken[run.number, run.call.place] = after_publish(office, run, expected)
    assert {place: faults for place, faults in broken.items() if faults} == {}
    assert [run.call.place for run in runs] == WRITES[office.office.way]
    assert {run.code for run in runs} == {-signal.SIGKILL}


def test_every_answer_to_a_write_is_lost_once(office: DisturbedOffice, expected: dict[str, Any]) -> None:
    """But one: where rows change in place, the third answer in a row that is lost is given up."""
    office.change()
    lost = once_each(lambda sent: office.concerns_write(sent) and sent.action != "datastore_records_delete")
    run = fail_call(
        office.office.proxy, lambda: office.start(*PUBLISH), lambda kill: DropAnswer(), times=None, where=lost
    )
    assert isinstance(run, Disturbed)
    writes = [action for action in WRITES[office.office.way] if action != "datastore_records_delete"]
    assert [one.action for one in run.sent if one.fault] == writes
    assert (run.code, Answer(run.code, run.out, run.err).verdicts) == (
        0,
        {DISTURBED: "published", OTHER: "published"},
    )
    assert after_publish(office, run, expected) == []


@pytest.mark.parametrize("office", ["plugin"], indirect=True)
@pytest.mark.parametrize("point", ["switch", "proof"])
def test_what_fails_for_good_stops_its_dataset_alone(
    office: DisturbedOffice, expected: dict[str, Any], point: str
) -> None:
    office.change()
    calls = [one for one in office.must_run(*PUBLISH) if office.concerns(one)]
    writes = [number for number, one in enumerate(calls, start=1) if one.writes]
    shows = next(number for number in writes if b"publication_digest" in calls[number - 1].body)
    number = {"switch": shows, "proof": writes[-1] + 1}[point]
    office.change()
    run = fail_call(
        office.office.proxy,
        lambda: office.start(*PUBLISH),
        MODES["status"],
        number,
        times=None,
        where=office.concerns,
    )
    assert isinstance(run, Disturbed)
    assert (run.code, Answer(run.code, run.out, run.err).verdicts) == (1, {DISTURBED: "failed", OTHER: "published"})
    assert office.seen().release == office.release - (point != "proof")
    assert after_publish(office, run, expected) == []
