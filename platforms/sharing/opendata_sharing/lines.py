"""The lines of an answer in both response formats: protocol, metaData, files and changes, and the end of the stream."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from opendata_sharing.capabilities import Form
from opendata_sharing.delta_log import Action, Snapshot
from opendata_sharing.errors import StoreDamaged

#: Stand in a prepared line where addresses and their end will; nobody can guess them, so no data has them.
_ADDRESS, _VECTOR, _END = (secrets.token_hex(16) for _ in range(3))
#: The kind of an action → the name of its line in the parquet format.
_PARQUET_NAMES = {"file": "file", "add": "add", "remove": "remove", "cdc": "cdf"}


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line but for its addresses and the instant until which they are good; `vector` is a deletion vector's file."""

    path: str
    vector: str | None
    text: str

    def with_addresses(self, give: Callable[[str], str], until: int) -> str:
        """The line; `give` makes the address of a path, `until` is in seconds since 1970."""
        line = self.text.replace(_ADDRESS, give(self.path)).replace(f'"{_END}"', str(until * 1000))
        return line if self.vector is None else line.replace(_VECTOR, give(self.vector))


def _written(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"


def protocol_line(form: Form, protocol: Action) -> str:
    """The table's protocol; in the parquet format a client needs reader version 1, whatever the table itself has."""
    if form.format == "delta":
        return _written({"protocol": {"deltaProtocol": protocol}})
    return _written({"protocol": {"minReaderVersion": 1}})


def metadata_line(form: Form, snapshot: Snapshot, version: int, earliest: int | None) -> str:
    """The table's metadata, said to be of `version`; `earliest` is from where on changes are served, if they are."""
    metadata = snapshot.metadata
    said: dict[str, Any] = {
        "version": version,
        "size": sum(int(add["size"]) for add in snapshot.adds.values()),
        "numFiles": len(snapshot.adds),
    }
    if form.format == "delta":
        return _written({"metaData": {**said, "deltaMetadata": metadata}})
    configuration: dict[str, str] = {}
    if earliest is not None and has_changes(snapshot):
        configuration = {"enableChangeDataFeed": "true", "opendata.earliestVersion": str(earliest)}
    named = {name: metadata[name] for name in ("id", "name", "description") if metadata.get(name) is not None}
    form_of_files = {
        "format": {"provider": "parquet"},
        "schemaString": metadata["schemaString"],
        "partitionColumns": metadata.get("partitionColumns", []),
        "configuration": configuration,
    }
    return _written({"metaData": {**named, **form_of_files, **said}})


def has_changes(snapshot: Snapshot) -> bool:
    """Whether the table's change data feed is on."""
    configuration = snapshot.metadata.get("configuration") or {}
    return str(configuration.get("delta.enableChangeDataFeed", "")).lower() == "true"


def file_line(form: Form, kind: str, action: Action, version: int, at: int) -> FileLine:
    """The line of a file (kind "file"), or of what a version added, removed or changed ("add", "remove", "cdc").

    `at` is the version's instant, in milliseconds since 1970.
    """
    path = str(action["path"])
    identifier = _identifier(form, path)
    said: dict[str, Any]
    vector = None
    if form.format == "delta":
        kept = {name: value for name, value in action.items() if name != "tags"}
        vector, kept = _with_vector(action, kept)
        single = {"add" if kind == "file" else kind: {**kept, "path": _ADDRESS}}
        said = {"deltaSingleAction": single, "expirationTimestamp": _END, "id": identifier}
        if vector is not None:
            said["deletionVectorFileId"] = _identifier(form, vector)
        name = "file"
    else:
        said = {"url": _ADDRESS, "expirationTimestamp": _END, "id": identifier}
        said["partitionValues"] = action.get("partitionValues") or {}
        said["size"] = action.get("size")
        if kind in ("file", "add") and action.get("stats") is not None:
            said["stats"] = action["stats"]
        name = _PARQUET_NAMES[kind]
    said.update(size=action.get("size"), version=version, timestamp=at)
    return FileLine(path, vector, _written({name: said}))


def _with_vector(action: Action, kept: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """(path of the deletion vector's file or None, the action with it as one that lies at an absolute path).

    Raises:
        StoreDamaged: the vector lies in a file whose path the log doesn't tag.
    """
    vector = action.get("deletionVector")
    if not vector or vector.get("storageType") == "i":
        return None, kept
    path = (action.get("tags") or {}).get("vector")
    if not isinstance(path, str):
        raise StoreDamaged(f"the deletion vector of {action['path']} lies in a file that isn't named")
    return path, {**kept, "deletionVector": {**vector, "storageType": "p", "pathOrInlineDv": _VECTOR}}


def _identifier(form: Form, path: str) -> str:
    """A file's id, the same at every request: MD5 of its path, or SHA-256 in delta's way, as the reference has it."""
    if form.file_ids == "parquet":
        return hashlib.md5(path.encode(), usedforsecurity=False).hexdigest()
    return hashlib.sha256(path.encode()).hexdigest()


def end_line(refresh: str | None, page: str | None, until: int | None) -> str:
    """The last line, for a client that asked for it; `until` in seconds since 1970."""
    said: dict[str, Any] = {}
    if refresh is not None:
        said["refreshToken"] = refresh
    if page is not None:
        said["nextPageToken"] = page
    if until is not None:
        said["minUrlExpirationTimestamp"] = until * 1000
    return _written({"endStreamAction": said})
