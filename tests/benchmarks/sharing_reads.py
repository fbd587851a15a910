"""What the stock client takes to read a large table from the sharing server, beside the same files on a plain server.

Both times it is the same client, the same answer and the same Parquet files; only the addresses of the files lead to
our gateway or to a server of plain files: nginx where it is installed, else Python's own.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import json
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pyarrow as pa

from tests.sharing_servers import RunningServer, running_server, table_path
from tests.sharing_store import SharedDelta, SharingStore
from tests.stock_client import StockClient, running_client

_FILES, _ROUNDS = 10, 5
#: Files of more rows are read by ranges, which a server of plain files must know.
_WITHOUT_RANGES = 100_000
#: Times what the same client takes on plain files.
READ_LIMIT = 1.2
_NGINX = """
user {user}; worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; default_type application/octet-stream;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def permits(first: int, rows: int) -> pa.Table:
    """Rows of a register: codes, names, numbers, days."""
    numbers = np.arange(first, first + rows)
    return pa.table(
        {
            "编号": pa.array([f"A{number:09}" for number in numbers]),
            "区县": pa.array(np.array(["甲区", "乙区", "丙区", "丁区"])[numbers % 4]),
            "数量": pa.array(numbers * 7919 % 100_003),
            "金额": pa.array((numbers * 104_729 % 1_000_003) / 100),
            "日期": pa.array((numbers % 3650).astype("int32")).cast(pa.date32()),
            "有效": pa.array(numbers % 3 == 0),
        }
    )


def _nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@contextlib.contextmanager
def _plain_files(root: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """(name of the server, its address) of a server of the files in a folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder.mkdir()
    nginx = _nginx()
    if nginx:
        (folder / "nginx.conf").write_text(
            _NGINX.format(user=getpass.getuser(), folder=folder, port=port, root=root), "utf-8"
        )
        command = [nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    else:
        command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(root)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            yield "nginx" if nginx else "http.server", f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


class _Recorded(BaseHTTPRequestHandler):
    """Answers as the sharing server did, with other addresses."""

    answers: dict[str, tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def do_GET(self) -> None:
        form = (
            "delta" if "responseformat=delta;" in self.headers.get("delta-sharing-capabilities", "") + ";" else "plain"
        )
        headers, body = self.answers[form]
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


def _recorded(
    server: RunningServer, store: SharingStore, table: SharedDelta, token: str, files: str
) -> type[_Recorded]:
    """What the server answers to a query, with addresses of plain files."""
    places = {}
    for uri in table.delta().file_uris():
        path = uri.removeprefix("file://").removeprefix(f"{table.folder}/")
        places[hashlib.sha256(path.encode()).hexdigest()] = unquote(path)
    answers = {}
    for form in ("plain", "delta"):
        capabilities = f"responseformat={'delta' if form == 'delta' else 'parquet'}"
        got = server.query(table_path(store, table.name), token, delta_sharing_capabilities=capabilities)
        lines = []
        for line in got.lines():
            if "file" in line:
                said = line["file"].get("deltaSingleAction", {}).get("add", line["file"])
                name = "path" if "deltaSingleAction" in line["file"] else "url"
                identifier = said[name].partition("?")[0].rpartition("/")[2]
                said[name] = f"{files}/{places[identifier]}?sp=r"
            lines.append(json.dumps(line, ensure_ascii=False))
        kept = ("delta-table-version", "content-type", "delta-sharing-capabilities")
        answers[form] = ({name: got.headers[name] for name in kept}, "\n".join(lines).encode())
    return type("Recorded", (_Recorded,), {"answers": answers})


def _measure(client: StockClient, urls: dict[str, str], rows: int, *, delta: bool) -> dict[str, float]:
    """Median seconds by server, read in turns."""
    taken: dict[str, list[float]] = {name: [] for name in urls}
    for turn in range(_ROUNDS + 1):
        for name in sorted(urls, reverse=bool(turn % 2)):
            options = {"use_delta_format": delta}
            found = client.call("load_as_pandas", url=urls[name], options=options, measured=True)
            if found["rows"] != rows:
                raise RuntimeError(f"{found['rows']} rows were read instead of {rows}")
            if turn:  # the first turn fills the caches of both
                taken[name].append(found["seconds"])
    return {name: statistics.median(values) for name, values in taken.items()}


def bench_reads(scratch: Path, rows: int) -> dict[str, float]:
    """A table of so many rows, by both of the client's readers."""
    if rows > _WITHOUT_RANGES and not _nginx():
        raise SystemExit(
            "nginx is missing, and Python's http.server knows no ranges: apt-get install nginx-light, then again"
        )
    store = SharingStore(scratch / "large")
    token, table = store.add_bureau("tax"), store.add_table("permits")
    for number in range(_FILES):
        table.write(permits(number * rows // _FILES, rows // _FILES))
    store.grant("tax", table)
    size = sum(path.stat().st_size for path in table.folder.glob("*.parquet"))
    ratios = {}
    with (
        running_server(store.folder) as server,
        _plain_files(table.folder, scratch / "nginx") as (kind, files),
        running_client() as client,
    ):
        plain = ThreadingHTTPServer(("127.0.0.1", 0), _recorded(server, store, table, token, files))
        threading.Thread(target=plain.serve_forever, daemon=True).start()
        endpoints = {"ours": server.endpoint, kind: f"http://127.0.0.1:{plain.server_address[1]}/delta-sharing"}
        urls = {
            name: f"{store.write_profile(scratch / f'{name}.share', endpoint, token)}#agency.resources.permits"
            for name, endpoint in endpoints.items()
        }
        print(f"stock client, {rows} rows × 6 columns in {_FILES} files, {size >> 20} MiB; plain files by {kind}")
        for mode, delta in (("pyarrow", False), ("kernel", True)):
            seconds = _measure(client, urls, rows, delta=delta)
            ratios[mode] = seconds["ours"] / seconds[kind]
            print(
                f"  {mode:8} ours {seconds['ours']:5.2f} s   {kind} {seconds[kind]:5.2f} s"
                f"   ratio {ratios[mode]:.2f}  (limit {READ_LIMIT})"
            )
        plain.shutdown()
        plain.server_close()
    return ratios
