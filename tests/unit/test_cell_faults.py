"""The rules that no constraint of a schema states: each fault of a cell is found, and its sound neighbours are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipelines.engines.duck import open_work
from pipelines.sources.rows import write_rows
from quality.scan import Scan, scan
from resource_catalog.table_schema import parse_table_schema

TEXT = {"type": "string"}
CODE = {"type": "string", "standard": "uscc"}
PERSON = {"type": "string", "standard": "resident-id"}
AMOUNT = {"type": "number", "unit": "万元"}

#: Rule → field, cells that break it, cells that don't.
FAULTS: Mapping[str, tuple[Mapping[str, Any], Sequence[str], Sequence[str]]] = {
    "garbled-text": (
        TEXT,
        ["锟斤拷从事", "某\ufffd司", "ÉæÆóÐÅÏ¢", "烫烫烫烫"],
        ["涉企信息", "café", "±5℃", "25×30·甲"],
    ),
    "invisible-characters": (
        TEXT,
        ["上海\u200b某公司", "某公司\u00a0", "\ufeff某公司", "某公司 ", "\u3000某公司", "甲\u2003乙"],
        ["某公司", "甲 乙", "甲\u3000乙", "第一行\n第二行"],
    ),
    "null-token": (TEXT, ["/", "—", "N/A", "null", "不详", "空", "0000-00-00", "--"], ["无", "A/B", "0", "-1", "空调"]),
    "lost-digits": (TEXT, ["3.10114E+17", "3E+17", "9.1310115e18"], ["3E楼", "E17", "1.5", "3E5", "2E17"]),
    "confused-letters": (
        CODE,
        ["9131OOOO132260250X", "9I310000132260250X", "9131000013226025OX"],
        ["91310000132260250X", "9131OOOO132260250K", "91350100M000100Y4Z"],
    ),
    "total-row": (
        TEXT,
        ["合计", "总 计：", "小计", "注：数据截至年底", "填表人：某某"],
        ["合计价款", "注册", "总计划", "说明书"],
    ),
    "several-values": ({**TEXT, "constraints": {"maxLength": 50}}, ["甲\n乙", "甲；\r\n乙"], ["甲；乙", "甲、乙"]),
    "document-number": (
        {**TEXT, "title": "决定书文号"},
        ["某工商办2017 107 号", "某工商办[2017]107号", "某工商办2017年第3号"],
        ["某工商办〔2017〕107号", "00000000201700000012", "无文号"],
    ),
}


def _checked(folder: Path, field: Mapping[str, Any], cells: Sequence[str], beside: Sequence[str] = ()) -> Scan:
    schema = parse_table_schema({"fields": [{"name": "甲", **field}, {"name": "内容", "type": "string"}]}, "test")
    rows = [[cell, text] for cell, text in zip(cells, beside or [""] * len(cells), strict=True)]
    with open_work(folder / "work.duckdb", folders=[folder]) as connection:
        write_rows(connection, ["甲", "内容"], enumerate(rows, start=2))
        return scan(connection, schema, ["甲", "内容"], examples=1000)


def _found(found: Scan, rule: str, cells: Sequence[str]) -> set[str]:
    return {cells[(one.row or 0) - 2] for one in found.findings if one.rule == rule and one.column == "甲"}


@pytest.mark.parametrize("rule", FAULTS)
def test_faults_are_found_and_sound_cells_are_not(tmp_path: Path, rule: str) -> None:
    field, bad, good = FAULTS[rule]
    cells = [*bad, *good]
    assert _found(_checked(tmp_path, field, cells), rule, cells) == set(bad)


def test_a_word_for_no_value_may_be_declared(tmp_path: Path) -> None:
    cells = ["/", "不详"]
    assert _found(_checked(tmp_path, {**TEXT, "missingValues": ["", "/"]}, cells), "null-token", cells) == {"不详"}
    assert _found(_checked(tmp_path, {**TEXT, "constraints": {"enum": cells}}, cells), "null-token", cells) == set()


@pytest.mark.parametrize("kind", ["date", "number", "integer", "boolean"])
def test_in_fields_of_other_types_the_word_for_nothing_is_one_too(tmp_path: Path, kind: str) -> None:
    cells = ["无", "—", "x"]
    found = _checked(tmp_path, {"type": kind}, cells)
    assert _found(found, "null-token", cells) == {"无", "—"}
    assert found.counts["type"] == 3


def test_codes_rounded_by_a_spreadsheet(tmp_path: Path) -> None:
    for field, bad, good in (
        (PERSON, "310101189912310000", "310101189912310017"),
        (CODE, "913100001322602000", "91310000132260250X"),
        ({"type": "string", "standard": "bank-card"}, "6222020000000010000", "6222020000000000000"),
    ):
        cells = [bad, good]
        assert _found(_checked(tmp_path, field, cells), "lost-digits", cells) == {bad}


def test_the_proposal_is_told_and_only_of_what_may_be_shown(tmp_path: Path) -> None:
    cell = "9131OOOO132260250X"
    (shown,) = (one for one in _checked(tmp_path, CODE, [cell]).findings if one.rule == "confused-letters")
    assert "91310000132260250X" in shown.message
    closed = _checked(tmp_path, {**CODE, "disclosure": "never"}, [cell])
    assert "confused-letters" not in closed.counts


def test_amounts_that_a_text_beside_them_names_in_yuan(tmp_path: Path) -> None:
    cells = ["9817", "0.98", "500", "9818", "120", "817.5", "50"]
    texts = [
        "罚款人民币9817元。",
        "罚款9800元",
        "罚款500万元",
        "罚款29818元",
        "罚款120.00元",
        "罚款817.5元",
        "罚款50元",
    ]
    assert _found(_checked(tmp_path, AMOUNT, cells, texts), "unit-mismatch", cells) == {"9817", "120", "817.5"}


def test_amounts_far_beyond_their_peers(tmp_path: Path) -> None:
    cells = ["0.5", "1", "2", "3", "20", "50000"]
    assert _found(_checked(tmp_path, AMOUNT, cells), "unit-mismatch", cells) == {"50000"}
    assert "unit-mismatch" not in _checked(tmp_path, {"type": "number", "unit": "元"}, cells).counts


def test_a_day_needs_four_digits_of_its_year(tmp_path: Path) -> None:
    """5/6/17 is no day of the year 5."""
    cells = ["5/6/17", "17/05/18", "2017/5/18", "0099/01/01"]
    found = _checked(tmp_path, {"type": "date", "format": "%Y/%m/%d"}, cells)
    assert _found(found, "type", cells) == {"5/6/17", "17/05/18"}
