"""An entry written as its YAML file: keys in the model's order, defaults left out, texts kept to the letter."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from resource_catalog.entry import Entry
from resource_catalog.errors import OutsideError

#: Tells editors which JSON Schema completes and checks the file.
SCHEMA_COMMENT = "# yaml-language-server: $schema=../../schemas/yaml/entry.json\n"


#: Line breaks of Unicode that YAML folds into plain ones wherever they are not escaped.
_FOLDED = frozenset("\x85\u2028\u2029")


class _Dumper(yaml.SafeDumper):
    """Never writes an alias, which the loader refuses; shows lines as lines; escapes what YAML would change."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def text(self, value: str) -> yaml.ScalarNode:
        style = '"' if _FOLDED & set(value) else "|" if "\n" in value else None
        return self.represent_scalar("tag:yaml.org,2002:str", value, style)


_Dumper.add_representer(str, _Dumper.text)


def entry_yaml(entry: Entry) -> str:
    """The text of `entries/<id>.yaml`; `load_yaml` and `validate` give the same entry again."""
    data = entry.model_dump(by_alias=True, exclude_defaults=True)
    return SCHEMA_COMMENT + yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**9)


def write_entries(entries: Mapping[Path, Entry]) -> None:
    """Write entries to their files: all aside first, then each in one step, so that a full disk changes none.

    Raises:
        OutsideError: the disk refuses a file.
    """
    aside = {file: file.with_name(f".{file.name}.new") for file in entries}
    try:
        for file, entry in entries.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            aside[file].write_text(entry_yaml(entry), encoding="utf-8", newline="\n")
        for file in entries:
            aside[file].replace(file)
    except OSError as error:
        for written in aside.values():
            with contextlib.suppress(OSError):
                written.unlink(missing_ok=True)
        what = f"the entries can't be written: {error.strerror}"
        raise OutsideError(what, where=str(error.filename), fix="make room or mend that, and import again") from error
