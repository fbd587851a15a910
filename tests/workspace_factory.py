"""Makes a small workspace of an invented port office for tests, in several forms, and runs the command on it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl

from pipelines.cli import main
from resource_catalog.template_workbook import timeless
from tests.catalogue_factory import AGENCY, ENTRY, write_yaml

TODAY = "2026-11-24"
#: Values that no reader may ever find.
SHARED_CANARY, NEVER_CANARY, WITHHELD_CANARY = "canary-shared-7391", "canary-never-7392", "canary-withheld-7393"
ON_REQUEST_CANARY = "canary-on-request-7394"

PORTS: Sequence[Sequence[str]] = (
    ("code", "name", "opened", "keeper", "keeper_id"),
    ("001", "东港", "1901-05-01", SHARED_CANARY, NEVER_CANARY),
    ("002", "西港", "1955-10-12", SHARED_CANARY, NEVER_CANARY),
    ("010", "南港", "", SHARED_CANARY, NEVER_CANARY),
)
TIDES: Sequence[dict[str, Any]] = (
    {"port": "001", "at": "2026-11-01T06:12:00+08:00", "height": 3.21},
    {"port": "001", "at": "2026-11-01T18:40:00+08:00", "height": 3.5},
    {"port": "010", "at": "2026-11-01T07:02:00+08:00", "height": 2.75},
)
BUOYS: Sequence[Sequence[Any]] = (
    ("浮标一览表", None, None),
    ("编号", "名称", "检修次数"),
    ("00000123456789012X", "一号浮标", 3),
    ("310000199001011234", "二号浮标", 0),
)
STATIONS: Sequence[tuple[Any, ...]] = ((1, "001", "验潮站甲"), (2, "002", "验潮站乙"))


def text_field(name: str, **more: Any) -> dict[str, Any]:
    """A field of text."""
    return {"name": name, "type": "string", **more}


SCHEMAS: Mapping[str, dict[str, Any]] = {
    "ports": {
        "fields": [
            text_field("code", title="港口代码", constraints={"required": True, "pattern": "[0-9]{3}"}),
            text_field("name", title="港口名称", constraints={"required": True, "maxLength": 20}),
            {"name": "opened", "type": "date"},
            text_field("keeper", disclosure="share"),
            text_field("keeper_id", disclosure="never"),
        ],
        "primaryKey": "code",
    },
    "tides": {
        "fields": [
            text_field("port", constraints={"required": True}),
            {"name": "at", "type": "datetime", "constraints": {"required": True}},
            {"name": "height", "type": "number", "unit": "m"},
        ],
        "primaryKey": ["port", "at"],
        "foreignKeys": [{"fields": ["port"], "reference": {"resource": "ports", "fields": ["code"]}}],
    },
    "buoys": {
        "fields": [text_field("编号"), text_field("名称"), {"name": "检修次数", "type": "integer"}],
        "primaryKey": "编号",
    },
    "stations": {
        "fields": [{"name": "id", "type": "integer"}, text_field("port"), text_field("name")],
        "primaryKey": "id",
    },
    "wrecks": {"fields": [text_field("name"), text_field("finder", disclosure="share")]},
    "crews": {"fields": [text_field("name")]},
}
ENTRIES: Mapping[str, dict[str, Any]] = {
    "ports": {"title": "港口", "source": {"path": "samples/ports.csv", "encoding": "gb18030"}},
    "tides": {"title": "潮汐", "source": {"path": "samples/tides.jsonl"}},
    "buoys": {"title": "浮标", "source": {"path": "samples/buoys.xlsx"}},
    "stations": {"title": "验潮站", "source": {"database": "register", "table": "stations"}},
    "wrecks": {
        "title": "沉船",
        "openness": "依申请公开",
        "openness_basis": "条例第十三条",
        "source": {"path": "samples/wrecks.csv"},
    },
    "crews": {
        "title": "船员",
        "openness": "不公开",
        "openness_basis": "个人信息",
        "sharing": "不予共享",
        "sharing_basis": "个人信息",
        "source": {"path": "samples/crews.csv"},
    },
}
#: The datasets of ENTRIES that are published with their data.
OPEN = ("buoys", "ports", "stations", "tides")


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Stdout as the one JSON document that it must be."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    @property
    def datasets(self) -> dict[str, dict[str, Any]]:
        """The document's datasets by id."""
        return {dataset["id"]: dataset for dataset in self.document["datasets"]}

    @property
    def verdicts(self) -> dict[str, str]:
        """Dataset → verdict."""
        return {name: dataset["verdict"] for name, dataset in self.datasets.items()}


@dataclass
class PortOffice:
    """A workspace in `root` and its home beside it."""

    root: Path
    home: Path
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def samples(self) -> Path:
        """The folder of the sources."""
        return self.root / "resource_catalog" / "samples"

    @property
    def portal(self) -> Path:
        """The static portal."""
        return self.home / "portal"

    def release(self, dataset: str, number: int) -> Path:
        """A release's folder."""
        return self.home / "releases" / dataset / str(number)

    def entry_file(self, dataset: str) -> Path:
        """An entry's file."""
        return self.root / "resource_catalog" / "entries" / f"{dataset}.yaml"

    def entry(self, dataset: str, **changes: Any) -> None:
        """Write an entry with changes; a value of None removes its key."""
        merged = {**self.entries[dataset], **changes}
        self.entries[dataset] = {key: value for key, value in merged.items() if value is not None}
        write_yaml(self.entry_file(dataset), self.entries[dataset])

    def schema(self, dataset: str, **changes: Any) -> None:
        """Write a schema with changes."""
        self.schemas[dataset] = {**self.schemas[dataset], **changes}
        file = self.root / "schemas" / f"{dataset}.schema.json"
        file.write_text(json.dumps(self.schemas[dataset], ensure_ascii=False), encoding="utf-8")

    def add(self, dataset: str, code: str, schema: dict[str, Any], **entry: Any) -> None:
        """One more dataset."""
        self.entries[dataset] = {**ENTRY, "id": dataset, "code": code, **entry}
        self.schemas[dataset] = schema
        self.entry(dataset)
        self.schema(dataset)

    def agency(self, **changes: Any) -> None:
        """Write agency.yaml with changes."""
        databases = {"register": {"kind": "sqlite", "path": "samples/register.sqlite"}}
        write_yaml(self.root / "resource_catalog" / "agency.yaml", {**AGENCY, "databases": databases, **changes})

    def ports(self, rows: Sequence[Sequence[str]] = PORTS) -> None:
        """Write the ports' CSV, heading first."""
        text = "".join(",".join(row) + "\r\n" for row in rows)
        (self.samples / "ports.csv").write_bytes(text.encode("gb18030"))

    def tides(self, rows: Sequence[Mapping[str, Any]] = TIDES) -> None:
        """Write the tides' JSON Lines."""
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (self.samples / "tides.jsonl").write_text(lines, encoding="utf-8")

    def buoys(self, rows: Sequence[Sequence[Any]] = BUOYS, state: str = "visible") -> None:
        """Write the buoys' workbook, the same bytes at any time; its data sheet may be hidden."""
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "数据"
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = state
        book.create_sheet("说明")
        content = io.BytesIO()
        book.save(content)
        (self.samples / "buoys.xlsx").write_bytes(timeless(content.getvalue()))

    def confirmations(self) -> list[str]:
        """The options that confirm every leap away from a last release, as a plan tells of them."""
        asked = [dataset["confirmation"] for dataset in self.run("plan").datasets.values()]
        return [word for one in asked if one for word in ("--confirm", one["token"])]

    def run(self, command: str, *arguments: str, json: bool = True, home: Path | None = None) -> Answer:
        """Run one command in this process, as the console script would."""
        options = ["--workspace", str(self.root), "--home", str(home or self.home)]
        words = [*command.split(), *arguments, *options, *(["--json"] if json else [])]
        return run_command(*words)


def run_command(*words: str) -> Answer:
    """Run `opendata` with these words in this process."""
    out, err = io.StringIO(), io.StringIO()
    before, handler = sys.argv, signal.getsignal(signal.SIGTERM)
    sys.argv = ["opendata", *words]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 0
    finally:
        sys.argv = before
        signal.signal(signal.SIGTERM, handler)
    return Answer(code, out.getvalue(), err.getvalue())


def _write_register(file: Path) -> None:
    file.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE stations (id INTEGER PRIMARY KEY, port TEXT, name TEXT)")
        connection.executemany("INSERT INTO stations VALUES (?, ?, ?)", STATIONS)
        connection.commit()


def make_port_office(root: Path, datasets: Sequence[str] = tuple(ENTRIES)) -> PortOffice:
    """The workspace in `root`/workspace with these datasets, and its home in `root`/home, which is not made."""
    office = PortOffice(root / "workspace", root / "home")
    for folder in ("resource_catalog/entries", "resource_catalog/samples", "schemas"):
        (office.root / folder).mkdir(parents=True)
    office.agency()
    for number, dataset in enumerate(datasets, start=1):
        office.add(dataset, f"307002/{number:06d}", SCHEMAS[dataset], **ENTRIES[dataset])
    office.ports()
    office.tides()
    office.buoys()
    _write_register(office.samples / "register.sqlite")
    (office.samples / "wrecks.csv").write_text(f"name,finder\n{ON_REQUEST_CANARY},甲\n", encoding="utf-8")
    (office.samples / "crews.csv").write_text(f"name\n{WITHHELD_CANARY}\n", encoding="utf-8")
    return office


def snapshot(folder: Path) -> dict[str, tuple[int, str]]:
    """Path → time of the last change in nanoseconds, and content or the goal of a link; of folders the time alone."""
    found: dict[str, tuple[int, str]] = {}
    for path in sorted(folder.rglob("*")):
        name, changed = path.relative_to(folder).as_posix(), path.lstat().st_mtime_ns
        if path.is_symlink():
            found[name] = (changed, f"→ {path.readlink()}")
        else:
            found[name] = (changed, path.read_bytes().hex() if path.is_file() else "folder")
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """Path → bytes of every file below, as a reader who follows links finds them."""
    found = {}
    for path, _folders, names in os.walk(folder, followlinks=True):
        for name in names:
            file = Path(path) / name
            found[file.relative_to(folder).as_posix()] = file.read_bytes()
    return found


def files_with(folder: Path, canary: str) -> list[str]:
    """The files below a folder that have a text in them or in their name, packed ones included."""
    return [name for name, content in contents(folder).items() if canary in name or _has(content, canary)]


def public_files_with(home: Path, canary: str) -> list[str]:
    """The same below a home, but for what other bureaus may read and the public may not."""
    return [name for name in files_with(home, canary) if name.partition("/")[0] not in ("shared", "sharing")]


def _has(content: bytes, canary: str) -> bool:
    if canary.encode() in content:
        return True
    if content.startswith(b"PK"):
        import zipfile

        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(canary.encode() in archive.read(name) for name in archive.namelist())
    if content.startswith(b"PAR1"):
        import pyarrow.parquet

        return canary in str(pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist())
    return False
