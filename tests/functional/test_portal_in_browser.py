"""A reader with a browser, on a desktop and on a phone: finds a dataset, reads its dictionary, downloads its CSV."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from pipelines.targets.static import StaticPortal
from tests.browser import WIDTHS, drain, opened_browser
from tests.release_factory import ReleaseFactory, make_agency, make_entry, on_request_entry, publish, sample_rows

PAGES = (
    "index.html",
    "guide.html",
    "404.html",
    "dataset/permits/index.html",
    "dataset/shareholders/index.html",
    "dataset/recalled/index.html",
)


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder under `/sub/path/` on loopback, so that a link from the root would be seen to break."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/sub/path/"


class Handler(http.server.SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/sub/path"))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing; the browser's own log is looked at."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def portal(home: Path) -> Iterator[str]:
    """The address of a portal of four datasets: wide, on request, withdrawn, and one more."""
    folder = home / "portal"
    folder.mkdir()
    server = Server(folder)
    target, factory = StaticPortal(folder, server.address), ReleaseFactory(home)
    permits = make_entry("permits", summary="含许可编号。" * 30)
    wide = {
        "fields": [{"name": f"column_{n}_with_a_long_name", "title": f"第{n}列", "type": "string"} for n in range(30)]
    }
    clock = {
        "title": "自作出决定之日起7个工作日内",
        "basis": "信息公示办法",
        "within": 7,
        "unit": "working-days",
        "starts": "决定",
    }
    rules = {
        "publicity": clock,
        "answer": {**clock, "title": "及时答复，不超过15个工作日" * 5, "valid_to": "2019-05-14"},
    }
    factory.agency = make_agency(deadline_rules=rules)
    factory.release(permits, sample_rows(30))
    publish(target, factory.publication(permits))
    words = {"title": "宽表", "title_en": "A wide table", "theme": "民生服务", "code": "307002/000011"}
    broad = make_entry("broad", **words, deadline=[{"rule": "publicity"}, {"rule": "answer"}])
    factory.release(broad, [["很长的内容" * 20] * 30] * 25, schema=wide)
    publish(target, factory.publication(broad))
    publish(target, factory.notice(on_request_entry("shareholders")))
    recalled = make_entry("recalled", title="抽检结果")
    factory.release(recalled, sample_rows(2))
    publish(target, factory.publication(recalled))
    publish(target, factory.tombstone(recalled, "含有个人信息"))
    target.refresh(factory.agency)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module", params=list(WIDTHS))
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with opened_browser(*WIDTHS[request.param], tmp_path_factory.mktemp("profile")) as chrome:
        yield chrome


@pytest.fixture
def tab(browser: webdriver.Chrome, portal: str) -> Iterator[webdriver.Chrome]:
    """The browser; afterwards its console must be silent and every request must have gone to the portal."""
    drain(browser)
    yield browser
    console, requests = drain(browser)
    assert console == []
    origin = urlsplit(portal).netloc
    assert [url for url in requests if urlsplit(url).netloc != origin and not url.startswith(("data:", "chrome"))] == []


def wait_for(browser: webdriver.Chrome, script: str) -> Any:
    return WebDriverWait(browser, 20, poll_frequency=0.05).until(lambda chrome: chrome.execute_script(script))


def press(browser: webdriver.Chrome, key: str) -> None:
    webdriver.ActionChains(browser).send_keys(key).perform()


def tab_to(browser: webdriver.Chrome, script: str, limit: int = 60) -> None:
    """Press Tab until the focused element `e` meets the condition; its focus must be visible."""
    for _ in range(limit):
        press(browser, Keys.TAB)
        if browser.execute_script(f"const e = document.activeElement; return !!({script})"):
            style = browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
            assert style != "none"
            return
    pytest.fail(f"Tab never reached {script}")


def shown(browser: webdriver.Chrome) -> list[str]:
    script = (
        "return [...document.querySelectorAll('li[data-id]')].filter(i => i.checkVisibility()).map(i => i.dataset.id)"
    )
    found: list[str] = browser.execute_script(script)
    return sorted(found)


def fetched(browser: webdriver.Chrome, address: str) -> bytes:
    """The bytes that the page's own origin gives for an address."""
    script = """
        const done = arguments[arguments.length - 1];
        fetch(arguments[0]).then(r => r.arrayBuffer()).then(b => done([...new Uint8Array(b)]));
    """
    return bytes(browser.execute_async_script(script, address))


def test_find_open_read_and_download_by_keyboard(tab: webdriver.Chrome, portal: str, home: Path) -> None:
    tab.get(f"{portal}index.html")
    wait_for(tab, "return document.querySelector('form.search').dataset.ready")
    assert shown(tab) == ["broad", "permits", "shareholders"]
    tab_to(tab, "e.id === 'words'")
    press(tab, "许可信息 permit_no")
    wait_for(tab, "return document.querySelector('.count').textContent !== ''")
    assert shown(tab) == ["permits"]
    tab_to(tab, "e.matches('li[data-id=permits] a')")
    press(tab, Keys.ENTER)
    wait_for(tab, "return document.querySelector('#dictionary') && document.readyState === 'complete'")
    assert tab.current_url == f"{portal}dataset/permits/index.html"
    rows = tab.find_elements(By.CSS_SELECTOR, "#dictionary tbody th[scope=row]")
    assert [row.find_element(By.TAG_NAME, "code").text for row in rows] == [
        "permit_no",
        "holder",
        "decided",
        "fee",
        "status",
    ]
    tab_to(tab, "e.matches('a.get')")
    address = tab.execute_script("return document.activeElement.href")
    released = home / "releases" / "permits" / "1" / "data" / "permits.csv"
    assert fetched(tab, address) == released.read_bytes()


def test_pressing_download_saves_the_file(tab: webdriver.Chrome, portal: str, home: Path, tmp_path: Path) -> None:
    tab.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    tab.get(f"{portal}dataset/permits/index.html")
    tab_to(tab, "e.matches('a.get')")
    press(tab, Keys.ENTER)
    saved = tmp_path / "permits.csv"
    WebDriverWait(tab, 20, poll_frequency=0.05).until(lambda _: saved.is_file() and saved.stat().st_size)
    assert saved.read_bytes() == (home / "releases" / "permits" / "1" / "data" / "permits.csv").read_bytes()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("股东", ["shareholders"]),
        ("WIDE Table", ["broad"]),
        ("第17列", ["broad"]),
        ("注册处", ["broad", "permits", "shareholders"]),
        ("7个工作日 信息公示办法", ["broad"]),
        ("每日 无条件共享", ["broad", "permits"]),
        ("抽检", []),
        ("ｐｅｒｍｉｔｓ", ["permits"]),
    ],
)
def test_search_finds_by_any_of_the_words(tab: webdriver.Chrome, portal: str, words: str, found: list[str]) -> None:
    tab.get(f"{portal}index.html?q={words}")
    wait_for(
        tab,
        "return document.querySelector('.count').textContent !== '' && !!document.querySelector('form').dataset.ready",
    )
    assert shown(tab) == found
    assert str(len(found)) in tab.find_element(By.CSS_SELECTOR, ".count").text


@pytest.mark.parametrize("page", [*PAGES, "dataset/broad/index.html"])
def test_no_page_is_wider_than_the_screen(tab: webdriver.Chrome, portal: str, page: str) -> None:
    tab.get(f"{portal}{page}")
    width, inner = tab.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert width <= inner


def test_wide_tables_scroll_in_a_labelled_region_that_takes_focus(tab: webdriver.Chrome, portal: str) -> None:
    tab.get(f"{portal}dataset/broad/index.html")
    regions = tab.execute_script(
        "return [...document.querySelectorAll('.scroll, pre')].map(r => [r.tabIndex, r.getAttribute('role'),"
        " !!document.getElementById(r.getAttribute('aria-labelledby'))])"
    )
    assert regions
    assert all(region == [0, "region", True] for region in regions)
    assert tab.execute_script("const p = document.querySelector('.tall'); return p.scrollWidth > p.clientWidth")


def test_a_snippet_is_copied_by_its_button(tab: webdriver.Chrome, portal: str) -> None:
    tab.get(f"{portal}dataset/permits/index.html")
    origin = portal.removesuffix("/sub/path/")
    for name in ("clipboardReadWrite", "clipboardSanitizedWrite"):
        tab.execute_cdp_cmd("Browser.grantPermissions", {"permissions": [name], "origin": origin})
    tab_to(tab, "e.matches('.copy')")
    press(tab, Keys.ENTER)
    wait_for(tab, "return document.activeElement.textContent.includes('Copied')")


CONTRAST = """
const paint = text => {
  const canvas = document.createElement('canvas').getContext('2d');
  canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
  .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const ground = e => {
  for (; e; e = e.parentElement) {
    const colour = paint(getComputedStyle(e).backgroundColor);
    if (colour[3] === 255) return colour;
  }
  return [255, 255, 255, 255];
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const low = new Set();
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !e.checkVisibility() || e.closest('.unseen')) continue;
  const [a, b] = [light(paint(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) low.add(e.outerHTML.slice(0, 80));
}
return [...low];
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_text_stands_out_from_its_ground(tab: webdriver.Chrome, portal: str, page: str, scheme: str) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    tab.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    tab.get(f"{portal}{page}")
    assert tab.execute_script(CONTRAST) == []


def test_without_script_the_whole_list_is_there(tab: webdriver.Chrome, portal: str) -> None:
    tab.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        tab.get(f"{portal}index.html")
        items = tab.find_elements(By.CSS_SELECTOR, "li[data-id]")
        assert sorted(item.get_dom_attribute("data-id") or "" for item in items) == ["broad", "permits", "shareholders"]
        assert not tab.find_elements(By.CSS_SELECTOR, "form.search:not([hidden])")
    finally:
        tab.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
