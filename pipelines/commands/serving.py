"""Serve: the static portal on loopback, for looking at it before a real web server does, and the sharing server."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from resource_catalog.errors import OutsideError, UsageError


class _Handler(SimpleHTTPRequestHandler):
    """Files with the media types that the portal's formats have."""

    extensions_map = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".atom": "application/atom+xml",
        ".jsonl": "application/x-ndjson",
        ".jsonld": "application/ld+json",
        ".parquet": "application/vnd.apache.parquet",
        ".md": "text/markdown; charset=utf-8",
        ".csv": "text/csv; charset=utf-8",
    }

    def end_headers(self) -> None:
        """Keep browsers from guessing another type than the one that is said."""
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()


def open_server(portal: Path, port: int) -> ThreadingHTTPServer:
    """A server of the portal's folder on 127.0.0.1; `serve_forever` runs it.

    Raises:
        UsageError: there is no portal yet.
        OutsideError: the port is taken.
    """
    if not (portal / "index.html").is_file():
        raise UsageError("there is no portal yet", where=str(portal), fix="run `opendata publish` first")
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(portal)))
    except OSError as error:
        raise OutsideError(
            f"the port can't be opened: {error.strerror}", where=f"127.0.0.1:{port}", fix="choose another with --port"
        ) from error


@contextmanager
def sharing_server(store: Path, port: int) -> Iterator[str | None]:
    """The sharing server over a store, as a process of its own on 127.0.0.1; yields its endpoint.

    None where it isn't installed or nothing was shared yet: an agency without one serves its portal all the same.

    Raises:
        OutsideError: it didn't start; its own words are above.
    """
    if not (store / "state.sqlite").is_file() or importlib.util.find_spec("opendata_sharing") is None:
        yield None
        return
    command = [sys.executable, "-m", "opendata_sharing", "--store", str(store), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        try:
            endpoint = process.stdout.readline().strip() if process.stdout else ""
            if not endpoint:
                raise OutsideError(
                    "the sharing server didn't start", where=f"127.0.0.1:{port}", fix="choose another --sharing-port"
                )
            yield endpoint
        finally:
            process.terminate()
