"""Which disclosure clocks bind a resource: the names in its entry, resolved against the agency's own rules."""

from __future__ import annotations

import datetime
from typing import Any

from resource_catalog.agency import Agency
from resource_catalog.deadline_rule import DeadlineRule
from resource_catalog.entry import Entry
from resource_catalog.errors import WorkspaceError


def deadline_on(agency: Agency, rule: str, day: datetime.date) -> DeadlineRule | None:
    """The edition of a disclosure clock that binds what happened on a day (DESIGN decision 10).

    None where the agency has no clock of that name, or no edition of it is in force on the day.
    """
    return next((edition for edition in agency.deadline_rules.get(rule, ()) if edition.holds_on(day)), None)


def refuse_unknown_deadline(entry: Entry, agency: Agency) -> None:
    """Refuse an entry that promises the public a clock which nobody has set.

    Raises:
        WorkspaceError: agency.yaml's deadline_rules lack a name of the entry's `deadline`.
    """
    unknown = [clock.rule for clock in entry.deadline if clock.rule not in agency.deadline_rules]
    if unknown:
        raise WorkspaceError(
            f"agency.yaml's deadline_rules have no {', '.join(unknown)}",
            where=f"deadline of {entry.id}",
            fix="mend the entry, or add the rule there; known: " + (", ".join(agency.deadline_rules) or "none"),
        )


def deadline_facts(entry: Entry, agency: Agency) -> list[dict[str, Any]]:
    """The entry's clocks as JSON, one object per edition: `rule`, and what of the rule is not default.

    A name that the agency no longer knows stands there alone, so that what was published can still be read and proved.
    """
    facts: list[dict[str, Any]] = []
    for clock in entry.deadline:
        editions = agency.deadline_rules.get(clock.rule, ())
        facts += [
            {"rule": clock.rule, **edition.model_dump(mode="json", exclude_defaults=True)} for edition in editions
        ]
        if not editions:
            facts.append({"rule": clock.rule})
    return facts
