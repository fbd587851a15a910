"""Makes release folders, publications and agencies for tests, as the package stage and the ledger would."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.handover import Changes, Event, Form, Publication, Release
from pipelines.targets.static import StaticPortal
from resource_catalog.agency import Agency
from resource_catalog.entry import Entry
from resource_catalog.table_schema import TableSchema, parse_table_schema

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}

SCHEMA: dict[str, Any] = {
    "fields": [
        {
            "name": "permit_no",
            "title": "许可编号",
            "type": "string",
            "description": "行政许可决定书文号",
            "constraints": {"required": True, "unique": True, "pattern": "^[0-9]{6}$"},
        },
        {"name": "holder", "title": "行政相对人名称", "type": "string", "constraints": {"maxLength": 200}},
        {"name": "decided", "title": "许可决定日期", "type": "date", "constraints": {"minimum": "2000-01-01"}},
        {"name": "fee", "title": "收费", "type": "number", "unit": "元"},
        {"name": "status", "title": "状态", "type": "string", "constraints": {"enum": ["有效", "注销"]}},
    ],
    "primaryKey": ["permit_no"],
}

Rows = Sequence[Sequence[str]]


def sample_rows(count: int, start: int = 1) -> list[list[str]]:
    return [
        [f"{number:06d}", f"示例企业{number}号有限公司", f"2017-{number % 12 + 1:02d}-01", f"{number}.50", "有效"]
        for number in range(start, start + count)
    ]


def csv_bytes(headings: Sequence[str], rows: Rows) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows([headings, *rows])
    return stream.getvalue().encode()


def make_agency(**changes: Any) -> Agency:
    return Agency.model_validate(
        {
            "id": "example-agency",
            "name": "示例市市场监督管理局",
            "name_en": "Example City Administration for Market Regulation",
            "code": "11310000002420614G",
            "jurisdiction": "示例市",
            "jurisdiction_uri": "https://sws.geonames.org/1796236/",
            "homepage": "https://agency.example/",
            "contact": {"name": "信息中心", "email": "data@agency.example", "phone": "+86 21 1234 5678"},
            "theme_uris": {"信用服务": "http://publications.europa.eu/resource/authority/data-theme/GOVE"},
            "licence": "示例市公共数据开放许可",
            "licence_url": "https://agency.example/licence",
            "how_to_apply": "填写申请表，提交至信息中心；二十个工作日内答复。",
            **changes,
        }
    )


def make_entry(dataset: str, **changes: Any) -> Entry:
    return Entry.model_validate(
        {
            "id": dataset,
            "code": "307002/000010",
            "title": "行政许可信息",
            "title_en": "Administrative licences",
            "summary": "本局作出的行政许可决定，含许可编号、相对人名称、决定日期与状态。",
            "summary_en": "Licensing decisions of this office.",
            "owner": "注册处",
            "theme": "信用服务",
            "keywords": ["许可", "双公示"],
            "openness": "公开",
            "sharing": "无条件共享",
            "update_cycle": "每日",
            **changes,
        }
    )


def on_request_entry(dataset: str, **changes: Any) -> Entry:
    words = {
        "title": "企业股东信息",
        "title_en": "Shareholders of companies",
        "code": "307002/000020",
        "openness": "依申请公开",
        "openness_basis": "政府信息公开条例第十三条",
        "openness_condition": "用于科研或行政管理，不得转让",
        "sharing": "有条件共享",
        "sharing_condition": "按职责需要",
        **changes,
    }
    return make_entry(dataset, **words)


def _files(dataset: str, headings: Sequence[str], rows: Rows, formats: Sequence[str]) -> dict[str, bytes]:
    """The data's files; XLSX and Parquet are stand-ins, since a portal only carries their bytes."""
    table = csv_bytes(headings, rows)
    lines = "".join(json.dumps(dict(zip(headings, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)
    content = {"csv": table, "jsonl": lines.encode(), "xlsx": b"PK xlsx" + table, "parquet": b"PAR1" + table}
    return {f"data/{dataset}.{name}": content[name] for name in formats}


def _descriptor(
    entry: Entry, number: int, schema: dict[str, Any], rows: int, files: dict[str, bytes]
) -> dict[str, Any]:
    resources = []
    for path, content in files.items():
        name = path.rpartition(".")[2]
        resource = {
            "name": entry.id if name == "csv" else f"{entry.id}-{name}",
            "path": path,
            "format": name,
            "mediatype": MEDIA_TYPES[name],
            "bytes": len(content),
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        }
        if name == "csv":
            resource |= {"profile": "tabular-data-resource", "encoding": "utf-8", "schema": schema}
        resources.append(resource)
    return {
        "name": entry.id,
        "id": entry.code,
        "title": entry.title,
        "version": str(number),
        "opendata": {"release": number, "rows": rows, "left_out": {}},
        "resources": resources,
    }


@dataclass
class ReleaseFactory:
    """Writes releases under `<home>/releases` and remembers them, and tells their history."""

    home: Path
    agency: Agency = field(default_factory=make_agency)
    releases: dict[str, list[Release]] = field(default_factory=dict)
    events: dict[str, list[Event]] = field(default_factory=dict)

    def release(
        self,
        entry: Entry,
        rows: Rows,
        *,
        schema: dict[str, Any] | None = None,
        formats: Sequence[str] = ("csv", "xlsx", "jsonl", "parquet"),
        left_out: dict[str, str] | None = None,
        quality: dict[str, Any] | None = None,
        changes: Changes | None = None,
    ) -> Release:
        """A new release of the dataset, with a line in its history."""
        made = self.releases.setdefault(entry.id, [])
        number = len(made) + 1
        folder = self.home / "releases" / entry.id / str(number)
        schema = schema or SCHEMA
        headings = [column["name"] for column in schema["fields"]]
        files = _files(entry.id, headings, rows, formats)
        descriptor = _descriptor(entry, number, schema, len(rows), files)
        descriptor["opendata"]["left_out"] = left_out or {}
        quality = quality or {
            "rows": len(rows),
            "score": 97.5,
            "dimensions": {"完整性": 95.0, "时效性": None},
            "rules": [],
        }
        files |= {
            "datapackage.json": json.dumps(descriptor, ensure_ascii=False).encode(),
            "quality.json": json.dumps(quality, ensure_ascii=False).encode(),
            "changes.parquet": f"PAR1 changes of {entry.id} {number}".encode(),
            "dictionary.csv": b"name,title\r\n",
            "README.md": f"# {entry.title}\n".encode(),
        }
        sums = "".join(f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files)).encode()
        for path, content in {**files, "SHA256SUMS": sums}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        digest = f"sha256:{hashlib.sha256(sums).hexdigest()}"
        release = Release(entry.id, number, folder, digest, descriptor, len(rows), changes or Changes(added=len(rows)))
        made.append(release)
        self.tell(entry, "published", release)
        return release

    def tell(self, entry: Entry, act: str, release: Release | None = None, reason: str = "") -> None:
        """Add a line to the dataset's history; each is a day after the one before."""
        told = self.events.setdefault(entry.id, [])
        at = datetime.datetime(2017, 6, 1, 9, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
        event = Event(
            act,
            release.number if release else None,
            at + datetime.timedelta(days=len(told)),
            release.rows if release else None,
            release.changes if release else Changes(),
            reason,
        )
        told.insert(0, event)

    def publication(self, entry: Entry, form: Form = Form.RELEASE, shown: Release | None = None) -> Publication:
        """All that a target needs: the newest release (or `shown`) as latest, all kept."""
        made = tuple(self.releases.get(entry.id, ()))
        schema: TableSchema = parse_table_schema(SCHEMA, "test")
        release = (shown or made[-1]) if form is Form.RELEASE else None
        kept = () if form is Form.NOTICE else made
        history = tuple(self.events.get(entry.id, ()))
        return Publication(entry, self.agency, schema, form, release, kept, history)

    def notice(self, entry: Entry) -> Publication:
        """An on-request dataset's publication."""
        if entry.id not in self.events:
            self.tell(entry, "published")
        return self.publication(entry, Form.NOTICE)

    def tombstone(self, entry: Entry, reason: str) -> Publication:
        """A withdrawn dataset's publication; `kept` names what was recalled."""
        self.tell(entry, "withdrawn", reason=reason)
        return self.publication(entry, Form.TOMBSTONE)


def publish(portal: StaticPortal, publication: Publication) -> Path:
    """Stage and switch; the version that readers see then."""
    staged = portal.stage(publication)
    portal.switch(publication, staged)
    return staged
