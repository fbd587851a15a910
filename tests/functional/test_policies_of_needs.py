"""Which policies a dataset is shared under: the rule's of 无条件共享, those of grants that hold, none of 不予共享."""

from __future__ import annotations

import datetime

import pytest

from pipelines.commands.run import open_run
from pipelines.commands.sharing_state import read_sharing
from pipelines.reporting.progress import Progress
from resource_catalog.sharing_policy import Policy
from tests.sharing_office import add_bureaus, granted, make_conditional
from tests.workspace_factory import SCHEMAS, PortOffice


def policies(office: PortOffice, dataset: str) -> tuple[Policy, ...]:
    """What the writer of tables is told."""
    with Progress(quiet=True) as progress:
        return read_sharing(open_run(office.root, office.home, progress)).policies()(dataset)


@pytest.fixture
def sharing(office: PortOffice) -> PortOffice:
    make_conditional(office)
    add_bureaus(office, "water", "fire", "police")
    return office


def test_without_conditions_all_shared_columns_are_for_everybody_even_before_there_is_anybody(
    office: PortOffice,
) -> None:
    assert policies(office, "ports") == (Policy("ports", ("code", "name", "opened", "keeper")),)


def test_with_conditions_nothing_is_shared_before_a_need_is_confirmed(sharing: PortOffice) -> None:
    assert policies(sharing, "wrecks") == ()


def test_grants_of_the_same_columns_and_rows_are_one_policy(sharing: PortOffice) -> None:
    granted(sharing, 需求部门="water", 信息项="name", 行条件="name=乙,甲")
    granted(sharing, 需求部门="fire", 信息项="name", 行条件="name=甲,乙")
    granted(sharing, 需求部门="police", 信息项="")

    found = policies(sharing, "wrecks")

    assert {(one.columns, tuple(one.conditions.items())) for one in found} == {
        (("name",), (("name", ("乙", "甲")),)),
        (("name", "finder"), ()),
    }


def test_what_is_not_shared_has_none(sharing: PortOffice) -> None:
    assert policies(sharing, "crews") == ()
    assert policies(sharing, "nothing") == ()


def test_a_grant_that_is_over_has_none(sharing: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    granted(sharing, "--until", "2026-12-31")
    granted(sharing, 需求部门="fire", 信息项="")
    sharing.run("bureau remove", "fire")
    assert [one.columns for one in policies(sharing, "wrecks")] == [("name",)]

    day = datetime.date(2027, 1, 1)
    monkeypatch.setenv("OPENDATA_TODAY", day.isoformat())
    assert policies(sharing, "wrecks") == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"sharing": "不予共享", "sharing_basis": "法"},
        {"channels": ["portal"]},
        {"schema": "no-such-schema"},
    ],
)
def test_the_entry_has_the_last_word(sharing: PortOffice, changes: dict[str, object]) -> None:
    granted(sharing)
    sharing.entry("wrecks", **changes)
    sharing.entry("ports", **changes)

    assert policies(sharing, "wrecks") == ()
    assert policies(sharing, "ports") == ()
    (grant,) = sharing.run("grant list").document["grants"]
    assert grant["note"]


def test_a_column_that_was_closed_falls_out_and_rows_are_never_widened(sharing: PortOffice) -> None:
    granted(sharing, 需求部门="water", 信息项="")
    granted(sharing, 需求部门="fire", 信息项="name", 行条件="finder=甲")
    name, finder = SCHEMAS["wrecks"]["fields"]

    sharing.schema("wrecks", fields=[name, {**finder, "disclosure": "never"}])

    assert policies(sharing, "wrecks") == (Policy("wrecks", ("name",)),)
    holding = {one["bureau"]: one["note"] for one in sharing.run("grant list").document["grants"]}
    assert holding["water"] == ""
    assert "columns were closed" in holding["fire"]
