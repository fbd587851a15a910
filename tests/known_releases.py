"""What each release of a dataset holds, so that any answer of a portal can be told to be of one release, or torn."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

#: Role of a resource → where a release's folder has its file; "{id}" is the dataset's.
FILES_BY_ROLE: Mapping[str, str] = {
    "csv": "data/{id}.csv",
    "xlsx": "data/{id}.xlsx",
    "jsonl": "data/{id}.jsonl",
    "parquet": "data/{id}.parquet",
    "datapackage": "datapackage.json",
    "dictionary": "dictionary.csv",
    "changes": "changes.parquet",
}
_CELLS_END, _SUM_BELOW = "\x1f", 1 << 64


def _number_text(value: object) -> str:
    try:
        return format(Decimal(str(value)).normalize(), "f")
    except InvalidOperation:
        return str(value)


def cell_text(kind: str, value: object) -> str:
    """A cell in one spelling, whether a CSV file, JSON or SQL gave it; `kind` is the field's Table Schema type.

    NULL and an empty text are the same here, since CSV can't tell them apart; times lose their offset, which a
    PostgreSQL timestamp has not.
    """
    if value is None or value == "":
        return ""
    if kind in {"integer", "number"}:
        return _number_text(value)
    if kind == "boolean":
        return "true" if str(value).lower() in {"true", "t", "1"} else "false"
    if kind == "date":
        return str(value)[:10]
    if kind == "datetime":
        return str(value).replace(" ", "T")[:19]
    return str(value)


def row_digest(types: Sequence[str], row: Sequence[object]) -> int:
    """64 bits of a row's cells."""
    text = _CELLS_END.join(cell_text(kind, value) for kind, value in zip(types, row, strict=True))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def rows_digest(digests: Iterable[int]) -> int:
    """A digest of rows in any order, which a row too many or too few changes."""
    return sum(digests) % _SUM_BELOW


@dataclass(frozen=True)
class Table:
    """A release's rows: `types` of its columns in order, the digest of each row, their count, and of all together."""

    types: tuple[str, ...]
    rows: frozenset[int]
    count: int
    digest: int

    @classmethod
    def of(cls, types: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
        """The table of rows whose cells stand in the columns' order."""
        digests = [row_digest(types, row) for row in rows]
        return cls(tuple(types), frozenset(digests), len(digests), rows_digest(digests))


@dataclass(frozen=True)
class KnownRelease:
    """A release as readers may see it: fields of the dataset's metadata, SHA-256 of each role's file, the table."""

    number: int
    metadata: Mapping[str, str]
    files: Mapping[str, str]
    table: Table | None = None

    def document(self) -> dict[str, Any]:
        """The release as JSON; `from_document` reads it."""
        table = self.table and {
            "types": list(self.table.types),
            "rows": sorted(self.table.rows),
            "count": self.table.count,
            "digest": self.table.digest,
        }
        files, metadata = dict(self.files), dict(self.metadata)
        return {"release": self.number, "metadata": metadata, "files": files, "table": table}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> KnownRelease:
        """The release that `document` wrote."""
        found = document["table"]
        table = found and Table(tuple(found["types"]), frozenset(found["rows"]), found["count"], found["digest"])
        return cls(document["release"], document["metadata"], document["files"], table)


def release_files(folder: Path) -> dict[str, Path]:
    """Role → file, of those that a release's folder has."""
    dataset = folder.parent.name
    places = {role: folder / path.format(id=dataset) for role, path in FILES_BY_ROLE.items()}
    return {role: path for role, path in places.items() if path.is_file()}


def read_table(folder: Path) -> tuple[list[dict[str, Any]], list[list[str]]]:
    """The fields and rows of a release's CSV, every cell as text."""
    descriptor = json.loads((folder / "datapackage.json").read_bytes())
    fields = [{"type": "string", **one} for one in descriptor["resources"][0]["schema"]["fields"]]
    with release_files(folder)["csv"].open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    return fields, rows[1:]


def known_release(folder: Path, roles: Iterable[str] = tuple(FILES_BY_ROLE)) -> KnownRelease:
    """What readers may see of a release in its folder `<home>/releases/<id>/<n>/`, where these roles are published."""
    shown = set(roles)
    places = {role: path for role, path in release_files(folder).items() if role in shown}
    files = {role: hashlib.sha256(path.read_bytes()).hexdigest() for role, path in places.items()}
    fields, rows = read_table(folder)
    table = Table.of([field["type"] for field in fields], rows)
    return KnownRelease(int(folder.name), {"release": folder.name}, files, table)


class KnownReleases:
    """The releases that readers may see, from a folder of JSON documents, which may grow while they read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[int, KnownRelease] = {}
        self._refresh()

    def _refresh(self) -> None:
        for file in sorted(self._folder.glob("*.json")):
            if int(file.stem) not in self._found:
                self._found[int(file.stem)] = KnownRelease.from_document(json.loads(file.read_bytes()))

    def get(self, number: int) -> KnownRelease | None:
        """The release of that number; None where it is not known."""
        if number not in self._found:
            self._refresh()
        return self._found.get(number)

    def all(self) -> list[KnownRelease]:
        """Those known by now."""
        self._refresh()
        return list(self._found.values())


def write_known(folder: Path, release: KnownRelease) -> None:
    """Make a release known to readers of the folder, in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{release.number}"
    draft.write_text(json.dumps(release.document(), ensure_ascii=False), encoding="utf-8")
    draft.rename(folder / f"{release.number}.json")
