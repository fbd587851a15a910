"""The first sheet of a section's workbook: what there is to mend, how to answer, and the faults that are of no row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipelines.reporting.inspected import InspectedDataset
from pipelines.reporting.section_workbooks.cells import CellWriter, Look
from pipelines.reporting.section_workbooks.layout import FAULT_HEADINGS, LINES_MARK, workbook_mark
from pipelines.reporting.section_workbooks.sheets import (
    Assignment,
    Covering,
    answer_cells,
    offer_answers,
    short,
)
from pipelines.reporting.section_workbooks.worklist import Answer, described
from quality.finding import Severity, one_of_each_first
from quality.rules.catalogue import RULES

#: Most faults of no row that are listed.
MOST_FAULTS = 2_000
_HOW_TO = (
    "填写办法：",
    f"1. 每行问题在“处理结果”一列从下拉列表中选择一项：{'、'.join(Answer)}；需要补充的写在“说明”一列。",
    "2. 请在源数据中改正，不要在本簿中改；本簿只供填报，其他单元格已锁定（无密码）。标红为必须改正，标黄为建议改正。",
    "3. 可以筛选，请勿删除隐藏的第一列和工作表。填好后原样交回，放回原文件夹后再次检查，已改正的即销号。",
    "4. 可能涉及个人信息的值已遮盖，只留首字符，请按来源和行号在源数据中查找。",
    "5. 选“情况属实无需改”的，问题仍保留并附上说明，是否豁免由信息主管部门决定。",
)
_DATASETS = ("数据集", "标识", "行数", "得分", "必须改（处）", "建议改（处）", "有问题的行", "本簿列出（行）", "工作表")
_RULES = ("数据集", "规则", "改法", "等级", "处数", "示例")
_SEVERITIES = {Severity.MUST: "必须", Severity.SHOULD: "建议"}


def fill_overview(
    sheet: Any,
    covering: Covering,
    assignments: Sequence[Assignment],
    inspected: Mapping[str, InspectedDataset],
    listed: Mapping[str, tuple[str, int]],
) -> None:
    """Write the overview.

    Args:
        sheet: The sheet, still empty.
        covering: What the workbook says of itself.
        assignments: What the section is asked to mend.
        inspected: The datasets of the assignments, by id.
        listed: Dataset → its sheet's name, and how many rows that lists.
    """
    writer = CellWriter(sheet)
    mark = workbook_mark(covering.section, list(listed))
    sheet.append([writer.cell(mark), writer.cell(f"数据质量整改清单：{covering.section}", Look.TITLE)])
    due = f"　请于 {covering.due.isoformat()} 前交回" if covering.due else ""
    rows: list[list[Any]] = [[], _line(writer, f"{covering.agency}　检查日期 {covering.day.isoformat()}{due}")]
    rows += [_line(writer, said) for said in _HOW_TO]
    rows += [[], _line(writer, *_DATASETS, look=Look.HEADING)]
    rows += [_dataset(writer, one, inspected[one.dataset], listed) for one in assignments]
    rows += [[], _line(writer, *_RULES, look=Look.HEADING)]
    rows += [row for one in assignments for row in _rules(writer, one, inspected[one.dataset])]
    for row in rows:
        sheet.append(row)
    _fill_faults(sheet, writer, assignments, first=len(rows) + 3)


def _line(writer: CellWriter, *texts: str, look: Look = Look.PLAIN) -> list[Any]:
    """Cells behind the hidden column; a text that stands alone runs over the cells beside it."""
    return [None, *writer.row(*texts, look=Look.FREE if len(texts) == 1 else look)]


def _dataset(
    writer: CellWriter, one: Assignment, inspected: InspectedDataset, listed: Mapping[str, tuple[str, int]]
) -> list[Any]:
    quality = inspected.quality
    name, rows = listed.get(one.dataset, ("", 0))
    score = "" if quality.score is None else f"{quality.score:g}"
    numbers = (quality.must, quality.should, one.rows, rows)
    return _line(writer, short(one.title), one.dataset, f"{quality.rows:,}", score, *(f"{n:,}" for n in numbers), name)


def _rules(writer: CellWriter, one: Assignment, inspected: InspectedDataset) -> Iterator[list[Any]]:
    quality = inspected.quality
    first = {finding.rule: finding for finding in reversed(one_of_each_first(quality.findings))}
    for code, count in sorted(quality.counts.items(), key=lambda each: (quality.severities[each[0]], -each[1])):
        rule, example = RULES.get(code), first.get(code)
        title = rule.title if rule else code
        fix = rule.plain_fix if rule else (example.fix if example else "")
        said = f"{example.place}: {example.message}" if example else ""
        texts = (short(one.title), f"{title}（{code}）", fix, _SEVERITIES[quality.severities[code]], f"{count:,}")
        yield _line(writer, *texts, short(said))


def _fill_faults(sheet: Any, writer: CellWriter, assignments: Sequence[Assignment], first: int) -> None:
    """The faults of no row, to be answered as the rows are."""
    lines = [(one, line) for one in assignments for line in one.elsewhere]
    if not lines:
        return
    left_out = f"，只列前 {MOST_FAULTS:,} 处" if len(lines) > MOST_FAULTS else ""
    sheet.append(_line(writer, f"不属于某一行的问题，共 {len(lines):,} 处{left_out}"))
    sheet.append(writer.row(f"{LINES_MARK} *", *FAULT_HEADINGS, look=Look.HEADING))
    for one, line in lines[:MOST_FAULTS]:
        texts = (line.identity, short(one.title), short(line.detail), described(line.faults, 1_000))
        sheet.append([*writer.row(*texts), *answer_cells(writer, one.carried.get(line.place))])
    offer_answers(sheet, first + 1, first + min(len(lines), MOST_FAULTS))
