"""Makes small workspaces of an invented agency for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from resource_catalog.entry import Entry
from resource_catalog.workspace import Workspace, open_workspace

AGENCY: dict[str, Any] = {
    "id": "tide-office",
    "name": "潮汐局",
    "code": "113100000000000004",
    "themes": ["海洋", "天气"],
    "licence": "CC-BY-4.0",
}
ENTRY: dict[str, Any] = {
    "id": "tides",
    "code": "307002/000010",
    "title": "潮汐表",
    "summary": "每个港口每日的潮汐：港口和潮高",
    "owner": "观测处",
    "theme": "海洋",
    "classification": "307002 部门信息资源/海洋",
    "keywords": ["潮汐", "港口"],
    "openness": "公开",
    "issued": "2017-06-01",
    "sharing": "无条件共享",
    "sharing_mode": "文件下载",
    "update_cycle": "每日",
    "resource_format": "电子表格 csv",
}
SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "port", "title": "港口", "type": "string", "constraints": {"required": True, "maxLength": 20}},
        {"name": "height", "title": "潮高", "type": "number"},
    ],
    "primaryKey": "port",
}


def make_workspace(root: Path, *entries: dict[str, Any], **agency: Any) -> Workspace:
    """A workspace with these entries, each given as what differs from ENTRY."""
    folder = root / "resource_catalog"
    (folder / "entries").mkdir(parents=True)
    (folder / "samples").mkdir()
    (root / "schemas").mkdir()
    (folder / "samples" / "tides.csv").write_text("port,height\n1,2\n", encoding="utf-8")
    write_yaml(folder / "agency.yaml", {**AGENCY, **agency})
    for changes in entries:
        entry = {**ENTRY, **changes}
        write_yaml(folder / "entries" / f"{entry['id']}.yaml", entry)
    return open_workspace(root)


def write_yaml(file: Path, data: dict[str, Any]) -> None:
    """Write a mapping, keys in their order, one a line."""
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


def write_schema(workspace: Workspace, name: str, schema: dict[str, Any] = SCHEMA) -> None:
    """Write a Table Schema."""
    (workspace.schemas_dir / f"{name}.schema.json").write_text(json.dumps(schema), encoding="utf-8")


def make_entry(**changes: Any) -> Entry:
    """ENTRY with changes."""
    return Entry.model_validate({**ENTRY, **changes})
