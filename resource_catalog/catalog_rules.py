"""What is judged in the catalogue's self-check: one function a rule, listed at the end; those on references stand here.

`fault_rules.py` says what each rule is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator
from urllib.parse import urlsplit

from resource_catalog import description_rules, item_rules, provider_rules, title_rules
from resource_catalog import fault_rules as rules
from resource_catalog.catalog_values import Catalog, CatalogFault
from resource_catalog.entry import Entry
from resource_catalog.errors import SourceError, WorkspaceError
from resource_catalog.lookalike import alike
from resource_catalog.standard_names import NUMBERS
from resource_catalog.workspace import resolve_source, table_schema


def _code_malformed(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    pattern = catalog.agency.code_pattern
    if not re.fullmatch(pattern, entry.code):
        message = f"the code {entry.code} does not have the form {pattern}"
        yield rules.CODE_MALFORMED.of(catalog, entry, message, key=("code",))


def _theme_unknown(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    themes = catalog.agency.themes
    if themes and entry.theme and entry.theme not in themes:
        message = f"the theme {entry.theme} is not among agency.yaml's themes"
        fix = f"use one of {', '.join(themes)}"
        yield rules.THEME_UNKNOWN.of(catalog, entry, message, key=("theme",), fix=fix)


def _schema_unreadable(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    if entry.source is None:
        return
    try:
        table_schema(catalog.workspace, entry)
    except WorkspaceError as error:
        there = catalog.workspace.schema_file(entry).exists()
        rule = rules.SCHEMA_UNREADABLE if there else rules.SCHEMA_MISSING
        yield rule.of(catalog, entry, f"{error.where}: {error.what}", key=("schema",), fix=error.fix)


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
            yield rules.COLUMN_UNKNOWN.of(catalog, entry, message, key=key, fix=f"use one of {', '.join(names)}")
        elif name in first:
            message = f"the headings {first[name]} and {heading} both lead to the field {name}"
            yield rules.COLUMN_DUPLICATE.of(catalog, entry, message, key=key)
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
            yield rules.STANDARD_UNKNOWN.of(catalog, entry, message, key=("schema",), fix=fix)


def _suite_missing(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    if entry.suite is None:
        return
    file = catalog.workspace.suites_dir / f"{entry.suite}.json"
    if not file.is_file():
        yield rules.SUITE_MISSING.of(catalog, entry, f"there is no {file}", key=("suite",))


def _source_unreachable(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    source = entry.source
    if source is None:
        return
    if source.database is not None and source.database not in catalog.agency.databases:
        known = ", ".join(catalog.agency.databases) or "none"
        message = f"agency.yaml has no database {source.database}"
        yield rules.DATABASE_UNKNOWN.of(catalog, entry, message, key=("source", "database"), fix=f"known: {known}")
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
        yield rules.HOST_REFUSED.of(catalog, entry, message, key=("source", "url"), fix=fix)


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
        yield rules.SOURCE_UNREACHABLE.of(catalog, entry, message, key=("source", key), fix=error.fix)


def _deadline_unknown(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    clocks = catalog.agency.deadline_rules
    for position, clock in enumerate(entry.deadline):
        if clock.rule not in clocks:
            message = f"agency.yaml's deadline_rules have no {clock.rule}"
            fix = f"mend it, or add it there; near: {', '.join(_near(clock.rule, clocks)) or 'none'}"
            key = ("deadline", "rule") if len(entry.deadline) == 1 else ("deadline", position, "rule")
            yield rules.DEADLINE_UNKNOWN.of(catalog, entry, message, key=key, subject=f"deadline.{clock.rule}", fix=fix)


def _near(word: str, words: Collection[str]) -> list[str]:
    return difflib.get_close_matches(word, words) or sorted(words)


def _related(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    codes = {other.code for other in catalog.entries} if entry.related else set()
    for position, code in enumerate(entry.related):
        place, subject = ("related", position), f"related.{code}"
        if code == entry.code:
            message = f"the code {code} is the resource's own"
            yield rules.RELATED_SELF.of(catalog, entry, message, key=place, subject=subject)
        elif code not in codes:
            message = f"no entry of the catalogue has the code {code}"
            yield rules.RELATED_UNKNOWN.of(catalog, entry, message, key=place, subject=subject)


def _code_duplicate(catalog: Catalog) -> Iterator[CatalogFault]:
    for entry, other in alike(catalog.entries, lambda entry: entry.code):
        message = f"the code {entry.code} is also that of {other.id}"
        yield rules.CODE_DUPLICATE.of(catalog, entry, message, key=("code",))


def _catalogue_empty(catalog: Catalog) -> Iterator[CatalogFault]:
    if not catalog.entries and not catalog.broken:
        rule, folder = rules.CATALOGUE_EMPTY, catalog.workspace.entries_dir
        yield CatalogFault(rule.code, rule.severity, "", "", folder, None, "the catalogue has no entry", rule.fix)


EntryRule = Callable[[Catalog, Entry], Iterator[CatalogFault]]
CatalogRule = Callable[[Catalog], Iterator[CatalogFault]]

ENTRY_RULES: tuple[EntryRule, ...] = (
    _code_malformed,
    _theme_unknown,
    _schema_unreadable,
    _columns_misled,
    _standard_unknown,
    _suite_missing,
    _source_unreachable,
    _deadline_unknown,
    _related,
    title_rules.system_name,
    description_rules.expected_missing,
    description_rules.opened_withheld,
    item_rules.untyped_items,
    item_rules.lookalike_items,
    item_rules.units,
)
#: Those of the national guide, for catalogues that follow it.
NATIONAL_RULES: tuple[EntryRule, ...] = (
    provider_rules.missing_code,
    provider_rules.malformed_code,
    description_rules.classification,
    description_rules.summary_thin,
    description_rules.resource_format,
    description_rules.sharing_mode,
    description_rules.format_mode_clash,
    description_rules.vague_basis,
    description_rules.base_not_unconditional,
    description_rules.openness_condition,
    item_rules.untitled_items,
)
CATALOG_RULES: tuple[CatalogRule, ...] = (
    _code_duplicate,
    _catalogue_empty,
    title_rules.duplicate_titles,
    title_rules.lookalike_titles,
    title_rules.numbered_titles,
    provider_rules.malformed_agency_code,
    provider_rules.mixed_codes,
    provider_rules.mixed_names,
    provider_rules.lookalike_providers,
    provider_rules.lookalike_owners,
)
