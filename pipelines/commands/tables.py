"""Tables: one entry's rows from its source to its check, with the keys of the tables that it refers to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.commands.file_check import shown_discreetly
from pipelines.commands.publications import published_schema, stored
from pipelines.commands.run import Run
from pipelines.handover import Blocked, Checked, Extract, ReferredKeys
from pipelines.sources.catalogue_rows import catalogue_digest
from pipelines.sources.steady import digest_file
from pipelines.stages.check import check
from pipelines.stages.extract import extract, source_file
from pipelines.stages.refer import refer, refer_release
from quality.disclosure.columns import public_schema
from quality.expectations.last_release import LastRelease
from quality.expectations.suite import Suite, read_suite
from quality.waivers import waivers_in_force
from resource_catalog.entry import Entry
from resource_catalog.errors import OpenDataError, WorkspaceError
from resource_catalog.table_schema import TableSchema
from resource_catalog.workspace import table_schema

#: Where in a dataset's work folder its table lies, for as long as the run lasts.
TABLE = Path("table") / "work.duckdb"
#: Where the tables lie that others refer to; no dataset has such an id.
_REFERRED = ".referred"


def _parents(schema: TableSchema) -> list[str]:
    return sorted({key.reference.resource for key in schema.foreign_keys if key.reference.resource})


def source_digests(run: Run, entry: Entry, schema: TableSchema, seen: frozenset[str] = frozenset()) -> list[str]:
    """Digests of the entry's source, code lists, suite and what it takes from other tables; "" for a source without.

    Of another table that is its source, its schema, its code lists and whether its keys may be published; and where
    rows of it may be held back, all that decides which: its gate, and the tables that it refers to. `seen` are tables
    whose digests are being made.
    """
    suite = run.workspace.suite_file(entry)
    digests = [_digest(run, entry), *_code_list_digests(run, schema), *([digest_file(suite)] if suite else [])]
    digests += _waivers_today(run, entry)
    digests += [_digest_of_other(run, name) for name in read_suite(suite).other_tables] if suite else []
    parents = _parents(schema)
    published = _published(run) if parents else set()
    for parent in parents:
        try:
            other = run.catalog.entry(parent)
            their_schema = table_schema(run.workspace, other)
            digests += [_digest(run, other), digest_file(run.workspace.schema_file(other))]
            digests += _code_list_digests(run, their_schema)
            if other.quality.quarantine and parent not in seen:
                digests += [other.quality.model_dump_json()]
                digests += source_digests(run, other, their_schema, seen | {entry.id, parent})
        except (OpenDataError, FileNotFoundError):
            digests.append("")  # what is wrong with it is said of that dataset
        digests.append("published" if parent in published else "withheld")
    return digests


def _digest_of_other(run: Run, name: str) -> str:
    """Of a dataset whose rows a suite counts; "" for one that can't be read, which the check says."""
    try:
        return _digest(run, run.catalog.entry(name))
    except (OpenDataError, FileNotFoundError):
        return ""


def _waivers_today(run: Run, entry: Entry) -> list[str]:
    """Which of its waivers hold: an unchanged source is checked again once one of them is over."""
    return ["in force" if holds else "over" for holds in waivers_in_force(entry.quality.waivers, run.today)]


def _digest(run: Run, entry: Entry) -> str:
    if entry.source and entry.source.catalogue:
        return catalogue_digest(run.catalog, entry.source.catalogue)
    file = source_file(run.workspace, run.agency, entry.source) if entry.source else None
    return digest_file(file) if file else ""


def _code_list_digests(run: Run, schema: TableSchema) -> list[str]:
    names = dict.fromkeys(field.code_list for field in schema.fields if field.code_list)
    return [digest_file(run.workspace.code_list_file(name)) for name in names]


def _published(run: Run) -> set[str]:
    """The datasets whose data the catalogue opens and nobody took back; of a broken entry, what readers see counts."""
    states = run.states()
    opened = {found.entry.id for found in run.selections() if found.form == "release"}
    broken = {entry.id for entry in run.catalog.broken if entry.id in states and states[entry.id].live is not None}
    return (opened | broken) - {dataset for dataset, state in states.items() if state.withdrawn}


def _hold_back(run: Run, extracted: Extract, schema: TableSchema, folder: Path, seen: frozenset[str]) -> None:
    """Check a table that others refer to as its own release is: what it holds back, they can't refer to."""
    references = [_keys_of(run, parent, schema, folder, seen) for parent in _parents(schema)]
    check(extracted, schema, run.agency.thresholds, references, today=run.today)


def _rows_of(run: Run, entry: Entry, schema: TableSchema, folder: Path) -> Extract | Blocked:
    """The rows of a table that others refer to: read once in a run, as long as its source stays as it is.

    Where rows of it may be held back, each reads it anew, for what goes depends on who asks.
    """
    digest = _digest(run, entry)
    if not digest or entry.quality.quarantine:
        return extract(run.catalog, entry, folder / entry.id, schema.fields)
    known, read = run.referred.get(entry.id, ("", None))
    if read is None or known != digest or (isinstance(read, Extract) and not read.database.exists()):
        read = extract(run.catalog, entry, run.work / _REFERRED / entry.id, schema.fields)
        run.referred[entry.id] = digest, read
    return read


def _keys_of_source(
    run: Run, parent: str, columns: tuple[str, ...], folder: Path, seen: frozenset[str]
) -> ReferredKeys:
    entry = run.catalog.entry(parent)
    schema = table_schema(run.workspace, entry)
    extracted = _rows_of(run, entry, schema, folder)
    if isinstance(extracted, Blocked):
        first = extracted.quality.findings[0]
        raise WorkspaceError(
            f"foreign keys can't be checked, for {parent} can't be read: {first.message}",
            where=first.place,
            fix=first.fix,
        )
    if entry.quality.quarantine and parent not in seen:
        _hold_back(run, extracted, schema, folder / f"{parent}-referred", seen | {parent})
    return refer(extracted, schema, columns, folder / f"{parent}.parquet")


def _keys_of(run: Run, parent: str, schema: TableSchema, folder: Path, seen: frozenset[str]) -> ReferredKeys:
    """The keys of one table that foreign keys of the schema point to.

    They are those of its source, without the rows that its gate holds back; where that can't be read, of the release
    that readers see, so that one dataset's failure harms no other. In a circle of tables, the one that closes it
    (`seen`) is taken with all its rows.
    """
    pointing = [key.reference for key in schema.foreign_keys if key.reference.resource == parent]
    columns = tuple(dict.fromkeys(name for reference in pointing for name in reference.fields))
    try:
        return _keys_of_source(run, parent, columns, folder, seen)
    except OpenDataError:
        state = run.states().get(parent)
        release = stored(run, parent, state.live) if state else None
        # A release may be of a time before a mask, or have nothing but masked values.
        known = published_schema(release) if release else None
        if release is None or known is None or not set(columns) <= _unmasked(known) - _masked_now(run, parent):
            raise
        fields = tuple(known.field(name) for name in columns)
        return refer_release(release, TableSchema(fields=fields), folder / f"{parent}.parquet")


def _unmasked(schema: TableSchema) -> set[str]:
    return {field.name for field in schema.fields if field.mask is None}


def _masked_now(run: Run, dataset: str) -> set[str]:
    """The columns that the schema of today masks; one that can't be read says of none."""
    try:
        schema = table_schema(run.workspace, run.catalog.entry(dataset))
    except OpenDataError:
        return set()
    return set(schema.names) - _unmasked(schema)


def check_entry(
    run: Run, entry: Entry, schema: TableSchema, *, mark: bool = False
) -> tuple[Checked | Blocked, tuple[ReferredKeys, ...]]:
    """One entry's source through extract and check, in its work folder; with `mark` every bad cell stays there."""
    folder = run.work / entry.id
    run.progress.step(entry.id, "extract")
    extracted = shown_discreetly(extract(run.catalog, entry, folder / TABLE.parent, schema.fields), schema)
    if not isinstance(extracted, Extract):
        return extracted, ()
    seen = frozenset({entry.id})
    references = tuple(_keys_of(run, parent, schema, folder / "referred", seen) for parent in _parents(schema))
    run.progress.step(entry.id, "check")
    suite = run.workspace.suite_file(entry)
    expected = read_suite(suite) if suite else None
    last = _last_release(run, entry) if expected and expected.asks_last_release else None
    others = _rows_of_others(run, expected, folder / "referred") if expected else {}
    options: dict[str, Any] = {"today": run.today, "mark": mark, "suite": expected, "previous": last, "others": others}
    return check(extracted, schema, run.agency.thresholds, references, **options), references


def _rows_of_others(run: Run, suite: Suite, folder: Path) -> dict[str, int]:
    """How many rows the datasets have that a suite names, but for those that the catalogue lacks or can't read."""
    found = {}
    for name in suite.other_tables:
        with suppress(OpenDataError):
            entry = run.catalog.entry(name)
            read = _rows_of(run, entry, table_schema(run.workspace, entry), folder)
            if isinstance(read, Extract):
                found[name] = read.rows
    return found


def _last_release(run: Run, entry: Entry) -> LastRelease | None:
    """The release that readers see, with its columns that aren't masked; None where there is none."""
    state = run.states().get(entry.id)
    release = stored(run, entry.id, state.live) if state else None
    if release is None:
        return None
    file = release.folder / "data" / f"{entry.id}.parquet"
    unmasked = _unmasked(published_schema(release)) - _masked_now(run, entry.id)
    return LastRelease(file, tuple(sorted(unmasked))) if file.is_file() else None


def public_keys(run: Run, references: Sequence[ReferredKeys]) -> tuple[ReferredKeys, ...]:
    """The keys that a release may carry: of published tables only, and of open columns only.

    A foreign key may well point into a table that is withheld; it is checked then, and its keys stay here.
    """
    published = _published(run) if references else set()
    return tuple(
        replace(keys, schema=public_schema(keys.schema, keys.resource))
        for keys in references
        if keys.resource in published and all(field.disclosure == "open" for field in keys.schema.fields)
    )
