"""How the faults of reading are mended, in Chinese: a table beside `reading.py`, which has room for one language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from quality.rules.rule import Rule

#: Code → `fix_zh`; a rule that writes its own, or is not here, stays as it is.
FIXES: Mapping[str, str] = {
    "empty-file": "重新导出源文件",
    "no-rows": "重新导出源文件；确无数据的，在目录条目的来源中设置 allow_empty",
    "encoding": "按 UTF-8 或者 GB18030 重新导出，或者在目录条目的来源中写明编码",
    "doubtful-encoding": "在目录条目的来源中写明实际编码，或者按 UTF-8 重新导出",
    "control-character": "在源数据中删去该字符",
    "ragged-row": "检查本行是否缺少分隔符，或者有分隔符未加引号",
    "blank-row": "在源数据中删去该空行，或者补上应有的内容",
    "unclosed-quote": "补上引号，或者在目录条目的来源中写明文件所用的引号",
    "stray-quote": "单元格内的引号写成两个，或者在目录条目的来源中写明文件所用的引号和转义符",
    "blank-heading": "补上列名，或者在目录条目的来源中写明正确的表头行 header_row",
    "duplicate-heading": "给其中一列改名",
    "ambiguous-heading": "在源数据中给其中一列改名或者删去一列，或者改正目录条目来源中的 columns",
    "ambiguous-title": "在目录条目的来源 columns 中说明该列名对应哪个字段，或者给各字段不同的标题",
    "not-this-format": "重新导出文件，或者在目录条目的来源中写明实际格式",
    "hidden-sheet": "取消隐藏，或者改用其他工作表；确需使用隐藏工作表的，在目录条目的来源中设置 hidden: true",
    "missing-sheet": "在目录条目的来源中改用现有的工作表",
    "cell-error": "改正工作簿中的公式，或者清空该单元格",
    "precision-lost": "在源文件中把该列设为文本格式，重新录入数字；已丢失的尾数无法由系统恢复",
    "not-a-record": "导出为对象列表，或者在目录条目的来源中用 records 写明列表的路径",
    "source-changed": "待导出完成后重新运行",
    "empty-sheet": "在目录条目的来源中写明存放数据的工作表",
    "missing-header-row": "在目录条目的来源中写明正确的表头行 header_row",
    "reserved-heading": "在源数据中给该列改名",
    "unsafe-archive": "用电子表格软件另存工作簿，或者导出为 CSV",
    "oversized-sheet": "删去远离表格的零散单元格，或者导出为 CSV",
    "macros": "另存为不含宏的工作簿",
    "external-links": "把链接的单元格粘贴为数值，断开链接后另存",
    "embedded-object": "删去嵌入的文件后另存",
    "missing-records": "在目录条目的来源中用 records 写明列表的路径",
    "duplicate-key": "在源数据中给其中一个键改名或者删去一个",
    "not-finite": "没有值的写 null",
    "missing-table": "在目录条目的来源中写明现有的表（模式.表），或者给账号授予 SELECT 权限",
    "query-refused": "用同一账号在数据库客户端试运行该查询，改正目录条目来源中的查询",
    "catalogue-incomplete": "改正目录条目；opendata catalog check 会指出位置",
}


def in_chinese(rules: Iterable[Rule]) -> Iterator[Rule]:
    """The rules with their fix in Chinese, too."""
    for rule in rules:
        yield replace(rule, fix_zh=rule.fix_zh or FIXES.get(rule.code, ""))
