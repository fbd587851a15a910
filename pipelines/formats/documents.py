"""The documents of a release that people read: quality summary and README."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipelines.releases import OWN
from quality.finding import Quality
from quality.rules.catalogue import RULES
from quality.score_document import indicator_documents


def quality_summary(quality: Quality) -> str:
    """Scores, per broken rule and declared repair its exact count; no value of a cell, for the summary is public."""
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
    own = quality.assessments[0] if quality.assessments else None
    summary: dict[str, Any] = {
        "rows": quality.rows,
        "profile": own.profile if own else None,
        "gate": {"blocked_by": list(quality.blocked_by)},
        "score": quality.score,
        "dimensions": dict(quality.dimensions),
        "indicators": indicator_documents(own) if own else [],
        "must": quality.must,
        "should": quality.should,
        "rules": rules,
        **held_back_facts(quality),
        **waiver_facts(quality),
    }
    if quality.validation is not None:
        summary["expectations"] = quality.validation.summary()
    if quality.repairs:
        # A column that readers don't see isn't named to them either.
        summary["repairs"] = [
            {"repair": log.repair, "column": log.column, "count": log.count} for log in quality.repairs if log.public
        ]
    return as_json(summary)


def held_back_facts(quality: Quality) -> dict[str, Any]:
    """How many rows were held back, of how many, and per rule how many of them broke it; nothing where none was."""
    held = quality.held_back
    if held is None:
        return {}
    rules = [
        {"rule": code, "title": RULES[code].title, "title_en": RULES[code].title_en, "rows": rows}
        for code, rows in sorted(held.rules.items())
    ]
    return {"held_back": {"rows": held.rows, "of": held.of, "rules": rules}}


def waiver_facts(quality: Quality) -> dict[str, Any]:
    """The waivers that let findings pass: of which rule, how many, why, by whom and until when; nothing without any."""
    waivers = [
        {
            "rule": waived.rule,
            "title": RULES[waived.rule].title,
            "title_en": RULES[waived.rule].title_en,
            "column": waived.column,
            "count": waived.count,
            "reason": waived.reason,
            "person": waived.person,
            "until": waived.until.isoformat(),
        }
        for waived in quality.waived
    ]
    return {"waivers": waivers} if waivers else {}


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
