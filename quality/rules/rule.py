"""What a rule is: a stable code, its titles, what it says of a fault, how grave that is, and how it is mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from quality.finding import Finding, Severity


@dataclass(frozen=True)
class Rule:
    """One rule of quality.

    `template` is filled with facts by `str.format`; `indicator` is the measure of GB/T 36344-2018 that it belongs to.
    `waivable` says that an entry may waive it for a time: a rule about what may leave, about what was read, or on which
    releases build must never be (quality/waivers.py).
    What is not `scored` is a suspicion about any text, whatever its schema says: it is found and told, and no table is
    the better for having been looked at.
    `fix_zh` says in Chinese, without facts, what `fix` says; "" where nobody wrote it yet.
    """

    code: str
    title: str
    title_en: str
    template: str
    fix: str
    indicator: str
    severity: Severity = Severity.MUST
    waivable: bool = False
    scored: bool = True
    fix_zh: str = ""

    @property
    def plain_fix(self) -> str:
        """The fix in Chinese, for the section that mends; in English where there is no Chinese."""
        return self.fix_zh or self.fix

    def finding(
        self,
        *,
        sheet: str = "",
        row: int | None = None,
        column: str = "",
        value: str | None = None,
        facts: Mapping[str, object] | None = None,
        **named: object,
    ) -> Finding:
        """A finding of this rule; dataset, file and owner are added by the stage that knows them."""
        filling = {"column": column, "value": value, "row": row, **(facts or {}), **named}
        return Finding(
            rule=self.code,
            severity=self.severity,
            dataset="",
            message=self.template.format(**filling),
            fix=self.fix.format(**filling),
            sheet=sheet,
            row=row,
            column=column,
            value=value,
        )
