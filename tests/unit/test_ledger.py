"""The ledger: acts come back as they were written, a broken chain is named, and a state follows from the acts alone."""

from __future__ import annotations

import datetime
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ledger import (
    PUBLISHED,
    RELEASED,
    ROLLED_BACK,
    WITHDRAWN,
    Act,
    DatasetState,
    after,
    open_ledger,
    states_of,
)
from resource_catalog.errors import OutsideError, UsageError

AT = datetime.datetime(2026, 11, 24, 8, 30, tzinfo=datetime.UTC)


def released(number: int, dataset: str = "ports") -> Act:
    detail = {"inputs": f"sha256:{number}", "rows": 3, "changes": {"added": 1, "removed": 0, "changed": 2}, "entry": {}}
    return Act(RELEASED, dataset, AT, "run", number, digest=f"sha256:{number}", detail=detail)


def withdrawn(reason: str = "有误", form: str = "tombstone", dataset: str = "ports") -> Act:
    return Act(WITHDRAWN, dataset, AT, "run", 1, detail={"reason": reason, "form": form, "entry": {"id": dataset}})


def rolled_back(number: int | None, dataset: str = "ports") -> Act:
    return Act(ROLLED_BACK, dataset, AT, "run", number, detail={"entry": {}})


def shown(number: int | None, form: str = "release", dataset: str = "ports") -> Act:
    detail = {"form": form, "kept": [number] if number else [], "files": 1, "bytes": 2, "entry": {"id": dataset}}
    return Act(PUBLISHED, dataset, AT, "run", number, "static", f"sha256:of-{number}", detail)


ACTS = (released(1), shown(1), released(2), withdrawn(), shown(None, "tombstone"), rolled_back(1))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A ledger of six acts."""
    place = tmp_path / "ledger.sqlite"
    ledger = open_ledger(None, place)
    for act in ACTS:
        ledger.append(act)
    return place


def test_acts_come_back_as_they_were(file: Path) -> None:
    assert tuple(open_ledger(None, file).acts()) == ACTS


def test_several_acts_are_one_write(tmp_path: Path) -> None:
    ledger = open_ledger(None, tmp_path / "ledger.sqlite")
    ledger.append(*ACTS)
    assert tuple(ledger.acts()) == ACTS


def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert open_ledger(None, tmp_path / "home" / "ledger.sqlite").acts() == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a b", "50%", "what?", "潮汐#1"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    place = tmp_path / name / "ledger.sqlite"
    open_ledger(None, place).append(released(1))
    assert place.is_file()
    assert len(open_ledger(None, place).acts()) == 1


def edit(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE acts SET digest = 'sha256:forged' WHERE seq = 3")


def edit_detail(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE acts SET detail = replace(detail, '有误', '无') WHERE seq = 4")


def delete(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM acts WHERE seq = 3")


def delete_and_close_up(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM acts WHERE seq = 3")
    connection.execute("UPDATE acts SET seq = seq - 1 WHERE seq > 3")


def reorder(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE acts SET seq = 99 WHERE seq = 3")
    connection.execute("UPDATE acts SET seq = 3 WHERE seq = 5")
    connection.execute("UPDATE acts SET seq = 5 WHERE seq = 99")


def add(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO acts SELECT 7, at, run, act, dataset, 9, target, digest, detail, hash FROM acts WHERE seq = 6"
    )


@pytest.mark.parametrize(
    ("harm", "number"),
    [(edit, 3), (edit_detail, 4), (delete, 3), (delete_and_close_up, 3), (reorder, 3), (add, 7)],
)
def test_broken_chain_names_its_first_act(file: Path, harm: Callable[[sqlite3.Connection], None], number: int) -> None:
    with closing(sqlite3.connect(file)) as connection:
        harm(connection)
        connection.commit()
    with pytest.raises(OutsideError) as caught:
        open_ledger(None, file).acts()
    assert caught.value.where.startswith(f"act {number}, dataset ports")
    assert caught.value.fix


def _read_or_refused(file: Path) -> tuple[Act, ...] | None:
    """The acts; None where the ledger refuses, saying where and what to do."""
    try:
        return tuple(open_ledger(None, file).acts())
    except OutsideError as refused:
        assert refused.where
        assert refused.fix
        return None


def test_a_bit_that_flips_anywhere_is_never_read_as_another_act(file: Path) -> None:
    whole = file.read_bytes()
    outcomes = []
    names = [found.start() for found in re.finditer(b"acts", whole)]
    for place in [*range(0, len(whole), 29), *names]:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        outcomes.append(_read_or_refused(file))
    assert [outcome for outcome in outcomes if outcome not in (None, ACTS)] == []
    assert None in outcomes
    assert ACTS in outcomes


def test_a_ledger_that_was_cut_short_is_never_read_as_a_shorter_one(file: Path) -> None:
    whole = file.read_bytes()
    outcomes = []
    for size in range(1, len(whole), 61):
        file.write_bytes(whole[:size])
        outcomes.append(_read_or_refused(file))
    assert [outcome for outcome in outcomes if outcome not in (None, ACTS)] == []
    assert None in outcomes


def test_no_database_is_said_with_its_place(tmp_path: Path) -> None:
    place = tmp_path / "ledger.sqlite"
    place.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    for attempt in (open_ledger(None, place).acts, lambda: open_ledger(None, place).append(released(1))):
        with pytest.raises(OutsideError) as caught:
            attempt()
        assert str(place) in caught.value.where


@pytest.mark.parametrize("url", ["nonsense", "nowhere://officer:hush@127.0.0.1/ledger", "oracle://officer:hush@h/l"])
def test_unusable_address_is_wrong_use_and_keeps_its_secret(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_ledger(url, tmp_path / "ledger.sqlite")
    assert caught.value.where == "OPENDATA_LEDGER_URL"
    assert "hush" not in str(caught.value)


def test_state_of_a_whole_life() -> None:
    states = [states_of(ACTS[:count]).get("ports", DatasetState("ports")) for count in range(len(ACTS) + 1)]
    assert [state.live for state in states] == [None, 1, 1, 2, None, None, 1]
    assert [state.released for state in states] == [None, 1, 1, 2, 2, 2, 2]
    assert [state.visible for state in states] == [(), (1,), (1,), (1, 2), (), (), (1,)]
    assert [state.withdrawn for state in states] == ["", "", "", "", "有误", "有误", ""]
    assert [state.shown for state in states] == ["", "", "release", "release", "release", "tombstone", "tombstone"]
    assert states[-1].inputs == "sha256:2"
    assert [event.act for event in states[-1].history] == ["rolled_back", "withdrawn", "published", "published"]


def test_notice_in_place_of_the_data_is_no_withdrawal_of_the_dataset() -> None:
    state = states_of([released(1), withdrawn(form="notice")])["ports"]
    assert (state.live, state.visible, state.withdrawn) == (None, (), "")
    assert state.history[0].reason == "有误"


ANY_ACT = st.one_of(
    st.integers(1, 5).map(released),
    st.sampled_from(["tombstone", "notice"]).map(lambda form: withdrawn(form=form)),
    st.one_of(st.none(), st.integers(1, 5)).map(rolled_back),
    st.one_of(st.none(), st.integers(1, 5)).map(shown),
)


@given(st.lists(ANY_ACT, max_size=12))
def test_what_readers_may_see_follows_from_the_acts(acts: list[Act]) -> None:
    state = states_of(acts).get("ports", DatasetState("ports"))
    assert not state.withdrawn or (state.live is None and state.visible == ())
    assert state.live is None or state.live in state.visible
    assert set(state.visible) <= {act.release for act in acts}
    assert len(state.history) == sum(act.act != PUBLISHED for act in acts)


@given(st.lists(ANY_ACT, max_size=8), st.lists(ANY_ACT, max_size=8))
def test_replay_goes_on_from_where_it_stood(first: list[Act], second: list[Act]) -> None:
    state = states_of(first).get("ports", DatasetState("ports"))
    for act in second:
        state = after(state, act)
    assert state == states_of([*first, *second]).get("ports", DatasetState("ports"))


@given(st.lists(st.tuples(st.sampled_from(["ports", "tides"]), st.integers(1, 4)), max_size=12))
def test_datasets_do_not_touch_each_other(pairs: list[tuple[str, int]]) -> None:
    acts = [released(number, dataset) for dataset, number in pairs]
    alone = states_of(act for act in acts if act.dataset == "ports")
    assert states_of(acts).get("ports") == alone.get("ports")
