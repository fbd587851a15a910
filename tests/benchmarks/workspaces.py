"""Generated workspaces for benchmarks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def _entry(name: str, number: int) -> dict[str, Any]:
    return {
        "id": name,
        "code": f"307002/{number}",
        "title": f"示例数据 {number}",
        "summary": "基准测试数据",
        "owner": "示例处",
        "openness": "公开",
        "sharing": "无条件共享",
        "update_cycle": "每日",
        "licence": "CC-BY-4.0",
        "source": {"path": f"samples/{name}.csv"},
    }


def write_agency(root: Path, targets: dict[str, Any] | None = None) -> None:
    """The folders and the agency of a workspace, with what it says of its targets."""
    for folder in ("resource_catalog/entries", "resource_catalog/samples", "schemas"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    agency = {"id": "example", "name": "示例局", "code": "11310000MB00000000", "targets": targets or {}}
    # JSON is YAML, and no YAML writer can be slower than none.
    (root / "resource_catalog/agency.yaml").write_text(json.dumps(agency, ensure_ascii=False), "utf-8")


def add_dataset(root: Path, name: str, number: int, schema: dict[str, Any]) -> Path:
    """Add an entry and its schema; returns where its CSV is to be."""
    (root / f"schemas/{name}.schema.json").write_text(json.dumps(schema, ensure_ascii=False), "utf-8")
    entry = json.dumps(_entry(name, number), ensure_ascii=False, indent=1)
    (root / f"resource_catalog/entries/{name}.yaml").write_text(entry, "utf-8")
    return root / f"resource_catalog/samples/{name}.csv"


def write_many(root: Path, datasets: int, targets: dict[str, Any] | None = None) -> None:
    """A workspace of many small datasets."""
    write_agency(root, targets)
    schema = {"fields": [{"name": "code"}, {"name": "amount", "type": "integer"}], "primaryKey": ["code"]}
    for number in range(1, datasets + 1):
        file = add_dataset(root, f"dataset-{number:04d}", number, schema)
        rows = "".join(f"{number:04d}{row:03d},{row}\n" for row in range(20))
        file.write_text(f"code,amount\n{rows}", "utf-8")
