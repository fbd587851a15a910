"""What spans datasets, made from what the portal holds: front page, search index, catalogue, feed, guide."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipelines.handover import Form
from pipelines.targets.static.about import About, as_json, read_about
from pipelines.targets.static.assets import assets
from pipelines.targets.static.dcat import catalog_document
from pipelines.targets.static.files import replace_file
from pipelines.targets.static.pages import front_page, guide_page, missing_page, site_feed
from resource_catalog.agency import Agency

#: What of an about.json the search needs.
_INDEXED = (
    "id", "form", "title", "title_en", "summary", "keywords", "owner", "provider", "theme", "code", "release", "rows",
    "modified", "formats",
)  # fmt: skip
#: What an about.json lacks that an earlier program wrote, and that no run has renewed yet.
_ADDED_SINCE: dict[str, Any] = {"sharing": {"written": ""}, "deadline": []}


def write_assets(folder: Path) -> None:
    """Put the assets where the pages look for them; a name says its content, so what is there is right."""
    for name, content in assets().items():
        replace_file(folder / "assets" / name, content)


def _dataset_folders(folder: Path) -> list[Path]:
    datasets = folder / "dataset"
    found = datasets.iterdir() if datasets.is_dir() else ()
    return sorted(path for path in found if not path.name.startswith("."))


def held(folder: Path) -> list[dict[str, Any]]:
    """The abouts of all datasets that readers find, by id."""
    return [_ADDED_SINCE | about for path in _dataset_folders(folder) if (about := read_about(path)) is not None]


def _index_line(about: About) -> dict[str, Any]:
    line = {name: about[name] for name in _INDEXED}
    line["openness"] = about["openness"]["written"]
    line["sharing"] = about["sharing"]["written"]
    line["update_cycle"] = about["update_cycle"]["written"]
    line["deadline"] = about["deadline"]
    line["fields"] = sorted({word for field in about["fields"] for word in (field["name"], field["title"]) if word})
    return line


def _dcat_documents(folder: Path, listed: Sequence[About]) -> Iterator[dict[str, Any]]:
    for about in listed:
        yield json.loads((folder / "dataset" / about["id"] / "dcat.jsonld").read_bytes())


def site_files(folder: Path, agency: Agency, base_url: str) -> dict[str, bytes]:
    """The files by their names, each after those that it leads to; equal holdings give equal bytes."""
    abouts = held(folder)
    listed = [about for about in abouts if about["form"] != Form.TOMBSTONE]
    issued = min((about["issued"] for about in abouts if about["issued"]), default="")
    modified = max((about["modified"] for about in abouts), default="")
    catalog = catalog_document(agency, base_url, _dcat_documents(folder, listed), (issued, modified))
    return {
        "index.json": as_json({"datasets": [_index_line(about) for about in listed]}),
        "catalog.jsonld": as_json(catalog),
        "feed.atom": site_feed(abouts, agency, base_url),
        "404.html": missing_page(agency, base_url),
        "guide.html": guide_page(agency, base_url, abouts),
        "index.html": front_page(abouts, agency),
    }


def _remove_old_assets(folder: Path) -> None:
    """Remove assets that no page of the portal names any more."""
    needed = set(assets()).union(*(about.get("assets", ()) for about in held(folder)))
    for path in (folder / "assets").iterdir():
        if path.name not in needed:
            path.unlink()


def write_site(folder: Path, agency: Agency, base_url: str) -> None:
    """Bring the files that span datasets in line with what the portal holds; what is right is not written."""
    folder.mkdir(parents=True, exist_ok=True)
    write_assets(folder)
    for name, content in site_files(folder, agency, base_url).items():
        replace_file(folder / name, content)
    _remove_old_assets(folder)
