"""What a real CKAN has of a dataset of ours once a run is over: what anybody gets, and what lies there unseen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.anonymous_http import AnonymousHTTP
from tests.ckan_office import CkanOffice
from tests.known_releases import KnownReleases, row_digest
from tests.release_verdicts import (
    Page,
    Sight,
    Verdict,
    judge_file,
    judge_hits,
    judge_package,
    judge_page,
    release_of,
    role_of,
)
from tests.workspace_factory import NEVER_CANARY, SHARED_CANARY

#: What our target writes over a file before it lets go of it.
_GONE = b"withdrawn\n"
_MOST_ROWS = 32_000


@dataclass(frozen=True)
class Seen:
    """What anybody gets of a dataset: the release that its page names, a sight of each part, all bytes together."""

    release: int | None
    parts: Mapping[str, Sight]
    content: bytes

    @property
    def torn(self) -> list[str]:
        """The parts that are not of the release that the page names, and why."""
        return [
            f"{part}: {sight.why or sorted(sight.releases)}"
            for part, sight in self.parts.items()
            if sight.fault or self.release not in sight.releases
        ]

    @property
    def canaries(self) -> list[str]:
        """Values among the bytes that no reader may ever find."""
        return [word for word in (NEVER_CANARY, SHARED_CANARY) if word.encode() in self.content]


def look(office: CkanOffice, dataset: str, known: KnownReleases) -> Seen:
    """Read page, search, every file by both its addresses, and rows: once each, as anybody."""
    http, name = AnonymousHTTP(), f"{office.prefix}{dataset}"
    shown = http.call(office.portal.url, "package_show", id=name)
    if shown.fault:
        return Seen(None, {"page": Sight(fault=Verdict.ERROR, why=shown.fault)}, b"")
    found = http.call(office.portal.url, "package_search", fq=f"name:{name}")
    parts = {
        "page": judge_package(shown.value, known),
        "search": judge_hits(found.value, name, known)
        if not found.fault
        else Sight(fault=Verdict.ERROR, why=found.fault),
    }
    content = [json.dumps([shown.value, found.value], ensure_ascii=False, default=str).encode()]
    for resource in shown.value["resources"]:
        role = role_of(resource)
        lasting = f"{office.portal.url}/dataset/{shown.value['id']}/resource/{resource['id']}/download"
        for part, address in ((f"file {role}", resource["url"]), (f"address {role}", lasting)):
            answer = http.get(address)
            parts[part] = judge_file(answer.body, role, known) if not answer.fault else _error(answer.fault)
            content.append(answer.body)
        if role == "csv":
            parts["rows"] = _rows(http, office.portal.url, resource["id"], known)
    return Seen(release_of(shown.value), parts, b"\n".join(content))


def _error(fault: str) -> Sight:
    return Sight(fault=Verdict.ERROR, why=fault)


def _rows(http: AnonymousHTTP, portal: str, table: str, known: KnownReleases) -> Sight:
    asked = {"resource_id": table, "limit": _MOST_ROWS, "records_format": "lists"}
    found = http.call(portal, "datastore_search", **asked)
    if found.fault:
        return _error(found.fault)
    kept = [place for place, one in enumerate(found.value["fields"]) if one["id"] != "_id"]
    types = next(release.table.types for release in known.all() if release.table)
    digests = [row_digest(types, [row[place] for place in kept]) for row in found.value["records"]]
    return judge_page(Page(digests, found.value["total"], 0, _MOST_ROWS), known)


def state_of(office: CkanOffice, latest: int) -> dict[str, Any]:
    """All that must be the same whether a run was disturbed or not, ids and moments left out.

    Releases are told by how long before `latest` they are. `tables`: those that no shown dataset has; `twins`: tables
    that wait for a switch; `files`: whole files on the portal's disk of resources that no dataset has.
    """
    packages = [_package(office, name) for name in _names(office)]
    csv = {one["id"] for package in packages for one in package["resources"] if one.get("release_role") == "csv"}
    return {
        "packages": {
            package["name"].removeprefix(office.prefix): _facts(package, latest)
            for package in packages
            if package["name"].startswith(office.prefix)
        },
        "tables": sorted(_tables(office) - csv),
        "twins": _count(office, "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = "
                                "to_regnamespace('ckanext_release')"),
        "files": _files_left(office, {one["id"] for package in packages for one in package["resources"]}),
    }  # fmt: skip


def _names(office: CkanOffice) -> list[str]:
    rows = office.portal.sql("ckan", "SELECT name FROM package WHERE state = 'active' ORDER BY name")
    return [str(name) for (name,) in rows]


def _package(office: CkanOffice, name: str) -> dict[str, Any]:
    return dict(office.portal.call("package_show", "administrator", id=name))


def _facts(package: Mapping[str, Any], latest: int) -> dict[str, Any]:
    extras = {one["key"]: one["value"] for one in package["extras"]}
    recalled = json.loads(extras.get("release_recalled", "[]"))
    return {
        "private": package["private"],
        "state": extras["release_state"],
        "release": _age(extras.get("release"), latest),
        "extras": sorted(extras),
        "recalled": [one.partition(" ")[0] for one in recalled],
        "resources": [
            [one["release_role"], _age(one.get("release"), latest), one["datastore_active"]]
            for one in package["resources"]
        ],
    }


def _age(release: str | None, latest: int) -> int | str | None:
    return latest - int(release) if release and release.isdigit() else release


def _tables(office: CkanOffice) -> set[str]:
    query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    return {str(name) for (name,) in office.portal.sql("datastore", query) if str(name).count("-") == 4}


def _count(office: CkanOffice, query: str) -> int:
    return int(office.portal.sql("datastore", query)[0][0])


def _files_left(office: CkanOffice, listed: Iterable[str]) -> int:
    """CKAN keeps resources/abc/def/rest-of-the-id."""
    folder, known = office.portal.folder / "storage" / "resources", set(listed)
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    return sum(_identity(path) not in known and path.read_bytes() != _GONE for path in files)


def _identity(path: Path) -> str:
    return "".join(path.parts[-3:])
