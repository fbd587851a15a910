"""Package: make the release of a compared table, aside, and give it its number by one rename."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import duckdb

from pipelines.engines.duck import open_work, quote_name, quote_text
from pipelines.formats.catalogue import FORMATS
from pipelines.formats.descriptor import FileFacts, Files, content_of, describe, facts_of, keys_path
from pipelines.formats.documents import as_json, quality_summary, readme
from pipelines.formats.parquet import write_changes
from pipelines.handover import Comparison, ReferredKeys, Release
from pipelines.home import disk_failure, to_disk
from pipelines.releases import CHECKSUMS, DESCRIPTOR, read_release
from resource_catalog.agency import Agency
from resource_catalog.data_dictionary import dictionary_csv


def same_as_before(comparison: Comparison, agency: Agency, references: Sequence[ReferredKeys]) -> bool:
    """Whether the table, its schema and its description are those of the release before: then there is none to make."""
    previous = comparison.previous
    if previous is None or comparison.changes.any or comparison.schema_changes:
        return False
    now = describe(comparison, agency, references, number=previous.number, left_out={}, files={})
    return content_of(now) == content_of(previous.descriptor)


def _write_keys(connection: duckdb.DuckDBPyConnection, keys: ReferredKeys, file: Path) -> None:
    columns = ", ".join(quote_name(name) for name in keys.schema.names)
    select = f"SELECT DISTINCT {columns} FROM read_parquet({quote_text(keys.file)}) ORDER BY ALL"
    connection.execute(f"COPY ({select}) TO {quote_text(file)} (FORMAT csv, HEADER, NEW_LINE '\\r\\n')")


def _write_tables(
    comparison: Comparison, references: Sequence[ReferredKeys], folder: Path, left_out: Mapping[str, str]
) -> dict[str, str]:
    """Write the data files but for those left out; format → why, also for those that the table can't have."""
    (folder / "data").mkdir()
    left_out = dict(left_out)
    dataset = comparison.checked.entry.id
    sources = [keys.file.parent for keys in references]
    database = comparison.checked.extract.database
    with open_work(database, folders=[folder, *sources], extensions=["excel"]) as connection:
        for form in FORMATS:
            obstacle = left_out.get(form.name) or form.obstacle(connection, comparison.schema)
            if obstacle:
                left_out[form.name] = obstacle
            else:
                form.write(connection, comparison.schema, folder / "data" / f"{dataset}.{form.suffix}")
        write_changes(connection, folder / "changes.parquet")
        for keys in references:
            _write_keys(connection, keys, folder / keys_path(keys.resource))
    return left_out


def _write_documents(
    comparison: Comparison,
    agency: Agency,
    references: Sequence[ReferredKeys],
    number: int,
    left_out: dict[str, str],
    files: Files,
    folder: Path,
) -> None:
    descriptor = describe(comparison, agency, references, number=number, left_out=left_out, files=files)
    documents = {
        DESCRIPTOR: as_json(descriptor),
        "dictionary.csv": dictionary_csv(comparison.schema),
        "quality.json": quality_summary(comparison.checked.quality),
        "README.md": readme(descriptor),
    }
    for name, text in documents.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")


def _facts(folder: Path, known: Files) -> dict[str, FileFacts]:
    """Size and digest of every file, in the order of their paths; each file is read once."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: known.get(name) or facts_of(path) for name, path in names.items()}


def _seal(folder: Path, known: Files) -> None:
    """Write the checksums, make every file read-only, and bring all of it to the disk."""
    facts = _facts(folder, known)
    (folder / CHECKSUMS).write_text("".join(f"{one.sha256}  {name}\n" for name, one in facts.items()), "utf-8")
    for name in (*facts, CHECKSUMS):
        (folder / name).chmod(0o444)
        to_disk(folder / name)
    for place in (folder / "data", folder, folder.parent):
        to_disk(place)


def package(
    comparison: Comparison,
    agency: Agency,
    references: Sequence[ReferredKeys],
    store: Path,
    number: int,
    unwanted: Mapping[str, str] = MappingProxyType({}),
) -> Release:
    """The release `number` of a compared table, in `store`/<id>/<number>/ (INTERFACE.md, "A release").

    The same table, rules and release before give the same bytes. A run that is killed leaves a folder that begins with
    a dot, and nothing else. `unwanted` are formats that it is not to have → why.

    Raises:
        OutsideError: the disk failed or is full.
    """
    dataset = comparison.checked.entry.id
    draft = store / dataset / ".draft"
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        left_out = _write_tables(comparison, references, draft, unwanted)
        files = _facts(draft, {})
        _write_documents(comparison, agency, references, number, left_out, files, draft)
        _seal(draft, files)
        draft.rename(store / dataset / str(number))
        for folder in (store / dataset, store):
            to_disk(folder)
    except OSError as error:
        raise disk_failure("the release could not be written", Path(error.filename or draft), error) from error
    return read_release(store, dataset, number)
