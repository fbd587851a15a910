"""The sharing store: what it shows of a dataset, and how its tables come to show a release, are retired and emptied."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.home import disk_failure
from pipelines.targets.sharing.catching_up import passed_over, steps
from pipelines.targets.sharing.columns import SharedColumn
from pipelines.targets.sharing.delta_actions import Projection
from pipelines.targets.sharing.delta_log import commit_info, read_commit
from pipelines.targets.sharing.files import remove_drafts
from pipelines.targets.sharing.place import require_place, tell_place
from pipelines.targets.sharing.projection import project
from pipelines.targets.sharing.receipts import has_receipt, write_receipt
from pipelines.targets.sharing.records import (
    SharedTable,
    begun,
    caught_up,
    instant,
    remove_begun,
    tables_folder,
    tables_of,
    unrecorded,
    write_table,
)
from pipelines.targets.sharing.retention import Keeping, expired, removed_at_once, swept
from pipelines.targets.sharing.rows import ShareSource, source_columns
from pipelines.targets.sharing.storage import FOLDERS, Storage
from resource_catalog.entry import Entry
from resource_catalog.sharing_policy import Policy

NAME = "sharing"
#: What a killed run may leave of records, receipts and keys; the home's lock is held where they are removed.
_DRAFTS = (".objects.json.draft", "tables/.*.json.draft", "receipts/*/.*.draft", "keys/.receipts-*.draft")


class Sharing:
    """A sharing store and how it is kept.

    Args:
        store: Its folder.
        agency: The agency's id, for receipts.
        keeping: How long old versions are served.
        vectors: Whether tables may have deletion vectors.
        storage: Where the tables lie; records, receipts and keys are in the folder in any case.
    """

    name = NAME

    def __init__(self, store: Path, agency: str, keeping: Keeping, vectors: bool, storage: Storage = FOLDERS) -> None:
        self.store = store
        self.agency = agency
        self.keeping = keeping
        self.vectors = vectors
        self.storage = storage
        self._known: dict[str, dict[str, SharedTable]] | None = None

    def _tables(self) -> dict[str, dict[str, SharedTable]]:
        """Dataset → id → record, read once: this run alone writes them."""
        if self._known is None:
            self._known = {}
            for one in tables_of(self.store):
                self._known.setdefault(one.dataset, {})[one.id] = one
        return self._known

    def _write(self, table: SharedTable) -> None:
        write_table(self.store, table)
        self._tables().setdefault(table.dataset, {})[table.id] = table

    def tables(self, dataset: str) -> tuple[SharedTable, ...]:
        """The tables of a dataset that are served, or could be."""
        return tuple(one for one in self._tables().get(dataset, {}).values() if one.retired_at is None)

    def all_tables(self) -> tuple[SharedTable, ...]:
        """Every table that was ever shared."""
        return tuple(one for of_dataset in self._tables().values() for one in of_dataset.values())

    def check(self) -> None:
        """Whether the tables can be kept where they are to lie; the server is told where that is.

        Raises:
            OutsideError: they can't, or they lie elsewhere.
        """
        require_place(self.store, self.storage.place)
        self.storage.check()
        tell_place(self.store, self.storage.place)

    def recover(self) -> None:
        """Bring the records in line with the logs: a run may have been killed between a commit and its record.

        Raises:
            OutsideError: a table is broken.
        """
        self._known = None  # another run may have ended just before the lock was taken
        for draft in (one for pattern in _DRAFTS for one in self.store.glob(pattern)):
            draft.unlink(missing_ok=True)
        self.storage.refresh()
        remove_begun(self.store)
        for one in unrecorded(self.store):
            self._write(one)
        for one in self.all_tables():
            remove_drafts(tables_folder(self.store) / one.id)
            now = caught_up(self.store, one) if one.retired_at is None else one
            if one.retired_at is None:
                self._sign(now)
            if now != one:
                self._write(now)

    def _sign(self, table: SharedTable) -> None:
        """Write the newest version's receipt, unless it is there; what it attests stands in the log."""
        for version in table.versions[-1:]:
            if not has_receipt(self.store, table, version):
                info = commit_info(read_commit(tables_folder(self.store) / table.id, version.version))
                write_receipt(self.store, table, version, self.agency, info["opendata.checks"])

    def behind(self, wanted: Sequence[Policy], dataset: str, digest: str) -> bool:
        """Whether tables lack a policy that is wanted, have one that is not, or show another release."""
        known = {one.policy.identity: one for one in self.tables(dataset)}
        if {one.identity for one in wanted} != known.keys():
            return True
        return any(one.current is None or one.current.digest != digest for one in known.values())

    def share(
        self,
        entry: Entry,
        wanted: Sequence[Policy],
        source: ShareSource,
        at: datetime.datetime,
        work: Path,
        earlier: Sequence[ShareSource] = (),
    ) -> tuple[SharedTable, ...]:
        """Have one table per policy show a release, and retire the others; what shows it already is left alone.

        A table that is several releases behind gets a version of each that is among `earlier`, which are ascending.

        Raises:
            OutsideError: the disk failed or a table is broken; readers see what they saw.
        """
        tables = self.tables(entry.id)
        source = replace(source, exact=tuple(sorted({*source.exact, *_told_as_text(tables, source)})))
        places = _places(tables, wanted, source_columns(source, work))
        shown = []
        for policy in wanted:
            table = places.get(policy.identity) or begun(str(uuid.uuid4()), policy, instant(at))
            for step in steps(table, policy, earlier, source, work):
                table = self._shown(entry, table, policy, step, at, work)
            shown.append(table)
        kept = {one.id for one in shown}
        self.retire([one for one in self.tables(entry.id) if one.id not in kept], at)
        return tuple(shown)

    def _shown(
        self,
        entry: Entry,
        table: SharedTable,
        policy: Policy,
        source: ShareSource,
        at: datetime.datetime,
        work: Path,
    ) -> SharedTable:
        current = table.current
        if current and current.digest == source.release.digest and table.policy.identity == policy.identity:
            return table
        own = source.release.descriptor["opendata"].get("previous")
        follows = current is not None and current.store == source.store and current.digest == own
        projection = Projection(
            table_id=table.id,
            folder=tables_folder(self.store) / table.id,
            policy=policy,
            source=source,
            title=entry.title,
            summary=entry.summary,
            at=at,
            previous=current.digest if current and follows else "",
            vectors=self.vectors,
            checks=_checks(source),
            passed_over=passed_over(table, source),
            storage=self.storage,
        )
        try:
            project(projection, work)
            table = caught_up(self.store, table)
            self._sign(table)
            self._write(expired(table, self.keeping, at))
        except OSError as error:
            raise disk_failure(
                "a shared table could not be written", Path(error.filename or self.store), error
            ) from error
        return table

    def retire(self, tables: Iterable[SharedTable], at: datetime.datetime) -> None:
        """Serve these tables no more; their files stay for as long as addresses of them may live."""
        for one in tables:
            self._write(replace(one, retired_at=instant(at)))

    def withdraw(self, dataset: str, at: datetime.datetime) -> None:
        """Serve nothing of a dataset, and remove every file of it, of tables retired before as well."""
        self.retire(self.tables(dataset), at)
        for one in self.all_tables():
            if one.dataset == dataset and not one.emptied:
                self._write(removed_at_once(self.store, one, self.storage))

    def left_of(self, dataset: str) -> list[str]:
        """What is still there of a withdrawn dataset: tables that are served, and folders of tables."""
        of_dataset = self._tables().get(dataset, {}).values()
        served = [one.id for one in of_dataset if one.retired_at is None]
        return served + [one.id for one in of_dataset if self.storage.is_left(tables_folder(self.store) / one.id)]

    def sweep(self, now: datetime.datetime) -> None:
        """End the service of versions that are too old, and remove files that nobody may read any more."""
        for one in self.all_tables():
            due = expired(one, self.keeping, now) if one.retired_at is None else one
            left = swept(self.store, due, self.keeping, now, self.storage)
            if left != one:
                self._write(left)

    def facts(self, dataset: str) -> dict[str, Any] | None:
        """What is shared of a dataset, for `--json` and the reports; None for nothing."""
        tables = self.tables(dataset)
        if not tables:
            return None
        releases = sorted({one.current.release for one in tables if one.current})
        return {
            "form": "share",
            "release": releases[-1] if releases else None,
            "tables": len(tables),
            "rows": [one.current.rows for one in tables if one.current],
            "versions": [one.current_version for one in tables],
        }


def _checks(source: ShareSource) -> dict[str, Any]:
    """What the release's quality.json says, in short; the score as text, for a number's JSON differs by program."""
    summary = json.loads((source.release.folder / "quality.json").read_text(encoding="utf-8"))
    rules = {rule["rule"]: rule["count"] for rule in summary["rules"]}
    return {
        "rows": summary["rows"],
        "score": None if summary["score"] is None else str(summary["score"]),
        "findings": rules,
    }


def _told_as_text(tables: Sequence[SharedTable], source: ShareSource) -> set[str]:
    """Numbers that a table has as text: they stay text, also where a later release could do without."""
    numbers = {one.name for one in source.schema.fields if one.type == "number"}
    return {one.name for table in tables for one in table.columns if one.name in numbers and one.type == "string"}


def _places(
    tables: Sequence[SharedTable], wanted: Sequence[Policy], columns: Mapping[str, SharedColumn]
) -> dict[str, SharedTable]:
    """Policy → the table that shows it: its own, or one whose policy nobody has any more and that it widens.

    A policy that is tighter in anything, or other, gets a new table: the old files hold what it may not show. So does
    one of which a column has another type now.
    """
    fit = [
        one
        for one in tables
        if all(columns.get(had.name) and columns[had.name].type == had.type for had in one.columns)
    ]
    by_policy = {one.policy.identity: one for one in fit}
    asked = {one.identity for one in wanted}
    free = [one for one in fit if one.policy.identity not in asked]
    places = {}
    for policy in wanted:
        found = by_policy.get(policy.identity) or next((one for one in free if policy.widens(one.policy)), None)
        if found:
            places[policy.identity] = found
            free = [one for one in free if one.id != found.id]
    return places
