"""The quality report: one self-contained page, worst first, exact counts, small at any number of findings."""

from __future__ import annotations

import datetime
import html.parser
import re
from typing import Any

import pytest

from pipelines.plan import Decision, Verdict
from pipelines.reporting.inspected import InspectedDataset, PastScore
from pipelines.reporting.quality_report import LARGEST_PAGE, render_quality_report
from quality.assessment import Counted, Tally
from quality.finding import Finding, Quality, Severity
from quality.rules.catalogue import RULES
from resource_catalog.agency import Agency

AT = datetime.datetime(2017, 6, 1, 9, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
AGENCY = Agency(id="tide-office", name="潮汐局", code="11310000000000001X")
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x07\ud800"
VOID = {"meta", "link", "br", "input", "img", "hr", "rect", "polyline"}


class Page(html.parser.HTMLParser):
    """What a page consists of; its elements must close in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.said: list[str] = []
        self.titles: list[str] = []
        self.headings: list[str] = []
        self.untitled = 0  # charts that do not begin with a title
        self.awaits_title = False
        self.feed(source)
        self.close()
        assert self.open == []
        self.text = re.sub(r"\s+", " ", " ".join(self.said))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.untitled += self.awaits_title and tag != "title"
        self.awaits_title = tag == "svg"
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-2:] == ["svg", "title"]:
            self.titles.append(data)
        elif self.open[-1:] != ["style"]:
            self.said.append(data)

    def values(self, name: str) -> list[str]:
        return [value for attribute, value in self.attributes if attribute == name]


def report(*inspected: InspectedDataset, **changes: Any) -> str:
    facts: dict[str, Any] = {"agency": AGENCY, "at": AT, "command": "opendata check", **changes}
    return render_quality_report(inspected=inspected, **facts)


def finding(rule: str = "required", row: int = 2, **changes: Any) -> Finding:
    facts: dict[str, Any] = {"severity": Severity.MUST, "dataset": "", "message": f"fault in row {row}", "fix": "mend"}
    return Finding(rule, **{**facts, "file": "tides.csv", "row": row, "column": "port", "value": "x", **changes})


def dataset(
    name: str, *findings: Finding, score: float | None = 90.0, history: tuple[PastScore, ...] = (), **counts: int
) -> InspectedDataset:
    severities = {rule: RULES[rule].severity for rule in counts}
    counted = {} if score is None else {"0201": Counted(Tally(100, round(100 - score)))}
    scores = {"完整性": score, "准确性": None}
    quality = Quality(100, findings, counts, severities, score, scores, counted=counted)
    verdict = Verdict.UNCHANGED if quality.valid else Verdict.BLOCKED
    return InspectedDataset(Decision(name, f"标题 {name}", "观测处", verdict, "", quality=quality), None, history)


def ids(source: str) -> list[str]:
    found = [value for value in Page(source).values("id") if value.startswith("dataset-")]
    return [value.removeprefix("dataset-") for value in found]


def test_the_worst_dataset_stands_first_and_those_without_findings_only_in_a_list() -> None:
    failed = InspectedDataset(Decision("lost", "失", "观测处", Verdict.FAILED, "there is no such file"))
    source = report(
        dataset("clean"),
        dataset("few", finding(), required=1),
        dataset("remarks", finding("blank-row", severity=Severity.SHOULD), **{"blank-row": 9}),
        dataset("many", finding(), required=50),
        failed,
    )
    assert ids(source) == ["lost", "many", "few", "remarks"]
    assert "there is no such file" in Page(source).text
    assert "clean" in Page(source).text


def test_counts_are_exact_by_rule_and_by_section_and_the_rest_is_said() -> None:
    text = Page(report(dataset("a", finding(), required=1_234), dataset("b", finding("type"), type=66))).text
    assert "1,300" in text  # of the section, which has both
    assert "and 1,233 more" in text and "and 65 more" in text
    assert RULES["required"].title in text and RULES["required"].fix_zh in text


def test_scores_and_trend_are_charts_that_can_be_read_without_seeing() -> None:
    history = (
        PastScore(1, datetime.date(2017, 1, 1), 80.0),
        PastScore(2, datetime.date(2017, 2, 1), 85.5),
    )
    page = Page(report(dataset("a", finding(), required=1, score=90.0, history=history), dataset("b", score=70.0)))
    assert page.untitled == 0
    assert "完整性 80" in page.titles and "准确性 –" in page.titles  # 160 cells of 200; not evaluated is not zero
    trend = next(title for title in page.titles if title.startswith("平均得分"))
    assert re.findall(r"\d{4}-\d\d-\d\d [0-9.]+", trend) == ["2017-01-01 80", "2017-02-01 85.5", "2017-06-01 80"]
    own = next(title for title in page.titles if "release 1" in title)
    assert re.findall(r": ([0-9.]+)", own) == ["80", "85.5", "90"]


def test_without_a_release_there_is_no_trend() -> None:
    assert not any(title.startswith("平均得分") for title in Page(report(dataset("a"))).titles)


def test_the_page_asks_nobody_for_anything_and_needs_no_script() -> None:
    source = report(dataset("a", finding(), required=1))
    page = Page(source)
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert all(value.startswith("#") for value in page.values("href"))
    assert "url(" not in source and "@import" not in source
    assert any(value.startswith("default-src 'none'") for value in page.values("content"))
    assert page.headings[0] == "h1" and page.headings.count("h1") == 1


def test_each_link_of_the_page_leads_to_a_place_that_is_there() -> None:
    page = Page(report(dataset("a", finding(), required=1), dataset("b")))
    assert {value.removeprefix("#") for value in page.values("href")} <= set(page.values("id"))


def test_no_text_becomes_markup() -> None:
    fault = finding(message=EVIL, fix=EVIL, file=EVIL, sheet=EVIL, column=EVIL, value=EVIL)
    one = dataset("a", fault, required=1)
    decision = Decision("a", EVIL, EVIL, Verdict.BLOCKED, EVIL, quality=one.quality)
    failed = InspectedDataset(Decision("b", EVIL, EVIL, Verdict.FAILED, EVIL))
    agency = AGENCY.model_copy(update={"name": EVIL})
    page = Page(report(InspectedDataset(decision), failed, agency=agency, command=EVIL))
    assert not page.tags & {"script", "img"}
    assert not page.values("onerror")
    assert "\x07" not in page.text
    assert page.text.count("<script>alert(1)</script>") > 5


def test_equal_arguments_give_equal_pages() -> None:
    both = [dataset("a", finding(), required=1), dataset("b", finding("type"), type=2)]
    assert report(*both) == report(*reversed(both))


def _thousand(text: str, rules: tuple[str, ...], each: int) -> list[InspectedDataset]:
    found = [finding(rule, row, message=text, fix=text, value=text, column=text) for rule in rules for row in range(9)]
    history = tuple(PastScore(number, datetime.date(2017, 1, number), 50.0 + number) for number in range(1, 20))
    return [
        dataset(f"dataset-{number:04}", *found, history=history, **dict.fromkeys(rules, each)) for number in range(1000)
    ]


@pytest.mark.parametrize(
    ("text", "rules"),
    [("单元格为空。", ("required", "type", "enum")), ("<&\"'>" * 400, tuple(RULES))],
    ids=["three-rules", "every-rule-and-long-texts"],
)
def test_a_thousand_datasets_with_ten_million_findings_fit_into_the_page(text: str, rules: tuple[str, ...]) -> None:
    each = 10_000_000 // 1000 // len(rules) + 1
    inspected = _thousand(text, rules, each)
    source = report(*inspected)
    assert len(source.encode()) <= LARGEST_PAGE
    page = Page(source)
    assert f"{each * 1000:,}" in page.text  # exact, of each rule
    assert "tides.csv" in source[source.index('id="dataset-dataset-0000"') : source.index('id="dataset-dataset-0001"')]
    named = set(re.findall(r"dataset-\d{4}", page.text))
    assert len(named) == 1000  # each is there, in detail or in a line


def test_one_dataset_with_ten_million_findings_is_a_small_page() -> None:
    found = [finding(row=row) for row in range(1000)]
    source = report(dataset("a", *found, required=10_000_000))
    assert len(source.encode()) < 100_000
    assert "10,000,000" in Page(source).text


def test_nothing_checked_is_said() -> None:
    assert "No dataset was checked" in Page(report()).text
