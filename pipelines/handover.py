"""The values that one stage hands to the next; each can only be made by the stage it is named for.

plan ─▶ Extract ─▶ Checked | Blocked ─▶ Comparison ─▶ Release ─▶ Publication ─▶ Receipt ─▶ Proof
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from quality.finding import Finding, Quality
from quality.footer import Footer
from quality.metadata_quality import MetadataScore
from quality.rules.rule import Rule
from resource_catalog.agency import Agency
from resource_catalog.entry import Entry
from resource_catalog.table_schema import TableSchema


@dataclass(frozen=True)
class Origin:
    """Where rows came from, for messages and provenance.

    `digest` is "sha256:…" of the source's bytes, or "" where there are none to hash (a server database).
    """

    file: str
    sheet: str = ""
    encoding: str = ""
    dialect: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    size: int | None = None


@dataclass(frozen=True)
class Extract:
    """A source's rows, every cell as text or NULL, in EXTRACT (`quality.table`) of the DuckDB file `database`.

    `headings` are its columns beside the row number, in order, unique and not blank: names of the schema's fields, and
    the source's own headings where these lead to none. `source_headings` has, for a field that has another heading in
    the source, that heading; it is what people are shown. `findings` are faults that left the table readable, `counts`
    exact per rule. `in_place` is the file that EXTRACT is a view of, for a check alone. `footers` are cut off below.
    """

    entry: Entry
    database: Path
    headings: tuple[str, ...]
    rows: int
    origin: Origin
    source_headings: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    in_place: Path | None = None
    footers: tuple[Footer, ...] = ()


@dataclass(frozen=True)
class JudgedCheck:
    """One check of a table: its rule, the columns that it judged, how many values they had and how many of them failed.

    A fault that reading showed has no number of judged values.
    """

    rule: Rule
    columns: tuple[str, ...]
    judged: int | None
    failed: int


@dataclass(frozen=True)
class Inspection:
    """A checked table for those who mend it: what judged it, and the work database that its bad rows lie in.

    Where `marked`, the table BAD_CELLS (`quality.table`) beside EXTRACT has every bad cell; its `outcome` is a position
    in `checks`.
    """

    extract: Extract
    schema: TableSchema
    checks: tuple[JudgedCheck, ...]
    marked: bool = False


@dataclass(frozen=True)
class Checked:
    """An extract that passed its check; CELLS of `extract.database` has its rows in the schema's types."""

    extract: Extract
    schema: TableSchema
    quality: Quality
    inspection: Inspection | None = None

    @property
    def entry(self) -> Entry:
        """The catalogue entry that the rows belong to."""
        return self.extract.entry


@dataclass(frozen=True)
class Blocked:
    """A dataset whose source can't be read, or broke a `must` rule; nothing may be made of it.

    `inspection` is None where it could not be read.
    """

    entry: Entry
    quality: Quality
    inspection: Inspection | None = None


@dataclass(frozen=True)
class ReferredKeys:
    """The keys of another dataset that a foreign key points to: a Parquet file of them as text, and their columns.

    `release` is the release that they are of, where the other dataset's source can't be read; None: of its source.
    """

    resource: str
    file: Path
    schema: TableSchema
    release: int | None = None


@dataclass(frozen=True)
class Changes:
    """Row-level differences against the release before."""

    added: int = 0
    removed: int = 0
    changed: int = 0

    @property
    def any(self) -> bool:
        """Whether any row differs."""
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True)
class Comparison:
    """A checked table beside the release before it.

    The table ROWS of its database has the public columns in their types, in the release's order; the table CHANGES has
    the row-level differences, in the form of Delta's change data feed.
    """

    checked: Checked
    schema: TableSchema  # of the public columns, as published
    previous: Release | None
    changes: Changes
    schema_changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Release:
    """An immutable folder `<home>/releases/<id>/<n>/` (INTERFACE.md); `digest` is "sha256:…" of its SHA256SUMS."""

    dataset: str
    number: int
    folder: Path
    digest: str
    descriptor: Mapping[str, Any]
    rows: int
    changes: Changes

    @property
    def resource(self) -> Mapping[str, Any]:
        """The descriptor's CSV resource."""
        resource: Mapping[str, Any] = self.descriptor["resources"][0]
        return resource


class Form(StrEnum):
    """What readers find at a dataset's address."""

    RELEASE = "release"
    NOTICE = "notice"  # on request: page, dictionary and how to apply, no data
    TOMBSTONE = "tombstone"  # withdrawn: date and reason


@dataclass(frozen=True)
class Event:
    """One line of a dataset's public change log."""

    act: str  # published | rolled_back | withdrawn
    release: int | None
    at: datetime.datetime
    rows: int | None = None
    changes: Changes = Changes()
    reason: str = ""


@dataclass(frozen=True)
class Publication:
    """All that a target needs to show one dataset.

    `release` is the one to show as latest (None for a notice or a tombstone); `kept` are the releases that stay at
    their immutable addresses, `release` among them, oldest first; of a tombstone, those that were recalled and of which
    no byte may be left. `history` is newest first; `acts` are the identities of its acts in the ledger, newest last.
    """

    entry: Entry
    agency: Agency
    schema: TableSchema
    form: Form
    release: Release | None = None
    kept: tuple[Release, ...] = ()
    history: tuple[Event, ...] = ()
    acts: tuple[str, ...] = ()

    @property
    def dataset(self) -> str:
        """The entry's id."""
        return self.entry.id


@dataclass(frozen=True)
class Standing:
    """What a target says that it shows now.

    `act` is the identity of the ledger's act that is shown, "" where the target doesn't keep it; `withdrawals` how
    often the dataset was withdrawn by what is shown.
    """

    dataset: str
    form: Form
    release: int | None
    digest: str  # of the publication that made it; equal digests need no write
    act: str = ""
    withdrawals: int = 0


@dataclass(frozen=True)
class Receipt:
    """What a target did."""

    target: str
    dataset: str
    form: Form
    release: int | None
    digest: str
    address: str
    notes: tuple[str, ...] = ()  # what the reader of the report should know: which way was taken, what it can't promise


@dataclass(frozen=True)
class Preflight:
    """A target that can be published to, and what is worth knowing about it: a sentence each, with what to do."""

    target: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """A field of ours that someone else changed at a target: as it was written, as it is now, as it should be."""

    target: str
    dataset: str
    field: str
    written: str
    now: str
    wanted: str


@dataclass(frozen=True)
class Proof:
    """What re-reading a target showed: `faults` empty means that it shows the publication, whole and only that.

    `metadata` has the points of the DCAT that the target serves of it; None where it serves none.
    """

    target: str
    dataset: str
    files: int
    bytes: int
    faults: tuple[str, ...] = ()
    metadata: MetadataScore | None = None


@dataclass(frozen=True)
class Status:
    """Where one dataset stands by the catalogue, the ledger and each target; `withdrawing` are those not yet proved."""

    dataset: str
    title: str
    owner: str
    selected: str
    release: int | None
    released_at: datetime.datetime | None
    age_days: int | None
    promised_days: int | None
    late: bool
    withdrawn: str
    withdrawing: tuple[str, ...]
    targets: dict[str, dict[str, object]]
