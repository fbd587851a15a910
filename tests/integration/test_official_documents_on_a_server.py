"""The first workspace's official documents: the same release from the sample's file and from PostgreSQL."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from tests.integration.conftest import PASSWORD
from tests.workspace_factory import contents

REPOSITORY = Path(__file__).parents[2]
FILE = REPOSITORY / "resource_catalog" / "samples" / "data" / "official-documents.sqlite"
#: The types that an office's own database would have; the file has text, and 0 and 1.
TYPES = {
    "signed_on": "date", "published_on": "date", "needs_interpretation": "boolean", "status_on": "date",
    "marked_on": "date", "record_version": "integer", "valid_from": "date", "valid_to": "date",
    "published_at": "timestamp",
}  # fmt: skip


class Server(Protocol):
    port: int
    run: Callable[[str], str]


def _literal(value: str | int | None, kind: str) -> str:
    if value is None:
        return "NULL"
    if kind == "boolean":
        return "true" if value else "false"
    quoted = str(value).replace("'", "''")
    return f"'{quoted}'"


def _copy_to(server: Server) -> int:
    with closing(sqlite3.connect(FILE)) as database:
        rows = database.execute("SELECT * FROM official_documents")
        columns = [column[0] for column in rows.description]
        kinds = [TYPES.get(column, "text") for column in columns]
        values = ["(" + ", ".join(map(_literal, row, kinds)) + ")" for row in rows]
    declared = ", ".join(f"{column} {kind}" for column, kind in zip(columns, kinds, strict=True))
    server.run(
        f"DROP TABLE IF EXISTS official_documents; CREATE TABLE official_documents ({declared});"
        f"INSERT INTO official_documents VALUES {', '.join(values)}; GRANT SELECT ON official_documents TO reader;"
    )
    return len(values)


def _publish(home: Path, **environment: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "pipelines.cli", "publish", "official-documents", "--home", str(home), "--json"]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("OFFICIAL_DOCUMENTS")}
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**kept, **environment}, capture_output=True, text=True, check=True
    )
    (dataset,) = json.loads(done.stdout)["datasets"]
    found: dict[str, Any] = dataset
    return found


def test_where_an_address_is_configured_the_same_release_comes_from_the_server(
    postgres: Server, tmp_path: Path
) -> None:
    held = _copy_to(postgres)
    from_file = _publish(tmp_path / "file")
    from_server = _publish(
        tmp_path / "server",
        OFFICIAL_DOCUMENTS_URL=f"postgresql://reader@127.0.0.1:{postgres.port}/agency",
        OFFICIAL_DOCUMENTS_PASSWORD=PASSWORD,
    )
    assert (from_file["verdict"], from_server["verdict"]) == ("published", "published")
    assert 200 < from_server["rows"] < held
    assert from_server["digest"] == from_file["digest"]
    releases = [tmp_path / home / "releases" / "official-documents" / "1" for home in ("file", "server")]
    assert contents(releases[0]) == contents(releases[1])
