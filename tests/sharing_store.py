"""Small sharing stores for tests of the server: Delta tables by deltalake, and a state.sqlite as its contract says.

The pipeline writes real ones; here a test says row by row what is in it, and who may read it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake

from tests.object_stores import BucketOfTables

ROOT = Path(__file__).parents[1]
#: The tables of state.sqlite, from the contract itself.
SCHEMA = (ROOT / "platforms" / "sharing" / "STORE.md").read_text("utf-8").partition("```sql")[2].partition("```")[0]
PAST, FUTURE = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"


@dataclass
class SharedDelta:
    """A Delta table of the store, and what the pipeline would know of it."""

    store: SharingStore
    name: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def folder(self) -> Path:
        """Where it is made, and lies unless the store has a bucket."""
        return (
            (self.store.folder if self.store.bucket is None else self.store.folder.with_name("made"))
            / "tables"
            / self.id
        )

    def delta(self) -> DeltaTable:
        return DeltaTable(self.folder)

    def write(self, rows: pa.Table, mode: str = "append", **options: Any) -> None:
        """Commit rows, and tell the store's state."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_deltalake(
            self.folder,
            rows,
            mode=mode,  # type: ignore[arg-type]
            name=self.name,
            description="测试表",
            configuration={"delta.enableChangeDataFeed": "true"},
            commit_properties=CommitProperties(custom_metadata={"opendata.release": "1"}),
            **options,
        )
        self.publish()

    def publish(self, at: str | None = None) -> None:
        """Record what the log has by now: versions, files, and the pointer to the newest version."""
        logged = [json.loads(path.read_text("utf-8").splitlines()[0]) and path for path in self._log()]
        files: dict[str, dict[str, Any]] = {}
        for number, path in enumerate(logged):
            for line in path.read_text("utf-8").splitlines():
                ((kind, action),) = json.loads(line).items()
                if kind in ("add", "cdc"):
                    last = number if kind == "cdc" else None
                    stats = json.loads(action.get("stats") or "{}")
                    files[action["path"]] = {
                        "kind": "cdc" if kind == "cdc" else "data",
                        "first": number,
                        "last": last,
                        "rows": stats.get("numRecords", 0),
                    }
                elif kind == "remove" and action["path"] in files:
                    files[action["path"]]["last"] = number - 1
        self.send()
        self._record(files, len(logged) - 1, at)

    def send(self) -> None:
        """Have the bucket, if there is one, hold the files as they are now."""
        if self.store.bucket is not None:
            self.store.bucket.hold(self.folder, self.id)

    def _log(self) -> list[Path]:
        return sorted((self.folder / "_delta_log").glob("*.json"))

    def _record(self, files: Mapping[str, Mapping[str, Any]], newest: int, at: str | None) -> None:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        with self.store.writing() as state:
            state.execute("DELETE FROM data_file WHERE table_id = ?", (self.id,))
            for path, known in files.items():
                content = (self.folder / unquote(path)).read_bytes()
                state.execute(
                    "INSERT INTO data_file VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        self.id,
                        path,
                        known["kind"],
                        known["first"],
                        known["last"],
                        len(content),
                        known["rows"],
                        hashlib.sha256(content).hexdigest(),
                    ),
                )
            for version in range(newest + 1):
                said = at or (start + timedelta(days=version)).strftime("%Y-%m-%dT%H:%M:%SZ")
                state.execute(
                    "INSERT OR IGNORE INTO version VALUES (?, ?, ?, ?, 0, 0, 0, 0)",
                    (self.id, version, version + 1, said),
                )
            state.execute("UPDATE shared_table SET current_version = ? WHERE id = ?", (newest, self.id))


class SharingStore:
    """A store in a folder, with one agency; its tables lie in a bucket where one is given."""

    def __init__(self, folder: Path, share: str = "agency", bucket: BucketOfTables | None = None) -> None:
        self.folder, self.bucket = folder, bucket
        folder.mkdir(parents=True, exist_ok=True)
        if bucket is not None:
            (folder / "objects.json").write_text(json.dumps(bucket.place), "utf-8")
        with closing(sqlite3.connect(self.state)) as connection:
            connection.executescript(f"{SCHEMA}; PRAGMA user_version = 1")
        with self.writing() as state:
            state.execute("INSERT INTO agency VALUES (?, ?, ?, ?)", (share, "某市某局", share, "resources"))
        self.share = share

    @property
    def state(self) -> Path:
        return self.folder / "state.sqlite"

    @property
    def calls(self) -> Path:
        return self.folder / "calls.sqlite"

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction on the state, as the pipeline changes it."""
        with closing(sqlite3.connect(self.state, timeout=20)) as connection, connection:
            yield connection

    def execute(self, statement: str, *values: object) -> None:
        with self.writing() as state:
            state.execute(statement, values)

    def add_bureau(self, identifier: str, title: str = "某局", expires: str = FUTURE) -> str:
        """A bureau with one token; returns the token."""
        self.execute("INSERT OR IGNORE INTO bureau VALUES (?, ?, NULL)", identifier, title)
        token = secrets.token_urlsafe(32)
        digest = hashlib.sha256(token.encode()).hexdigest()
        self.execute("INSERT INTO token VALUES (?, ?, ?, ?, ?, NULL)", digest, token[:6], identifier, PAST, expires)
        return token

    def add_table(
        self, name: str, rows: pa.Table | None = None, columns: Sequence[Mapping[str, str]] = ()
    ) -> SharedDelta:
        """A shared table, with its first version where rows are given."""
        table = SharedDelta(self, name)
        self.execute(
            "INSERT INTO shared_table VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{}', 7, '每周', ?, NULL, 0, NULL)",
            table.id,
            name,
            "0" * 64,
            name,
            f"{name}的标题",
            "摘要",
            "信息中心",
            json.dumps(list(columns)),
            PAST,
        )
        if rows is not None:
            table.write(rows)
        return table

    def grant(self, bureau: str, table: SharedDelta, *, history: bool = True, until: str | None = None) -> str:
        """Let a bureau read a table; returns the access's id."""
        identifier = f"access-{secrets.token_hex(6)}"
        self.execute(
            "INSERT INTO access VALUES (?, ?, ?, NULL, '测试', '测试', ?, ?, NULL, ?)",
            identifier,
            bureau,
            table.id,
            PAST,
            until,
            int(history),
        )
        return identifier

    def write_profile(self, path: Path, endpoint: str, token: str) -> Path:
        """A profile file for stock clients."""
        profile = {"shareCredentialsVersion": 1, "endpoint": endpoint, "bearerToken": token, "expirationTime": FUTURE}
        path.write_text(json.dumps(profile), "utf-8")
        return path


def sample_rows(first: int = 0, count: int = 4) -> pa.Table:
    """Rows with what clients get wrong: Chinese names, nulls, decimals, dates, instants."""
    numbers = range(first, first + count)
    return pa.table(
        {
            "编号": pa.array([f"A{number:03}" for number in numbers], pa.string()),
            "名称": pa.array([None if number % 4 == 3 else f"企业{number}" for number in numbers], pa.string()),
            "数量": pa.array([None if number % 4 == 2 else number for number in numbers], pa.int64()),
            "金额": pa.array([f"{number}.05" for number in numbers]).cast(pa.decimal128(18, 2)),
            "日期": pa.array([None if number % 4 == 1 else f"2026-01-{number % 28 + 1:02}" for number in numbers]).cast(
                pa.date32()
            ),
            "时刻": pa.array(
                [datetime(2026, 1, 1, 8, number % 60, tzinfo=UTC) for number in numbers], pa.timestamp("us", "UTC")
            ),
            "有效": pa.array([number % 2 == 0 for number in numbers], pa.bool_()),
        }
    )
