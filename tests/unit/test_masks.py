"""Masks: exact results, refused where they can't hold, nothing of the raw value left in the published schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.disclosure.columns import public_schema
from quality.disclosure.masks import MASKS as MASKING
from quality.disclosure.masks import masked
from quality.finding import Finding, Severity
from quality.masking import discreet, shown
from quality.table import CELLS, text_column, value_column
from resource_catalog.data_dictionary import dictionary_csv
from resource_catalog.errors import WorkspaceError
from resource_catalog.field_mask import MASKS
from resource_catalog.table_schema import TableSchema, parse_table_schema, read_table_schema


def described(mask: Any, *others: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A schema whose field 甲 has a mask."""
    return {"fields": [{"name": "甲", "type": "string", "mask": mask, **more}, *others]}


def seen(schema: TableSchema, *rows: Mapping[str, Any]) -> list[str | None]:
    """What the public sees of 甲 in rows, field → value; a field that a row lacks is missing."""
    columns = [name for field in schema.names for name in (text_column(field), value_column(field))]
    named = ", ".join(f'"{name}"' for name in columns)
    expression = masked(schema.field("甲"), schema).sql("duckdb", identify=True)
    with duckdb.connect() as connection:
        kinds = ", ".join(
            f'"{text_column(field.name)}" VARCHAR, '
            f'"{value_column(field.name)}" {"BIGINT" if field.type == "integer" else "VARCHAR"}'
            for field in schema.fields
        )
        connection.execute(f"CREATE TABLE {CELLS} (place INTEGER, {kinds})")
        for place, row in enumerate(rows):
            cells = [row.get(field) for field in schema.names for _ in range(2)]
            marks = ", ".join("?" * len(cells))
            connection.execute(f"INSERT INTO {CELLS} (place, {named}) VALUES ({place}, {marks})", cells)
        return [cell for (cell,) in connection.execute(f"SELECT {expression} FROM {CELLS} ORDER BY place").fetchall()]


def one(kind: str, *values: str | None) -> list[str | None]:
    """What the public sees of values under a mask."""
    return seen(parse_table_schema(described(kind), "test"), *({"甲": value} for value in values))


VECTORS = [
    ("person-name", "张三", "张*"),
    ("person-name", "张三丰", "张**"),
    ("person-name", "欧阳锋", "欧**"),
    ("person-name", "𠮷田", "𠮷*"),
    ("person-name", "张𠮷", "张*"),
    ("person-name", "䶮𫖯𠮷", "䶮**"),
    ("person-name", "张", "张"),
    ("person-name", "𠮷", "𠮷"),
    ("person-name", "Ａｎｎ", "Ａ**"),
    ("person-name", "买买提·艾力", "买*****"),
    ("person-name", "张三（备案）", "张*****"),
    ("resident-id", "310101199001011234", "310***********1234"),
    ("resident-id", "31010119900101123X", "310***********123X"),
    ("resident-id", "３１０１０１１９９００１０１１２３Ｘ", "３１０***********１２３Ｘ"),
    ("resident-id", "310101900101123", "310********1123"),
    ("resident-id", "E12345678", "*********"),
    ("resident-id", "3101011234", "**********"),
    ("resident-id", "张三 310101199001011234", "*********************"),
    ("resident-id", "𠮷", "*"),
    ("mobile", "13812345678", "138****5678"),
    ("mobile", "138 1234 5678", "138******5678"),
    ("mobile", "1381234567", "**********"),
    ("phone", "021-62345678", "021*****5678"),
    ("phone", "62345678", "********"),
    ("phone", "（０２１）６２３４５６７８", "（０２******５６７８"),
    ("phone", "张三13812345678", "*************"),
    ("email", "zhang.san@example.cn", "z***@example.cn"),
    ("email", "a@b", "a***@b"),
    ("email", "张三@example.cn", "张***@example.cn"),
    ("email", "𠮷@x.cn", "𠮷***@x.cn"),
    ("email", "zhangsan", "z***"),
    ("email", "a@x.cn 张三", "a***"),
    ("email", "a@b@x.cn", "a***"),
    ("card", "6222021234567890123", "622202*********0123"),
    ("card", "6222 0212 3456 7890", "6222 0*********7890"),
    ("card", "622202123456", "************"),
    ("address", "北京市朝阳区建国路1号2室", "北京市朝阳区"),
    ("address", "广东省广州市天河区体育西路", "广东省广州市天河区"),
    ("address", "广西壮族自治区南宁市青秀区民族大道", "广西壮族自治区南宁市青秀区"),
    ("address", "山东省济南市市中区经二路", "山东省济南市市中区"),
    ("address", "江苏省南京市鼓楼区中山路", "江苏省南京市鼓楼区"),
    ("address", "浙江省宁波市镇海区", "浙江省宁波市镇海区"),
    ("address", "河南省新乡市新乡县大召营镇", "河南省新乡市新乡县"),
    ("address", "湖南省永州市道县", "湖南省永州市道县"),
    ("address", "云南省大理白族自治州大理市下关", None),
    ("address", "云南省大理白族自治州漾濞彝族自治县苍山西镇", "云南省大理白族自治州漾濞彝族自治县"),
    ("address", "内蒙古自治区锡林郭勒盟正蓝旗上都镇", "内蒙古自治区锡林郭勒盟正蓝旗"),
    ("address", "北京市市辖区东城区", "北京市市辖区"),
    ("address", "崇明县城桥镇", "崇明县"),
    ("address", "浦东新区世纪大道1号", "浦东新区"),
    ("address", "江苏省昆山市玉山镇阳光小区3号", None),
    ("address", "昆山市人民路阳光花园东区", None),
    ("address", "幸福里社区5号", None),
    ("address", "高科技园区12号", None),
    ("address", "东方花园三区5号", None),
    ("address", "中山路5号A区", None),
    ("address", "Room 2, Chaoyang", None),
    ("address", "𠮷", None),
]


def test_every_mask_that_a_schema_may_name_is_there() -> None:
    assert set(MASKING) == set(MASKS)
    assert {kind for kind, *_ in VECTORS} == set(MASKS)


@pytest.mark.parametrize("kind", MASKS)
def test_values_are_masked_exactly(kind: str) -> None:
    vectors = [(value, public) for each, value, public in VECTORS if each == kind]
    assert one(kind, *(value for value, _ in vectors)) == [public for _, public in vectors]


@pytest.mark.parametrize("kind", MASKS)
def test_what_is_missing_stays_missing(kind: str) -> None:
    assert one(kind, None) == [None]


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=24)


@pytest.mark.parametrize("kind", MASKS)
@settings(max_examples=10)
@given(values=st.lists(ANY_TEXT, min_size=1, max_size=50))
def test_a_masked_value_masked_again_is_the_same_and_hides_its_middle(kind: str, values: list[str]) -> None:
    found = one(kind, *values)
    assert one(kind, *found) == found
    for value, public in zip(values, found, strict=True):
        if public is not None and kind not in ("address", "email"):
            assert len(public) == len(value)
            assert public.count("*") >= (len(value) - 1 if kind == "person-name" else min(4, len(value)))


KIND = {"name": "kind", "type": "string"}
LEVEL = {"name": "level", "type": "integer"}


def test_conditions_must_all_hold() -> None:
    schema = parse_table_schema(
        described({"as": "person-name", "where": {"kind": ["自然人", "个体"], "level": [1, 2]}}, KIND, LEVEL), "test"
    )
    rows = [
        {"甲": "张三", "kind": kind, "level": level}
        for kind, level in [("自然人", 1), ("个体", 2), ("法人", 1), ("自然人", 3), (None, 1), ("自然人", None)]
    ]
    assert seen(schema, *rows) == ["张*", "张*", "张三", "张三", "张三", "张三"]


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_condition_means_a_missing_value(empty: str | None) -> None:
    schema = parse_table_schema(described({"as": "person-name", "where": {"kind": ["自然人", empty]}}, KIND), "test")
    rows = [{"甲": "张三", "kind": kind} for kind in ("自然人", None, "", "法人")]
    assert seen(schema, *rows) == ["张*", "张*", "张*", "张三"]
    alone = parse_table_schema(described({"as": "person-name", "where": {"kind": [empty]}}, KIND), "test")
    assert seen(alone, *rows) == ["张三", "张*", "张*", "张三"]


@pytest.mark.parametrize(
    "descriptor",
    [
        described("nickname"),
        described("person-name", type="integer"),
        described("person-name", type="any"),
        described("person-name", constraints={"unique": True}),
        described({"as": "person-name", "where": {"nowhere": ["a"]}}),
        {**described("person-name"), "primaryKey": ["甲"]},
        {**described("person-name"), "foreignKeys": [{"fields": "甲", "reference": {"resource": "a", "fields": "b"}}]},
        {**described("person-name", KIND), "foreignKeys": [{"fields": "kind", "reference": {"fields": "甲"}}]},
    ],
)
def test_a_mask_that_can_t_hold_is_refused_with_file_and_field(tmp_path: Path, descriptor: dict[str, Any]) -> None:
    file = tmp_path / "a.schema.json"
    file.write_text(json.dumps(descriptor), "utf-8")
    with pytest.raises(WorkspaceError) as caught:
        read_table_schema(file)
    assert caught.value.where == f"{file}, field 甲"


@pytest.mark.parametrize(
    "mask",
    [{"as": "person-name", "where": {"kind": []}}, {"where": {"kind": ["a"]}}, {"as": "email", "if": {}}, 7, ""],
)
def test_a_malformed_mask_is_refused(mask: Any) -> None:
    with pytest.raises(WorkspaceError):
        parse_table_schema(described(mask, KIND), "test")


@pytest.mark.parametrize(
    "other",
    [
        {**KIND, "disclosure": "share"},
        {**KIND, "disclosure": "never"},
        {**KIND, "mask": "person-name"},
        {**KIND, "constraints": {"enum": ["法人", "自然 人"]}},
    ],
)
def test_a_condition_that_readers_could_not_follow_is_not_published(other: dict[str, Any]) -> None:
    schema = parse_table_schema(described({"as": "person-name", "where": {"kind": ["自然人"]}}, other), "test")
    with pytest.raises(WorkspaceError) as caught:
        public_schema(schema, "file")
    assert caught.value.where == "file, field 甲"


def test_the_published_schema_says_mask_and_nothing_that_no_longer_holds() -> None:
    rules = {"required": True, "pattern": "[张李].*", "enum": ["张三"], "minLength": 2, "maxLength": 9}
    schema = parse_table_schema(
        described(
            "person-name", title="姓名", standard="person-name", format="email", constraints=rules,
            codes=[{"code": "张三"}], codeList="names",
        ),
        "test",
    )  # fmt: skip
    (field,) = public_schema(schema, "file").model_dump(mode="json", by_alias=True, exclude_defaults=True)["fields"]
    assert field == {
        "name": "甲", "type": "string", "title": "姓名", "mask": "person-name", "constraints": {"required": True},
    }  # fmt: skip


def test_a_mask_that_may_drop_a_value_drops_required() -> None:
    schema = parse_table_schema(described("address", constraints={"required": True}), "test")
    assert not public_schema(schema, "file").field("甲").constraints.required


def test_the_dictionary_has_mask_and_condition() -> None:
    mask = {"as": "person-name", "where": {"kind": ["自然人", ""]}}
    published = public_schema(parse_table_schema(described(mask, KIND), "test"), "file")
    assert "person-name where kind = 自然人 | (empty)" in dictionary_csv(published)
    again = parse_table_schema(published.model_dump(mode="json", by_alias=True, exclude_defaults=True), "again")
    assert again.field("甲").mask == published.field("甲").mask


def test_messages_show_a_masked_field_s_value_masked() -> None:
    assert shown(parse_table_schema(described("person-name"), "test").field("甲"), "张三丰") == "张**"


def test_what_reading_found_is_shown_only_where_its_column_is_public() -> None:
    schema = parse_table_schema(
        described("person-name", KIND, {"name": "n", "title": "编号", "disclosure": "never"}), "test"
    )
    columns = ["甲", "kind", "种类", "编号", "beyond", ""]
    found = [Finding("r", Severity.MUST, "d", "m", "f", column=column, value="甲乙丙") for column in columns]
    assert [each.value for each in discreet(found, schema, {"种类": "kind"})] == [
        "甲**", "甲乙丙", "甲乙丙", "甲**", "甲**", "甲**",
    ]  # fmt: skip
