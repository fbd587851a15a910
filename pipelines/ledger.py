"""The ledger: every act of releasing, publishing, withdrawing and putting back, append-only and hash-chained.

What a dataset's state is follows from its acts alone, replayed in order. The table lies in one SQLite file under the
home, or in PostgreSQL where several machines publish (OPENDATA_LEDGER_URL).
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from pipelines.handover import Changes, Event, Form
from pipelines.home import disk_failure
from resource_catalog.errors import OutsideError, UsageError

RELEASED, PUBLISHED, WITHDRAWN, ROLLED_BACK = "released", "published", "withdrawn", "rolled_back"
_GENESIS = "0" * 64

_metadata = sql.MetaData()
_acts = sql.Table(
    "acts",
    _metadata,
    sql.Column("seq", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("at", sql.String, nullable=False),
    sql.Column("run", sql.String, nullable=False),
    sql.Column("act", sql.String, nullable=False),
    sql.Column("dataset", sql.String, nullable=False, index=True),
    sql.Column("release", sql.Integer),
    sql.Column("target", sql.String, nullable=False),
    sql.Column("digest", sql.String, nullable=False),
    sql.Column("detail", sql.Text, nullable=False),
    sql.Column("hash", sql.String, nullable=False),
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
    that any act names, also one of which the ledger knows nothing else.
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


def _hash(previous: str, seq: int, fields: Mapping[str, Any]) -> str:
    text = json.dumps([previous, seq, fields], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


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
    """The acts in their database; the file is made with the first act, so that looking writes nothing.

    Args:
        url: An SQLAlchemy URL.
        file: The SQLite file behind it, if it is one.
    """

    def __init__(self, url: str | sql.URL, file: Path | None = None) -> None:
        # Without a pool: a connection is closed with its act, and none lives on in a ledger that nobody holds any more.
        self._engine = sql.create_engine(url, poolclass=sql.pool.NullPool)
        self._file = file
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
        if self._file is not None and (not self._file.exists() or self._file.stat().st_size == 0):
            return []  # SQLite makes an empty file before its first commit
        try:
            with self._engine.connect() as connection:
                if not sql.inspect(connection).has_table("acts"):
                    return self._nothing_yet()
                rows = connection.execute(sql.select(_acts).order_by(_acts.c.seq)).mappings().all()
        except sql.exc.SQLAlchemyError as error:
            raise self._failure("read", error) from error
        return [_read_act(row) for row in _verified([dict(row) for row in rows])]

    def _nothing_yet(self) -> list[Act]:
        """No acts, where there can be none: a file gets its table and its first act in one commit."""
        if self._file is None:
            return []
        fix = "restore the ledger from its backup; nothing is published on a broken ledger"
        raise OutsideError(
            "the ledger's file was cut short or harmed: no acts are in it", where=str(self._file), fix=fix
        )

    def append(self, *acts: Act) -> None:
        """Write acts, all or none.

        Raises:
            OutsideError: the database can't be written.
        """
        try:
            with self._engine.begin() as connection:
                _metadata.create_all(connection)
                last = connection.execute(
                    sql.select(_acts.c.seq, _acts.c.hash).order_by(_acts.c.seq.desc()).limit(1)
                ).first()
                seq, previous = (last.seq, last.hash) if last else (0, _GENESIS)
                for act in acts:
                    seq += 1
                    fields = _fields(act)
                    previous = _hash(previous, seq, fields)
                    connection.execute(sql.insert(_acts).values(seq=seq, hash=previous, **fields))
        except sql.exc.SQLAlchemyError as error:
            raise self._failure("written", error) from error
        if self._states is not None:
            _count_in(self._states, acts)

    def _failure(self, verb: str, error: sql.exc.SQLAlchemyError) -> OutsideError:
        # SQLAlchemy's URL without its password; its errors may repeat statements, never the URL.
        place = self._engine.url.render_as_string(hide_password=True)
        cause = getattr(error, "orig", None) or error
        if self._file is not None:
            return disk_failure(f"the ledger can't be {verb}", self._file, cause)
        return OutsideError(
            f"the ledger can't be {verb}: {cause}", where=place, fix="check the disk or OPENDATA_LEDGER_URL"
        )


def _verified(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    previous = _GENESIS
    for expected, row in enumerate(rows, start=1):
        fields = {key: row[key] for key in row if key not in ("seq", "hash")}
        previous = _hash(previous, expected, fields)
        if row["seq"] != expected or row["hash"] != previous:
            raise OutsideError(
                f"the ledger's act {expected} is not the one that was written",
                where=f"act {expected}, dataset {row['dataset']}, {row['at']}",
                fix="restore the ledger from its backup; nothing is published on a broken ledger",
            )
        yield row


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
    if not url:
        return Ledger(sql.URL.create("sqlite", database=str(default)), default)
    try:
        parsed = sql.make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        return Ledger(parsed)
    except (sql.exc.ArgumentError, ImportError) as error:
        # The message must not repeat the URL, which may hold a password.
        raise UsageError(
            "the address of the ledger can't be used: no such database or driver",
            where="OPENDATA_LEDGER_URL",
            fix="write postgresql://user:password@host/database, or unset it for the file in the home",
        ) from error
