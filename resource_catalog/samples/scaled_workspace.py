"""A workspace for a city of another size: the committed catalogue, with sources in forms that can hold it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import yaml

from resource_catalog.samples.stream import Delimited, Form, Sheet, Stream

#: Up to this scale no sheet passes the limit of its format (65,536 and 1,048,576 rows).
_LARGEST_FOR_SHEETS = 10
#: What an entry says of a sheet and not of a CSV file.
_SHEET_KEYS = ("sheet", "header_row", "footer_rows", "hidden", "format", "columns")


def plain_form(stream: Stream, scale: int) -> Form:
    """The stream's form; a CSV file in the place of a sheet where the city is too large for one."""
    if isinstance(stream.form, Sheet) and scale > _LARGEST_FOR_SHEETS:
        return Delimited(f"{stream.dataset}.csv")
    return stream.form


def write_workspace(into: Path, streams: Sequence[Stream], scale: int) -> Path:
    """Copy agency.yaml, entries and schemas, with the entries' sources adapted; returns the folder for the data."""
    shutil.copytree("schemas", into / "schemas", dirs_exist_ok=True)
    catalogue = into / "resource_catalog"
    shutil.copytree("resource_catalog/entries", catalogue / "entries", dirs_exist_ok=True)
    shutil.copy("resource_catalog/agency.yaml", catalogue)
    data = catalogue / "samples" / "data"
    data.mkdir(parents=True, exist_ok=True)
    for committed in Path("resource_catalog/samples/data").iterdir():
        shutil.copy(committed, data)
    for stream in streams:
        _adapt(catalogue / "entries" / f"{stream.dataset}.yaml", plain_form(stream, scale))
    return data


def _adapt(entry: Path, form: Form) -> None:
    document = yaml.safe_load(entry.read_text("utf-8"))
    source = document["source"]
    path = f"samples/data/{form.file}"
    if "path" not in source or source["path"] == path:
        return
    kept = {key: value for key, value in source.items() if key not in _SHEET_KEYS}
    document["source"] = {**kept, "path": path}
    entry.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
