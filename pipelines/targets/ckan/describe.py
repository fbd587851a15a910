"""From a publication to what its two CKAN datasets say: the one that readers look at, and the one of all releases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.handover import Form, Publication
from pipelines.targets.ckan.columns import table_of
from pipelines.targets.ckan.dcat_extras import KEYS, dataset_extras, format_words, resource_facts
from pipelines.targets.ckan.description import MARKER, RESOURCE_RELEASE, ROLE, Description, digest_of
from pipelines.targets.ckan.files import PublishedFile, files_of, shown_files
from pipelines.targets.ckan.portal import Portal
from pipelines.targets.ckan.words import fact_name, fact_names, role_title, sentence
from resource_catalog.deadlines import deadline_facts

#: Raised where the same publication is to be described otherwise, so that every portal is renewed.
_EDITION = 1
_TAG = re.compile(r"[^\w \-.]+")
_LONGEST_TAG = 100
#: What Solr holds of one extra (reliability.md M18), in bytes, with room to spare.
_LONGEST_EXTRA = 30_000


@dataclass(frozen=True)
class Wanted:
    """All that a portal shall have of one publication."""

    page: Description
    shelf: Description
    files: tuple[PublishedFile, ...]
    digest: str


def own_extras() -> frozenset[str]:
    """The keys of all extras that are ours."""
    return frozenset({*MARKER, *KEYS, *fact_names()})


def tags_of(keywords: tuple[str, ...]) -> tuple[str, ...]:
    """Keywords as CKAN's tags: no signs but - _ . and blanks, from 2 to 100 characters (reliability.md M18)."""
    words = (" ".join(_TAG.sub(" ", keyword).split())[:_LONGEST_TAG].strip() for keyword in keywords)
    return tuple(sorted({word for word in words if len(word) > 1}))


def _licence(publication: Publication) -> tuple[str, str]:
    """Name and address of the licence; the address is known for the agency's own default only."""
    agency = publication.agency
    name = publication.entry.licence or agency.licence
    return name, agency.licence_url if name == agency.licence else ""


def _deadlines(publication: Publication) -> str:
    facts = deadline_facts(publication.entry, publication.agency)
    return "；".join(dict.fromkeys(str(fact.get("title") or fact["rule"]) for fact in facts))


def _facts(publication: Publication) -> Iterator[tuple[str, str]]:
    """The catalogue's facts that readers see as additional information."""
    entry = publication.entry
    yield "code", entry.code
    yield "title_en", entry.title_en
    yield "provider", entry.provider or publication.agency.name
    yield "owner", entry.owner
    yield "theme", entry.theme
    yield "openness", entry.openness.written
    yield "openness_basis", entry.openness_basis
    yield "openness_condition", entry.openness_condition
    yield "sharing", entry.sharing.written
    yield "update_cycle", entry.update_cycle.written
    yield "deadline", _deadlines(publication)
    yield "licence", _licence(publication)[0]
    if set(tags_of(entry.keywords)) != set(entry.keywords):
        yield "keywords", "、".join(entry.keywords)
    if publication.release:
        yield "rows", str(publication.release.rows)


def _notes(publication: Publication) -> str:
    """The description, in Markdown: what it is, and what readers must know to have it."""
    entry, language = publication.entry, publication.agency.language
    parts = [entry.summary or entry.title, entry.summary_en]
    if publication.form is Form.NOTICE:
        parts.append(sentence("on_request", language))
        if publication.agency.how_to_apply:
            parts.append(sentence("how", language) + publication.agency.how_to_apply)
    else:
        parts.append(sentence("bulk", language))
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _groups(publication: Publication, portal: Portal) -> tuple[str, ...]:
    name = portal.groups.get(publication.entry.theme)
    return (name,) if name else ()


def _fields(publication: Publication, portal: Portal, notes: str) -> dict[str, Any]:
    licence = _licence(publication)[0]
    return {
        "title": publication.entry.title,
        "notes": notes,
        "license_id": portal.licences.get(licence, licence),
        "version": str(publication.release.number) if publication.release else "",
        "private": False,
    }


def _resource(publication: Publication, file: PublishedFile, portal: Portal) -> dict[str, Any]:
    """A resource of the main dataset: its address is stable, what it leads to is of one release."""
    language = publication.agency.language
    title = role_title(file.role, language)
    return {
        "name": title,
        "description": sentence("release", language).format(file.release) if file.release.isdigit() else title,
        **format_words(file, speaks_dcat=portal.speaks_dcat, served=False),
        **resource_facts(publication, file, _licence(publication)[1]),
        ROLE: file.role,
        RESOURCE_RELEASE: file.release,
    }


def _shelf_resource(publication: Publication, file: PublishedFile, portal: Portal) -> dict[str, Any]:
    return {
        **_resource(publication, file, portal),
        **format_words(file, speaks_dcat=portal.speaks_dcat, served=True),
        "name": f"{file.release}/{file.name}",
    }


def _page(publication: Publication, portal: Portal, files: tuple[PublishedFile, ...]) -> Description:
    language = publication.agency.language
    facts = {fact_name(key, language): value for key, value in _facts(publication) if value}
    extras = dataset_extras(publication) | facts
    shown = shown_files(publication, files)
    return Description(
        fields=_fields(publication, portal, _notes(publication)),
        tags=tags_of(publication.entry.keywords),
        groups=_groups(publication, portal),
        extras={key: value[:_LONGEST_EXTRA] for key, value in extras.items()},
        resources={role: _resource(publication, file, portal) for role, file in shown.items()},
    )


def _tombstone(publication: Publication, title: str) -> Description:
    """Withdrawn: the title, the date and the reason; nothing of the content."""
    language = publication.agency.language
    event = next((event for event in publication.history if event.act == "withdrawn"), None)
    when, why = (event.at.date().isoformat(), event.reason) if event else ("", "")
    lines = [sentence("withdrawn", language), sentence("when", language) + when, sentence("why", language) + why]
    facts = {
        fact_name("code", language): publication.entry.code,
        fact_name("withdrawn", language): when,
        fact_name("reason", language): why[:_LONGEST_EXTRA],
    }
    fields = {"title": title, "notes": "\n\n".join(lines), "license_id": "", "version": ""}
    return Description(
        fields={**fields, "private": False}, extras={key: value for key, value in facts.items() if value}
    )


def _shelf(publication: Publication, portal: Portal, files: tuple[PublishedFile, ...], name: str) -> Description:
    """The dataset of all releases; of a withdrawn one a tombstone, so that old addresses answer 404 and not 403."""
    language = publication.agency.language
    title = f"{publication.entry.title} · {sentence('releases', language)}"
    if publication.form is Form.TOMBSTONE:
        return _tombstone(publication, title)
    notes = f"{sentence('releases_of', language)}[{publication.entry.title}](/dataset/{name})"
    fields = _fields(publication, portal, notes)
    fields |= {"title": title, "version": ""}
    extras = dataset_extras(publication)
    extras["identifier"] += f" · {sentence('releases', language)}"
    resources = {file.key: _shelf_resource(publication, file, portal) for file in files}
    return Description(fields, tags_of(publication.entry.keywords), _groups(publication, portal), extras, resources)


def describe(publication: Publication, portal: Portal, grace: int, name: str) -> Wanted:
    """All that the portal shall say of a publication; reads checksums and no data.

    Raises:
        OutsideError: a release's checksums are not those that it was made with.
    """
    files = files_of(publication, grace)
    is_tombstone = publication.form is Form.TOMBSTONE
    page = _tombstone(publication, publication.entry.title) if is_tombstone else _page(publication, portal, files)
    shelf = _shelf(publication, portal, files, name)
    table = table_of(publication.schema, publication.agency.language, {}) if publication.release else None
    document = {
        "edition": _EDITION,
        "form": publication.form.value,
        "release": publication.release.digest if publication.release else "",
        "page": page.document,
        "shelf": shelf.document,
        "table": [table.fields, table.primary_key, table.indexes] if table else None,
    }
    return Wanted(page, shelf, files, digest_of(document))
