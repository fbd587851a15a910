"""JSON Schemas of the YAML kinds, so that an editor completes and checks what an officer writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from resource_catalog.agency import Agency
from resource_catalog.entry import Entry

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def agency_json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of agency.yaml."""
    return _json_schema(Agency)


def entry_json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of an entry."""
    return _json_schema(Entry)


def write_json_schemas(folder: Path) -> tuple[Path, ...]:
    """Write agency.json and entry.json to a folder (schemas/yaml/); returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    schemas = {"agency.json": agency_json_schema(), "entry.json": entry_json_schema()}
    for name, schema in schemas.items():
        text = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return tuple(folder / name for name in schemas)


def _json_schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": DIALECT, **model.model_json_schema(by_alias=True)}
