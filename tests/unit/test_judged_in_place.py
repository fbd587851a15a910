"""A Parquet file judged where it lies gets the findings that its copy would get, or is left to the copy."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.commands.in_place import checked_in_place
from pipelines.handover import Blocked, Checked, Extract
from pipelines.stages import extract as extract_stage
from pipelines.stages.check import check
from pipelines.stages.extract import extract
from quality.table import EXTRACT
from resource_catalog.agency import Agency, Thresholds
from resource_catalog.catalog_values import Catalog
from resource_catalog.entry import Entry
from resource_catalog.table_schema import TableSchema, parse_table_schema
from resource_catalog.workspace import Workspace

FIELDS: list[dict[str, Any]] = [
    {"name": "编号", "type": "integer", "constraints": {"required": True, "unique": True}},
    {"name": "代码", "type": "string", "constraints": {"pattern": r"\d{3}"}},
    {"name": "名称", "type": "string", "constraints": {"maxLength": 4}},
    {"name": "日期", "type": "date"},
]
TODAY = datetime.date(2026, 11, 30)
Catalogued = tuple[Catalog, Entry]


def _schema(**more: Any) -> TableSchema:
    return parse_table_schema({"fields": FIELDS, **more}, "schema")


@pytest.fixture
def catalogued(tmp_path: Path) -> Catalogued:
    agency = Agency(id="none", name="-", code="-", data_roots=(str(tmp_path),))
    facts = {"id": "data", "code": "-", "title": "a", "owner": "处", "openness": "open", "sharing": "unconditional"}
    source = {"path": str(tmp_path / "a.parquet")}
    entry = Entry.model_validate({**facts, "update_cycle": "never", "source": source})
    return Catalog(Workspace(tmp_path), agency, ()), entry


def _write(tmp_path: Path, **columns: list[Any]) -> Path:
    table = {"编号": ["1", "2"], "代码": ["001", "002"], "名称": ["甲", "乙"], "日期": ["2017-05-18", None], **columns}
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    return tmp_path / "a.parquet"


def _found(outcome: Checked | Blocked | None) -> set[tuple[str, int | None, str, str | None, str]]:
    assert outcome is not None
    return {(one.rule, one.row, one.column, one.value, one.message) for one in outcome.quality.findings}


def _by_a_copy(catalogued: Catalogued, schema: TableSchema, folder: Path) -> Checked | Blocked:
    extracted = extract(*catalogued, folder, schema.fields)
    return check(extracted, schema, Thresholds(), (), today=TODAY) if isinstance(extracted, Extract) else extracted


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"编号": ["1", "1"]},
        {"编号": [None, "x"], "代码": ["1", "0001"], "名称": ["甲乙丙丁戊", None], "日期": ["2017-13-01", "今天"]},
        {"多余": ["a", "b"]},
    ],
)
def test_the_findings_are_those_of_a_copy(
    tmp_path: Path, catalogued: Catalogued, columns: dict[str, list[str | None]]
) -> None:
    _write(tmp_path, **columns)
    in_place = checked_in_place(*catalogued, _schema(), Thresholds(), tmp_path / "here", today=TODAY)
    copied = _by_a_copy(catalogued, _schema(), tmp_path / "copied")
    assert type(in_place) is type(copied)
    assert _found(in_place) == _found(copied)


@pytest.mark.parametrize("columns", [{"名称": ["甲\x0b", "乙\ufffd"]}, {"代码": ["00\x00", "002"]}])
def test_a_character_that_no_table_may_hold_is_left_to_the_copy(
    tmp_path: Path, catalogued: Catalogued, columns: dict[str, list[str | None]]
) -> None:
    """Behind a pattern that fails, too, which is all that keeps it from being looked for in the scan."""
    _write(tmp_path, **columns)
    assert checked_in_place(*catalogued, _schema(), Thresholds(), tmp_path / "here", today=TODAY) is None


def test_no_copy_is_taken(tmp_path: Path, catalogued: Catalogued) -> None:
    _write(tmp_path)
    found = extract(*catalogued, tmp_path / "here", _schema().fields, in_place=True)
    assert isinstance(found, Extract)
    assert found.in_place == tmp_path / "a.parquet"
    with extract_stage.open_work(found.database, files=[found.in_place]) as connection:
        kinds = connection.execute(f"SELECT table_type FROM information_schema.tables WHERE table_name = '{EXTRACT}'")
        assert kinds.fetchall() == [("VIEW",)]


def _damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4:40] = b"\xff" * 36
    file.write_bytes(content)


def _empty(file: Path) -> None:
    pq.write_table(pa.table({field["name"]: pa.array([], pa.string()) for field in FIELDS}), file)


@pytest.mark.parametrize("spoil", [_damage, _empty, Path.unlink])
def test_what_is_wrong_with_the_file_is_left_to_the_copy(
    tmp_path: Path, catalogued: Catalogued, spoil: Callable[[Path], None]
) -> None:
    spoil(_write(tmp_path))
    assert checked_in_place(*catalogued, _schema(), Thresholds(), tmp_path / "here", today=TODAY) is None


def test_so_is_a_missing_value_that_would_hide_a_character(tmp_path: Path, catalogued: Catalogued) -> None:
    _write(tmp_path)
    hiding = _schema(missingValues=["", "\x0b"])
    assert checked_in_place(*catalogued, hiding, Thresholds(), tmp_path / "here", today=TODAY) is None
    repairing = parse_table_schema({"fields": [*FIELDS[:2], {**FIELDS[2], "repair": ["trim"]}, FIELDS[3]]}, "schema")
    assert checked_in_place(*catalogued, repairing, Thresholds(), tmp_path / "here", today=TODAY) is None


def test_so_is_a_file_that_changes_meanwhile(
    tmp_path: Path, catalogued: Catalogued, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _write(tmp_path)

    def changing(*arguments: Any, **options: Any) -> Checked | Blocked:
        found = check(*arguments, **options)
        file.touch()
        return found

    monkeypatch.setattr("pipelines.commands.in_place.check", changing)
    assert checked_in_place(*catalogued, _schema(), Thresholds(), tmp_path / "here", today=TODAY) is None
