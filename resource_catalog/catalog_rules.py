"""The rules of the catalogue's self-check: one function each, listed at the end."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Literal
from urllib.parse import urlsplit

from resource_catalog.catalog_values import Catalog, CatalogFault
from resource_catalog.entry import Entry
from resource_catalog.errors import SourceError, WorkspaceError
from resource_catalog.standard_names import NUMBERS
from resource_catalog.workspace import resolve_source, table_schema

#: What a reader of the public page would miss: key → what it is.
EXPECTED_KEYS = {
    "summary": "信息资源摘要",
    "keywords": "search words",
    "licence": "a licence, of its own or agency.yaml's",
    "issued": "发布日期",
}


def _fault(
    catalog: Catalog,
    entry: Entry,
    rule: str,
    message: str,
    fix: str,
    *,
    key: tuple[str | int, ...],
    severity: Literal["must", "should"] = "must",
) -> CatalogFault:
    file = catalog.workspace.entry_file(entry.id)
    return CatalogFault(rule, severity, entry.id, entry.owner, file, catalog.line(entry.id, *key), message, fix)


def _code_malformed(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    pattern = catalog.agency.code_pattern
    if not re.fullmatch(pattern, entry.code):
        message = f"the code {entry.code} does not have the form {pattern}"
        yield _fault(catalog, entry, "code-malformed", message, "mend it, or agency.yaml's code_pattern", key=("code",))


def _theme_unknown(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    themes = catalog.agency.themes
    if themes and entry.theme and entry.theme not in themes:
        message = f"the theme {entry.theme} is not among agency.yaml's themes"
        yield _fault(catalog, entry, "theme-unknown", message, f"use one of {', '.join(themes)}", key=("theme",))


def _schema_unreadable(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    if entry.source is None:
        return
    try:
        table_schema(catalog.workspace, entry)
    except WorkspaceError as error:
        rule = "schema-unreadable" if catalog.workspace.schema_file(entry).exists() else "schema-missing"
        yield _fault(catalog, entry, rule, f"{error.where}: {error.what}", error.fix, key=("schema",))


def _columns_misled(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    columns = entry.source.columns if entry.source else {}
    if not columns:
        return
    try:
        names = table_schema(catalog.workspace, entry).names
    except WorkspaceError:
        return  # _schema_unreadable says so
    first: dict[str, str] = {}
    for heading, name in columns.items():
        key = ("source", "columns", heading)
        if name not in names:
            message = f"the heading {heading} leads to the field {name}, which the schema lacks"
            yield _fault(catalog, entry, "column-unknown", message, f"use one of {', '.join(names)}", key=key)
        elif name in first:
            message = f"the headings {first[name]} and {heading} both lead to the field {name}"
            yield _fault(catalog, entry, "column-duplicate", message, "delete one of the two", key=key)
        first.setdefault(name, heading)


def _standard_unknown(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    try:
        schema = table_schema(catalog.workspace, entry) if entry.source else None
    except WorkspaceError:
        return  # _schema_unreadable says so
    for field in schema.fields if schema else ():
        if field.standard and field.meant_standard is None:
            message = f"the schema's field {field.name} names the standard {field.standard!r}, which none has"
            fix = f"use one of {', '.join(NUMBERS)}, or one of their numbers; or delete it: nothing is checked by it"
            yield _fault(catalog, entry, "standard-unknown", message, fix, key=("schema",))


def _suite_missing(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    if entry.suite is None:
        return
    file = catalog.workspace.suites_dir / f"{entry.suite}.json"
    if not file.is_file():
        yield _fault(
            catalog, entry, "suite-missing", f"there is no {file}", "write it, or delete the key", key=("suite",)
        )


def _source_unreachable(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    source = entry.source
    if source is None:
        return
    if source.database is not None and source.database not in catalog.agency.databases:
        known = ", ".join(catalog.agency.databases) or "none"
        message = f"agency.yaml has no database {source.database}"
        yield _fault(catalog, entry, "database-unknown", message, f"known: {known}", key=("source", "database"))
    elif source.url is not None:
        yield from _host_refused(catalog, entry, source.url)
    elif source.catalogue is None:
        yield from _file_unreachable(catalog, entry)


def _host_refused(catalog: Catalog, entry: Entry, url: str) -> Iterator[CatalogFault]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.netloc not in catalog.agency.web_hosts:
        allowed = ", ".join(catalog.agency.web_hosts) or "none"
        message = f"{url} is no http(s) address on an allowed host"
        fix = f"mend it, or add its host to agency.yaml's web_hosts; allowed: {allowed}"
        yield _fault(catalog, entry, "host-refused", message, fix, key=("source", "url"))


def _file_unreachable(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    source = entry.source
    if source is None:
        return
    database = catalog.agency.databases[source.database] if source.database is not None else None
    if database is not None and not database.is_file:
        return  # a server is asked when it is read, not here
    path, key = (source.path or "", "path") if database is None else (database.path, "database")
    named = "source.path" if database is None else f"agency.yaml's databases.{source.database}.path"
    try:
        resolve_source(catalog.workspace, catalog.agency, path, key=named)
    except SourceError as error:
        message = f"{error.where}: {error.what}"
        yield _fault(catalog, entry, "source-unreachable", message, error.fix, key=("source", key))


def _deadline_unknown(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    rules = catalog.agency.deadline_rules
    for position, clock in enumerate(entry.deadline):
        if clock.rule not in rules:
            message = f"agency.yaml's deadline_rules have no {clock.rule}"
            fix = f"mend it, or add it there; near: {', '.join(_near(clock.rule, rules)) or 'none'}"
            key = ("deadline", "rule") if len(entry.deadline) == 1 else ("deadline", position, "rule")
            yield _fault(catalog, entry, "deadline-unknown", message, fix, key=key)


def _near(word: str, words: Collection[str]) -> list[str]:
    return difflib.get_close_matches(word, words) or sorted(words)


def _related_unknown(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    codes = {other.code for other in catalog.entries} if entry.related else set()
    for position, code in enumerate(entry.related):
        if code not in codes:
            message = f"no entry of the catalogue has the code {code}"
            fix = "mend it, or add the entry that it means"
            yield _fault(catalog, entry, "related-unknown", message, fix, key=("related", position))


def _expected_missing(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    for key, meaning in EXPECTED_KEYS.items():
        inherited = catalog.agency.licence if key == "licence" else ""
        if not getattr(entry, key) and not inherited:
            message = f"{key} is missing: {meaning}"
            yield _fault(catalog, entry, f"{key}-missing", message, f"add {key}", key=(), severity="should")


def _code_duplicate(catalog: Catalog) -> Iterator[CatalogFault]:
    for entry, other in _alike(catalog.entries, lambda entry: entry.code):
        message = f"the code {entry.code} is also that of {other.id}"
        yield _fault(catalog, entry, "code-duplicate", message, "give one of them its own", key=("code",))


def _title_duplicate(catalog: Catalog) -> Iterator[CatalogFault]:
    for entry, other in _alike(catalog.entries, lambda entry: (entry.provider or catalog.agency.name, entry.title)):
        message = f"the same provider has the same title in {other.id}"
        yield _fault(catalog, entry, "title-duplicate", message, "say in the titles how they differ", key=("title",))


def _title_lookalike(catalog: Catalog) -> Iterator[CatalogFault]:
    for entry, other in _alike(
        catalog.entries, lambda entry: _skeleton(entry.title), but_not=lambda entry: entry.title
    ):
        message = f"the title differs from that of {other.id} only by spaces or width"
        fix = "write both the same way, or say how they differ"
        yield _fault(catalog, entry, "title-lookalike", message, fix, key=("title",), severity="should")


def _catalogue_empty(catalog: Catalog) -> Iterator[CatalogFault]:
    if not catalog.entries and not catalog.broken:
        folder = catalog.workspace.entries_dir
        yield CatalogFault(
            "catalogue-empty", "should", "", "", folder, None, "the catalogue has no entry", "add <id>.yaml to it"
        )


def _skeleton(title: str) -> str:
    return "".join(unicodedata.normalize("NFKC", title).split()).casefold()


def _alike(
    entries: Iterable[Entry], trait: Callable[[Entry], object], *, but_not: Callable[[Entry], object] = id
) -> Iterator[tuple[Entry, Entry]]:
    """Each entry with the first other that has the same trait, but not the same of another; by default any other."""
    groups: dict[object, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[trait(entry)].append(entry)
    for group in groups.values():
        for entry in group:
            other = next((other for other in group if but_not(other) != but_not(entry)), None)
            if other is not None:
                yield entry, other


ENTRY_RULES: tuple[Callable[[Catalog, Entry], Iterator[CatalogFault]], ...] = (
    _code_malformed,
    _theme_unknown,
    _schema_unreadable,
    _columns_misled,
    _standard_unknown,
    _suite_missing,
    _source_unreachable,
    _deadline_unknown,
    _related_unknown,
    _expected_missing,
)
CATALOG_RULES: tuple[Callable[[Catalog], Iterator[CatalogFault]], ...] = (
    _code_duplicate,
    _title_duplicate,
    _title_lookalike,
    _catalogue_empty,
)
