"""Tables: one entry's rows from its source to its check, with the keys of the tables that it refers to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipelines.commands.run import Run
from pipelines.handover import Blocked, Checked, Extract, ReferredKeys
from pipelines.sources.steady import digest_file
from pipelines.stages.check import check
from pipelines.stages.extract import extract, source_file
from pipelines.stages.refer import refer
from quality.disclosure.columns import public_schema
from resource_catalog.entry import Entry
from resource_catalog.errors import WorkspaceError
from resource_catalog.table_schema import TableSchema
from resource_catalog.workspace import table_schema


def _parents(schema: TableSchema) -> list[str]:
    return sorted({key.reference.resource for key in schema.foreign_keys if key.reference.resource})


def source_digests(run: Run, entry: Entry, schema: TableSchema) -> list[str]:
    """Digests of the entry's source and of what it takes from other tables; "" for a source that has none.

    Of another table that is its source, its schema and whether its keys may be published.
    """
    digests = [_digest(run, entry)]
    released = _published(run)
    for parent in map(run.catalog.entry, _parents(schema)):
        schema_digest = digest_file(run.workspace.schema_file(parent))
        digests += [_digest(run, parent), schema_digest, "published" if parent.id in released else "withheld"]
    return digests


def _digest(run: Run, entry: Entry) -> str:
    file = source_file(run.workspace, run.agency, entry.source) if entry.source else None
    return digest_file(file) if file else ""


def _published(run: Run) -> set[str]:
    """The datasets whose data the catalogue opens and nobody took back."""
    withdrawn = {dataset for dataset, state in run.states().items() if state.withdrawn}
    return {found.entry.id for found in run.selections() if found.form == "release"} - withdrawn


def _keys_of(run: Run, parent: str, schema: TableSchema, folder: Path) -> ReferredKeys:
    """The keys of one table that foreign keys of the schema point to, from its own source."""
    entry = run.catalog.entry(parent)
    parent_schema = table_schema(run.workspace, entry)
    extracted = extract(run.workspace, run.agency, entry, folder / "referred" / parent, parent_schema.names)
    if isinstance(extracted, Blocked):
        first = extracted.quality.findings[0]
        raise WorkspaceError(
            f"its foreign keys can't be checked, for {parent} can't be read: {first.message}",
            where=first.place,
            fix=first.fix,
        )
    names = (name for key in schema.foreign_keys if key.reference.resource == parent for name in key.reference.fields)
    columns = tuple(dict.fromkeys(names))
    return refer(extracted, parent_schema, columns, folder / "referred" / f"{parent}.parquet")


def check_entry(run: Run, entry: Entry, schema: TableSchema) -> tuple[Checked | Blocked, tuple[ReferredKeys, ...]]:
    """One entry's source through extract and check, in its work folder."""
    folder = run.work / entry.id
    run.progress.step(entry.id, "extract")
    extracted = extract(run.workspace, run.agency, entry, folder / "table", schema.names)
    if not isinstance(extracted, Extract):
        return extracted, ()
    references = tuple(_keys_of(run, parent, schema, folder) for parent in _parents(schema))
    run.progress.step(entry.id, "check")
    return check(extracted, schema, run.agency.thresholds, references), references


def public_keys(run: Run, references: Sequence[ReferredKeys]) -> tuple[ReferredKeys, ...]:
    """The keys that a release may carry: of published tables only, and of open columns only.

    A foreign key may well point into a table that is withheld; it is checked then, and its keys stay here.
    """
    published = _published(run)
    return tuple(
        replace(keys, schema=public_schema(keys.schema, keys.resource))
        for keys in references
        if keys.resource in published and all(field.disclosure == "open" for field in keys.schema.fields)
    )
