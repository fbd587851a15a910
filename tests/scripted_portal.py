"""A server that gives the answers that a test wrote down, one after the other, and keeps what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pipelines.targets.ckan.client import Client

TOKEN = "canary-token-8a61"  # noqa: S105 - of a server that lives as long as a test
#: A lost answer: the connection ends.
LOST = (0, "")


def done(result: Any) -> tuple[int, str]:
    """CKAN's answer with a result."""
    return 200, json.dumps({"success": True, "result": result}, ensure_ascii=False)


def refused(status: int, **error: Any) -> tuple[int, str]:
    """CKAN's answer with an error."""
    return status, json.dumps({"success": False, "error": error})


DONE = done({"id": "1"})


@dataclass
class Script:
    """Status and body of one answer after the other, the last one for ever; `headers` go with each.

    `sent` has path, headers and body of each request, `waited` the seconds that the client was to pause.
    """

    answers: list[tuple[int, str]] = field(default_factory=lambda: [DONE])
    headers: dict[str, str] = field(default_factory=dict)
    sent: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    address: str = ""

    def client(self, **options: Any) -> Client:
        """A client of this server that waits for nothing."""
        return Client(self.address, TOKEN, self.waited.append, **options)

    @property
    def actions(self) -> list[str]:
        """The last words of the paths that were asked for."""
        return [path.rpartition("/")[2] for path, _, _ in self.sent]

    def next_answer(self) -> tuple[int, str]:
        """The answer that is due."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def scripted(port: int = 0) -> Iterator[Script]:
    """The server on loopback, on a free port where none is given, at its `address`."""
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.sent.append((self.path, dict(self.headers), body))
            status, text = script.next_answer()
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(text.encode())), **script.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST  # noqa: N815 - the name is http.server's

        def log_message(self, *_arguments: object) -> None:
            """Keep the calls out of the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        script.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
