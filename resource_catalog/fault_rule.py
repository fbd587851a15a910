"""What a rule of the catalogue's self-check is: its code, titles, severity and fix, and how it makes a fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resource_catalog.catalog_values import Catalog, CatalogFault
from resource_catalog.entry import Entry

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class FaultRule:
    """One rule; `fix` is what to do in general, where a fault has nothing nearer to say.

    `basis` is the element's number in the national guide (发改高技术〔2017〕1272号; standards.md 1.1), or what else
    the rule rests on. A `national` rule binds only catalogues of that guide.
    """

    code: str
    title: str
    title_en: str
    severity: Literal["must", "should"]
    fix: str
    basis: str = ""
    national: bool = False

    def of(
        self, catalog: Catalog, entry: Entry, message: str, *, key: Key = (), subject: str = "", fix: str = ""
    ) -> CatalogFault:
        """The fault of an entry.

        Args:
            catalog: Where the entry's file and its lines are known.
            entry: Whose fault it is.
            message: What is wrong, as a sentence without its full stop.
            key: The YAML key that has it.
            subject: What tells it from other faults of this rule in this entry; default: the key.
            fix: What to do about just this; default: the rule's.
        """
        return CatalogFault(
            rule=self.code,
            severity=self.severity,
            entry=entry.id,
            owner=entry.owner,
            file=catalog.workspace.entry_file(entry.id),
            line=catalog.line(entry.id, *key),
            message=message,
            fix=fix or self.fix,
            subject=subject or ".".join(str(part) for part in key),
        )

    def of_agency(self, catalog: Catalog, message: str, *, key: Key, subject: str = "", fix: str = "") -> CatalogFault:
        """The fault of agency.yaml, at one of its keys; the arguments are those of `of`."""
        return CatalogFault(
            rule=self.code,
            severity=self.severity,
            entry="",
            owner="",
            file=catalog.workspace.agency_file,
            line=catalog.line("", *key),
            message=message,
            fix=fix or self.fix,
            subject=subject or ".".join(str(part) for part in key),
        )
