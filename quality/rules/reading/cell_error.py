"""Formula error."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="cell-error",
    title="单元格是公式错误",
    title_en="Formula error",
    template="the cell's formula gave {value}",
    fix="mend the formula in the workbook, or clear the cell",
    fix_zh="改正工作簿中的公式，或者清空该单元格",
    indicator="0305",
)
