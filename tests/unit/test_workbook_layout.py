"""What a workbook's names, cells and identities must be, whatever titles and texts there are."""

from __future__ import annotations

import re
from pathlib import Path

import hypothesis.strategies as st
import openpyxl
from hypothesis import given

from pipelines.reporting.section_workbooks.cells import CellWriter, fitting
from pipelines.reporting.section_workbooks.layout import file_names, read_workbook_mark, sheet_names, workbook_mark
from pipelines.reporting.section_workbooks.worklist import Fault, Line, key_of, read_identity
from quality.rules.catalogue import RULES

_ESCAPE = re.compile("_x([0-9A-F]{4})_")
ANY = st.text(st.characters(codec=None), max_size=50)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(st.lists(ANY, max_size=30))
def test_sheet_names_are_as_excel_wants_them(titles: list[str]) -> None:
    names = sheet_names(titles)
    assert len(names) == len(titles) == len({name.casefold() for name in names})
    for name in names:
        assert 1 <= _units(name) <= 31
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]", name) and not name.startswith("'") and not name.endswith("'")
        assert name.casefold() not in ("history", "总览")


@given(st.lists(ANY, max_size=30))
def test_file_names_stay_in_their_folder(sections: list[str]) -> None:
    names = file_names(sections)
    assert len(names) == len({name.casefold() for name in names})
    for name in names:
        assert name and Path("folder", f"{name}.xlsx").parent == Path("folder")
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name) and not name.startswith(".")
        assert len(f"{name} 99.xlsx".encode()) <= 255


def test_a_title_that_reads_well_stays_as_it_is() -> None:
    assert sheet_names(["行政许可信息", "行政许可信息", "a/b"]) == ["行政许可信息", "行政许可信息 2", "a_b"]
    assert file_names(["信息中心", "消保处"]) == ["信息中心", "消保处"]


@given(st.lists(st.one_of(st.none(), ANY), max_size=5), st.integers(0, 10**9), st.lists(st.sampled_from(list(RULES))))
def test_an_identity_is_read_as_it_was_written(values: list[str | None], ordinal: int, rules: list[str]) -> None:
    faults = tuple(Fault(RULES[code], ("列",)) for code in rules)
    line = Line("ports", key_of("r", values, ordinal), faults)
    assert read_identity(line.identity) == ("ports", line.key, tuple(fault.mark for fault in faults))


@given(st.integers(0, 60), st.characters(codec="ascii"))
def test_a_changed_identity_is_none(position: int, sign: str) -> None:
    identity = Line("ports", key_of("k", ["1"]), (Fault(RULES["type"], ("列",)),)).identity
    changed = identity[:position] + sign + identity[position + 1 :]
    assert changed == identity or read_identity(changed) is None


@given(ANY, st.lists(ANY))
def test_whose_a_workbook_is_is_read_as_it_was_written(section: str, datasets: list[str]) -> None:
    assert read_workbook_mark(workbook_mark(section, datasets)) == (section, tuple(datasets))


@given(st.text(st.characters(codec="utf-8")))
def test_a_cell_is_text_that_no_program_takes_for_a_formula(text: str) -> None:
    sheet = openpyxl.Workbook(write_only=True).create_sheet("s")
    for sign in "=+-@":
        cell = CellWriter(sheet).cell(sign + text)
        assert cell.data_type == "s" and cell.number_format == "@" and cell.quotePrefix


@given(st.sampled_from(["x", "潮", "𠀀", "\x01", "_x0041_"]), st.integers(1, 70_000))
def test_a_cell_is_never_longer_than_a_workbook_holds(sign: str, count: int) -> None:
    fitted = fitting(sign * count)
    assert _units(fitted) <= 32_767
    assert (f"共 {len(sign) * count} 字" in fitted) == fitted.endswith("截断）")
    assert fitted.endswith("截断）") or _ESCAPE.sub(lambda code: chr(int(code[1], 16)), fitted) == sign * count
