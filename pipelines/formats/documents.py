"""The documents of a release that people read: data dictionary, quality summary, README."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from pipelines.releases import OWN
from quality.finding import Quality
from quality.rules.catalogue import RULES
from resource_catalog.table_schema import Constraints, SchemaField, TableSchema

_COLUMNS = ("name", "title", "type", "format", "unit", "required", "unique", "constraints", "standard", "description")


def _constraints(constraints: Constraints) -> str:
    """Bounds, lengths, pattern and list in words that both languages know."""
    parts = [
        f"{sign} {bound}"
        for sign, bound in (
            ("≥", constraints.minimum),
            ("≤", constraints.maximum),
            (">", constraints.exclusive_minimum),
            ("<", constraints.exclusive_maximum),
            ("length ≥", constraints.min_length),
            ("length ≤", constraints.max_length),
            ("matches", constraints.pattern),
        )
        if bound is not None
    ]
    if constraints.enum:
        parts.append("one of " + " | ".join(map(str, constraints.enum)))
    return "; ".join(parts)


def _dictionary_row(field: SchemaField, schema: TableSchema) -> dict[str, str]:
    required = field.constraints.required or field.name in schema.primary_key
    return {
        "name": field.name,
        "title": field.title,
        "type": field.type,
        "format": str(field.format),
        "unit": field.unit,
        "required": str(required).lower(),
        "unique": str(field.constraints.unique or schema.primary_key == (field.name,)).lower(),
        "constraints": _constraints(field.constraints),
        "standard": field.standard,
        "description": field.description,
    }


def dictionary(schema: TableSchema) -> str:
    """The data dictionary as CSV, one line a column."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_dictionary_row(field, schema) for field in schema.fields)
    return text.getvalue()


def quality_summary(quality: Quality) -> str:
    """Scores, and per broken rule its exact count; no value of a cell, for the summary is public."""
    rules = [
        {
            "rule": code,
            "title": RULES[code].title,
            "title_en": RULES[code].title_en,
            "severity": quality.severities[code].value,
            "count": count,
            "fix": RULES[code].fix,
        }
        for code, count in sorted(quality.counts.items())
    ]
    summary = {
        "rows": quality.rows,
        "score": quality.score,
        "dimensions": dict(quality.dimensions),
        "must": quality.must,
        "should": quality.should,
        "rules": rules,
    }
    return as_json(summary)


def readme(descriptor: Mapping[str, Any]) -> str:
    """What lies in the release's folder, for who unpacks it."""
    own = descriptor[OWN]
    lines = [
        f"# {descriptor['title']}",
        "",
        descriptor.get("description", ""),
        "",
        f"- 版本 / release: {own['release']}（{own['rows']} 行 / rows）",
        f"- 信息资源代码 / code: {own['code']}",
        f"- 提供方 / publisher: {descriptor['contributors'][0]['title']}",
        f"- 更新周期 / update cycle: {own['update_cycle']}",
        f"- 许可 / licence: {own['licence']}",
        "",
        "## 文件 / Files",
        "",
        *(f"- `{resource['path']}` {resource['mediatype']}" for resource in descriptor["resources"]),
        "- `changes.parquet`: 与上一版的逐行差异 / row-level changes against the release before",
        "- `dictionary.csv`: 数据字典 / data dictionary",
        "- `quality.json`: 质量自查结果 / quality self-check",
        "- `SHA256SUMS`: `sha256sum --check SHA256SUMS`",
        *(f"- {form}: {why}" for form, why in own["left_out"].items()),
        "",
    ]
    return "\n".join(lines)


def as_json(value: Any) -> str:
    """JSON for people and programs: indented, Unicode as it is, a newline at the end."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
