"""Rules on 信息资源提供方, its code, and who answers: one name and one code each (standards.md 8 no. 24)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from resource_catalog.catalog_values import Catalog, CatalogFault
from resource_catalog.entry import Entry
from resource_catalog.fault_rules import (
    OWNER_LOOKALIKE,
    PROVIDER_CODE_MALFORMED,
    PROVIDER_CODE_MISSING,
    PROVIDER_CODE_MIXED,
    PROVIDER_LOOKALIKE,
    PROVIDER_NAME_MIXED,
)
from resource_catalog.lookalike import alike, skeleton
from resource_catalog.provider_code import code_fault


@dataclass(frozen=True)
class _Provider:
    """A provider as one entry has it; all names of the agency are its first, all its codes its first."""

    entry: Entry
    name: str
    code: str


def _is_agency(catalog: Catalog, entry: Entry) -> bool:
    return not entry.provider or entry.provider in catalog.agency.names


def _providers(catalog: Catalog) -> list[_Provider]:
    agency = catalog.agency
    found = []
    for entry in catalog.entries:
        own = _is_agency(catalog, entry)
        code = entry.provider_code or (agency.code if own else "")
        name = agency.name if own else entry.provider
        found.append(_Provider(entry, name, agency.code if code in agency.other_codes else code))
    return found


def missing_code(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """Another provider than the agency has no code: the agency's would be wrong."""
    if not _is_agency(catalog, entry) and not entry.provider_code:
        message = f"the provider {entry.provider} is not the agency, and has no code"
        yield PROVIDER_CODE_MISSING.of(catalog, entry, message, key=("provider",))


def malformed_code(catalog: Catalog, entry: Entry) -> Iterator[CatalogFault]:
    """The entry's provider_code is no 统一社会信用代码."""
    what = code_fault(entry.provider_code) if entry.provider_code else ""
    if what:
        message = f"the code {entry.provider_code} {what}"
        yield PROVIDER_CODE_MALFORMED.of(catalog, entry, message, key=("provider_code",))


def malformed_agency_code(catalog: Catalog) -> Iterator[CatalogFault]:
    """The agency's own code is no 统一社会信用代码."""
    what = code_fault(catalog.agency.code)
    if catalog.agency.follows_national_guide and what:
        yield PROVIDER_CODE_MALFORMED.of_agency(catalog, f"the code {catalog.agency.code} {what}", key=("code",))


def _several(
    providers: list[_Provider], of: Callable[[_Provider], str], told: Callable[[_Provider], str]
) -> Iterator[tuple[_Provider, list[str]]]:
    """Each provider whose trait `of` goes with several others, and these, the most frequent first."""
    groups: dict[str, list[_Provider]] = defaultdict(list)
    for provider in providers:
        if of(provider) and told(provider):
            groups[of(provider)].append(provider)
    for group in groups.values():
        values = [told(provider) for provider in group]
        distinct = sorted(set(values), key=lambda value: (-values.count(value), value))
        if len(distinct) > 1:
            yield from ((provider, distinct) for provider in group)


def mixed_codes(catalog: Catalog) -> Iterator[CatalogFault]:
    """One provider has several codes."""
    found = _several(_providers(catalog), lambda one: one.name, lambda one: one.code)
    for provider, codes in found:
        message = f"the provider {provider.name} has the code {provider.code} here; in all it has {', '.join(codes)}"
        yield PROVIDER_CODE_MIXED.of(catalog, provider.entry, message, key=("provider_code",))


def mixed_names(catalog: Catalog) -> Iterator[CatalogFault]:
    """One code stands for several providers."""
    found = _several(_providers(catalog), lambda one: one.code, lambda one: one.name)
    for provider, names in found:
        message = f"the code {provider.code} is {provider.name} here; in all it is {', '.join(names)}"
        yield PROVIDER_NAME_MIXED.of(catalog, provider.entry, message, key=("provider",))


def lookalike_providers(catalog: Catalog) -> Iterator[CatalogFault]:
    """Two names of providers differ by spaces, width or brackets alone."""
    named = [entry for entry in catalog.entries if entry.provider]
    for entry, other in alike(named, lambda entry: skeleton(entry.provider), but_not=lambda entry: entry.provider):
        message = f"the provider {entry.provider!r} differs from {other.provider!r} of {other.id} only in its writing"
        yield PROVIDER_LOOKALIKE.of(catalog, entry, message, key=("provider",))


def lookalike_owners(catalog: Catalog) -> Iterator[CatalogFault]:
    """Two names of sections differ by spaces, width or brackets alone, so that one's faults go to two lists."""
    found = alike(catalog.entries, lambda entry: skeleton(entry.owner), but_not=lambda entry: entry.owner)
    for entry, other in found:
        message = f"the owner {entry.owner!r} differs from {other.owner!r} of {other.id} only in its writing"
        yield OWNER_LOOKALIKE.of(catalog, entry, message, key=("owner",))
