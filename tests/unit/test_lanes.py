"""Work at several targets: beside the run at one that is waited for, at once at another; an error ends it all."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipelines.commands.lanes import Lanes
from resource_catalog.errors import OutsideError

_SECONDS = 60


@dataclass
class AnyTarget:
    """What lanes need of a target."""

    name: str
    abreast: int
    abandoned: threading.Event = field(default_factory=threading.Event)

    def abandon(self) -> None:
        self.abandoned.set()


def lanes(*targets: AnyTarget) -> Lanes:
    found: Any = targets
    return Lanes(found)


def begin(lanes: Lanes, target: AnyTarget, work: Any) -> Any:
    """`lanes.begin`, for a target of ours."""
    ours: Any = target
    return lanes.begin(ours, work)


def test_as_many_at_a_time_as_the_target_takes() -> None:
    portal = AnyTarget("portal", 2)
    both = threading.Barrier(2)
    with lanes(portal) as beside:
        assert beside.has(portal)  # type: ignore[arg-type]
        places = [begin(beside, portal, lambda: both.wait(_SECONDS)) for _ in range(2)]
        assert sorted(place.result() for place in places) == [0, 1]


def test_a_target_that_takes_one_is_served_at_once_and_by_this_thread() -> None:
    folder = AnyTarget("folder", 1)
    with lanes(folder) as beside:
        assert not beside.has(folder)  # type: ignore[arg-type]
        assert begin(beside, folder, threading.get_ident).result() == threading.get_ident()


def test_without_lanes_all_is_done_at_once_in_its_order() -> None:
    portal, done = AnyTarget("portal", 2), []
    with lanes() as beside:
        for number in range(5):
            begin(beside, portal, lambda number=number: done.append(number))
            assert done[-1] == number


def refuse() -> None:
    raise OutsideError("refused", fix="try another day")


@pytest.mark.parametrize("abreast", [1, 2])
def test_an_error_comes_with_the_result(abreast: int) -> None:
    target = AnyTarget("target", abreast)
    with lanes(target) as beside:
        coming = begin(beside, target, refuse)
        with pytest.raises(OutsideError):
            coming.result()
    assert not target.abandoned.is_set()


def test_the_run_s_own_error_abandons_what_is_under_way_and_begins_nothing_more() -> None:
    portal, folder, begun = AnyTarget("portal", 2), AnyTarget("folder", 1), []

    def wait() -> None:
        begun.append(threading.get_ident())
        assert portal.abandoned.wait(_SECONDS)

    with pytest.raises(KeyboardInterrupt), lanes(portal, folder) as beside:
        coming = [begin(beside, portal, wait) for _ in range(9)]
        raise KeyboardInterrupt
    assert len(begun) <= 2
    assert [one.cancelled() for one in coming[2:]] == [True] * 7
    assert not folder.abandoned.is_set()
