"""A withdrawal from CKAN is cut short after each of its steps: `status` says so until a rerun has completed it."""

from __future__ import annotations

import copy
import signal
from typing import Any

import pytest

from tests.broken_invariants import after_withdrawal
from tests.disturbed_office import DISTURBED, WITHDRAW, DisturbedOffice, once_each
from tests.failing_calls import MODES, Disturbed, fail_call, fail_each_call
from tests.proxy_faults import DropAnswer

pytestmark = pytest.mark.faults

ROLLBACK = ("rollback", DISTURBED)
#: What a withdrawal writes, in this order; without our plugin it is `datastore_delete` that removes the table.
WRITES = [
    "package_revise",  # what is going to be removed
    "release_drop",
    "package_revise",  # files: overwritten …
    "package_revise",  # … and removed
    "package_revise",  # what was on its way is remembered no longer
    "package_revise",  # the page: a tombstone
    "package_revise",  # the dataset of all releases
]


@pytest.fixture(scope="module")
def office(disturbed: DisturbedOffice) -> DisturbedOffice:
    """An office by each way, whose dataset was withdrawn and put back."""
    disturbed.must_run(*WITHDRAW)
    disturbed.must_run(*ROLLBACK)
    return disturbed


@pytest.fixture(scope="module")
def expected(office: DisturbedOffice) -> dict[str, Any]:
    """What the portal has after a withdrawal that nothing disturbed."""
    office.must_run(*WITHDRAW)
    return office.state()


def _put_back(office: DisturbedOffice) -> None:
    if office.standing()["withdrawn"]:
        office.must_run(*ROLLBACK)


@pytest.mark.parametrize("disturbed", ["plugin"], indirect=True)  # but for the table both ways make the same calls
def test_killed_after_every_step(office: DisturbedOffice, expected: dict[str, Any]) -> None:
    runs, broken = [], {}
    for run in fail_each_call(
        office.office.proxy,
        lambda: office.start(*WITHDRAW),
        MODES["killed after"],
        prepare=lambda number: _put_back(office),
        where=office.concerns_write,
    ):
        runs.append(run)
        broken[run.number, run.call.place] = after_withdrawal(office, run, expected)
    assert {place: faults for place, faults in broken.items() if faults} == {}
    assert [run.call.place for run in runs] == WRITES
    assert {run.code for run in runs} == {-signal.SIGKILL}


@pytest.mark.parametrize("disturbed", ["plugin"], indirect=True)
def test_every_answer_to_a_step_is_lost_once(office: DisturbedOffice, expected: dict[str, Any]) -> None:
    _put_back(office)
    lost = once_each(office.concerns_write)
    run = fail_call(
        office.office.proxy, lambda: office.start(*WITHDRAW), lambda kill: DropAnswer(), times=None, where=lost
    )
    assert isinstance(run, Disturbed)
    assert len([one for one in run.sent if one.fault]) >= len(WRITES)
    assert run.code == 0
    assert after_withdrawal(office, run, expected) == []


@pytest.mark.parametrize("number", [1, 2])
def test_what_a_killed_return_left_on_its_way_goes_too(
    office: DisturbedOffice, expected: dict[str, Any], number: int
) -> None:
    """The files, or the table, were in no dataset when the publisher was killed."""
    run = fail_call(
        office.office.proxy,
        lambda: office.start(*ROLLBACK),
        MODES["killed after"],
        number,
        where=lambda sent: b'"release_moving"' in sent.body and b"-resources__" in sent.body,
    )
    assert isinstance(run, Disturbed)
    office.must_run(*WITHDRAW)
    state = office.state()
    expected = copy.deepcopy(expected)
    # What both withdrawals took away is remembered: the files that the return had shown already come on top.
    before, now = (one["packages"][DISTURBED].pop("recalled") for one in (expected, state))
    assert (state, now[: len(before)]) == (expected, before)
    assert office.run("verify", DISTURBED)[0].code == 0
