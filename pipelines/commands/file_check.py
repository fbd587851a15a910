"""One file against one Table Schema, without a catalogue or a ledger; and what the check of any table comes to."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

from pipelines.commands.in_place import checked_in_place
from pipelines.handover import Blocked, Checked, Extract
from pipelines.plan import Decision, Verdict
from pipelines.reporting.inspected import InspectedDataset
from pipelines.reporting.repair_table import write_repair_table
from pipelines.stages.check import check
from pipelines.stages.extract import extract
from quality.expectations.suite import read_suite
from quality.masking import discreet
from resource_catalog.agency import Agency, Thresholds
from resource_catalog.catalog_values import Catalog
from resource_catalog.code_list import with_code_lists
from resource_catalog.entry import Entry, Source
from resource_catalog.errors import UsageError
from resource_catalog.table_schema import TableSchema, read_table_schema
from resource_catalog.workspace import Workspace

#: Whose a file is that is checked without a catalogue, and the id that it has then.
NO_AGENCY = Agency(id="none", name="-", code="-")
FILE = "data"


def inspected_table(entry: Entry, outcome: Checked | Blocked) -> InspectedDataset:
    """What a check of an entry's table came to, for those who mend it."""
    return InspectedDataset(_verdict(entry, outcome), outcome.inspection)


def _verdict(entry: Entry, outcome: Checked | Blocked) -> Decision:
    quality = outcome.quality
    passed = isinstance(outcome, Checked)
    reason = "valid" if passed else f"to be mended: {quality.must}"
    verdict = Verdict.UNCHANGED if passed else Verdict.BLOCKED
    return Decision(entry.id, entry.title, entry.owner, verdict, reason, quality=quality)


def shown_discreetly(extracted: Extract | Blocked, schema: TableSchema) -> Extract | Blocked:
    """The same, its findings with masked values where their columns may be personal."""
    source = extracted.entry.source
    columns = source.columns if source else {}
    if isinstance(extracted, Extract):
        return replace(extracted, findings=discreet(extracted.findings, schema, columns))
    findings = discreet(extracted.quality.findings, schema, columns)
    return replace(extracted, quality=replace(extracted.quality, findings=findings))


def check_file(
    data: Path,
    schema_file: Path,
    work: Path,
    suite_file: Path | None = None,
    *,
    mark: bool = False,
    repairs: Path | None = None,
) -> InspectedDataset:
    """Check one file against one Table Schema, and a suite where one is named, without a catalogue.

    Raises:
        UsageError: there is no such file.
        WorkspaceError: the schema, a code list of it or the suite can't be read, or they contradict each other.
        SourceError: the file's format is unknown.
    """
    if not data.is_file():
        raise UsageError("there is no such file", where=str(data), fix="name the file to check with --data")
    schema = with_code_lists(read_table_schema(schema_file), schema_file)
    suite = read_suite(suite_file) if suite_file else None
    folder = data.resolve().parent
    entry = Entry.model_validate(
        {
            "id": FILE,
            "code": "-",
            "title": data.name,
            "owner": "whoever keeps the file",
            "openness": "open",
            "sharing": "unconditional",
            "update_cycle": "never",
            "source": Source(path=str(data.resolve())),
        }
    )
    agency = NO_AGENCY.model_copy(update={"data_roots": (str(folder),)})
    catalog = Catalog(Workspace(folder), agency, ())
    today = datetime.date.today()
    # A workbook reads the bad rows once more, when the file may be another.
    outcome = None if mark else checked_in_place(catalog, entry, schema, Thresholds(), work, today=today, suite=suite)
    if outcome is not None:
        return inspected_table(entry, outcome)
    extracted = shown_discreetly(extract(catalog, entry, work, schema.fields), schema)
    if isinstance(extracted, Blocked):
        return inspected_table(entry, extracted)
    found = check(extracted, schema, Thresholds(), (), today=today, mark=mark, suite=suite)
    if repairs and found.quality.repairs:
        write_repair_table(extracted.database, schema, repairs / f"{FILE}.csv")
    return inspected_table(entry, found)
