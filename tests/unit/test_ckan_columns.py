"""DataStore columns: ids that fit PostgreSQL's 63 bytes and stay apart, types, keys, labels."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipelines.targets.ckan.columns import LONGEST_ID, column_id, table_of
from resource_catalog.table_schema import parse_table_schema


def _table(*fields: dict[str, Any], zones: dict[str, str] | None = None, **schema: Any) -> Any:
    return table_of(parse_table_schema({"fields": list(fields), **schema}, "test"), "zh", zones or {})


def test_a_name_that_fits_stays_as_it_is() -> None:
    assert column_id("统一社会信用代码", set()) == "统一社会信用代码"


def test_a_long_name_is_cut_at_a_character_and_keeps_its_hash() -> None:
    name = "行政许可决定书文号及其附件目录所载之全部名称与说明"
    chosen = column_id(name, set())
    assert len(chosen.encode()) <= LONGEST_ID
    assert chosen.startswith("行政许可决定书文号及其附件目录") and chosen[-5] == "_"


def test_names_that_begin_alike_stay_apart() -> None:
    common = "行政相对人名称与其法定代表人姓名及住所之详细地址"
    table = _table({"name": f"{common}甲"}, {"name": f"{common}乙"})
    first, second = (column.id for column in table.columns)
    assert first != second
    assert [column.label for column in table.columns] == [f"{common}甲", f"{common}乙"]


def test_names_that_ckan_refuses_are_changed() -> None:
    for name in ("_id", "_full_text", '说"明', " 空", "一\n二"):
        chosen = column_id(name, {"_id", "_full_text"})
        assert not chosen.startswith("_") and '"' not in chosen and chosen == chosen.strip() and "\n" not in chosen


@given(
    st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40), unique=True, max_size=12)
)
def test_ids_fit_and_are_apart_whatever_the_names(names: list[str]) -> None:
    table = _table(*({"name": name} for name in names)) if names else None
    ids = [column.id for column in table.columns] if table else []
    assert len({one.casefold() for one in ids}) == len(ids)
    assert all(0 < len(one.encode()) <= LONGEST_ID and not one.startswith("_") for one in ids)


def test_types_come_from_the_schema_and_codes_stay_text() -> None:
    kinds = ("string", "integer", "number", "boolean", "date", "datetime", "year", "object", "any")
    table = _table(*({"name": kind, "type": kind} for kind in kinds))
    assert [column.type for column in table.columns] == [
        "text", "int8", "numeric", "bool", "date", "timestamp", "text", "text", "text",
    ]  # fmt: skip


def test_times_with_a_zone_are_said_to_be_utc_and_mixed_ones_stay_text() -> None:
    fields = ({"name": "all", "type": "datetime"}, {"name": "some", "type": "datetime"})
    first, second = _table(*fields, zones={"all": "all", "some": "some"}).columns
    assert (first.type, second.type) == ("timestamp", "text")
    assert "UTC" in first.notes


def test_keys_and_indexes_are_the_schema_s() -> None:
    table = _table(
        {"name": "a"},
        {"name": "b"},
        {"name": "c", "constraints": {"unique": True}},
        primaryKey=["a"],
        foreignKeys=[{"fields": ["b"], "reference": {"resource": "x", "fields": ["b"]}}],
    )
    assert (table.primary_key, table.indexes) == (("a",), ("b", "c"))


def test_shape_and_labels_move_each_for_its_own_reasons() -> None:
    one, other = _table({"name": "a", "title": "甲"}), _table({"name": "a", "title": "乙"})
    assert (one.shape == other.shape, one.labels == other.labels) == (True, False)
    assert _table({"name": "a", "type": "date"}).shape != one.shape
