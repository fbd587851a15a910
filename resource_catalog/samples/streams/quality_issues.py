"""Faults found in the agency's data (数据质量问题台账, D13): by which rule, where, and when they were mended."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

from resource_catalog.samples.city.catalogue_work import CatalogueWords
from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.working_days import LAST_DAY, add_working_days
from resource_catalog.samples.stream import PROVENANCE, Interface, Row, Stream, provenance

_COLUMNS = (
    "issue_id", "resource_code", "rule", "evidence", "severity", "found_on", "owner", "due_on", "fixed_on",
    "verified_by", *PROVENANCE,
)  # fmt: skip
_ISSUES = 320
_FIRST, _LAST = date(2016, 3, 1), date(2018, 1, 19)
#: An issue is due within so many working days; some are mended later, a few in a hundred not yet.
_DUE, _LATEST, _OPEN = 20, 26, 6


def _rows(city: City) -> Iterator[Row]:
    words: CatalogueWords = city.words_of("catalogue-work")
    chance = city.chance("quality-issues")
    year, number = 0, 0
    for found in sorted(city.draw_day(chance, _FIRST, _LAST) for _ in range(_ISSUES)):
        number = number + 1 if found.year == year else 1
        year = found.year
        yield _row(words, chance, f"WT{year}-{number:04d}", found)


def _row(words: CatalogueWords, chance: random.Random, issue_id: str, found: date) -> Row:
    code = chance.choice([code for code, each in words["resources"].items() if each["since"] <= found.year])
    resource = words["resources"][code]
    rule = chance.choice(list(words["rules"]))
    severity, evidence = words["rules"][rule]
    mended = add_working_days(found, chance.randint(1, _LATEST))
    fixed = None if mended >= LAST_DAY or chance.randrange(100) < _OPEN else mended
    known = fixed or found
    return (
        issue_id,
        code,
        rule,
        evidence.format(item=chance.choice(resource["items"]), row=chance.randint(2, 100), count=chance.randint(1, 9)),
        severity,
        found,
        resource["owner"],
        add_working_days(found, _DUE),
        fixed,
        words["verifier"] if fixed else None,
        *provenance(issue_id, known, add_working_days(known, 1), version=2 if fixed else 1),
    )


STREAM = Stream("quality-issues", _COLUMNS, Interface("quality-issues.json", "data.items"), _rows)
