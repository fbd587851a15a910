"""Writes the sample files: one invented city in the forms in which such data comes. All of it is synthetic.

    python -m resource_catalog.samples.generate                        the committed files, again
    python -m resource_catalog.samples.generate --into DIR --scale 10  a workspace, its city ten times as large
    python -m resource_catalog.samples.generate --into DIR --defects   a workspace with planted, labelled defects

Names of datasets limit either to their files. Run from the repository's root with the extra `test` installed. The
seed is fixed: every run writes the same bytes (SQLite files: the same content, for their bytes depend on the library).
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import repeat
from pathlib import Path

from resource_catalog.samples import streams
from resource_catalog.samples.city.city import City
from resource_catalog.samples.defects.files import plant_in_file
from resource_catalog.samples.defects.plant import Label, Plant, write_labels
from resource_catalog.samples.defects.rows import plant_rows
from resource_catalog.samples.defects.schemas import declare_repairs
from resource_catalog.samples.forms.columnar import write_columnar
from resource_catalog.samples.forms.delimited import write_delimited
from resource_catalog.samples.forms.interface import write_interface
from resource_catalog.samples.forms.legacy_workbook import write_legacy_workbook
from resource_catalog.samples.forms.part import Part
from resource_catalog.samples.forms.table import write_tables
from resource_catalog.samples.forms.workbook import write_workbook
from resource_catalog.samples.scaled_workspace import plain_form, write_workspace
from resource_catalog.samples.stream import Stream
from resource_catalog.table_schema import TableSchema, read_table_schema

SAMPLES = Path("resource_catalog/samples")
SCHEMAS = Path("schemas")
DATA = SAMPLES / "data"

_WRITERS: Mapping[str, Callable[[Path, Sequence[Part]], None]] = {
    ".csv": write_delimited,
    ".xlsx": write_workbook,
    ".xls": write_legacy_workbook,
    ".sqlite": write_tables,
    ".parquet": write_columnar,
    ".json": write_interface,
}


def all_streams() -> tuple[Stream, ...]:
    """The STREAM of every module of `streams/`, by the modules' names."""
    names = sorted(module.name for module in pkgutil.iter_modules(streams.__path__))
    return tuple(importlib.import_module(f"{streams.__name__}.{name}").STREAM for name in names)


def read_city(scale: int = 1) -> City:
    """The city of the committed words."""
    return City(SAMPLES / "words", scale)


def generate(
    folder: Path, city: City, wanted: Collection[str] = (), alter: Callable[[str, Part], Part] | None = None
) -> None:
    """Write the files of the wanted datasets, all where none is named, into a folder.

    A file that several datasets share is written whole. `alter` gets each dataset's part before it is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [
        (folder / file, members)
        for file, members in _by_file(city).items()
        if not wanted or any(stream.dataset in wanted for stream in members)
    ]
    if alter or city.scale == 1:
        for file, members in files:
            _write(file, members, city, alter)
        return
    with ProcessPoolExecutor() as processes:
        list(processes.map(_write, *zip(*files, strict=True), repeat(city)))


def _write(file: Path, members: Sequence[Stream], city: City, alter: Callable[[str, Part], Part] | None = None) -> None:
    parts = [(stream.dataset, _part(stream, city)) for stream in members]
    file.unlink(missing_ok=True)
    _WRITERS[file.suffix](file, [alter(*part) if alter else part[1] for part in parts])


def _by_file(city: City) -> Mapping[str, Sequence[Stream]]:
    files: dict[str, list[Stream]] = {}
    for stream in all_streams():
        fitting = replace(stream, form=plain_form(stream, city.scale))
        files.setdefault(fitting.form.file, []).append(fitting)
    return files


def _part(stream: Stream, city: City) -> Part:
    schema: TableSchema = read_table_schema(SCHEMAS / f"{stream.dataset}.schema.json")
    fields = [schema.field(name) for name in stream.columns]
    titles = [field.title or field.name for field in fields]
    return Part(stream.form, stream.columns, titles, [field.type for field in fields], iter(stream.rows(city)))


def plant_defects(workspace: Path, folder: Path, city: City, wanted: Collection[str] = ()) -> None:
    """Write the city's files with the defects of `words/defects.json`, and their labels beside the workspace's data.

    The workspace's schemas declare the repairs of `words/declared-repairs.json`.

    The labels are `<workspace>/defects.csv`: number, dataset, place, before, after, treatment (standards.md 8).
    """
    plants: Sequence[Plant] = city.words_of("defects")
    labels: list[Label] = []
    generate(folder, city, wanted, lambda dataset, part: plant_rows(dataset, part, plants, labels))
    for plant in plants:
        if "file" in plant and (not wanted or plant["dataset"] in wanted):
            labels.append(plant_in_file(workspace, folder, plant))
    declare_repairs(workspace, city.words_of("declared-repairs"))
    write_labels(workspace / "defects.csv", labels)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write the samples: one invented city.")
    parser.add_argument("datasets", nargs="*", help="datasets whose files are wanted; default: all")
    parser.add_argument("--scale", type=int, default=1, help="how many times as large: 1, 10, 1000 …")
    parser.add_argument("--defects", action="store_true", help="plant the defects of words/defects.json")
    parser.add_argument("--into", type=Path, help="write a workspace of its own there, and not the committed files")
    parsed = parser.parse_args(arguments)
    if parsed.into is None and (parsed.scale != 1 or parsed.defects):
        parser.error("--scale and --defects need --into: the committed files are sound and of scale 1")
    return parsed


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parsed = _arguments(arguments)
    city = read_city(parsed.scale)
    if parsed.into is None:
        generate(DATA, city, parsed.datasets)
        return
    folder = write_workspace(parsed.into, all_streams(), city.scale)
    if parsed.defects:
        plant_defects(parsed.into, folder, city, parsed.datasets)
    else:
        generate(folder, city, parsed.datasets)


if __name__ == "__main__":
    main()
