"""Every write of a publication to CKAN is the last one, is lost, or fails for good: readers see whole releases.

The complete matrix, with every call and every way to fail, is `python -m tests.benchmarks.every_call`.
"""

from __future__ import annotations

import signal
from typing import Any

import pytest

from tests.broken_invariants import after_publish
from tests.disturbed_office import DISTURBED, OTHER, PUBLISH, DisturbedOffice, once_each
from tests.failing_calls import MODES, Disturbed, fail_call, fail_each_call
from tests.proxy_faults import DropAnswer
from tests.workspace_factory import Answer

pytestmark = pytest.mark.faults

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
def expected(disturbed: DisturbedOffice) -> dict[str, Any]:
    """What the portal has after a run that nothing disturbed."""
    return disturbed.state()


def test_killed_after_every_call_that_writes(disturbed: DisturbedOffice, expected: dict[str, Any]) -> None:
    """And so before the next one: in between it only reads."""
    runs, broken = [], {}
    for run in fail_each_call(
        disturbed.office.proxy,
        lambda: disturbed.start(*PUBLISH),
        MODES["killed after"],
        prepare=lambda number: disturbed.change(),
        where=disturbed.concerns_write,
    ):
        runs.append(run)
        broken[run.number, run.call.place] = after_publish(disturbed, run, expected)
    assert {place: faults for place, faults in broken.items() if faults} == {}
    assert [run.call.place for run in runs] == WRITES[disturbed.office.way]
    assert {run.code for run in runs} == {-signal.SIGKILL}


def test_every_answer_to_a_write_is_lost_once(disturbed: DisturbedOffice, expected: dict[str, Any]) -> None:
    """But one: where rows change in place, the third answer in a row that is lost is given up."""
    disturbed.change()
    lost = once_each(lambda sent: disturbed.concerns_write(sent) and sent.action != "datastore_records_delete")
    run = fail_call(
        disturbed.office.proxy, lambda: disturbed.start(*PUBLISH), lambda kill: DropAnswer(), times=None, where=lost
    )
    assert isinstance(run, Disturbed)
    writes = [action for action in WRITES[disturbed.office.way] if action != "datastore_records_delete"]
    assert [one.action for one in run.sent if one.fault] == writes
    assert (run.code, Answer(run.code, run.out, run.err).verdicts) == (
        0,
        {DISTURBED: "published", OTHER: "published"},
    )
    assert after_publish(disturbed, run, expected) == []


@pytest.mark.parametrize("disturbed", ["plugin"], indirect=True)
@pytest.mark.parametrize("point", ["switch", "proof"])
def test_what_fails_for_good_stops_its_dataset_alone(
    disturbed: DisturbedOffice, expected: dict[str, Any], point: str
) -> None:
    disturbed.change()
    calls = [one for one in disturbed.must_run(*PUBLISH) if disturbed.concerns(one)]
    writes = [number for number, one in enumerate(calls, start=1) if one.writes]
    shows = next(number for number in writes if b"publication_digest" in calls[number - 1].body)
    number = {"switch": shows, "proof": writes[-1] + 1}[point]
    disturbed.change()
    run = fail_call(
        disturbed.office.proxy,
        lambda: disturbed.start(*PUBLISH),
        MODES["status"],
        number,
        times=None,
        where=disturbed.concerns,
    )
    assert isinstance(run, Disturbed)
    assert (run.code, Answer(run.code, run.out, run.err).verdicts) == (1, {DISTURBED: "failed", OTHER: "published"})
    assert disturbed.seen().release == disturbed.release - (point != "proof")
    assert after_publish(disturbed, run, expected) == []
