"""What is to be opened each year (拟开放目录, D13): every candidate, the gates that it must pass, and why it waits."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from resource_catalog.samples.city.catalogue_work import CatalogueWords, ResourceWords
from resource_catalog.samples.city.city import City
from resource_catalog.samples.stream import PROVENANCE, Cell, Row, Sheet, Stream, provenance

_COLUMNS = (
    "plan_year", "resource_code", "resource_name", "theme", "owner", "openness", "rank", "livelihood", "schema_ready",
    "quality_score", "privacy_passed", "secrecy_review", "secrecy_reviewed_on", "decision", "reason", "planned_quarter",
    "opened_on", *PROVENANCE,
)  # fmt: skip
#: From this score on, of 100, data are good enough to be opened.
QUALITY_GATE = 80
#: In a hundred candidates of the last plan, so many pass all gates.
_LISTED_AT_LAST = 85


@dataclass(frozen=True)
class _Gates:
    """Whether a candidate passes; the first gate that it fails is the reason why it waits, "" where it passes all."""

    failed: str
    score: Decimal | None
    secrecy_on: date | None

    def cells(self, words: CatalogueWords) -> tuple[Cell, ...]:
        """Schema, quality, privacy, secrecy and its day; a gate behind one that failed may be passed all the same."""
        secrecy = words["secrecy"]["passed" if self.secrecy_on else "unfinished"]
        return (
            self.failed != "schema",
            self.score,
            self.failed not in ("privacy", "request"),
            secrecy,
            self.secrecy_on,
        )


def _draw_gates(city: City, chance: random.Random, failed: str, plan: date) -> _Gates:
    score = Decimal(chance.randrange(QUALITY_GATE * 10, 1000)) / 10
    if failed == "quality":
        score = Decimal(chance.randrange(500, QUALITY_GATE * 10)) / 10
    reviewed = city.draw_day(chance, plan.replace(month=1, day=5), plan)
    return _Gates(failed, None if failed == "schema" else score, None if failed == "secrecy" else reviewed)


def _candidates(words: CatalogueWords, year: int) -> list[tuple[str, ResourceWords]]:
    """Resources that were not open when the year began, those for people's livelihood (民生) first."""
    found = [
        (code, each)
        for code, each in words["resources"].items()
        if each["since"] <= year and (not each["opened"] or each["opened"] >= f"{year}-01-01")
    ]
    return sorted(found, key=lambda pair: (pair[1]["theme"] != words["livelihood_theme"], pair[0]))


def _draw_failure(chance: random.Random, words: CatalogueWords, year: int, resource: ResourceWords) -> str:
    """Which gate a candidate fails in a year: none in the one in which it was opened."""
    if resource["openness"] == words["on_request"]:
        return "request"
    last = str(year) == max(words["plans"])
    if resource["opened"].startswith(str(year)) or (last and chance.randrange(100) < _LISTED_AT_LAST):
        return ""
    return chance.choice([gate for gate in words["reasons"] if gate != "request"])


def _rows(city: City) -> Iterator[Row]:
    words: CatalogueWords = city.words_of("catalogue-work")
    chance = city.chance("opening-plan")
    for year, day in ((int(year), date.fromisoformat(day)) for year, day in words["plans"].items()):
        for rank, (code, resource) in enumerate(_candidates(words, year), start=1):
            failed = _draw_failure(chance, words, year, resource)
            opened = date.fromisoformat(resource["opened"]) if resource["opened"].startswith(str(year)) else None
            quarter = (opened.month + 2) // 3 if opened else chance.randint(2, 4)
            gates = _draw_gates(city, chance, failed, day)
            since = opened or day
            yield (
                year,
                code,
                resource["title"],
                resource["theme"],
                resource["owner"],
                resource["openness"],
                rank,
                resource["theme"] == words["livelihood_theme"],
                *gates.cells(words),
                words["decisions"][_decision(failed)],
                words["reasons"][failed] if failed else None,
                None if failed else f"{year}-Q{quarter}",
                opened,
                *provenance(f"KF{year}-{rank:03d}", since, since, version=2 if opened else 1),
            )


def _decision(failed: str) -> str:
    if not failed:
        return "listed"
    return "refused" if failed == "request" else "deferred"


STREAM = Stream(
    "opening-plan",
    _COLUMNS,
    Sheet(
        "opening-plan.xlsx",
        "拟开放目录",
        title="数据资源拟开放目录（示例数据，非真实）",
        subtitle="按年度，民生保障类在先",
        groups=dict.fromkeys(
            ("schema_ready", "quality_score", "privacy_passed", "secrecy_review", "secrecy_reviewed_on"), "开放关口"
        ),
        merged=("plan_year",),
        notes=("注：上年末已经开放的资源不再列为候选；未列入的写明理由。",),
    ),
    _rows,
)
