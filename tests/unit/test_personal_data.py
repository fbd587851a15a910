"""Personal data in open columns: what is found, what is no such thing, and that no part of it is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.engines.duck import open_work
from pipelines.sources.rows import write_rows
from quality.masking import discreet
from quality.personal_shape import shape_of
from quality.personal_text import FULL_WIDTH, HALF_WIDTH, KINDS, kinds_in
from quality.rules.personal_data import RULE
from quality.rules.reading import CELL_ERROR
from quality.scan import Scan, scan
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import parse_table_schema

#: Vectors of standards.md 3.3, 3.5 and 3.6: the standard's examples, nineteenth-century births, no real person.
IDS = ("11010519491231002X", "440524188001010014", "310101189912310017", "310115188002290022", "310151187601010150")
NO_IDS = (
    "110105194912310021", "310101189902300012", "310101189912310000", "3101011899123100", "110105194913310020",
    "913101151234567890", "00310101189912310017", "310101189912310017001",
)  # fmt: skip
MOBILES = ("13800000000", "14700000000", "16600000000", "17000000000", "19900000000", "+8613800000000")
NO_MOBILES = ("12800000000", "1380000000", "138000000000", "1380000000O", "02164220000", "310115000633673", "96315")
CARDS = (
    "6222020000000000000", "6217000000000000004", "6228480000000000018", "6013820000000000005", "4563510000000009",
)  # fmt: skip
NO_CARDS = ("6222020000000000001", "6217000000000000040", "6013820000000000", "4563510000000008")


def _checked(folder: Path, cells: Sequence[str | None], **properties: Any) -> Scan:
    field = {"name": "甲", "type": "string", **properties}
    schema = parse_table_schema({"fields": [field, {"name": "类别", "type": "string"}]}, "test")
    with open_work(folder / "work.duckdb", folders=[folder]) as connection:
        write_rows(connection, ["甲", "类别"], enumerate([[cell, None] for cell in cells], start=2))
        return scan(connection, schema, ["甲", "类别"], examples=1000)


def _found(folder: Path, cells: Sequence[str], **properties: Any) -> set[str]:
    found = _checked(folder, cells, **properties)
    return {cells[(one.row or 0) - 2] for one in found.findings if one.rule == RULE.code}


def test_resident_ids_in_any_text(tmp_path: Path) -> None:
    bad = [
        text for number in IDS for text in (number, f"当事人身份证号：{number}，已核实", f"张三{number.lower()}、李四")
    ]
    good = [text for number in NO_IDS for text in (number, f"编号{number}号")]
    assert _found(tmp_path, [*bad, *good]) == set(bad)


def test_old_resident_ids_where_words_say_so(tmp_path: Path) -> None:
    """Fifteen digits without a check digit are a registration number as often as not."""
    bad = ["身份证110105491231002", "公民身份号码 110105491231002"]
    assert _found(tmp_path, [*bad, "110105491231002", "身份证110105491331002"]) == set(bad)
    assert _found(tmp_path, ["110105491231002"], title="证件号码") == {"110105491231002"}


def test_mobiles_by_the_boundaries_of_their_digits(tmp_path: Path) -> None:
    bad = [text for number in MOBILES for text in (number, f"张三{number}", f"电话：{number}、021-64220000")]
    good = [text for number in NO_MOBILES for text in (number, f"电话{number}转8")]
    assert _found(tmp_path, [*bad, *good]) == set(bad)


def test_numbers_in_groups_and_in_full_width(tmp_path: Path) -> None:
    bad = [
        "138 0000 0000",
        "138-0000-0000",
        "１３８００００００００",
        "310101 18991231 0017",
        "３１０１０１１８９９１２３１００１７",
    ]
    assert _found(tmp_path, [*bad, "2017-05-18 10:00:00", "021-64220000"]) == set(bad)


def test_cards_where_words_say_so(tmp_path: Path) -> None:
    bad = [f"开户银行账号{number}" for number in CARDS] + ["卡号 4563 5100 0000 0009"]
    good = [*CARDS, *(f"银行账号{number}" for number in NO_CARDS), "卡号9013820000000005"]
    assert _found(tmp_path, [*bad, *good]) == set(bad)
    assert _found(tmp_path, [CARDS[0]], title="收款账号") == {CARDS[0]}


def test_numbers_are_no_hiding_place(tmp_path: Path) -> None:
    numbers = [IDS[1], IDS[2], "13800000000", NO_IDS[2]]
    assert _found(tmp_path, numbers, type="integer") == {IDS[1], IDS[2]}
    assert _found(tmp_path, numbers, type="integer", title="联系电话") == {IDS[1], IDS[2], "13800000000"}
    assert _found(tmp_path, numbers, type="number", disclosure="share") == set()


def test_mail_addresses(tmp_path: Path) -> None:
    bad = ["张三 zhang.san@example.com", "a＠example．cn"]
    assert _found(tmp_path, [*bad, "@某人", "单价5元@件", "a@b"]) == set(bad)


@pytest.mark.parametrize(
    "properties",
    [
        {"disclosure": "share"},
        {"disclosure": "never"},
        {"standard": "mobile"},
        {"mask": "mobile"},
        {"personalData": {"allow": ["mobile"], "reason": "对外公布的值班手机"}},
    ],
)
def test_columns_that_say_so_may_hold_them(tmp_path: Path, properties: dict[str, Any]) -> None:
    assert _found(tmp_path, ["13800000000"], **properties) == set()


def test_an_exception_is_for_its_kinds_alone(tmp_path: Path) -> None:
    allowed = {"allow": ["mobile", "email"], "reason": "对外公布的联系方式"}
    cells = ["13800000000", "a@example.com", IDS[0]]
    assert _found(tmp_path, cells, personalData=allowed) == {IDS[0]}


@pytest.mark.parametrize(
    "allowed", [{"allow": ["mobile"]}, {"allow": [], "reason": "x"}, {"allow": ["x"], "reason": "x"}]
)
def test_an_exception_names_its_kinds_and_its_reason(allowed: dict[str, Any]) -> None:
    with pytest.raises(WorkspaceError):
        parse_table_schema({"fields": [{"name": "甲", "personalData": allowed}]}, "test")


def test_a_column_that_is_masked_in_some_rows_is_judged(tmp_path: Path) -> None:
    mask = {"as": "person-name", "where": {"类别": ["自然人"]}}
    assert _found(tmp_path, ["张三13800000000", "张三"], mask=mask) == {"张三13800000000"}


def test_no_part_of_the_cell_is_shown_and_its_kinds_are_named(tmp_path: Path) -> None:
    cell = f"身份证{IDS[0]}，电话13800000000"
    found = _checked(tmp_path, [cell], constraints={"maxLength": 10})
    assert {one.rule for one in found.findings} == {RULE.code, "length"}
    for finding in found.findings:
        assert finding.value == "*" * len(cell)
        assert IDS[0] not in finding.message + finding.fix
        assert "13800000000" not in finding.message + finding.fix
    (own,) = (one for one in found.findings if one.rule == RULE.code)
    assert "公民身份号码、手机号码" in own.message


def test_findings_of_reading_hide_them_too() -> None:
    schema = parse_table_schema({"fields": [{"name": "甲", "type": "string"}]}, "test")
    found = CELL_ERROR.finding(row=2, column="甲", value="13800000000")
    assert [one.value for one in discreet([found], schema, {})] == ["*" * 11]


_PIECES = st.sampled_from(
    [*IDS, *NO_IDS, *MOBILES, *NO_MOBILES, *CARDS, *NO_CARDS, "110105491231002", "身份证", "账号", "a@example.com",
     "，", " ", "-", "号", "X", "1", "０"]
)  # fmt: skip


@settings(max_examples=10)
@given(texts=st.lists(st.lists(_PIECES, max_size=6).map("".join), min_size=30, max_size=60, unique=True))
def test_the_scan_and_the_masks_of_messages_agree(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    assert _found(tmp_path_factory.mktemp("texts"), texts) == {text for text in texts if kinds_in(text, "甲")}


_WIDE = str.maketrans(HALF_WIDTH, FULL_WIDTH)


@st.composite
def _written_by_people(draw: st.DrawFn) -> str:
    """Pieces in either width, with a gap here and there."""
    pieces = []
    for piece in draw(st.lists(_PIECES, min_size=1, max_size=5)):
        wide = piece.translate(_WIDE) if draw(st.booleans()) else piece
        place = draw(st.integers(0, len(wide)))
        pieces.append(wide[:place] + draw(st.sampled_from(["", " ", "-", "　", "－", "  "])) + wide[place:])
    return "".join(pieces)


@settings(max_examples=1000)
@given(text=_written_by_people(), title=st.sampled_from(["甲", "证件号", "账号"]))
@example(text="银行6222020000000000000", title="甲")
@example(text="6222020000000000000银行", title="甲")
@example(text="0086 1380 0000 000", title="甲")
def test_no_text_with_personal_data_lacks_its_shape(text: str, title: str) -> None:
    kinds = kinds_in(text, title)
    for kind in kinds:
        assert re.search(shape_of([kind], title), text), (kind, text)


@pytest.mark.parametrize(
    "text", ["310115000633673", "913100001234567890", "〔2017〕第00000123号", "2017-05-18 10:00:00"]
)
def test_the_numbers_of_a_register_have_no_shape_of_personal_data(text: str) -> None:
    """Or every cell of such a column would be taken apart."""
    assert not re.search(shape_of(KINDS, "登记号"), text)


@pytest.mark.parametrize("pattern", [r"\d+", r"[0-9A-Z]{11,18}", r"(?:86)?\d{11}|\d{17}[0-9X]", "示例\\d+公司"])
def test_a_pattern_that_leaves_room_for_a_number_hides_none(tmp_path: Path, pattern: str) -> None:
    texts = [IDS[0], IDS[1], "13800000000", "示例13800000000公司", "示例1公司", "310115000633673"]
    found = _found(tmp_path, texts, constraints={"pattern": pattern})
    assert found == set(texts[:4])
