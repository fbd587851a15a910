"""Verify shares: read every table as another bureau does, and hold it against the release that it says it shows."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.commands.publications import published_schema
from pipelines.commands.run import Run
from pipelines.commands.share_preparing import share_folder
from pipelines.commands.sharing_audit import prove_audit
from pipelines.commands.sharing_state import read_sharing
from pipelines.handover import Proof
from pipelines.releases import numbers, read_release
from pipelines.targets.sharing.prove import prove_table
from pipelines.targets.sharing.records import SharedTable
from pipelines.targets.sharing.rows import ShareSource
from pipelines.targets.sharing.target import NAME, Sharing
from resource_catalog.errors import OpenDataError


def prove_shares(run: Run, wanted: Sequence[str]) -> list[Proof]:
    """Read every shared table as a reader does; a proof per dataset, and one of the audit log where all are meant.

    Raises:
        OutsideError: the ledger's acts of sharing are broken.
    """
    if run.sharing is None:
        return []
    datasets = sorted({one.dataset for one in run.sharing.all_tables() if one.retired_at is None})
    proofs = [_prove(run, run.sharing, dataset) for dataset in datasets if not wanted or dataset in wanted]
    return proofs if wanted else proofs + prove_audit(run.sharing.store, read_sharing(run).state.audit_heads)


def _prove(run: Run, sharing: Sharing, dataset: str) -> Proof:
    run.progress.step(dataset, "verify")
    faults: list[str] = []
    tables = sharing.tables(dataset)
    for table in tables:
        try:
            work = share_folder(run, dataset) / "work.duckdb"
            faults += prove_table(sharing.store, table, _shown_source(run, table), work, sharing.storage)
        except OpenDataError as error:
            faults.append(str(error))
    files = [one for table in tables for one in table.files]
    return Proof(NAME, dataset, len(files), sum(one.size for one in files), tuple(faults))


def _shown_source(run: Run, table: SharedTable) -> ShareSource | None:
    """The release that a table says it shows; None where its store has it no more."""
    shown = table.current
    if shown is None:
        return None
    folder = run.home.shared if shown.store == "shared" else run.home.releases
    if shown.release not in numbers(folder, table.dataset):
        return None
    release = read_release(folder, table.dataset, shown.release)
    schema = published_schema(release)
    told = {one.name for one in table.columns if one.type == "string"}
    exact = tuple(one.name for one in schema.fields if one.type == "number" and one.name in told)
    return ShareSource(release, schema, shown.store, exact)
