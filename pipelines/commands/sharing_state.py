"""The state of sharing in one run: read from its acts, changed by new ones, and told to the server in the same step."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.chain import Head
from pipelines.commands.run import Run
from pipelines.commands.sharing_audit import head_act
from pipelines.home import locked
from pipelines.shares.access import accesses
from pipelines.shares.acts import SharingAct, SharingLedger
from pipelines.shares.offers import Offers, policies_at
from pipelines.shares.replay import replay
from pipelines.shares.serving_state import Served, known_head, write_state
from pipelines.shares.stamp import Stamp
from pipelines.shares.state import Need, SharingState
from pipelines.shares.tables import DataFile, SharedTable, TableVersion
from pipelines.targets.sharing import records
from pipelines.targets.sharing.columns import SharedColumn
from resource_catalog.deadline_rule import DeadlineRule
from resource_catalog.deadlines import deadline_on
from resource_catalog.sharing_policy import Policy
from resource_catalog.sharing_settings import SharingTarget
from resource_catalog.update_clock import PROMISED_DAYS
from resource_catalog.working_days import LastDay, last_day, office_day

#: By when needs are decided where the agency's deadline rules don't say.
_ANSWER = DeadlineRule(
    title="自收到共享申请之日起10个工作日内",
    basis="国发〔2016〕51号",
    within=10,
    unit="working-days",
    starts="收到共享申请",
)


@dataclass(frozen=True)
class Sharing:
    """What the acts of sharing say in this run; `head` is where their chain ended when they were read."""

    run: Run
    ledger: SharingLedger
    state: SharingState
    head: Head
    offers: Offers

    @property
    def store(self) -> Path:
        """The sharing store, which the server reads."""
        return self.run.home.sharing

    @property
    def settings(self) -> SharingTarget:
        """How the agency shares."""
        return self.run.agency.targets.sharing

    @property
    def stamp(self) -> Stamp:
        """What new acts are dated by."""
        return Stamp(self.run.at, self.run.name)

    @property
    def today(self) -> datetime.date:
        """The day of the run where the agency is."""
        return office_day(self.run.agency, self.run.at)

    def due(self, need: Need) -> LastDay:
        """The last day on which a need is decided in time.

        Raises:
            WorkspaceError: the agency's rule counts no days.
        """
        rule = deadline_on(self.run.agency, self.settings.decision_rule, need.received) or _ANSWER
        return last_day(self.run.agency, rule, need.received)

    def policies(self) -> Callable[[str], tuple[Policy, ...]]:
        """The policies under which a dataset is to be shared now."""
        return policies_at(self.state, self.offers, self.run.at)


def read_sharing(run: Run) -> Sharing:
    """The state of sharing; nothing is written.

    Raises:
        OutsideError: the chain of acts can't be read, was changed, or was cut behind what the server was told.
    """
    ledger = SharingLedger(run.ledger.database)
    acts, head = ledger.acts(known_head(run.home.sharing))
    return Sharing(run, ledger, replay(acts), head, Offers(run.catalog))


def tell_server(sharing: Sharing) -> None:
    """Write the state that the server reads, with the tables that there are.

    Raises:
        OutsideError: the disk refuses it.
    """
    tables = shared_tables(sharing)
    access = tuple(accesses(sharing.state, sharing.offers, tables))
    due = {need.id: str(sharing.due(need)) for need in sharing.state.needs.values()}
    served = Served(sharing.state, sharing.head, sharing.offers, tables, access, due)
    write_state(sharing.store, served)


def shared_tables(sharing: Sharing) -> tuple[SharedTable, ...]:
    """The tables of the store with what the catalogue says of them; none where the agency doesn't share any more.

    Raises:
        OutsideError: a record of a table can't be read.
    """
    if not sharing.settings.enabled:
        return ()
    return tuple(_table(sharing, record) for record in records.tables_of(sharing.store))


def _table(sharing: Sharing, record: records.SharedTable) -> SharedTable:
    offer = sharing.offers.get(record.dataset)
    entry = offer.entry if offer else None
    return SharedTable(
        id=record.id,
        dataset=record.dataset,
        policy=record.policy.identity,
        name=record.dataset,
        title=entry.title if entry else record.dataset,
        summary=entry.summary if entry else "",
        owner=entry.owner if entry else "",
        columns=tuple(_column(one) for one in record.columns),
        created_at=_instant(record.created_at),
        conditions=record.policy.conditions,
        cycle_days=PROMISED_DAYS.get(entry.update_cycle.code) if entry else None,
        cycle=entry.update_cycle.written if entry else "",
        retired_at=_instant(record.retired_at) if record.retired_at else None,
        first_version=record.first_version,
        current_version=record.current_version,
        versions=tuple(_version(one) for one in record.versions),
        files=tuple(_file(one) for one in record.files),
    )


def _column(one: SharedColumn) -> dict[str, str]:
    about = {"name": one.name, "title": one.title, "type": one.type}
    return {**about, **{name: text for name, text in (("standard", one.standard), ("unit", one.unit)) if text}}


def _version(one: records.Version) -> TableVersion:
    at = _instant(one.at)
    return TableVersion(one.version, one.release, at, one.rows, one.added, one.changed, one.removed)


def _file(one: records.DataFile) -> DataFile:
    versions = (one.first_version, one.last_version)
    return DataFile(one.path, one.kind, *versions, one.size, one.rows, one.sha256)


def _instant(written: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(written)


def audit_acts(sharing: Sharing) -> tuple[SharingAct, ...]:
    """What is to be noted of the servers' audit log now: its head, or nothing."""
    act = head_act(sharing.store, sharing.state.audit_heads, sharing.run.agency, sharing.stamp)
    return (act,) if act else ()


@contextmanager
def changing(run: Run) -> Iterator[Sharing]:
    """The state of sharing under the home's lock, for a command that changes it.

    Where a run that was killed noted acts and didn't tell the server, that is made good first.

    Raises:
        LockedError: another run is at work.
        OutsideError: as of `read_sharing`.
    """
    with locked(run.home):
        sharing = read_sharing(run)
        if sharing.head.count and known_head(sharing.store) != sharing.head:
            tell_server(sharing)
        acts = audit_acts(sharing)
        yield note(sharing, acts) if acts else sharing


def note(sharing: Sharing, acts: tuple[SharingAct, ...]) -> Sharing:
    """Note acts in the ledger and tell the server, which holds to them from its next request on.

    Raises:
        LockedError: somebody else wrote since.
        OutsideError: the ledger or the store can't be written; what the ledger has is told by the next command.
    """
    if acts:
        sharing.ledger.append(acts, sharing.head)
    after = read_sharing(sharing.run)
    tell_server(after)
    return after
