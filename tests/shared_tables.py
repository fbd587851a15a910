"""Makes releases and shared tables for tests, and reads the tables as a bureau does, by another program."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
from deltalake import DeltaTable, QueryBuilder

from pipelines.handover import Changes, Release
from pipelines.targets.sharing.columns import SharedColumn
from pipelines.targets.sharing.object_tables import ObjectTables
from pipelines.targets.sharing.prove import Address
from pipelines.targets.sharing.records import SharedTable, tables_folder
from pipelines.targets.sharing.retention import Keeping
from pipelines.targets.sharing.rows import ShareSource
from pipelines.targets.sharing.storage import FOLDERS, Storage
from pipelines.targets.sharing.target import Sharing
from resource_catalog.sharing_policy import Policy
from resource_catalog.sharing_settings import ObjectStore
from resource_catalog.table_schema import TableSchema, parse_table_schema
from tests.release_factory import make_entry

Row = tuple[Any, ...]
#: The first two are those of `sample`.
DISTRICTS = ("黄浦区", "浦东新区", "", "Ⅷ区'\"|\\,\n")
START = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)
KINDS = {
    "string": pyarrow.string(),
    "integer": pyarrow.int64(),
    "number": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
    "date": pyarrow.date32(),
    "datetime": pyarrow.timestamp("us"),
}
SCHEMA = parse_table_schema(
    {
        "fields": [
            {"name": "编号", "type": "string", "title": "许可编号"},
            {"name": "区", "type": "string", "title": "所在区"},
            {"name": "数量", "type": "integer", "unit": "件"},
            {"name": "金额", "type": "number", "unit": "元"},
            {"name": "有效", "type": "boolean"},
            {"name": "决定日期", "type": "date"},
            {"name": "登记时刻", "type": "datetime"},
        ],
        "primaryKey": ["编号"],
    },
    "test",
)
KEYLESS = SCHEMA.model_copy(update={"primary_key": ()})


@dataclass
class ShareFactory:
    """A store, and the releases of one dataset that are shared in it."""

    root: Path
    schema: TableSchema = SCHEMA
    vectors: bool = True
    keep_days: int = 30
    objects: ObjectStore | None = None
    releases: list[tuple[Release, list[Row]]] = field(default_factory=list)

    @property
    def sharing(self) -> Sharing:
        """The store as a new run opens it."""
        keeping = Keeping(datetime.timedelta(days=self.keep_days), datetime.timedelta(hours=24))
        return Sharing(self.root / "sharing", "example-agency", keeping, self.vectors, self.storage)

    @property
    def storage(self) -> Storage:
        """Where its tables lie."""
        return ObjectTables(self.root / "sharing", self.objects) if self.objects else FOLDERS

    @property
    def policy(self) -> Policy:
        """All columns, all rows."""
        return Policy("permits", self.schema.names)

    def release(self, rows: Sequence[Row], **quality: Any) -> ShareSource:
        """The next release, with its changes against the one before."""
        number = len(self.releases) + 1
        folder = self.root / "releases" / "permits" / str(number)
        (folder / "data").mkdir(parents=True)
        before = self.releases[-1][1] if self.releases else []
        self._write(folder / "data" / "permits.parquet", rows)
        self._write(folder / "changes.parquet", _changes(before, rows, self.schema), "_change_type")
        summary = {"rows": len(rows), "score": 97.5, "rules": [], **quality}
        (folder / "quality.json").write_text(json.dumps(summary), "utf-8")
        digest = f"sha256:{hashlib.sha256(repr((number, list(rows))).encode()).hexdigest()}"
        own = {"release": number, "previous": self.releases[-1][0].digest if self.releases else None}
        release = Release("permits", number, folder, digest, {"opendata": own}, len(rows), Changes())
        self.releases.append((release, list(rows)))
        return ShareSource(release, self.schema, "releases")

    def _write(self, file: Path, rows: Sequence[Row], first: str = "") -> None:
        fields = [pyarrow.field(first, pyarrow.string())] if first else []
        fields += [pyarrow.field(one.name, KINDS[one.type]) for one in self.schema.fields]
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(fields)
        arrays = [pyarrow.array(column, one.type) for column, one in zip(columns, fields, strict=True)]
        pyarrow.parquet.write_table(pyarrow.table(arrays, schema=pyarrow.schema(fields)), file)

    @staticmethod
    def at(day: int, hours: int = 0) -> datetime.datetime:
        """An instant so many days and hours after the start."""
        return START + datetime.timedelta(days=day, hours=hours)

    def share(
        self, source: ShareSource, *policies: Policy, day: int | None = None, earlier: Sequence[ShareSource] = ()
    ) -> tuple[SharedTable, ...]:
        """Have the tables show a release, as a run of its own does; each release is a day after the one before."""
        days = source.release.number if day is None else day
        sharing = self.sharing
        sharing.check()
        sharing.recover()
        at = self.at(days)
        work = self.root / "work" / "work.duckdb"
        tables = sharing.share(make_entry("permits"), policies or (self.policy,), source, at, work, earlier)
        sharing.sweep(at)
        return tables

    def folder(self, table: SharedTable) -> Path:
        """The table's folder."""
        return tables_folder(self.root / "sharing") / table.id

    def address(self, table: SharedTable) -> Address:
        """The table, for deltalake."""
        return self.storage.reader(self.folder(table))

    def stored(self, table: SharedTable) -> SharedTable:
        """The record as it is on the disk."""
        return next(one for one in self.sharing.all_tables() if one.id == table.id)


def _changes(before: Sequence[Row], after: Sequence[Row], schema: TableSchema) -> list[Row]:
    """The release's own changes, as the compare stage makes them."""
    if not schema.primary_key:
        gone, come = Counter(before) - Counter(after), Counter(after) - Counter(before)
        return [("delete", *row) for row in gone.elements()] + [("insert", *row) for row in come.elements()]
    old, new = {row[0]: row for row in before}, {row[0]: row for row in after}
    said: list[Row] = [("insert", *row) for key, row in new.items() if key not in old]
    said += [("delete", *row) for key, row in old.items() if key not in new]
    for key in old.keys() & new.keys():
        if old[key] != new[key]:
            said += [("update_preimage", *old[key]), ("update_postimage", *new[key])]
    return said


def _rows(stream: Any, names: Sequence[str]) -> list[dict[str, Any]]:
    table = pyarrow.RecordBatchReader.from_stream(stream).read_all()
    return [{name: row[name] for name in names} for row in table.to_pylist()]


def _plain(value: Any) -> Any:
    """A value as the rows that tests write have it."""
    return value.astimezone(datetime.UTC).replace(tzinfo=None) if isinstance(value, datetime.datetime) else value


def _opened(address: Address | Path, version: int | None = None) -> DeltaTable:
    place, options = (str(address), {}) if isinstance(address, Path) else address
    return DeltaTable(place, version=version, storage_options=dict(options))


def snapshot_read(address: Address | Path, columns: Sequence[str], version: int | None = None) -> Counter[Row]:
    """The rows of a version as a reader gets them."""
    reader = QueryBuilder().register("shared", _opened(address, version))
    found = _rows(reader.execute("SELECT * FROM shared"), columns)
    return Counter(tuple(_plain(row[name]) for name in columns) for row in found)


def changes_read(address: Address | Path, columns: Sequence[str], first: int, last: int) -> list[tuple[int, str, Row]]:
    """The change data feed from version `first` to `last`: version, kind and row."""
    stream = _opened(address).load_cdf(starting_version=first, ending_version=last)
    found = _rows(stream, [*columns, "_change_type", "_commit_version"])
    return [
        (int(row["_commit_version"]), row["_change_type"], tuple(_plain(row[name]) for name in columns))
        for row in found
    ]


def replica(address: Address | Path, columns: Sequence[str], last: int) -> Counter[Row]:
    """What a bureau has that took the changes alone, from the first version on."""
    kept: Counter[Row] = Counter()
    changes = changes_read(address, columns, 0, last)
    for version in range(last + 1):
        for _version, kind, row in (one for one in changes if one[0] == version):
            kept[row] += 1 if kind in ("insert", "update_postimage") else -1
        assert all(count >= 0 for count in kept.values()), f"version {version} takes a row that was not there"
        kept = +kept
    return kept


def under(policy: Policy, rows: Sequence[Row], schema: TableSchema = SCHEMA) -> Counter[Row]:
    """What a policy lets be read of rows: columns in the schema's order."""
    places = {name: position for position, name in enumerate(schema.names)}
    meant = [
        row for row in rows if all(_text(row[places[name]]) in values for name, values in policy.conditions.items())
    ]
    chosen = [places[name] for name in schema.names if name in policy.columns]
    return Counter(tuple(row[place] for place in chosen) for row in meant)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def columns_of(table: SharedTable) -> list[str]:
    """The table's columns."""
    return [one.name for one in table.columns]


def bureaus_digest(rows: Counter[Row], columns: Sequence[SharedColumn]) -> str:
    """The digest of rows as a bureau computes it of what it read, by the documentation alone."""
    digests = []
    for row in rows.elements():
        text = ""
        for one, value in zip(columns, row, strict=True):
            said = _value_text(one.type, value)
            text += "-" if said is None else f"{len(said.encode())}:{said},"
        digests.append(hashlib.sha256(text.encode()).hexdigest())
    return "sha256:" + hashlib.sha256("".join(f"{digest}\n" for digest in sorted(digests)).encode()).hexdigest()


def _value_text(kind: str, value: Any) -> str | None:
    if value is None:
        return None
    forms: Mapping[str, Any] = {
        "double": lambda: f"{value:.17g}",
        "boolean": lambda: "true" if value else "false",
        "timestamp": lambda: f"{value:%Y-%m-%dT%H:%M:%S.%f}Z",
    }
    return forms[kind]() if kind in forms else str(value)


def sample(count: int) -> list[Row]:
    """Rows by ascending key, all different."""
    return [
        (
            f"{number:04}",
            DISTRICTS[number % 2],
            number,
            number / 3,
            number % 2 == 0,
            datetime.date(2017, 1, 1 + number % 28),
            datetime.datetime(2017, 1, 1, 8, number % 60, 0, number),
        )
        for number in range(count)
    ]


def check_shows(factory: ShareFactory, policy: Policy, rows: list[Row]) -> None:
    """The table of a policy is read as the release is under it: snapshot, digest, and a replica of changes alone."""
    (table,) = (one for one in factory.sharing.tables("permits") if one.policy.identity == policy.identity)
    wanted, columns = under(policy, rows, factory.schema), columns_of(table)
    current = table.current
    assert current is not None
    assert snapshot_read(factory.address(table), columns, current.version) == wanted
    assert replica(factory.address(table), columns, current.version) == wanted
    assert (current.rows, current.rows_digest) == (wanted.total(), bureaus_digest(wanted, table.columns))
