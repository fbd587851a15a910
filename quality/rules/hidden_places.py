"""What hides in a source: personal data outside its table, and rows and columns of the table that nobody sees."""

from __future__ import annotations

from quality.finding import Severity
from quality.rules.rule import Rule

HIDDEN_PERSONAL_DATA = Rule(
    code="hidden-personal-data",
    title="隐蔽处含个人信息",
    title_en="Personal data where nobody looks",
    template="{where} holds {kinds}, which goes wherever the file goes",
    fix="delete it in the source, and save the file again",
    fix_zh="在源文件中删去后另存",
    indicator="0106",
)
HIDDEN_CELLS = Rule(
    code="hidden-cells",
    title="行或列被隐藏",
    title_en="Hidden row or column",
    template="the {what} is hidden, by hand or by a filter, and is read like the others",
    fix="unhide it if it is meant, else delete it in the source",
    fix_zh="确需发布的取消隐藏，否则在源文件中删去",
    indicator="0106",
    severity=Severity.SHOULD,
)
RULES = (HIDDEN_PERSONAL_DATA, HIDDEN_CELLS)
