"""The pages and feeds, rendered by templates in which every value is escaped."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2

from pipelines.handover import Form, Publication
from pipelines.targets.instant import EPOCH
from pipelines.targets.release_files import data_files, key_files, left_out
from pipelines.targets.static.about import About, dataset_address
from pipelines.targets.static.assets import asset_names, template_source
from pipelines.targets.static.dictionary import dictionary, public_fields, public_schema
from pipelines.targets.static.preview import Preview
from pipelines.targets.static.quality_summary import read_quality_summary
from pipelines.targets.static.score_trend import read_trend
from pipelines.targets.static.snippets import snippets
from resource_catalog.agency import Agency

#: Control characters that neither HTML nor XML can hold.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: Files of a release beside its data.
COMPANIONS = ("datapackage.json", "dictionary.csv", "quality.json", "changes.parquet", "README.md", "SHA256SUMS")
#: Entries of a feed; older ones are in the datasets' change logs.
FEED_LENGTH = 100


def web_address(value: str) -> str:
    """The address where it is http(s), else "": no other scheme becomes a link."""
    return value if re.match(r"^https?://", value, re.IGNORECASE) else ""


def human_size(size: int) -> str:
    """A size in decimal units, as download lists give it."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"


def grouped(number: int | None) -> str:
    """A count with its thousands set apart; "–" where it isn't known."""
    return "–" if number is None else f"{number:,}"


def _finalize(value: Any) -> Any:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value) if type(value) is str else value


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(template_source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(web_address=web_address, human_size=human_size, grouped=grouped)
    return environment


def render(template: str, **values: Any) -> bytes:
    """A template's bytes."""
    return _environment().get_template(template).render(assets=asset_names(), **values).encode()


@dataclass(frozen=True)
class Shown:
    """A publication beside the folder of its version and the first rows of the release that it shows as latest."""

    publication: Publication
    about: About
    base_url: str
    folder: Path
    preview: Preview | None = None


def _release_links(shown: Shown) -> dict[int, list[tuple[str, str]]]:
    """For each kept release, the name and relative address of what the change log links."""
    links: dict[int, list[tuple[str, str]]] = {}
    for release in shown.publication.kept:
        number = release.number
        links[number] = [("CSV", f"{number}/{release.resource['path']}")]
        if (shown.folder / str(number) / "changes.parquet").is_file():
            links[number].append(("changes", f"{number}/changes.parquet"))
    return links


def _release_values(shown: Shown) -> dict[str, Any]:
    release = shown.publication.release
    if release is None:
        return {}
    files = data_files(release)
    latest = shown.folder / "latest"
    return {
        "labels": {field.name: field.title for field in public_fields(public_schema(shown.publication))},
        "companions": [name for name in COMPANIONS if (latest / name).is_file()],
        "files": files,
        "keys": key_files(release),
        "left_out": tuple(left_out(release)),
        "preview": shown.preview,
        "quality": read_quality_summary(latest),
        "trend": read_trend(shown.folder, shown.publication),
        "snippets": snippets(shown.base_url, shown.publication.dataset, files),
    }


_TEMPLATES = {
    Form.RELEASE: "release.html.j2",
    Form.NOTICE: "notice.html.j2",
    Form.TOMBSTONE: "tombstone.html.j2",
}


def dataset_page(shown: Shown) -> bytes:
    """A dataset's page, in the form that its publication has."""
    publication = shown.publication
    open_to_readers = publication.form is not Form.TOMBSTONE
    return render(
        _TEMPLATES[publication.form],
        root="../../",
        about=shown.about,
        entry=publication.entry,
        agency=publication.agency,
        kept=_release_links(shown) if open_to_readers else {},
        columns=dictionary(public_schema(publication)) if open_to_readers else (),
        address=dataset_address(shown.base_url, publication.dataset),
        **_release_values(shown),
    )


def dataset_feed(about: About, agency: Agency, base_url: str) -> bytes:
    """A dataset's change log as an Atom feed."""
    address = dataset_address(base_url, about["id"])
    entries = [{"about": about, "event": event} for event in about["history"]]
    return render(
        "feed.atom.j2",
        agency=agency,
        base_url=base_url,
        identity=address,
        page=address,
        own=f"{address}feed.atom",
        title=about["title"],
        updated=about["modified"] or EPOCH,
        entries=entries,
    )


def site_feed(abouts: Sequence[About], agency: Agency, base_url: str) -> bytes:
    """What happened in the whole portal, newest first, as an Atom feed."""
    entries = [{"about": about, "event": event} for about in abouts for event in _told(about)]
    entries.sort(key=lambda entry: (entry["event"]["at"], entry["about"]["id"]), reverse=True)
    return render(
        "feed.atom.j2",
        agency=agency,
        base_url=base_url,
        identity=base_url,
        page=base_url,
        own=f"{base_url}feed.atom",
        title=f"{agency.name} 数据开放",
        updated=entries[0]["event"]["at"] if entries else EPOCH,
        entries=entries[:FEED_LENGTH],
    )


def _told(about: About) -> list[dict[str, Any]]:
    """The events of a dataset that the portal's feed tells; of a withdrawn one, only that it was."""
    events: list[dict[str, Any]] = about["history"]
    return events[:1] if about["form"] == Form.TOMBSTONE else events


def front_page(abouts: Sequence[About], agency: Agency) -> bytes:
    """The front page: search, themes, and all datasets as a list that needs no script."""
    listed = [about for about in abouts if about["form"] != Form.TOMBSTONE]
    themes: dict[str, list[About]] = {}
    for about in listed:
        themes.setdefault(about["theme"], []).append(about)
    return render(
        "index.html.j2",
        root="",
        agency=agency,
        themes=sorted(themes.items(), key=lambda item: (item[0] == "", item[0])),
        listed=listed,
        withdrawn=[about for about in abouts if about["form"] == Form.TOMBSTONE],
    )


def guide_page(agency: Agency, base_url: str, abouts: Sequence[About]) -> bytes:
    """How developers use the data: addresses, checksums, formats."""
    example = next((about["id"] for about in abouts if about["form"] == Form.RELEASE), "")
    return render("guide.html.j2", root="", agency=agency, base_url=base_url, example=example)


def missing_page(agency: Agency, base_url: str) -> bytes:
    """The page of an address that leads nowhere; it is served at any depth, so its links start at the portal's root."""
    return render("404.html.j2", root=urlsplit(base_url).path, agency=agency)
