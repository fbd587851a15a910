"""The repairs that a field may declare: what each mends, what it leaves alone, that the undeclared is only found."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engines.duck import open_work
from pipelines.sources.rows import write_rows
from quality.repairs.catalogue import REPAIRS
from quality.repairs.mojibake import restored
from quality.scan import Scan, scan
from quality.table import CELLS, text_column
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import parse_table_schema

Field = dict[str, Any]
Cells = list[str | None]


def _checked(folder: Path, field: Field, cells: Sequence[str | None], *others: Field) -> tuple[Cells, Scan]:
    """The texts of one column after its repairs, and what the check found; rows are numbered from 2."""
    schema = parse_table_schema({"fields": [{"name": "甲", **field}, *others]}, "test")
    with open_work(folder / "work.duckdb", folders=[folder]) as connection:
        write_rows(connection, ["甲"], enumerate([[cell] for cell in cells], start=2))
        found = scan(connection, schema, ["甲"], examples=1000)
        texts = connection.execute(f'SELECT "{text_column("甲")}" FROM {CELLS} ORDER BY __row__').fetchall()
    return [text for (text,) in texts], found


def _mended(folder: Path, field: Field, cells: Mapping[str, str | None]) -> None:
    """Each cell becomes what is said beside it; a change is in the log with its row, and nothing else is."""
    texts, found = _checked(folder, field, list(cells))
    assert dict(zip(cells, texts, strict=True)) == dict(cells)
    changed = {row for row, (before, after) in enumerate(cells.items(), start=2) if before != after}
    assert {cell.row for log in found.repairs for cell in log.cells} == changed


def _left_alone(cells: Sequence[str]) -> dict[str, str | None]:
    return {cell: cell for cell in cells}


DATES = {
    "2017年5月18日": "2017-05-18",
    "2017年05月18日": "2017-05-18",
    "20170518": "2017-05-18",
    "2017.5.18": "2017-05-18",
    "2017/5/18": "2017-05-18",
    "2017-5-18": "2017-05-18",
    "2017/5/18 0:00:00": "2017-05-18",
    "二〇一七年五月十八日": "2017-05-18",
    "二○一七年十二月三十一日": "2017-12-31",
    "二〇一七年十月二十日": "2017-10-20",
    "2017-05-18": "2017-05-18",
}
NO_SURE_DATES = ("5/6/17", "17.5.18", "2017/5-18", "2017年2月30日", "2017", "2017/5/18 8:30:00", "一七年五月十八日")


def test_dates_in_all_forms_that_can_be_read_in_one_way(tmp_path: Path) -> None:
    _mended(tmp_path, {"type": "date", "repair": ["dates"]}, {**DATES, **_left_alone(NO_SURE_DATES)})


def test_what_is_no_sure_date_is_found(tmp_path: Path) -> None:
    _, found = _checked(tmp_path, {"type": "date", "repair": ["dates"]}, NO_SURE_DATES)
    assert [finding.row for finding in found.findings if finding.rule == "type"] == [
        row for row, _ in enumerate(NO_SURE_DATES, start=2)
    ]


def test_a_date_is_written_in_its_fields_own_format(tmp_path: Path) -> None:
    field = {"type": "date", "format": "%Y/%m/%d", "repair": ["dates"]}
    _mended(tmp_path, field, {"2017年5月18日": "2017/05/18", "2017/5/18": "2017/5/18"})


def test_what_the_fields_own_format_reads_is_never_read_otherwise(tmp_path: Path) -> None:
    """In a field of year, day and month the same digits mean another day."""
    _mended(tmp_path, {"type": "date", "format": "%Y%d%m", "repair": ["dates"]}, {"20170506": "20170506"})


@settings(max_examples=5)
@given(days=st.lists(st.dates(datetime.date(1800, 1, 1), datetime.date(2099, 12, 31)), min_size=100, max_size=200))
def test_every_day_comes_back_from_every_form(
    tmp_path_factory: pytest.TempPathFactory, days: list[datetime.date]
) -> None:
    for form in ("{0.year}年{0.month}月{0.day}日", "{0:%Y%m%d}", "{0.year}.{0.month}.{0.day}"):
        cells = [form.format(day) for day in days]
        texts, _ = _checked(tmp_path_factory.mktemp("day"), {"type": "date", "repair": ["dates"]}, cells)
        assert texts == [day.isoformat() for day in days]


def test_serial_numbers_by_their_epoch(tmp_path: Path) -> None:
    others = _left_alone(["29999", "60001", "42873.5", "4287"])
    _mended(tmp_path, {"type": "date", "repair": ["excel-serial"]}, {"42873": "2017-05-18", **others})
    _mended(tmp_path, {"type": "date", "repair": ["excel-serial-1904"]}, {"41411": "2017-05-18", **others})


AMOUNTS = {
    "200万元": "200",
    "￥1,234.50": "0.12345",
    "¥ 500": "0.05",
    "3千元": "0.3",
    "1.6万": "1.6",
    "2亿元": "20000",
    "1,234": "1234",
    "-3万元": "-3",
    "人民币50万元整": "50",
    "12": "12",
    "伍拾万圆整": "50",
    "五十万元": "50",
    "人民币拾万元整": "10",
    "壹亿零伍万元": "10005",
    "壹仟贰佰叁拾肆万伍仟陆佰柒拾捌元玖角壹分": "1234.567891",
}
NO_SURE_AMOUNTS = ("100万美元", "$5", "HK$3,000", "1,23", "约50万元", "50万元以上", "零元整", "五十", "1.23456789万元")


def test_amounts_become_numbers_in_the_fields_unit(tmp_path: Path) -> None:
    field = {"type": "number", "unit": "万元", "repair": ["amount"]}
    _mended(tmp_path, field, {**AMOUNTS, **_left_alone(NO_SURE_AMOUNTS)})


def test_amounts_in_yuan(tmp_path: Path) -> None:
    field = {"type": "number", "unit": "元", "repair": ["amount"]}
    _mended(tmp_path, field, {"1.6万元": "16000", "伍拾万圆整": "500000", "叁元伍角": "3.5", "￥1,234.50": "1234.5"})


def test_an_amount_in_another_currency_is_found(tmp_path: Path) -> None:
    _, found = _checked(tmp_path, {"type": "number", "unit": "元", "repair": ["amount"]}, ["100万美元"])
    assert found.counts == {"type": 1}


def test_brackets_of_document_numbers(tmp_path: Path) -> None:
    cells = {
        "沪工商办[2017]107号": "沪工商办〔2017〕107号",
        "沪工商办(2017)第107号": "沪工商办〔2017〕第107号",
        "沪工商办【2017】107号": "沪工商办〔2017〕107号",
        "沪工商办（2017］107号": "沪工商办〔2017〕107号",
    }
    unsure = ["沪工商办〔2017〕107号", "沪工商办2017 107 号", "沪[2017]办(2016)1号", "某公司(2017)", "沪工商办(17)1号"]
    _mended(tmp_path, {"type": "string", "repair": ["document-number"]}, {**cells, **_left_alone(unsure)})


def test_unseen_characters_go_from_codes(tmp_path: Path) -> None:
    field = {"type": "string", "standard": "uscc", "repair": ["spaces", "fullwidth", "upper"]}
    code = "91310120Y762488000"
    spoilt = [f"\u3000{code}", f"{code}\u00a0", f"\ufeff{code}", f"{code[:4]}\u200b{code[4:]}", code.lower()]
    wide = code.translate({number: number + 0xFEE0 for number in range(0x21, 0x7F)})
    _mended(tmp_path, field, dict.fromkeys([*spoilt, wide, code], code))


def test_trim_leaves_the_inside_of_a_name(tmp_path: Path) -> None:
    name = "上海\u200b某公司"
    _mended(tmp_path, {"type": "string", "repair": ["trim"]}, {f"\u3000{name}\u00a0": name, name: name})


def test_full_width_is_no_nfkc(tmp_path: Path) -> None:
    _mended(
        tmp_path, {"type": "string", "repair": ["fullwidth"]}, {"１２Ａ": "12A", **_left_alone(["①", "℃", "ﬁ", "Ⅳ"])}
    )


def test_leading_zeros_come_back_where_a_list_vouches(tmp_path: Path) -> None:
    own = {"minLength": 4, "maxLength": 4, "enum": ["0012", "3100"]}
    field = {"type": "string", "constraints": own, "repair": ["leading-zeros"]}
    _mended(tmp_path, field, {"12": "0012", **_left_alone(["13", "3100", "00012"])})


def test_chinese_comes_back_from_latin_1(tmp_path: Path) -> None:
    lost = ["锟斤拷", "éèàç", "café", "上海", "ÉæÆóÐÅÏ"]
    _mended(tmp_path, {"type": "string", "repair": ["mojibake"]}, {"ÉæÆóÐÅÏ¢": "涉企信息", **_left_alone(lost)})


@given(text=st.text(alphabet="涉企信息罚款人民币（）、，。ABC123", min_size=1))
def test_mojibake_is_restored_to_what_it_was_or_not_at_all(text: str) -> None:
    assert restored(text.encode("gb18030").decode("latin-1")) in (text, None)


@given(text=st.text(alphabet=st.characters(max_codepoint=0xFF)))
def test_what_is_restored_leads_back(text: str) -> None:
    found = restored(text)
    assert found is None or found.encode("gb18030").decode("latin-1") == text


def test_no_end_is_kept_in_the_companion(tmp_path: Path) -> None:
    field = {"type": "date", "format": "any", "repair": ["open-ended"]}
    companion = {"name": "乙", "type": "boolean", "openEndedOf": "甲"}
    cells = ["长期", "2099/12/31", "9999-12-31", "2099.12.31", "2017-05-18", ""]
    texts, found = _checked(tmp_path, field, cells, companion)
    assert texts == [None, None, None, None, "2017-05-18", None]
    assert (found.counts, [log.count for log in found.repairs]) == ({}, [4])
    with open_work(tmp_path / "work.duckdb", folders=[tmp_path]) as connection:
        kept = connection.execute(f'SELECT "value 乙" FROM {CELLS} ORDER BY __row__').fetchall()
    assert [value for (value,) in kept] == [True, True, True, True, False, None]


def test_separators_of_a_list(tmp_path: Path) -> None:
    field = {"type": "list", "delimiter": ";", "repair": ["separators"]}
    _mended(
        tmp_path, field, {"甲、乙；丙": "甲;乙;丙", "甲；\n乙": "甲;乙", **_left_alone(["甲;乙、丙", "甲", "甲，乙"])}
    )


#: A field for each repair with a cell that it would mend.
MENDABLE: Mapping[str, tuple[Field, str]] = {
    "trim": ({"type": "string", "constraints": {"pattern": "[a-z]+"}}, " a"),
    "spaces": ({"type": "string", "constraints": {"pattern": "[a-z]+"}}, "a b"),
    "fullwidth": ({"type": "integer"}, "１２"),
    "upper": ({"type": "string", "constraints": {"pattern": "[A-Z]+"}}, "x"),
    "separators": ({"type": "list", "constraints": {"pattern": "[^、]+"}}, "甲、乙"),
    "dates": ({"type": "date"}, "2017.5.18"),
    "excel-serial": ({"type": "date"}, "42873"),
    "excel-serial-1904": ({"type": "date"}, "41411"),
    "open-ended": ({"type": "date"}, "长期"),
    "amount": ({"type": "number", "unit": "元"}, "50万元"),
    "document-number": ({"type": "string", "constraints": {"pattern": ".*〔[0-9]{4}〕.*"}}, "沪工商办[2017]107号"),
    "leading-zeros": ({"type": "string", "constraints": {"enum": ["0012"], "pattern": "[0-9]{4}"}}, "12"),
    "mojibake": ({"type": "string", "constraints": {"pattern": r"\p{Han}+"}}, "ÉæÆóÐÅÏ¢"),
}


@pytest.mark.parametrize("repair", REPAIRS)
def test_what_no_field_declares_is_found_and_not_repaired(tmp_path: Path, repair: str) -> None:
    field, cell = MENDABLE[repair]
    texts, found = _checked(tmp_path, field, [cell])
    assert texts == [cell]
    assert found.repairs == ()
    assert 2 in {finding.row for finding in found.findings}


@pytest.mark.parametrize("repair", REPAIRS)
def test_declared_it_is_repaired_and_logged(tmp_path: Path, repair: str) -> None:
    field, cell = MENDABLE[repair]
    companions = [{"name": "乙", "type": "boolean", "openEndedOf": "甲"}] if repair == "open-ended" else []
    texts, found = _checked(tmp_path, {**field, "repair": [repair]}, [cell], *companions)
    (log,) = found.repairs
    assert (log.repair, log.column, log.count) == (repair, "甲", 1)
    assert [(one.row, one.before, one.after) for one in log.cells] == [(2, cell, texts[0])]
    assert found.counts == {}


@pytest.mark.parametrize("repair", sorted(REPAIRS.keys() - {"open-ended", "mojibake"}))
def test_a_second_repair_of_the_same_kind_changes_nothing(tmp_path: Path, repair: str) -> None:
    field, cell = MENDABLE[repair]
    once, _ = _checked(tmp_path, {**field, "repair": [repair]}, [cell])
    twice, _ = _checked(tmp_path, {**field, "repair": [repair, repair]}, [cell])
    assert once == twice


@pytest.mark.parametrize(
    "field",
    [
        {"type": "string", "repair": ["invent"]},
        {"type": "string", "repair": ["spaces"]},
        {"type": "string", "repair": ["dates"]},
        {"type": "number", "repair": ["amount"]},
        {"type": "number", "unit": "吨", "repair": ["amount"]},
        {"type": "date", "repair": ["open-ended"]},
        {"type": "string", "constraints": {"maxLength": 4}, "repair": ["leading-zeros"]},
        {"type": "string", "repair": ["trim", "mojibake"]},
        {"type": "string", "repair": ["separators"]},
    ],
)
def test_a_repair_that_its_field_can_not_have_is_refused(tmp_path: Path, field: Field) -> None:
    with pytest.raises(WorkspaceError):
        _checked(tmp_path, field, ["x"])


def test_each_repair_of_a_chain_is_logged_for_itself_and_personal_cells_are_masked(tmp_path: Path) -> None:
    field = {"type": "string", "standard": "resident-id", "disclosure": "never", "repair": ["trim", "upper"]}
    _, found = _checked(tmp_path, field, [" 11010519491231002x", "11010519491231002X"])
    assert [(log.repair, log.count, log.public) for log in found.repairs] == [("trim", 1, False), ("upper", 1, False)]
    shown = [text for log in found.repairs for cell in log.cells for text in (cell.before, cell.after)]
    assert all("1010519" not in str(text) for text in shown)


def _rows_checked(folder: Path, rows: Sequence[Sequence[str | None]], **more: Any) -> tuple[list[int], Scan]:
    descriptor = {"fields": [{"name": "甲", "type": "string"}, {"name": "乙", "type": "string"}], **more}
    with open_work(folder / "work.duckdb", folders=[folder]) as connection:
        write_rows(connection, ["甲", "乙"], enumerate(rows, start=2))
        found = scan(connection, parse_table_schema(descriptor, "test"), ["甲", "乙"])
        kept = connection.execute(f"SELECT __row__ FROM {CELLS} ORDER BY 1").fetchall()
    return [row for (row,) in kept], found


DOUBLES = [["1", "a"], ["2", None], ["1", "a"], ["2", None], ["1", "b"], ["1", "a"]]


def test_doubled_rows_collapse_and_contradictions_stay(tmp_path: Path) -> None:
    kept, found = _rows_checked(tmp_path, DOUBLES, primaryKey="甲", duplicates="collapse")
    assert (kept, found.rows) == ([2, 3, 6], 3)
    (log,) = found.repairs
    assert (log.repair, log.column, log.count) == ("collapse", "", 3)
    assert [(cell.row, cell.before) for cell in log.cells] == [(4, "2"), (5, "3"), (7, "2")]
    assert [(one.rule, one.row) for one in found.findings] == [("primary-key", 6)]


def test_undeclared_doubles_stay_and_break_the_key(tmp_path: Path) -> None:
    kept, found = _rows_checked(tmp_path, DOUBLES, primaryKey="甲")
    assert kept == [2, 3, 4, 5, 6, 7]
    assert (found.repairs, found.counts) == ((), {"primary-key": 4})
