"""The quality report as a reader opens it: from a file, without a network, on a desktop and on a phone."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from pipelines.plan import Decision, Verdict
from pipelines.reporting.inspected import InspectedDataset, PastScore
from pipelines.reporting.quality_report import render_quality_report
from quality.finding import Finding, Quality, Severity
from quality.rules.catalogue import RULES
from resource_catalog.agency import Agency
from tests.browser import WIDTHS, drain, opened_browser

AT = datetime.datetime(2017, 6, 1, 9, tzinfo=datetime.UTC)
LONG = "an-unbroken-name-" * 12
SIZES = """
    const seen = [...document.querySelectorAll('body *')].filter(e => !e.closest('thead') || innerWidth > 704);
    const wide = seen.filter(e => e.getBoundingClientRect().right > innerWidth + 1);
    const charts = [...document.querySelectorAll('svg')].map(e => e.getBoundingClientRect());
    return {scroll: document.documentElement.scrollWidth, width: innerWidth,
            wide: wide.map(e => e.tagName + ' ' + e.textContent.slice(0, 40)),
            charts: charts.length, flat: charts.filter(c => c.width < 20 || c.height < 5).length};
"""
CONTRAST = """
    const number = c => c.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const light = c => { const [r, g, b] = number(c); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const ground = e => { for (; e; e = e.parentElement) {
        const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c)) return c; } return 'rgb(255,255,255)'; };
    const text = [...document.querySelectorAll('main *, header *')]
        .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && !e.closest('svg'));
    return text.map(e => { const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
        return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.tagName + '.' + e.className]; })
        .filter(([ratio]) => ratio < 4.5);
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with every part: trends, long names, findings of both severities, a dataset that failed."""
    found = tuple(
        Finding(rule, RULES[rule].severity, "d", f"{LONG} is wrong", "mend it", LONG, "表", row, LONG, LONG)
        for rule in ("required", "type", "blank-row")
        for row in range(3)
    )
    severities = {"required": Severity.MUST, "type": Severity.MUST, "blank-row": Severity.SHOULD}
    quality = Quality(9_999, found, {"required": 12, "type": 4_000, "blank-row": 8}, severities, 71.5, {"完整性": 71.5})
    history = tuple(PastScore(number, datetime.date(2017, 1, number), 60.0 + number) for number in range(1, 9))
    inspected = [
        InspectedDataset(Decision("bad", LONG, LONG, Verdict.BLOCKED, "", quality=quality), None, history),
        InspectedDataset(Decision("lost", "失", "观测处", Verdict.FAILED, LONG)),
        InspectedDataset(Decision("good", "好", "观测处", Verdict.UNCHANGED, "", quality=Quality(3, score=100.0))),
    ]
    agency = Agency(id="tide-office", name="潮汐局", code="11310000000000001X")
    file = tmp_path_factory.mktemp("report") / "page.html"
    file.write_text(
        render_quality_report(agency=agency, at=AT, command="opendata check", inspected=inspected), encoding="utf-8"
    )
    return file


@pytest.mark.parametrize("size", list(WIDTHS))
def test_the_page_fits_its_window_and_asks_nobody(size: str, page: Path, tmp_path: Path) -> None:
    with opened_browser(*WIDTHS[size], tmp_path / "profile") as browser:
        drain(browser)
        browser.get(page.as_uri())
        found = browser.execute_script(SIZES)
        faint = browser.execute_script(CONTRAST)
        console, requests = drain(browser)
    assert found["wide"] == [] and found["scroll"] <= found["width"]
    assert found["charts"] > 10 and found["flat"] == 0
    assert faint == []  # WCAG 2.2, 1.4.3: 4.5 to 1
    assert console == []
    assert [url for url in requests if not url.startswith(("file:", "data:", "chrome"))] == []
