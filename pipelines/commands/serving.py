"""Serve: the static portal on loopback, for looking at it before a real web server does."""

from __future__ import annotations

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
