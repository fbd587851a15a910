"""The actions of one version of a shared table, as the Delta log has them, and what they are made of."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipelines.targets.sharing import deletion_vector
from pipelines.targets.sharing.checkpoints import EVERY
from pipelines.targets.sharing.columns import SharedColumn, delta_schema
from pipelines.targets.sharing.delta_log import Action, LiveFile, Snapshot
from pipelines.targets.sharing.files import WrittenFile
from pipelines.targets.sharing.rows import ShareSource
from pipelines.targets.sharing.storage import FOLDERS, Storage
from resource_catalog.sharing_policy import Policy

_PROTOCOL = {"protocol": {"minReaderVersion": 1, "minWriterVersion": 4}}
_FEATURES = ["deletionVectors"]
_PROTOCOL_WITH_VECTORS = {
    "protocol": {
        "minReaderVersion": 3,
        "minWriterVersion": 7,
        "readerFeatures": _FEATURES,
        "writerFeatures": [*_FEATURES, "appendOnly", "changeDataFeed", "invariants"],
    }
}


@dataclass(frozen=True)
class Projection:
    """What the next version of one table is made of.

    `title` and `summary` describe the dataset; `vectors` says whether rows may be marked as gone rather than files be
    rewritten; `checks` is what the release's own check found; `previous` is the digest of the release before this one,
    "" where its own changes are not to be used; `passed_over` are the releases before it that get no version; `storage`
    is where `folder` is made known to others.
    """

    table_id: str
    folder: Path
    policy: Policy
    source: ShareSource
    title: str
    summary: str
    at: datetime.datetime
    previous: str = ""
    vectors: bool = True
    checks: Mapping[str, Any] = field(default_factory=dict)
    passed_over: tuple[int, ...] = ()
    storage: Storage = FOLDERS

    @property
    def key(self) -> tuple[str, ...]:
        """The release's primary key."""
        return self.source.schema.primary_key


@dataclass(frozen=True)
class Difference:
    """Rows added, changed and removed against the version before."""

    added: int
    changed: int
    removed: int


def milliseconds(at: datetime.datetime) -> int:
    """An instant as Delta writes it."""
    return int(at.timestamp() * 1000)


def add_file(file: WrittenFile, at: datetime.datetime) -> Action:
    """A data file comes into the table."""
    return {
        "add": {
            "path": file.path,
            "partitionValues": {},
            "size": file.size,
            "modificationTime": milliseconds(at),
            "dataChange": True,
            "stats": file.stats,
            "tags": file.tags,
        }
    }


def remove_file(file: LiveFile, at: datetime.datetime) -> Action:
    """A data file, with the vector that it has, goes from the table."""
    action: dict[str, Any] = {
        "path": file.path,
        "deletionTimestamp": milliseconds(at),
        "dataChange": True,
        "extendedFileMetadata": True,
        "partitionValues": {},
        "size": file.size,
    }
    if file.gone:
        action["deletionVector"] = file.add["deletionVector"]
    return {"remove": action}


def mark_file(projection: Projection, file: LiveFile, gone: tuple[int, ...]) -> list[Action]:
    """A file with more rows gone: it is removed as it was and added as it is."""
    stats = {**json.loads(file.add["stats"]), "tightBounds": False}
    vector = deletion_vector.write(projection.folder, gone)
    tags = {key: value for key, value in file.add["tags"].items() if not key.startswith("vector")}
    if vector.file:
        tags |= {"vector": vector.file, "vectorSize": str(vector.size), "vectorSha256": vector.sha256}
    add = {
        **file.add,
        "stats": json.dumps(stats, ensure_ascii=False, separators=(",", ":")),
        "deletionVector": vector.descriptor,
        "tags": tags,
    }
    return [remove_file(file, projection.at), {"add": add}]


def add_changes(file: WrittenFile) -> Action:
    """A file of change data."""
    return {
        "cdc": {
            "path": file.path,
            "partitionValues": {},
            "size": file.size,
            "dataChange": False,
            "tags": file.tags,
        }
    }


def commit_facts(
    projection: Projection,
    columns: Sequence[SharedColumn],
    before: Snapshot | None,
    count: int,
    difference: Difference,
    digest: str,
) -> Action:
    """What the commit says of itself; all that the table's record is made of."""
    release = projection.source.release
    timestamp = max(milliseconds(projection.at), before.timestamp + 1 if before else 0)
    facts = {
        "release": release.number,
        "store": projection.source.store,
        "digest": release.digest,
        "at": f"{datetime.datetime.fromtimestamp(timestamp / 1000, datetime.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "rows": count,
        **asdict(difference),
        "rows_digest": digest,
        "passed_over": list(projection.passed_over),
    }
    return {
        "commitInfo": {
            "timestamp": timestamp,
            "operation": "CREATE TABLE AS SELECT" if before is None else "MERGE",
            "operationParameters": {},
            "isBlindAppend": not (difference.removed or difference.changed),
            "engineInfo": f"opendata-pipeline {importlib.metadata.version('opendata-pipeline')}",
            "opendata.release": release.number,
            "opendata.digest": release.digest,
            "opendata.version": facts,
            "opendata.checks": dict(projection.checks),
            **_described(projection, columns, before),
        }
    }


def _described(projection: Projection, columns: Sequence[SharedColumn], before: Snapshot | None) -> dict[str, Any]:
    """Policy and columns, where the version before says otherwise: a log of many small versions stays small.

    They are said again where a checkpoint will stand, for the commits before it may go.
    """
    now = {"opendata.policy": asdict(projection.policy), "opendata.columns": [asdict(one) for one in columns]}
    as_text = json.loads(json.dumps(now))
    said = before and before.described == as_text and (before.version + 1) % EVERY
    return {} if said else now


def head_of(
    projection: Projection, columns: Sequence[SharedColumn], before: Snapshot | None, actions: Sequence[Action]
) -> list[Action]:
    """Protocol and metadata, where they are other than before."""
    metadata: dict[str, Any] = {
        "id": projection.table_id,
        "name": projection.policy.dataset,
        "description": "\n".join(one for one in (projection.title, projection.summary) if one),
        "format": {"provider": "parquet", "options": {}},
        "schemaString": delta_schema(columns),
        "partitionColumns": [],
        "createdTime": before.metadata["createdTime"] if before else milliseconds(projection.at),
        "configuration": {"delta.enableChangeDataFeed": "true"},
    }
    vectors = any("deletionVector" in action.get("add", {}) for action in actions)
    head: list[Action] = []
    if before is None:
        head.append(_PROTOCOL)
    elif vectors and before.protocol["minReaderVersion"] < 3:
        head.append(_PROTOCOL_WITH_VECTORS)
    known = {key: value for key, value in before.metadata.items() if key != "_timestamp"} if before else None
    if metadata != known:
        head.append({"metaData": metadata})
    return head
