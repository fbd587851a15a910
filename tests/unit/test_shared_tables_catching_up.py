"""Tables that are several releases behind: a version of each that is still there, and what stands for the others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.targets.sharing import target
from resource_catalog.field_mask import Mask
from resource_catalog.sharing_policy import Policy
from tests.shared_tables import SCHEMA, ShareFactory, changes_read, check_shows, columns_of, sample, snapshot_read


def test_a_table_that_is_several_releases_behind_gets_a_version_of_each(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    rows = [sample(20), sample(25), sample(24)[1:], sample(30)]
    first, *earlier, newest = [factory.release(one) for one in rows]
    factory.share(first)
    (table,) = factory.share(newest, earlier=earlier)
    assert [(one.release, one.passed_over) for one in table.versions] == [(1, ()), (2, ()), (3, ()), (4, ())]
    folder, columns = factory.folder(table), columns_of(table)
    for version, wanted in enumerate(rows):
        assert snapshot_read(folder, columns, version) == Counter(wanted)
    told = Counter((version, kind) for version, kind, _ in changes_read(folder, columns, 1, 3))
    assert told == {(1, "insert"): 5, (2, "delete"): 2, (3, "insert"): 7}
    check_shows(factory, factory.policy, rows[-1])
    for version in range(4):
        assert (tmp_path / "sharing" / "receipts" / table.id / f"{version}.json").is_file()
    assert factory.stored(table) == table


@pytest.mark.parametrize("step", ["project", "write_receipt", "write_table"])
@pytest.mark.parametrize("release", [2, 3])
def test_a_run_that_ends_while_it_catches_up_goes_on_from_there(
    tmp_path: Path, step: str, release: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory = ShareFactory(tmp_path)
    rows = [sample(20), sample(25), sample(24)[1:], sample(30)]
    first, *earlier, newest = [factory.release(one) for one in rows]
    factory.share(first)
    done: Callable[..., Any] = getattr(target, step)
    left = release - 1

    def ending(*arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt
        return done(*arguments)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(target, step, ending)
        factory.share(newest, earlier=earlier)
    (table,) = factory.sharing.tables("permits")
    assert table.current is not None and table.current.release == release - 1
    (table,) = factory.share(newest, earlier=earlier)
    assert [one.release for one in table.versions] == [1, 2, 3, 4]
    check_shows(factory, factory.policy, rows[-1])
    receipts = (tmp_path / "sharing" / "receipts" / table.id).iterdir()
    assert sorted(one.name for one in receipts) == [f"{version}.json" for version in range(4)]


def test_a_release_that_is_not_there_any_more_is_stood_for_by_the_next(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    rows = [sample(20), sample(25), sample(24)[1:], sample(30)]
    first, _gone, third, newest = [factory.release(one) for one in rows]
    factory.share(first)
    (table,) = factory.share(newest, earlier=[third])
    assert [(one.release, one.passed_over) for one in table.versions] == [(1, ()), (3, (2,)), (4, ())]
    check_shows(factory, factory.policy, rows[-1])
    receipt = json.loads((tmp_path / "sharing" / "receipts" / table.id / "1.json").read_text("utf-8"))["receipt"]
    assert (receipt["release"], receipt["passed_over"]) == (3, [2])


def test_a_release_of_other_columns_or_masks_gets_no_version_of_its_own(tmp_path: Path) -> None:
    factory = ShareFactory(tmp_path)
    narrow = Policy("permits", ("编号", "区"))
    first, second, third, newest = [factory.release(sample(count)) for count in (20, 25, 24, 30)]
    fields = tuple(
        one.model_copy(update={"mask": Mask(kind="surname")}) if one.name == "区" else one for one in SCHEMA.fields
    )
    unmasked, masked = SCHEMA, SCHEMA.model_copy(update={"fields": fields})
    lacking = SCHEMA.model_copy(update={"fields": (SCHEMA.fields[0], *SCHEMA.fields[2:])})
    assert (second.schema, unmasked.fields[1].mask) == (unmasked, None)
    earlier = [second, replace(third, schema=lacking)]
    factory.share(replace(first, schema=masked), narrow)
    (table,) = factory.share(replace(newest, schema=masked), narrow, earlier=earlier)
    assert [(one.release, one.passed_over) for one in table.versions] == [(1, ()), (4, (2, 3))]
