"""The words of the work on the catalogue (D13): its plan, the needs of other bureaus, the quality of its data.

Resources stand here as a fixed list, for the samples must not change with every entry that is added; a test holds the
list against the catalogue.
"""

from __future__ import annotations

from typing import TypedDict


class ResourceWords(TypedDict):
    """A resource of the catalogue: `opened` is "" until it was, `since` the year from which there is such data."""

    title: str
    theme: str
    owner: str
    openness: str
    sharing: str
    opened: str
    since: int
    items: list[str]


class CatalogueWords(TypedDict):
    """`words/catalogue-work.json`.

    `resources` by code; `plans` has the day of each year's plan; `requesters` purpose and law of each bureau; `rules`
    severity and evidence of each quality rule.
    """

    resources: dict[str, ResourceWords]
    livelihood_theme: str
    on_request: str
    unconditional: str
    withheld: str
    plans: dict[str, str]
    decisions: dict[str, str]
    secrecy: dict[str, str]
    reasons: dict[str, str]
    answers: dict[str, str]
    answer_reasons: dict[str, str]
    requesters: dict[str, tuple[str, str]]
    modes: list[str]
    frequencies: list[str]
    rules: dict[str, tuple[str, str]]
    verifier: str
