"""The fault proxy does to a call what its name says, to that call alone, and remembers all that it was sent."""

from __future__ import annotations

import hashlib
import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from tests.failing_calls import MODES, UnsteadyCallsError, fail_each_call
from tests.fault_proxy import FaultProxy
from tests.proxy_faults import (
    Alter,
    Cut,
    CutAnswer,
    Delay,
    Drip,
    DropAnswer,
    Duplicate,
    Fault,
    HangUp,
    Interrupt,
    Say,
    garbled,
    redirect,
    truncated,
)

ACTION = "/api/3/action/package_revise"
BODY = b'{"name": "\xe8\xae\xb8\xe5\x8f\xaf"}' * 100


@dataclass
class Portal:
    """A server that keeps what it gets; `whole`: bodies that came to their end; `cut`: those that did not."""

    whole: list[bytes] = field(default_factory=list)
    cut: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    over: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    url: str = ""

    def take(self, path: str, headers: dict[str, str], body: bytes) -> bool:
        whole = len(body) == int(headers.get("Content-Length", 0))
        (self.whole if whole else self.cut).append(body)
        self.headers.append(headers)
        self.paths.append(path)
        self.over.release()
        return whole

    @property
    def answer(self) -> bytes:
        """Says how many requests there were, and the portal's address."""
        return json.dumps({"success": True, "result": {"number": len(self.whole), "url": f"{self.url}/x"}}).encode()


@pytest.fixture
def portal() -> Iterator[Portal]:
    portal = Portal()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 - the name is http.server's
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if portal.take(self.path, dict(self.headers), body):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(portal.answer)))
                self.end_headers()
                self.wfile.write(portal.answer)

        do_GET = do_POST  # noqa: N815 - the name is http.server's

        def log_message(self, *_arguments: object) -> None:
            """Nothing to the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        portal.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield portal
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(portal: Portal) -> Iterator[FaultProxy]:
    with FaultProxy(portal.url) as proxy:
        yield proxy


def post(
    proxy: FaultProxy, path: str = ACTION, timeout: float | tuple[float, float] = 20, **options: Any
) -> requests.Response:
    return requests.post(proxy.url + path, timeout=timeout, **{"data": BODY, "allow_redirects": False, **options})


def test_calls_pass_unchanged_where_nothing_is_asked(portal: Portal, proxy: FaultProxy) -> None:
    answer = post(proxy, f"{ACTION}?a=1", headers={"Authorization": "secret"})

    assert (answer.status_code, answer.json()["result"]["number"]) == (200, 1)
    assert (portal.whole, portal.paths) == ([BODY], [f"{ACTION}?a=1"])
    assert portal.headers[0]["Authorization"] == "secret"
    assert portal.headers[0]["Host"] == portal.url.removeprefix("http://")


def test_all_is_remembered(proxy: FaultProxy) -> None:
    post(proxy, headers={"Authorization": "secret"})
    requests.get(f"{proxy.url}/dataset/a?b=c", timeout=20)
    written, read = proxy.sent

    assert (written.number, written.method, written.action, written.writes) == (1, "POST", "package_revise", True)
    assert (written.size, written.body) == (len(BODY), BODY)
    assert written.digest == hashlib.sha256(BODY).hexdigest()
    assert (written.token, written.status, written.done, written.fault) == ("secret", 200, 200, "")
    assert (read.path, read.action, read.writes, read.token) == ("/dataset/a?b=c", "", False, "")


@pytest.mark.parametrize(
    "action",
    ["package_show", "datastore_search", "datastore_search_sql", "organization_list_for_user", "release_capabilities"],
)
def test_a_read_by_post_does_not_count_as_a_write(proxy: FaultProxy, action: str) -> None:
    post(proxy, f"/api/3/action/{action}")

    assert not proxy.sent[0].writes


@pytest.mark.parametrize("action", ["package_revise", "datastore_upsert", "datastore_records_delete", "release_load"])
def test_a_write_counts_as_one(proxy: FaultProxy, action: str) -> None:
    post(proxy, f"/api/3/action/{action}")

    assert proxy.sent[0].writes


def test_a_body_in_chunks_arrives_whole(portal: Portal, proxy: FaultProxy) -> None:
    post(proxy, data=iter([BODY, b"", b"end"][::2]))

    assert portal.whole == [BODY + b"end"]


def test_the_portals_own_address_becomes_the_proxys_and_back(portal: Portal, proxy: FaultProxy) -> None:
    answer = post(proxy, data=json.dumps({"url": f"{proxy.url}/file"}))

    assert answer.json()["result"]["url"] == f"{proxy.url}/x"
    assert json.loads(portal.whole[0]) == {"url": f"{portal.url}/file"}


def test_a_portal_that_is_gone_hangs_up() -> None:
    with FaultProxy("http://127.0.0.1:1") as proxy:
        with pytest.raises(requests.ConnectionError):
            post(proxy)
        assert [sent.status for sent in proxy.sent] == [0]


@pytest.mark.parametrize(
    ("fault", "reached", "done"),
    [(HangUp(), 0, 0), (DropAnswer(), 1, 200)],
    ids=["nothing reaches the portal", "the portal has done all"],
)
def test_a_connection_ends(portal: Portal, proxy: FaultProxy, fault: Fault, reached: int, done: int) -> None:
    proxy.on(fault, "package_revise")
    with pytest.raises(requests.ConnectionError):
        post(proxy)
    (sent,) = proxy.sent

    assert portal.whole == [BODY] * reached
    assert (sent.status, sent.done, sent.fault) == (0, done, type(fault).__name__)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_body_is_cut(portal: Portal, proxy: FaultProxy, share: float) -> None:
    proxy.on(Cut(share))
    with pytest.raises(requests.ConnectionError):
        post(proxy)
    assert portal.over.acquire(timeout=20)

    assert portal.whole == []
    assert portal.cut == [BODY[: int(len(BODY) * share)]]


@pytest.mark.parametrize(("after", "reached"), [(False, 0), (True, 1)])
def test_a_silent_portal_meets_the_clients_deadline(
    portal: Portal, proxy: FaultProxy, after: bool, reached: int
) -> None:
    proxy.on(Delay(after=after))
    with pytest.raises(requests.ReadTimeout):
        post(proxy, timeout=(20, 0.2))

    assert len(portal.whole) == reached
    assert proxy.sent[0].status == 0


def test_a_delay_ends(portal: Portal, proxy: FaultProxy) -> None:
    proxy.on(Delay(0.01))
    proxy.on(Delay(0.01, after=True), nth=2)

    assert [post(proxy).status_code, post(proxy).status_code] == [200, 200]
    assert len(portal.whole) == 2


def test_an_answer_drips(portal: Portal, proxy: FaultProxy) -> None:
    proxy.on(Drip(pieces=7, pause=0.001))
    with requests.post(proxy.url + ACTION, data=BODY, stream=True, timeout=20) as answer:
        parts = [part for part in answer.raw.stream(7)]

    assert b"".join(parts).replace(proxy.url.encode(), portal.url.encode()) == portal.answer
    assert len(parts) > 5


def test_an_answer_that_drips_too_slowly_meets_the_clients_deadline(proxy: FaultProxy) -> None:
    proxy.on(Drip(pieces=1, pause=60))
    with pytest.raises(requests.RequestException):
        post(proxy, timeout=(20, 0.2))


def test_an_answer_ends_too_early(portal: Portal, proxy: FaultProxy) -> None:
    proxy.on(CutAnswer(upto=9))
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        post(proxy)

    assert portal.whole == [BODY]


@pytest.mark.parametrize(("after", "reached"), [(False, 0), (True, 1)])
def test_something_between_answers_instead(portal: Portal, proxy: FaultProxy, after: bool, reached: int) -> None:
    proxy.on(Say(429, b"later", (("Retry-After", "3"),), after=after))
    answer = post(proxy)

    assert (answer.status_code, answer.content, answer.headers["Retry-After"]) == (429, b"later", "3")
    assert len(portal.whole) == reached


def test_a_redirect_shows_whether_the_token_goes_along(portal: Portal, proxy: FaultProxy) -> None:
    with FaultProxy(portal.url) as elsewhere:
        proxy.on(redirect(f"{elsewhere.url}/login"))
        post(proxy, headers={"X-CKAN-API-Key": "secret"}, allow_redirects=True)

        assert [sent.token for sent in proxy.sent] == ["secret"]
        assert [(sent.path, sent.token) for sent in elsewhere.sent] == [("/login", "secret")]


@pytest.mark.parametrize("fault", [truncated(9), truncated(0), garbled()])
def test_an_answer_is_not_json_any_more(portal: Portal, proxy: FaultProxy, fault: Fault) -> None:
    proxy.on(fault)
    answer = post(proxy)

    assert answer.status_code == 200
    with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
        json.loads(answer.content)
    assert portal.whole == [BODY]


def test_an_answer_is_another(proxy: FaultProxy) -> None:
    proxy.on(Alter(lambda body: json.dumps({**json.loads(body), "result": None}).encode()))

    assert post(proxy).json() == {"success": True, "result": None}


@pytest.mark.parametrize(("last", "number"), [(False, 1), (True, 2)])
def test_a_call_is_made_twice(portal: Portal, proxy: FaultProxy, last: bool, number: int) -> None:
    proxy.on(Duplicate(last=last))
    answer = post(proxy)

    assert portal.whole == [BODY, BODY]
    assert answer.json()["result"]["number"] == number
    assert len(proxy.sent) == 1


def test_something_happens_in_between(portal: Portal, proxy: FaultProxy) -> None:
    reached: list[int] = []
    proxy.on(Interrupt(lambda: reached.append(len(portal.whole)), lambda: reached.append(len(portal.whole))))

    assert post(proxy).status_code == 200
    assert reached == [0, 1]


def test_a_fault_meets_the_calls_that_are_named(proxy: FaultProxy) -> None:
    rule = proxy.on(Say(500), "package_revise", nth=2, times=2, where=lambda sent: b"1" in sent.body)
    statuses = [post(proxy, data=data).status_code for data in ("1", "0", "1", "0", "1", "1")]
    post(proxy, "/api/3/action/package_show", data="1")

    assert statuses == [200, 200, 500, 200, 500, 200]
    assert proxy.sent[-1].status == 200
    assert (rule.met, rule.fired) == (4, 2)


def test_a_fault_for_good_ends_when_the_proxy_is_calmed(proxy: FaultProxy) -> None:
    proxy.on(Say(503), nth=2, times=None)
    statuses = [post(proxy).status_code for _ in range(4)]
    proxy.calm()

    assert statuses == [200, 503, 503, 503]
    assert post(proxy).status_code == 200


def test_a_kept_connection_takes_a_call_after_a_fault(portal: Portal, proxy: FaultProxy) -> None:
    proxy.on(HangUp(), nth=2)
    with requests.Session() as session:
        assert session.post(proxy.url + ACTION, data=BODY, timeout=20).status_code == 200
        with pytest.raises(requests.ConnectionError):
            session.post(proxy.url + ACTION, data=BODY, timeout=20)
        assert session.post(proxy.url + ACTION, data=BODY, timeout=20).status_code == 200

    assert len(portal.whole) == 2


#: A publisher of some calls that gives up at the first that fails.
PUBLISHER = """
import sys, urllib.request
for name in sys.argv[2:]:
    urllib.request.urlopen(f"{sys.argv[1]}/api/3/action/{name}", data=b"a body of some bytes").read()
    print(name, flush=True)
"""


CALLS = ("package_show", "package_create", "package_revise")


def start(proxy: FaultProxy, *calls: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PUBLISHER, proxy.url, *(calls or CALLS)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize(
    ("mode", "code", "reached"),
    [
        ("hang up", 1, 0),
        ("status", 1, 0),
        ("cut", 1, 0),
        ("late status", 1, 1),
        ("lost answer", 1, 1),
        ("killed before", -9, 0),
        ("killed after", -9, 1),
    ],
)
def test_each_call_of_a_publisher_fails_once(
    portal: Portal, proxy: FaultProxy, mode: str, code: int, reached: int
) -> None:
    prepared: list[int] = []
    runs = list(fail_each_call(proxy, lambda: start(proxy), MODES[mode], prepare=prepared.append))

    assert [run.call.action for run in runs] == ["package_show", "package_create", "package_revise"]
    assert [run.code for run in runs] == [code] * 3
    assert [run.out.split() for run in runs] == [[], ["package_show"], ["package_show", "package_create"]]
    assert prepared == [1, 2, 3, 4]
    assert len(portal.whole) == (0 + 1 + 2) + 3 * reached + 3


def test_the_modes_are_all_tried_above() -> None:
    tried = {"hang up", "status", "cut", "late status", "lost answer", "killed before", "killed after"}

    assert set(MODES) == tried


def test_only_the_calls_that_write_may_be_counted(proxy: FaultProxy) -> None:
    where = {"where": lambda sent: sent.writes, "times": None}
    runs = list(fail_each_call(proxy, lambda: start(proxy), MODES["status"], **where))  # type: ignore[arg-type]

    assert [run.call.action for run in runs] == ["package_create", "package_revise"]


def test_a_publisher_whose_runs_differ_is_told_apart(proxy: FaultProxy) -> None:
    """Its first run alone makes a dataset, and so the second run's first call would never fail."""
    once = iter(["package_create"])
    runs = fail_each_call(proxy, lambda: start(proxy, *once, "package_revise", "release_switch"), MODES["status"])

    with pytest.raises(UnsteadyCallsError):
        list(runs)
    assert [sent.place for sent in proxy.sent if sent.fault] == ["package_create", "release_switch"]


def test_http_client_is_answered_a_head_without_body(proxy: FaultProxy) -> None:
    proxy.on(Say(200, b"body"))
    connection = http.client.HTTPConnection(proxy.url.removeprefix("http://"), timeout=20)
    connection.request("HEAD", "/file")
    answer = connection.getresponse()

    assert (answer.status, answer.headers["Content-Length"], answer.read()) == (200, "4", b"")
    connection.close()
