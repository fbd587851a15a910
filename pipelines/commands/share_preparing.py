"""Prepare sharing: what other bureaus are to read of each dataset, and whether their tables are behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pipelines.commands.planning import isolated
from pipelines.commands.prepare import Prepared
from pipelines.commands.publications import published_schema, stored
from pipelines.commands.run import Run
from pipelines.commands.sharing_policies import wanted_policies
from pipelines.commands.tables import check_entry, source_digests
from pipelines.fingerprint import inputs_of
from pipelines.handover import Blocked, Checked, Comparison, Release
from pipelines.home import disk_failure, to_disk
from pipelines.plan import WORK, Decision, Verdict
from pipelines.releases import OWN, latest_release, numbers, read_release
from pipelines.stages.compare import compare
from pipelines.stages.package import same_as_before
from pipelines.targets.sharing.target import Sharing
from quality.disclosure.columns import BUREAUS
from quality.finding import one_of_each_first
from resource_catalog.entry import Entry
from resource_catalog.selection import channels_of, is_for_bureaus
from resource_catalog.sharing_policy import Policy, shared_columns
from resource_catalog.table_schema import TableSchema
from resource_catalog.vocabulary import Openness
from resource_catalog.workspace import table_schema

#: Formats that only the public is given → why; bureaus read their tables.
NOT_FOR_BUREAUS = dict.fromkeys(("xlsx", "jsonl"), "a share is read from its table")


@dataclass(frozen=True)
class PreparedShare:
    """What is to be shared of one dataset.

    `public` says that the public release is what bureaus read. Else `release` is their own where it is made already,
    `comparison` what it is to be made of, and neither where that waits for the public release of this run. `inputs` is
    the fingerprint of what it is made of. `behind` says that there is something to do, `trouble` why there can't be.
    """

    entry: Entry
    policies: tuple[Policy, ...] = ()
    public: bool = False
    release: Release | None = None
    comparison: Comparison | None = None
    inputs: str = ""
    behind: bool = False
    trouble: Decision | None = None


def share_folder(run: Run, dataset: str) -> Path:
    """Where a dataset's work files of sharing lie."""
    return run.work / dataset / "sharing"


def _is_shared(prepared: Prepared) -> bool:
    """Whether the catalogue gives the entry to other bureaus, and nobody took it back."""
    entry = prepared.entry
    if prepared.state.unshared or (prepared.state.withdrawn and _is_opened(entry)):
        return False
    return is_for_bureaus(entry) and entry.source is not None


def _is_opened(entry: Entry) -> bool:
    """Whether the catalogue opens it: of a dataset that it has closed since, what was withdrawn is the public's."""
    return entry.openness.code is Openness.OPEN and "portal" in channels_of(entry)


def _inputs_file(run: Run, dataset: str) -> Path:
    return run.home.shared / dataset / "inputs"


def known_inputs(run: Run, dataset: str) -> str:
    """The fingerprint of what the last release for bureaus is made of; "" where it is unknown."""
    try:
        return _inputs_file(run, dataset).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def note_inputs(run: Run, dataset: str, inputs: str) -> None:
    """Keep the fingerprint; a lost one costs a check, and nothing else.

    Raises:
        OutsideError: the disk failed.
    """
    if inputs and inputs != known_inputs(run, dataset):
        file = _inputs_file(run, dataset)
        draft = file.with_name(".inputs.draft")
        try:
            draft.write_text(f"{inputs}\n", encoding="ascii")
            to_disk(draft)
            draft.replace(file)
            to_disk(file.parent)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise disk_failure("what a release was made of could not be noted", file, error) from error


def _of_public(run: Run, sharing: Sharing, prepared: Prepared, policies: tuple[Policy, ...]) -> PreparedShare:
    release = stored(run, prepared.entry.id, prepared.state.live)
    coming = prepared.decision.verdict in WORK and (prepared.comparison is not None or prepared.made is not None)
    digest = release.digest if release else ""
    behind = coming or (release is not None and sharing.behind(policies, prepared.entry.id, digest))
    return PreparedShare(prepared.entry, policies, public=True, behind=behind)


def compared_for_bureaus(run: Run, checked: Checked, previous: Release | None) -> Comparison:
    """The rows that bureaus may read, beside their release before; foreign keys stay with the public releases."""
    before = published_schema(previous) if previous else None
    return compare(checked, previous, before, (), run.workspace.schema_file(checked.entry), BUREAUS)


def _blocked(entry: Entry, blocked: Blocked) -> Decision:
    first = one_of_each_first(blocked.quality.findings)[0]
    more = f", and {blocked.quality.must - 1} more" if blocked.quality.must > 1 else ""
    reason = f"not shared: {first.place}: {first.message}{more} → {first.fix}"
    return Decision(entry.id, entry.title, entry.owner, Verdict.BLOCKED, reason, quality=blocked.quality)


def _own(
    run: Run, sharing: Sharing, prepared: Prepared, schema: TableSchema, policies: tuple[Policy, ...]
) -> PreparedShare:
    """A dataset of which bureaus read a release of their own."""
    entry = prepared.entry
    share = PreparedShare(entry, policies)
    if prepared.decision.verdict is Verdict.BLOCKED:
        return share  # what is wrong with it is said already; bureaus keep what they have
    inputs = inputs_of(entry, run.agency, run.workspace.schema_file(entry), source_digests(run, entry, schema))
    put_back = _put_back(run, prepared)
    if put_back:
        return _settled(sharing, share, put_back)
    previous = latest_release(run.home.shared, entry.id)
    share = replace(share, inputs=inputs)
    if previous and inputs and inputs == known_inputs(run, entry.id):
        return _settled(sharing, share, previous)
    if prepared.comparison is not None:
        return replace(share, behind=True)  # its table is made into the public release first
    checked, _references = check_entry(run, entry, schema)
    if isinstance(checked, Blocked):
        return replace(share, trouble=_blocked(entry, checked))
    comparison = compared_for_bureaus(run, checked, previous)
    if previous and same_as_before(comparison, run.agency, ()):
        return _settled(sharing, share, previous)
    return replace(share, comparison=comparison, behind=True)


def _put_back(run: Run, prepared: Prepared) -> Release | None:
    """Where an earlier public release was put back: the bureaus' release of the same source, if there is one."""
    state, dataset = prepared.state, prepared.entry.id
    live = stored(run, dataset, state.live)
    if live is None or state.live == state.released or prepared.comparison is not None:
        return None
    meant = live.descriptor[OWN]["source"]["digest"]
    known = [read_release(run.home.shared, dataset, number) for number in numbers(run.home.shared, dataset)]
    same = [release for release in known if meant and release.descriptor[OWN]["source"]["digest"] == meant]
    return same[-1] if same else None


def _settled(sharing: Sharing, share: PreparedShare, release: Release) -> PreparedShare:
    behind = sharing.behind(share.policies, share.entry.id, release.digest)
    return replace(share, release=release, behind=behind)


def _prepare(run: Run, sharing: Sharing, prepared: Prepared) -> PreparedShare:
    entry = prepared.entry
    if prepared.unannounced:
        return PreparedShare(entry)  # bureaus keep what they have until the announced day
    if not _is_shared(prepared) or not run.workspace.schema_file(entry).is_file():
        return PreparedShare(
            entry, behind=bool(sharing.left_of(entry.id) if prepared.state.unshared else sharing.tables(entry.id))
        )
    schema = table_schema(run.workspace, entry)
    policies = wanted_policies(run, entry, schema)
    if not policies:
        return PreparedShare(entry, behind=bool(sharing.tables(entry.id)))
    public = all(field.disclosure == "open" for field in schema.fields if field.name in shared_columns(schema))
    publishes = prepared.state.live is not None or prepared.comparison is not None or prepared.made is not None
    withdraws = prepared.decision.verdict is Verdict.WITHDRAW
    if public and publishes and not withdraws:
        return _of_public(run, sharing, prepared, policies)
    return _own(run, sharing, prepared, schema, policies)


def prepare_shares(run: Run, prepared: Sequence[Prepared]) -> list[PreparedShare]:
    """What is to be shared of every dataset that is meant; one that fails says so and stops no other."""
    if run.sharing is None:
        return []
    found = []
    for one in prepared:
        if one.decision.verdict is Verdict.FAILED:
            continue
        share = isolated(one.entry, partial(_prepare, run, run.sharing, one))
        found.append(PreparedShare(one.entry, trouble=share) if isinstance(share, Decision) else share)
    return found
