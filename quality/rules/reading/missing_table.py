"""Missing table."""

from __future__ import annotations

from quality.rules.rule import Rule

RULE = Rule(
    code="missing-table",
    title="数据库中没有这个表",
    title_en="Missing table",
    template="the database has no table {table!r} that {user} may read",
    fix="name an existing table (schema.table) in the entry's source, or grant the account SELECT on it",
    fix_zh="在目录条目的来源中写明现有的表（模式.表），或者给账号授予 SELECT 权限",
    indicator="0302",
)
