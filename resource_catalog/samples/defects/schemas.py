"""The repairs that the schemas of a workspace with planted defects declare: the committed schemas need none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Dataset → field → the properties that it gets, or that a field has which is not there yet; "" is the table.
Declarations = Mapping[str, Mapping[str, Mapping[str, Any]]]


def declare_repairs(workspace: Path, declarations: Declarations) -> None:
    """Write the properties of `words/declared-repairs.json` into the schemas of a workspace."""
    for dataset, fields in declarations.items():
        file = workspace / "schemas" / f"{dataset}.schema.json"
        schema = json.loads(file.read_text("utf-8"))
        known = {field["name"]: field for field in schema["fields"]}
        for name, properties in fields.items():
            if not name:
                schema.update(properties)
            elif name in known:
                known[name].update(properties)
            else:
                schema["fields"].append({"name": name, **properties})
        file.write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", "utf-8")
