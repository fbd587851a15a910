"""Pages and feeds: no text of the catalogue or of the data becomes markup, and no address another scheme."""

from __future__ import annotations

import datetime
import html.parser
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from pipelines.handover import Changes
from pipelines.targets.static import StaticPortal
from tests.release_factory import (
    SCHEMA,
    ReleaseFactory,
    make_agency,
    make_entry,
    on_request_entry,
    publish,
    sample_rows,
)

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x07"
VOID = {"meta", "link", "br", "input", "img", "hr"}


class Page(html.parser.HTMLParser):
    """What a page consists of, and whether its elements close in order."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portal in which every word is an attack."""
    home = tmp_path_factory.mktemp("evil")
    agency = make_agency(
        name=EVIL, name_en=EVIL, jurisdiction=EVIL, homepage="javascript:alert(1)", licence=EVIL, how_to_apply=EVIL,
        licence_url="data:text/html,x", contact={"name": EVIL, "email": EVIL, "phone": EVIL, "url": "javascript:x"},
        deadline_rules={"evil": {"title": EVIL, "basis": EVIL, "starts": EVIL, "within": 1, "unit": "hours"}},
    )  # fmt: skip
    portal, factory = StaticPortal(home / "portal", "https://data.agency.example/"), ReleaseFactory(home, agency)
    words: dict[str, Any] = dict.fromkeys(
        ("code", "title", "title_en", "summary", "summary_en", "provider", "owner", "theme"), EVIL
    )
    clocks = [{"rule": "evil"}, {"rule": EVIL}]
    entry = make_entry("evil", **words, keywords=[EVIL], deadline=clocks)
    column = {
        "name": EVIL, "title": EVIL, "type": "string", "unit": EVIL, "description": EVIL,
        "constraints": {"pattern": EVIL, "enum": [EVIL], "minLength": 1},
    }  # fmt: skip
    rule = {"rule": EVIL, "title": EVIL, "severity": "must", "count": 1, "fix": EVIL}
    named = {"code": EVIL, "name": EVIL, "name_en": EVIL, "kind": EVIL, "reason": EVIL, "reason_en": EVIL}
    waiver = {**dict.fromkeys(("rule", "title", "column", "reason", "person", "until"), EVIL), "count": 1}
    held_back = {"rows": 1, "of": 2, "rules": [{"rule": EVIL, "title": EVIL, "rows": 1}]}
    quality = {
        "rows": 1, "score": 1, "profile": EVIL, "dimensions": {EVIL: 1.0}, "rules": [rule],
        "indicators": [{**named, "a": 1, "b": 2, "value": 0.5}, {**named, "a": None, "b": None, "value": None}],
        "waivers": [waiver], "held_back": held_back,
    }  # fmt: skip
    schema = {"fields": [column]}
    factory.release(entry, [[EVIL]], schema=schema, quality=quality, left_out={EVIL: EVIL}, formats=("csv", "jsonl"))
    factory.release(entry, [[EVIL]], schema=schema, quality=quality)
    factory.tell(entry, EVIL, reason=EVIL)
    publish(portal, factory.publication(entry))
    reasons = {"openness_basis": EVIL, "openness_condition": EVIL, "sharing_condition": EVIL}
    publish(portal, factory.notice(on_request_entry("asked", **words, **reasons, keywords=[EVIL], deadline=clocks)))
    publish(portal, factory.tombstone(make_entry("gone", **words), EVIL))
    portal.refresh(agency)
    return portal.folder


PAGES = [
    "index.html", "guide.html", "404.html", "dataset/evil/index.html", "dataset/asked/index.html",
    "dataset/gone/index.html",
]  # fmt: skip
FEEDS = ["feed.atom", "dataset/evil/feed.atom", "dataset/asked/feed.atom", "dataset/gone/feed.atom"]


@pytest.mark.parametrize("name", PAGES)
def test_no_text_becomes_markup(evil: Path, name: str) -> None:
    page = Page(evil / name)
    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert "<script>alert(1)</script>" in page.text
    assert not any(attribute.startswith("on") or attribute == "style" for _, attribute, _ in page.attributes)


@pytest.mark.parametrize("name", PAGES)
def test_links_stay_here_or_are_http(evil: Path, name: str) -> None:
    page = Page(evil / name)
    for address in page.values("href") + page.values("src"):
        scheme = address.partition(":")[0] if ":" in address else ""
        assert scheme in {"", "http", "https"} or address == "data:,"


@pytest.mark.parametrize("name", PAGES)
def test_pages_have_one_heading_of_first_rank_and_no_rank_is_skipped(evil: Path, name: str) -> None:
    ranks = [int(tag[1]) for tag in Page(evil / name).tags if tag in {"h1", "h2", "h3", "h4"}]
    assert ranks.count(1) == 1
    assert ranks[0] == 1
    assert all(later <= earlier + 1 for earlier, later in zip(ranks, ranks[1:], strict=False))


@pytest.mark.parametrize("name", PAGES)
def test_references_within_a_page_resolve(evil: Path, name: str) -> None:
    page = Page(evil / name)
    names = page.values("id")
    assert len(names) == len(set(names))
    inner = [address[1:] for address in page.values("href") if address.startswith("#")]
    named = [
        word for value in page.values("aria-labelledby") + page.values("aria-describedby") for word in value.split()
    ]
    assert {*inner, *named, *page.values("for")} <= set(names)


@pytest.mark.parametrize("name", [name for name in PAGES if name != "404.html"])
def test_links_lead_to_files_of_the_portal(evil: Path, name: str) -> None:
    page = Page(evil / name)
    for address in page.values("href") + page.values("src"):
        if ":" not in address and not address.startswith("#"):
            path = urlsplit(urljoin(f"http://portal/{name}", address)).path  # as a browser joins, links unseen
            assert (evil / path.lstrip("/")).is_file(), address


@pytest.mark.parametrize("name", FEEDS)
def test_feeds_are_well_formed_and_dated(evil: Path, name: str) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ET.fromstring((evil / name).read_bytes())  # noqa: S314  # the file is our own
    entries = feed.findall(f"{atom}entry")
    assert entries
    identities = [entry.findtext(f"{atom}id") for entry in entries]
    assert len(identities) == len(set(identities))
    for element in (feed, *entries):
        assert datetime.datetime.fromisoformat(element.findtext(f"{atom}updated") or "").tzinfo is not None


@pytest.mark.parametrize(
    "name", ["index.json", "catalog.jsonld", "dataset/evil/about.json", "dataset/evil/dcat.jsonld"]
)
def test_documents_carry_the_words_as_they_are(evil: Path, name: str) -> None:
    assert json.dumps(EVIL, ensure_ascii=False) in (evil / name).read_text(encoding="utf-8")


def test_the_page_says_what_a_developer_needs(tmp_path: Path) -> None:
    portal, factory = StaticPortal(tmp_path / "portal", "https://data.agency.example/open/"), ReleaseFactory(tmp_path)
    entry = make_entry("permits")
    factory.release(entry, sample_rows(30))
    why = "1,200,000 行超过 Excel 的上限"
    release = factory.release(
        entry, sample_rows(25), formats=("csv", "parquet"), left_out={"xlsx": why}, changes=Changes(1, 6, 2)
    )
    publish(portal, factory.publication(entry))
    text = Page(portal.folder / "dataset" / "permits" / "index.html").text
    for words in (
        entry.title, entry.title_en, entry.summary, entry.code, entry.owner, "每日", "公开", "无条件共享", "信用服务",
        "2017-06-02", why, "许可编号", "permit_no", "不小于", "2000-01-01", "元", "97.5", "−6", "~2",
        "https://data.agency.example/open/dataset/permits/latest/data/permits.csv",
        *(resource["hash"].removeprefix("sha256:") for resource in release.descriptor["resources"]),
    ):  # fmt: skip
        assert words in text, words
    assert "000020" in text
    assert "000021" not in text


ANSWER = {"basis": "条例", "within": 15, "unit": "working-days", "starts": "收到申请"}
CLOCKS: dict[str, Any] = {
    "publicity": {**ANSWER, "title": "自决定之日起7个工作日内", "basis": "办法第一条", "within": 7},
    "answer": [
        {**ANSWER, "title": "15个工作日内答复", "valid_to": "2019-05-14"},
        {**ANSWER, "title": "20个工作日内答复", "within": 20, "valid_from": "2019-05-15"},
    ],
}


@pytest.fixture
def promised(tmp_path: Path) -> Path:
    """A portal of a release and a notice that clocks bind, a dataset that none binds, and a withdrawn one."""
    factory = ReleaseFactory(tmp_path, make_agency(deadline_rules=CLOCKS))
    portal = StaticPortal(tmp_path / "portal", "https://data.agency.example/")
    both = [{"rule": "publicity"}, {"rule": "answer"}]
    dates = {"opened": "2014-08-05", "issued": "2017-12-29"}
    bound, free = make_entry("bound", deadline=both, **dates), make_entry("free")
    gone = make_entry("gone", deadline=both)
    for entry in (bound, free, gone):
        factory.release(entry, sample_rows(1))
        publish(portal, factory.publication(entry))
    publish(portal, factory.notice(on_request_entry("asked", deadline={"rule": "answer"}, owner="办公室")))
    publish(portal, factory.tombstone(gone, "核对"))
    portal.refresh(factory.agency)
    return portal.folder


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        ("bound", ["注册处", "每日", "公开", "无条件共享", "307002/000010", "2014-08-05", "2017-12-29"]),
        ("bound", ["自决定之日起7个工作日内", "办法第一条"]),
        ("bound", ["15个工作日内答复", "至 2019-05-14", "20个工作日内答复", "自 2019-05-15 起"]),
        ("asked", ["办公室", "每日", "依申请公开", "有条件共享", "15个工作日内答复", "条例"]),
        ("free", ["注册处", "每日"]),
        ("gone", ["注册处", "307002/000010"]),
    ],
)
def test_the_page_says_who_answers_how_often_and_by_when(promised: Path, dataset: str, words: list[str]) -> None:
    text = Page(promised / "dataset" / dataset / "index.html").text
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize("dataset", ["free", "gone"])
def test_nothing_is_promised_where_no_clock_runs(promised: Path, dataset: str) -> None:
    assert "公开时限" not in Page(promised / "dataset" / dataset / "index.html").text


def test_the_front_page_lists_section_cycle_and_clock_without_a_script(promised: Path) -> None:
    text = Page(promised / "index.html").text
    assert text.count("自决定之日起7个工作日内") == 1
    assert text.count("办公室") == 1
    assert text.count("每日") == 3


def test_an_about_of_an_earlier_program_is_listed(promised: Path) -> None:
    about = promised / "dataset" / "bound" / "about.json"
    document = json.loads(about.read_bytes())
    earlier = {key: value for key, value in document.items() if key not in ("deadline", "sharing")}
    about.write_text(json.dumps(earlier), encoding="utf-8")
    StaticPortal(promised, "https://data.agency.example/").refresh(make_agency())
    lines = {line["id"]: line for line in json.loads((promised / "index.json").read_bytes())["datasets"]}
    assert lines["bound"]["deadline"] == []
    assert lines["asked"]["deadline"][0]["within"] == 15


def test_columns_that_are_not_open_are_not_named(tmp_path: Path) -> None:
    portal, factory = StaticPortal(tmp_path / "portal", "https://data.agency.example/"), ReleaseFactory(tmp_path)
    secret = {"name": "mobile", "title": "手机号", "type": "string", "disclosure": "never"}
    publication = factory.notice(on_request_entry("asked"))
    schema = type(publication.schema).model_validate({"fields": [*SCHEMA["fields"], secret]})
    publish(portal, type(publication)(**{**vars(publication), "schema": schema}))
    portal.refresh(factory.agency)
    for path in portal.folder.rglob("*"):
        if path.is_file():
            assert "手机号".encode() not in path.read_bytes()
    lines = (portal.folder / "dataset" / "asked" / "dictionary.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + len(SCHEMA["fields"])


def test_old_assets_stay_while_a_page_names_them(tmp_path: Path) -> None:
    portal, factory = StaticPortal(tmp_path / "portal", "https://data.agency.example/"), ReleaseFactory(tmp_path)
    publish(portal, factory.notice(on_request_entry("asked")))
    about = portal.folder / "dataset" / "asked" / "about.json"
    document = json.loads(about.read_bytes())
    document["assets"].append("portal.000000000000.css")
    about.write_text(json.dumps(document), encoding="utf-8")
    for name in ("portal.000000000000.css", "portal.111111111111.css"):
        (portal.folder / "assets" / name).write_bytes(b"/* old */")
    portal.refresh(factory.agency)
    names = {path.name for path in (portal.folder / "assets").iterdir()}
    assert "portal.000000000000.css" in names
    assert "portal.111111111111.css" not in names
