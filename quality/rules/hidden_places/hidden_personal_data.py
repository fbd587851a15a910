"""Personal data where nobody looks."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="hidden-personal-data",
    title="隐蔽处含个人信息",
    title_en="Personal data where nobody looks",
    template="{where} holds {kinds}, which goes wherever the file goes",
    fix="delete it in the source, and save the file again",
    fix_zh="在源文件中删去后另存",
    indicator="0106",
)
