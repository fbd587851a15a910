"""A fault with what makes it work to do: an identity that outlives runs, who mends it, and by when."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from resource_catalog.agency import Agency
from resource_catalog.catalog_values import Catalog, CatalogFault
from resource_catalog.fault_rules import FAULT_RULES


@dataclass(frozen=True)
class Issue:
    """One fault to mend; `id` is the same in every run that finds it, `code` its resource's or ""."""

    id: str
    fault: CatalogFault
    code: str
    owner: str
    found_on: datetime.date
    due_on: datetime.date

    @property
    def title(self) -> str:
        """The rule's Chinese title."""
        return FAULT_RULES[self.fault.rule].title

    @property
    def place(self) -> str:
        """The file and its line."""
        line = f":{self.fault.line}" if self.fault.line else ""
        return f"{self.fault.file.name}{line}"


def general_owner(agency: Agency) -> str:
    """Who answers for what no section is named for."""
    return agency.self_check.owner or agency.contact.name or agency.name


def due_on(agency: Agency, fault: CatalogFault, found_on: datetime.date) -> datetime.date:
    """The day by which a fault that was found on a day is to be mended."""
    days = agency.self_check.due_days
    return found_on + datetime.timedelta(days=days.must if fault.severity == "must" else days.should)


def _identity(fault: CatalogFault, ordinal: int) -> str:
    """WT (问题) and 12 hex of what the fault is about; not of its message, which may count days, nor of its line."""
    content = json.dumps([fault.rule, fault.entry, fault.subject, ordinal], ensure_ascii=False)
    return f"WT{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def issues_of(catalog: Catalog, faults: Iterable[CatalogFault], today: datetime.date) -> tuple[Issue, ...]:
    """The faults as issues found today, in their order."""
    seen: Counter[tuple[str, str, str]] = Counter()
    issues = []
    for fault in faults:
        about = (fault.rule, fault.entry, fault.subject)
        entry = catalog.by_id.get(fault.entry)
        issues.append(
            Issue(
                id=_identity(fault, seen[about]),
                fault=fault,
                code=entry.code if entry else "",
                owner=fault.owner or general_owner(catalog.agency),
                found_on=today,
                due_on=due_on(catalog.agency, fault, today),
            )
        )
        seen[about] += 1
    return tuple(issues)
