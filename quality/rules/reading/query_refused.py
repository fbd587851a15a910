"""Query refused."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="query-refused",
    title="数据库拒绝查询",
    title_en="Query refused",
    template="the database refused to read {place}: {detail}",
    fix="try the query in the database's own client with the same account, and mend it in the entry's source",
    fix_zh="用同一账号在数据库客户端试运行该查询，改正目录条目来源中的查询",
    indicator="0302",
)
