"""Consultations on decisions, and what became of the opinions (D16): a sheet with a title above."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from typing import TypedDict

from resource_catalog.samples.city.city import City
from resource_catalog.samples.city.working_days import add_working_days
from resource_catalog.samples.stream import PROVENANCE, Row, Sheet, Stream, provenance

_COLUMNS = ("consult_id", "topic", "from", "to", "opinions", "adopted", "cluster_reasons", *PROVENANCE)
_YEARS = (2015, 2016, 2017)
_A_YEAR = 80


class ConsultationWords(TypedDict):
    """`words/consultations.json`."""

    topics: list[str]
    forms: list[str]
    clusters: list[str]
    reasons: str


def _rows(city: City) -> Iterator[Row]:
    chance = city.chance("consultations")
    words: ConsultationWords = city.words_of("consultations")
    for year in _YEARS:
        days = sorted(city.draw_day(chance, date(year, 1, 1), date(year, 11, 30)) for _ in range(_A_YEAR))
        for number, begun in enumerate(days, start=1):
            ended = add_working_days(begun, chance.randint(10, 22))
            answered = add_working_days(ended, chance.randint(3, 20))
            opinions = chance.choice((0, chance.randint(1, 12), chance.randint(5, 60), chance.randint(20, 240)))
            adopted = chance.randint(opinions // 5, opinions)
            yield (
                f"ZQ{year}-{number:03d}",
                chance.choice(words["forms"]).format(topic=chance.choice(words["topics"])),
                begun,
                ended,
                opinions,
                adopted,
                _reasons(chance, words, opinions - adopted),
                *provenance(f"ZQYJ-{year}-{number:03d}", answered, answered),
            )


def _reasons(chance: random.Random, words: ConsultationWords, rejected: int) -> str | None:
    """Why opinions weren't taken up, by cluster; the clusters' counts add up to those rejected."""
    if not rejected:
        return None
    clusters = chance.sample(words["clusters"], min(rejected, chance.randint(1, 3)))
    cuts = sorted(chance.sample(range(1, rejected), len(clusters) - 1))
    counts = [end - start for start, end in zip([0, *cuts], [*cuts, rejected], strict=True)]
    parts = (
        words["reasons"].format(count=count, cluster=cluster) for count, cluster in zip(counts, clusters, strict=True)
    )
    return "；".join(parts)


STREAM = Stream(
    "consultations",
    _COLUMNS,
    Sheet("consultations.xlsx", "征求意见", title="决策征求意见与采纳情况（示例数据，非真实）"),
    _rows,
)
