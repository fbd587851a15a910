"""The sharing server's page: a bureau logs in with its token, sees what is shared, and hands in a need."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import WIDTHS, drain, opened_browser
from tests.sharing_servers import Response, RunningServer, running_server
from tests.sharing_store import PAST, SharedDelta, SharingStore, sample_rows

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"
COLUMNS = [{"name": "编号", "title": "许可编号", "type": "string"}, {"name": "名称", "title": EVIL, "type": "string"}]


@dataclass
class Office:
    store: SharingStore
    server: RunningServer
    permits: SharedDelta
    token: str

    def post(self, path: str, fields: dict[str, str], cookie: str = "", **headers: str) -> Response:
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.server.call("POST", self.server.address + path, None, urlencode(fields).encode(), sent)

    def log_in(self, token: str | None = None) -> str:
        """The session's cookie."""
        answer = self.post("/login", {"token": token or self.token})
        assert (answer.status, answer.headers["location"]) == (303, "/"), answer.body
        return answer.headers["set-cookie"].partition(";")[0]

    def page(self, cookie: str = "") -> str:
        return self.server.call("GET", self.server.address + "/", headers={"Cookie": cookie}).body.decode()

    def proof(self, cookie: str) -> str:
        found = re.search(r'name="proof" value="([^"]+)"', self.page(cookie))
        assert found is not None
        return found[1]

    def handed_in(self) -> list[dict[str, object]]:
        with contextlib.closing(sqlite3.connect(self.store.calls)) as calls:
            return [json.loads(text) for (text,) in calls.execute("SELECT document FROM submitted_need")]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    store = SharingStore(tmp_path / "store")
    token = store.add_bureau("tax", f"某税务局{EVIL}", expires="2026-12-05T00:00:00Z")
    permits = store.add_table("permits", sample_rows(), COLUMNS)
    permits.write(sample_rows(4))
    store.execute("UPDATE shared_table SET title = ?, summary = ?", f"行政许可{EVIL}", EVIL)
    store.grant("tax", permits, until="2027-06-30T00:00:00Z")
    store.execute("INSERT INTO announcement VALUES ('permits', ?, '2027-01-01', ?)", f"删去列{EVIL}", PAST)
    store.execute("INSERT INTO announcement VALUES ('secret', '别家的', '2027-01-01', ?)", PAST)
    store.execute(
        "INSERT INTO offer VALUES ('licences', '许可证', '', '', '有条件共享', '依职权', ?)",
        json.dumps(COLUMNS, ensure_ascii=False),
    )
    store.execute("INSERT INTO need VALUES ('n1', 'tax', 'old', ?, '2020-01-14', 'refused', '不同意', ?)", PAST, EVIL)
    receipt = store.folder / "receipts" / permits.id / "1.json"
    receipt.parent.mkdir(parents=True)
    receipt.write_text('{"rows": 8}', "utf-8")
    with running_server(store.folder, settings={"strangers_burst": "100"}) as server:
        yield Office(store, server, permits, token)


def test_the_page_shows_what_is_shared_and_how_it_stands(office: Office) -> None:
    page = office.page(office.log_in())
    for said in (
        "agency.resources.permits",
        "许可编号",
        "每周",
        "2027-06-30",
        "删去列",
        "未同意",
        "许可证",
        "2026-01-02",
    ):
        assert said in page
    assert re.search(r"逾期 \d+ 天", page)
    assert "别家的" not in page
    assert f'href="/receipts/{office.permits.id}/1"' in page
    assert office.token not in page


def test_what_others_wrote_is_shown_as_text(office: Office) -> None:
    page = office.page(office.log_in())
    assert "<script" not in page
    assert "<img" not in page
    assert "{{7*7}}" in page
    assert "&lt;script&gt;alert(1)" in page


def test_pages_may_run_and_load_nothing_from_elsewhere(office: Office) -> None:
    answer = office.server.get(office.server.address + "/")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_wrong_token_gets_no_session_and_is_not_shown_again(office: Office) -> None:
    answer = office.post("/login", {"token": f"wrong{EVIL}"})
    assert answer.status == 401
    assert "set-cookie" not in answer.headers
    assert b"wrong" not in answer.body


def test_a_session_is_for_this_site_and_no_script(office: Office) -> None:
    answer = office.post("/login", {"token": office.token})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert office.token not in cookie


@pytest.mark.parametrize("end", ["UPDATE token SET revoked_at", "UPDATE bureau SET removed_at"])
def test_a_session_ends_with_its_token(office: Office, end: str) -> None:
    cookie = office.log_in()
    assert "agency.resources.permits" in office.page(cookie)
    office.store.execute(f"{end} = ?", PAST)
    assert "agency.resources.permits" not in office.page(cookie)
    answer = office.server.call("GET", office.server.address + "/audit", headers={"Cookie": cookie})
    assert answer.status == 401


def test_a_session_can_not_be_made_up_and_opens_no_protocol(office: Office) -> None:
    cookie = office.log_in()
    assert "agency.resources.permits" not in office.page(cookie[:-2] + "xx")
    assert office.server.call("GET", "/shares", headers={"Cookie": cookie}).status == 401


def test_a_session_serves_on_another_instance(office: Office) -> None:
    """O4."""
    cookie = office.log_in()
    with running_server(office.store.folder) as other:
        answer = other.call("GET", other.address + "/", headers={"Cookie": cookie})
        assert "agency.resources.permits" in answer.body.decode()


NEED = {
    "dataset": "licences",
    "columns": "编号\n",
    "rows": "名称=甲，乙",
    "purpose": "联合监管",
    "basis": "某条例第三条",
    "mode": "库表",
    "frequency": "每月",
}


def test_a_need_is_kept_as_the_pipeline_takes_it(office: Office) -> None:
    cookie = office.log_in()
    answer = office.post("/needs", NEED | {"proof": office.proof(cookie)}, cookie)
    assert answer.status == 303
    assert office.handed_in() == [
        {
            "dataset": "licences",
            "columns": ["编号"],
            "conditions": {"名称": ["甲", "乙"]},
            "purpose": "联合监管",
            "basis": "某条例第三条",
            "mode": "库表",
            "frequency": "每月",
        }
    ]
    assert "已递交" in office.page(cookie)


@pytest.mark.parametrize(
    "change",
    [
        {"dataset": "secret"},
        {"columns": "没有"},
        {"rows": "名称"},
        {"rows": "没有=1"},
        {"purpose": " "},
        {"basis": ""},
        {"purpose": "很" * 2001},
    ],
)
def test_a_need_with_a_fault_is_refused(office: Office, change: dict[str, str]) -> None:
    cookie = office.log_in()
    answer = office.post("/needs", NEED | change | {"proof": office.proof(cookie)}, cookie)
    assert (answer.status, office.handed_in()) == (400, [])


def test_a_form_from_elsewhere_is_refused(office: Office) -> None:
    """CSRF: without this session's proof, with another's, or from another site."""
    cookie, other = office.log_in(), office.log_in(office.store.add_bureau("health"))
    proof = office.proof(cookie)
    assert office.post("/needs", NEED, cookie).status == 403
    assert office.post("/needs", NEED | {"proof": office.proof(other)}, cookie).status == 403
    for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}, {"Origin": "null"}):
        assert office.post("/needs", NEED | {"proof": proof}, cookie, **headers).status == 403
        assert office.post("/login", {"token": office.token}, "", **headers).status == 403
        assert office.post("/logout", {"proof": proof}, cookie, **headers).status == 403
    assert office.handed_in() == []
    assert office.post("/needs", NEED | {"proof": proof}, cookie, Origin=office.server.address).status == 303


def test_a_receipt_is_had_by_session_and_by_token(office: Office) -> None:
    cookie, path = office.log_in(), f"/receipts/{office.permits.id}/1"
    answers = [
        office.server.call("GET", office.server.address + path, headers={"Cookie": cookie}),
        office.server.call("GET", office.server.address + path, office.token),
    ]
    assert [answer.body for answer in answers] == [b'{"rows": 8}'] * 2
    for missing in (f"/receipts/{office.permits.id}/0", f"/receipts/{office.permits.id}/7", "/receipts/..%2F/1"):
        assert office.server.call("GET", office.server.address + missing, office.token).status == 404


@pytest.mark.parametrize("width", WIDTHS)
def test_a_person_logs_in_hands_in_a_need_and_leaves(office: Office, tmp_path: Path, width: str) -> None:
    """In Chromium: no script, nothing from elsewhere, nothing wider than the window, no complaint of the browser."""
    with opened_browser(*WIDTHS[width], tmp_path / "profile") as browser:
        browser.get(office.server.address + "/")
        browser.find_element(By.ID, "token").send_keys(office.token)
        browser.find_element(By.CSS_SELECTOR, "main button").click()
        _wait_for(browser, "agency.resources.permits")
        for summary in browser.find_elements(By.TAG_NAME, "summary"):
            summary.click()
        _require_fit(browser)
        browser.find_element(By.ID, "purpose").send_keys("联合监管")
        browser.find_element(By.ID, "basis").send_keys("某条例")
        browser.find_element(By.XPATH, "//button[text()='递交']").click()
        _wait_for(browser, "需求已递交")
        browser.find_element(By.XPATH, "//button[text()='退出']").click()
        _wait_for(browser, "令牌是贵单位凭证文件")
        console, requests = drain(browser)
        assert console == []
        foreign = [
            address for address in requests if not address.startswith((office.server.address, "data:", "chrome"))
        ]
        assert foreign == []
    assert len(office.handed_in()) == 1


def _wait_for(browser: webdriver.Chrome, text: str) -> None:
    """Until the page that a click leads to is there and says so."""
    ignored = (StaleElementReferenceException, NoSuchElementException)
    wait = WebDriverWait(browser, 20, poll_frequency=0.1, ignored_exceptions=ignored)
    wait.until(lambda page: text in page.find_element(By.TAG_NAME, "main").text)


def _require_fit(browser: webdriver.Chrome) -> None:
    widths = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]
