"""Whatever bureaus, grants, entries and tables go through: whom the rules refuse, the server's state never lets in."""

from __future__ import annotations

import contextlib
import datetime
import json
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pipelines.chain import Head
from pipelines.shares import bureaus, needs
from pipelines.shares.access import accesses
from pipelines.shares.acts import SharingAct
from pipelines.shares.bureaus import Secret, new_secret
from pipelines.shares.offers import Offers, described, policies_at
from pipelines.shares.replay import apply
from pipelines.shares.serving_state import Served, state_file, write_state
from pipelines.shares.stamp import Stamp
from pipelines.shares.state import SharingState, Wish
from pipelines.shares.tables import SharedTable
from resource_catalog.catalog import load_catalog
from resource_catalog.errors import OpenDataError
from tests.catalogue_factory import ENTRY, SCHEMA, make_workspace, write_schema, write_yaml
from tests.sharing_office import GOOD_ACCESS

START = datetime.datetime(2026, 11, 24, 8, tzinfo=datetime.UTC)
BUREAUS, DATASETS = ("fire", "water"), ("tides", "wrecks")
COLUMNS = ("port", "height", "keeper")
PORTS = ("东港", "西港")
KINDS = {"无条件共享": {}, "有条件共享": {"sharing_condition": "用途"}, "不予共享": {"sharing_basis": "法"}}
GOOD_TOKENS = """
SELECT token.hash FROM token JOIN bureau ON bureau.id = token.bureau
WHERE bureau.removed_at IS NULL AND expires_at > :now AND (revoked_at IS NULL OR revoked_at > :now)
"""


@dataclass
class Granted:
    """What the model knows of one grant."""

    columns: set[str]
    ports: set[str] | None  # None: all rows
    until: datetime.datetime


@dataclass
class Model:
    """The rules in few words, kept apart from the program: who is registered, what was granted, what is open how."""

    registered: set[str] = field(default_factory=set)
    grants: dict[tuple[str, str], Granted] = field(default_factory=dict)
    tokens: dict[str, list[tuple[str, datetime.datetime]]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=lambda: dict.fromkeys(DATASETS, "有条件共享"))
    closed: dict[str, set[str]] = field(default_factory=lambda: {dataset: set() for dataset in DATASETS})

    def allowed(self, bureau: str, dataset: str, at: datetime.datetime) -> Granted | None:
        """What a bureau may read of a dataset at an instant."""
        if bureau not in self.registered or self.kinds[dataset] == "不予共享":
            return None
        open_columns = set(COLUMNS) - self.closed[dataset]
        if self.kinds[dataset] == "无条件共享":
            return Granted(open_columns, None, at) if open_columns else None
        granted = self.grants.get((bureau, dataset))
        if granted is None or granted.until <= at or not granted.columns & open_columns:
            return None
        if granted.ports is not None and "port" in self.closed[dataset]:
            return None
        return Granted(granted.columns & open_columns, granted.ports, granted.until)


def text(at: datetime.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class WhoMayRead(RuleBasedStateMachine):
    """Random acts of sharing, changes of the catalogue, publications, and time that goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.now, self.state, self.model = START, SharingState(), Model()
        self.acts: list[SharingAct] = []
        self.tables: dict[str, SharedTable] = {}
        self.workspace = make_workspace(self.folder / "workspace")
        self._catalogue()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize()
    def begin(self) -> None:
        """Both bureaus are registered, and each has asked for all of each dataset."""
        for bureau in BUREAUS:
            self.add(bureau)
            for dataset in DATASETS:
                self._submit(bureau, dataset, set(), set())

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.now, "run")

    def _catalogue(self) -> None:
        for number, dataset in enumerate(DATASETS):
            kind, closed = self.model.kinds[dataset], self.model.closed[dataset]
            entry = {**ENTRY, "id": dataset, "code": f"307002/{number:06d}", "title": dataset, "sharing": kind}
            write_yaml(self.workspace.entry_file(dataset), {**entry, **KINDS[kind]})
            fields = [
                {"name": name, "type": "string", "disclosure": "never" if name in closed else "share"}
                for name in COLUMNS
            ]
            write_schema(self.workspace, dataset, {**SCHEMA, "fields": fields, "primaryKey": "port"})
        self.offers = Offers(load_catalog(self.workspace))

    def _do(self, *acts: SharingAct) -> None:
        for act in acts:
            apply(self.state, act)
            self.acts.append(act)

    @rule(hours=st.integers(1, 24 * 20))
    def time_goes_by(self, hours: int) -> None:
        self.now += datetime.timedelta(hours=hours)

    @rule(bureau=st.sampled_from(BUREAUS))
    def add(self, bureau: str) -> None:
        secret, expires_at = new_secret(), self.stamp.in_days(90)
        known = bureau in self.model.registered
        done = self._tried(bureaus.add_bureau, self.state, bureau, bureau, secret, expires_at, self.stamp)
        assert done != known
        if done:
            self.model.registered.add(bureau)
            self.model.tokens[bureau] = [(secret.hash, expires_at)]

    @rule(bureau=st.sampled_from(BUREAUS), at_once=st.booleans())
    def rotate(self, bureau: str, at_once: bool) -> None:
        secret, expires_at = new_secret(), self.stamp.in_days(90)
        overlap = datetime.timedelta(days=0 if at_once else 7)
        arguments: tuple[Any, ...] = (self.state, bureau, secret, expires_at, overlap, self.stamp)
        if self._tried(bureaus.rotate_token, *arguments):
            good = [one for one in self.model.tokens[bureau] if one[1] > self.now][-1:]
            kept = [(name, min(until, self.now + overlap)) for name, until in good]
            self.model.tokens[bureau] = [*kept, (secret.hash, expires_at)]

    @rule(bureau=st.sampled_from(BUREAUS))
    def remove(self, bureau: str) -> None:
        if self._tried(bureaus.remove_bureau, self.state, bureau, "", self.stamp):
            self.model.registered.remove(bureau)
            self.model.tokens.pop(bureau)
            self.model.grants = {key: one for key, one in self.model.grants.items() if key[0] != bureau}

    def _tried(self, work: Any, *arguments: Any) -> bool:
        try:
            done = work(*arguments)
        except OpenDataError:
            return False
        self._do(*(done if isinstance(done, tuple) else (done,)))
        return True

    def _submit(self, bureau: str, dataset: str, columns: set[str], ports: set[str]) -> str | None:
        """The need that a bureau hands in; None where it may not."""
        offer = self.offers.get(dataset)
        if bureau not in self.model.registered or offer is None:
            return None
        conditions = {"port": tuple(sorted(ports))} if ports else {}
        wish = Wish(tuple(sorted(columns)), conditions, "用途", "法", "接口", "每月")
        request = needs.Request(bureau, dataset, wish, self.now.date())
        acts = needs.submit(self.state, offer, request, len(self.state.needs) + 1, self.stamp)
        self._do(*acts)
        return acts[0].subject

    @rule(
        bureau=st.sampled_from(BUREAUS),
        dataset=st.sampled_from(DATASETS),
        wish=st.tuples(st.sets(st.sampled_from(COLUMNS)), st.sets(st.sampled_from(PORTS))),
        columns=st.none() | st.sets(st.sampled_from(COLUMNS), min_size=1),
        ports=st.none() | st.sets(st.sampled_from(PORTS), min_size=1),
        days=st.integers(1, 100),
        publish=st.booleans(),
    )
    def grant(
        self,
        bureau: str,
        dataset: str,
        wish: tuple[set[str], set[str]],
        columns: set[str] | None,
        ports: set[str] | None,
        days: int,
        publish: bool,
    ) -> None:
        name = self._submit(bureau, dataset, *wish)
        if name is None:
            return
        chosen = tuple(sorted(columns)) if columns is not None else None
        rows = {"port": tuple(ports)} if ports is not None else None
        consent = needs.Consent("王", self.stamp.in_days(days), chosen, rows, "部分")
        if self._tried(needs.grant, self.state, self.offers, name, consent, self.stamp):
            assert self.model.kinds[dataset] != "不予共享"
            if self.model.kinds[dataset] == "有条件共享":
                self._granted(self.state.needs[name], columns, ports, consent.valid_to)
        if publish:
            self.publish()

    @precondition(lambda self: self.state.needs)
    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        need = self.state.needs[data.draw(st.sampled_from(sorted(self.state.needs)))]
        pair = need.bureau, need.dataset
        mine = [one for one in self.state.grants.values() if (one.bureau, one.dataset) == pair]
        if self._tried(needs.refuse, self.state, need.id, "王", "无", self.stamp) and mine and mine[-1].need == need.id:
            self.model.grants.pop(pair, None)

    def _granted(self, need: Any, columns: set[str] | None, ports: set[str] | None, until: datetime.datetime) -> None:
        """What was asked for, as far as the consent leaves it: never more than either says."""
        asked = set(need.wish.columns or COLUMNS) - self.model.closed[need.dataset]
        asked_ports = set(need.wish.conditions["port"]) if need.wish.conditions else None
        chosen = asked if columns is None else columns & asked
        rows = asked_ports if ports is None else ports & (asked_ports or set(PORTS))
        self.model.grants[need.bureau, need.dataset] = Granted(chosen, rows, until)

    @precondition(lambda self: self.state.grants)
    @rule(data=st.data(), days=st.integers(1, 200))
    def renew(self, data: st.DataObject, days: int) -> None:
        grant = self.state.grants[data.draw(st.sampled_from(sorted(self.state.grants)))]
        valid_to = self.stamp.in_days(days)
        if self._tried(needs.renew, self.state, grant.id, "王", valid_to, self.stamp):
            ports = set(grant.conditions["port"]) if grant.conditions else None
            self.model.grants[grant.bureau, grant.dataset] = Granted(set(grant.columns), ports, valid_to)

    @precondition(lambda self: self.state.grants)
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        grant = self.state.grants[data.draw(st.sampled_from(sorted(self.state.grants)))]
        if self._tried(needs.revoke, self.state, grant.id, "违规", self.stamp):
            self.model.grants.pop((grant.bureau, grant.dataset))

    @rule(
        dataset=st.sampled_from(DATASETS),
        kind=st.sampled_from(["有条件共享"] * 2 + sorted(KINDS)),
        closed=st.sets(st.sampled_from(COLUMNS), max_size=1),
        publish=st.booleans(),
    )
    def change_the_catalogue(self, dataset: str, kind: str, closed: set[str], publish: bool) -> None:
        self.model.kinds[dataset], self.model.closed[dataset] = kind, closed
        self._catalogue()
        if publish:
            self.publish()

    @rule()
    def publish(self) -> None:
        """Tables for the policies of now; what is wanted no more is retired."""
        policies = policies_at(self.state, self.offers, self.now)
        wanted = {policy.identity: policy for dataset in DATASETS for policy in policies(dataset)}
        for name, table in list(self.tables.items()):
            if table.policy not in wanted and table.retired_at is None:
                self.tables[name] = self._table(table.policy, table, retired=True)
        for identity in wanted:
            if not any(table.policy == identity and table.retired_at is None for table in self.tables.values()):
                made = self._table(identity, wanted[identity], retired=False)
                self.tables[made.id] = made
        self._check(complete=True)

    def _table(self, identity: str, of: Any, *, retired: bool) -> SharedTable:
        if isinstance(of, SharedTable):
            return SharedTable(**{**of.__dict__, "retired_at": self.now if retired else None})
        offer = self.offers.get(of.dataset)
        columns = described(tuple(one for one in offer.fields if one.name in of.columns)) if offer else []
        return SharedTable(
            id=f"table-{len(self.tables)}",
            dataset=of.dataset,
            policy=identity,
            name=of.dataset,
            title="",
            summary="",
            owner="",
            columns=tuple(columns),
            created_at=self.now,
            conditions=of.conditions,
            first_version=0,
            current_version=0,
        )

    @invariant()
    def nobody_is_let_in_whom_the_rules_refuse(self) -> None:
        self._check(complete=False)

    def _check(self, *, complete: bool) -> None:
        tables = tuple(self.tables.values())
        served = Served(
            self.state,
            Head(len(self.acts), "0" * 64),
            self.offers,
            tables,
            tuple(accesses(self.state, self.offers, tables)),
            dict.fromkeys(self.state.needs, ""),
        )
        write_state(self.folder, served)
        for days in (0, 1, 50, 300):
            at = self.now + datetime.timedelta(days=days)
            self._hold_against_the_model(at, complete and not days)

    def _hold_against_the_model(self, at: datetime.datetime, complete: bool) -> None:
        with contextlib.closing(sqlite3.connect(state_file(self.folder))) as reader:
            found = reader.execute(GOOD_ACCESS, {"now": text(at)}).fetchall()
            tokens = {row[0] for row in reader.execute(GOOD_TOKENS, {"now": text(at)})}
            forms = {
                row[0]: ({one["name"] for one in json.loads(row[1])}, json.loads(row[2]))
                for row in reader.execute("SELECT id, columns, conditions FROM shared_table")
            }
        pairs = [(bureau, dataset) for bureau, dataset, _table in found]
        assert len(pairs) == len(set(pairs))
        for bureau, dataset, table in found:
            allowed = self.model.allowed(bureau, dataset, at)
            assert allowed is not None
            columns, conditions = forms[table]
            assert columns <= allowed.columns
            assert allowed.ports is None or set(conditions["port"]) <= allowed.ports
        if complete:
            every = [(bureau, dataset) for bureau in BUREAUS for dataset in DATASETS]
            assert set(pairs) == {pair for pair in every if self.model.allowed(*pair, at)}
        good = {name for mine in self.model.tokens.values() for name, until in mine if until > at}
        assert tokens == good


def test_whom_the_rules_refuse_is_never_let_in() -> None:
    run_state_machine_as_test(WhoMayRead, settings=settings(max_examples=60, stateful_step_count=40, deadline=None))


def test_a_token_is_not_shown_by_its_object() -> None:
    secret = Secret("abcdef-and-so-on")

    assert secret.text not in repr(secret)
