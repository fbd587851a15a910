"""The ledger: every act of releasing, publishing, withdrawing and putting back, append-only and hash-chained.

What a dataset's state is follows from its acts alone, replayed in order. The table lies in one SQLite file under the
home, or in PostgreSQL where several machines publish (OPENDATA_LEDGER_URL).
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipelines.chain import Chain, ChainedTable, Database, open_database
from pipelines.handover import Changes, Event, Form

RELEASED, PUBLISHED, WITHDRAWN, ROLLED_BACK = "released", "published", "withdrawn", "rolled_back"
#: Of a dataset that only other bureaus read: it was taken back from them, and given to them again.
UNSHARED, SHARED_AGAIN = "unshared", "shared_again"

_ACTS = ChainedTable(
    "acts",
    ("at", "run", "act", "dataset", "release", "target", "digest", "detail"),
    subject="dataset",
    integers=("release",),
    founding=True,
)


@dataclass(frozen=True)
class Act:
    """One thing that was done. `digest` is the release's or publication's; `detail` is JSON."""

    act: str
    dataset: str
    at: datetime.datetime
    run: str
    release: int | None = None
    target: str = ""
    digest: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """16 hex that no other act has: a target remembers by it which act it shows."""
        return hashlib.sha256(json.dumps(_fields(self), ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class DatasetState:
    """What the acts say of one dataset: which release readers should see, which may be seen, and its public history.

    `inputs` is the fingerprint of what the last release was made of; `visible` are the releases at immutable addresses;
    `entry` is the catalogue entry as it was at the last act, for when the catalogue has it no more. `shown` is the form
    that was last proved to be shown, `kept` the releases that it had, `proved` per target its digest. `acts` has the
    identity of every act that changed what readers should see, newest last; `numbered` is the highest release number
    that any act names, also one of which the ledger knows nothing else. `unshared` is why a dataset that only other
    bureaus read was taken back from them.
    """

    dataset: str
    live: int | None = None
    released: int | None = None
    inputs: str = ""
    withdrawn: str = ""
    visible: tuple[int, ...] = ()
    history: tuple[Event, ...] = ()
    entry: Mapping[str, Any] = field(default_factory=dict)
    shown: str = ""
    kept: tuple[int, ...] = ()
    proved: Mapping[str, str] = field(default_factory=dict)
    acts: tuple[str, ...] = ()
    numbered: int = 0
    unshared: str = ""


def _fields(act: Act) -> dict[str, Any]:
    return {
        "at": act.at.isoformat(),
        "run": act.run,
        "act": act.act,
        "dataset": act.dataset,
        "release": act.release,
        "target": act.target,
        "digest": act.digest,
        "detail": json.dumps(act.detail, ensure_ascii=False, sort_keys=True),
    }


def _event(act: Act) -> Event:
    return Event(
        act={RELEASED: "published"}.get(act.act, act.act),
        release=act.release,
        at=act.at,
        rows=act.detail.get("rows"),
        changes=Changes(**act.detail.get("changes", {})),
        reason=act.detail.get("reason", ""),
    )


def after(state: DatasetState, act: Act) -> DatasetState:
    """The state once an act was done."""
    state = replace(state, entry=act.detail.get("entry", state.entry))
    if act.act in (UNSHARED, SHARED_AGAIN):
        return replace(state, unshared=act.detail.get("reason", ""))
    if act.act == PUBLISHED:
        proved = {**state.proved, act.target: act.digest}
        return replace(state, shown=act.detail["form"], kept=tuple(act.detail["kept"]), proved=proved)
    state = replace(
        state,
        history=(_event(act), *state.history),
        withdrawn="",
        acts=(*state.acts, act.identity),
        numbered=max(state.numbered, act.release or 0),
    )
    if act.act == WITHDRAWN:
        # Where a notice takes the place of the data, the dataset as such is not withdrawn.
        reason = "" if act.detail.get("form") == Form.NOTICE else act.detail["reason"]
        return replace(state, live=None, visible=(), kept=(), withdrawn=reason)
    seen = tuple(sorted({*state.visible, *([act.release] if act.release else [])}))
    if act.act == RELEASED:
        state = replace(state, released=act.release, inputs=act.detail["inputs"])
    return replace(state, live=act.release, visible=seen, kept=seen)


def states_of(acts: Iterable[Act]) -> dict[str, DatasetState]:
    """The state of every dataset, by replaying the acts in their order."""
    states: dict[str, DatasetState] = {}
    _count_in(states, acts)
    return states


def _count_in(states: dict[str, DatasetState], acts: Iterable[Act]) -> None:
    for act in acts:
        states[act.dataset] = after(states.get(act.dataset, DatasetState(act.dataset)), act)


class Ledger:
    """The acts in their database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._chain = Chain(database, _ACTS)
        self._states: dict[str, DatasetState] | None = None

    def states(self) -> Mapping[str, DatasetState]:
        """The state of every dataset: the acts are read and verified once, and those appended since are counted in.

        Raises:
            OutsideError: as of `acts`.
        """
        if self._states is None:
            self._states = states_of(self.acts())
        return self._states

    def renew(self) -> None:
        """Forget what was read: called once a lock is held, for another run may have ended just before."""
        self._states = None

    def acts(self) -> list[Act]:
        """All acts in their order.

        Raises:
            OutsideError: the database can't be read, or an act is not the one that was written.
        """
        rows, _head = self._chain.read()
        return [_read_act(row) for row in rows]

    def append(self, *acts: Act) -> None:
        """Write acts, all or none.

        Raises:
            OutsideError: the database can't be written.
        """
        self._chain.append([_fields(act) for act in acts])
        if self._states is not None:
            _count_in(self._states, acts)


def _read_act(row: Mapping[str, Any]) -> Act:
    return Act(
        act=row["act"],
        dataset=row["dataset"],
        at=datetime.datetime.fromisoformat(row["at"]),
        run=row["run"],
        release=row["release"],
        target=row["target"],
        digest=row["digest"],
        detail=json.loads(row["detail"]),
    )


def open_ledger(url: str | None, default: Path) -> Ledger:
    """The ledger at a URL (SQLite or PostgreSQL), or the SQLite file `default`.

    Raises:
        UsageError: the URL names no database that can be opened here.
    """
    return Ledger(open_database(url, default))
