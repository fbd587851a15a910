"""Has the server serve what the pipeline's own writer made: no catalogue, no ledger, no publication."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from pipelines.targets.sharing.records import SharedTable
from tests.shared_tables import ShareFactory
from tests.sharing_store import PAST, SharingStore


class ServedTables:
    """The store of a factory's tables, with a state that the server goes by and one bureau that may read all of it."""

    def __init__(self, factory: ShareFactory) -> None:
        self.store = SharingStore(factory.root / "sharing")
        self.token = self.store.add_bureau("tax")

    def profile(self, file: Path, endpoint: str) -> Path:
        """The bureau's profile, in a file."""
        return self.store.write_profile(file, endpoint, self.token)

    def path(self, table: SharedTable) -> str:
        """The table's address in the protocol."""
        return f"/shares/{self.store.share}/schemas/resources/tables/{table.dataset}"

    def tell(self, table: SharedTable) -> None:
        """Write what the server is to know of a table, as its record has it now."""
        with self.store.writing() as state:
            for name in ("version", "data_file", "access"):
                state.execute(f"DELETE FROM {name} WHERE table_id = ?", (table.id,))  # noqa: S608
            state.execute("DELETE FROM shared_table WHERE id = ?", (table.id,))
            columns = json.dumps([{"name": one.name, "title": one.title, "type": one.type} for one in table.columns])
            about = (table.id, table.dataset, table.policy.identity, table.dataset, "标题", "摘要", "中心", columns)
            pointer = (table.created_at, table.retired_at, table.first_version, table.current_version)
            state.execute(
                "INSERT INTO shared_table VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{}', 7, '每周', ?, ?, ?, ?)",
                (*about, *pointer),
            )
            for one in table.versions:
                counts = (one.rows, one.added, one.changed, one.removed)
                known = (table.id, one.version, one.release, one.at, *counts)
                state.execute("INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?)", known)
            for file in map(asdict, table.files):
                known = (table.id, *(file[name] for name in _FILE))
                state.execute("INSERT INTO data_file VALUES (?, ?, ?, ?, ?, ?, ?, ?)", known)
            access = (f"access-{table.id}", "tax", table.id, PAST)
            state.execute("INSERT INTO access VALUES (?, ?, ?, NULL, '测试', '测试', ?, NULL, NULL, 1)", access)


_FILE = ("path", "kind", "first_version", "last_version", "size", "rows", "sha256")
