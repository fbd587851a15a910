"""What bureaus wait for at the sharing server: listings and queries under load, a large table by the stock client.

`python -m tests.benchmarks.sharing_server [--json FILE]`. The load is closed: 32 clients, each asks again as soon as it
was answered, from one process on the same machine as the server. A large table is read by the stock client's own code,
in turns from our server and from a server of plain files. It ends with 1 where a promise isn't kept.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.sharing_reads import READ_LIMIT, bench_reads
from tests.sharing_servers import RunningServer, running_server, table_path
from tests.sharing_store import SharingStore, sample_rows

BUREAUS, CLIENTS = 100, 32
#: Milliseconds in which 99 of 100 calls of each kind are answered.
LIMIT = 50
UNLIMITED = {"calls_per_second": "1000000", "calls_burst": "1000000"}


def fill(store: SharingStore, tables: int, bureaus: int) -> list[str]:
    """A store in which every bureau may read every table; returns the bureaus' tokens."""
    made = [store.add_table(f"table-{number:04}", sample_rows(number)) for number in range(tables)]
    tokens = [store.add_bureau(f"bureau-{number}") for number in range(bureaus)]
    with store.writing() as state:
        state.executemany(
            "INSERT INTO access VALUES (?, ?, ?, NULL, '', '', '2020-01-01T00:00:00Z', NULL, NULL, 1)",
            [
                (f"access-{bureau}-{place}", f"bureau-{bureau}", table.id)
                for bureau in range(bureaus)
                for place, table in enumerate(made)
            ],
        )
    return tokens


class _Connection:
    """A client that keeps its connection, as stock clients do."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, request: bytes) -> int:
        """Send a request, take the whole answer; its status."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await self._reader.readexactly(int(length))
        return int(head[9:12])


def _request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    head = f"{method} /delta-sharing{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _kinds(store: SharingStore, token: str, table: str) -> dict[str, bytes]:
    path = table_path(store, table)
    return {
        "list shares": _request("GET", "/shares", token),
        "list all tables": _request("GET", f"/shares/{store.share}/all-tables", token),
        "list 50 tables": _request("GET", f"/shares/{store.share}/all-tables?maxResults=50", token),
        "version": _request("GET", f"{path}/version", token),
        "metadata": _request("GET", f"{path}/metadata", token),
        "query": _request("POST", f"{path}/query", token, b"{}"),
        "changes": _request("GET", f"{path}/changes?startingVersion=0", token),
    }


async def _client(
    port: int, until: float, pick: Callable[[], tuple[str, bytes]], taken: dict[str, list[float]]
) -> None:
    connection = _Connection(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 22))
    while time.monotonic() < until:
        kind, request = pick()
        begun = time.perf_counter()
        status = await connection.ask(request)
        if status != 200:
            raise RuntimeError(f"{kind} was answered by {status}")
        taken[kind].append(time.perf_counter() - begun)


async def _load(
    server: RunningServer, store: SharingStore, tokens: list[str], tables: int, seconds: float
) -> dict[str, list[float]]:
    choose = random.Random(1)  # noqa: S311 - the same load every time, nothing secret
    taken: dict[str, list[float]] = defaultdict(list)

    def pick() -> tuple[str, bytes]:
        kinds = _kinds(store, choose.choice(tokens), f"table-{choose.randrange(tables):04}")
        kind = choose.choice(list(kinds))
        return kind, kinds[kind]

    port = int(server.address.rpartition(":")[2])
    until = time.monotonic() + seconds
    await asyncio.gather(*(_client(port, until, pick, taken) for _ in range(CLIENTS)))
    return taken


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000


def bench_calls(scratch: Path, tables: int, seconds: float) -> dict[str, float]:
    """Listings and queries of that many tables and 100 bureaus under 32 clients."""
    store = SharingStore(scratch / "store")
    tokens = fill(store, tables, BUREAUS)
    with running_server(store.folder, settings=UNLIMITED) as server:
        asyncio.run(_load(server, store, tokens, tables, seconds / 2))  # what a server has read once, it keeps
        taken = asyncio.run(_load(server, store, tokens, tables, seconds))
    everything = [value for values in taken.values() for value in values]
    print(f"{tables} tables, {BUREAUS} bureaus, {CLIENTS} clients: {len(everything) / seconds:.0f} calls a second")
    slowest = 0.0
    for kind, values in sorted({**taken, "all": everything}.items()):
        half, most = _percentile(values, 0.5), _percentile(values, 0.99)
        slowest = max(slowest, most)
        print(f"  {kind:16} p50 {half:6.1f} ms   p99 {most:6.1f} ms   (limit {LIMIT})")
    return {"p50": _percentile(everything, 0.5), "p99": slowest}


def main() -> int:
    """Measure and print; 0, or 1 where a promise isn't kept."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--tables", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        calls = bench_calls(Path(folder), chosen.tables, chosen.seconds)
        reads = bench_reads(Path(folder), chosen.rows)
    if chosen.json:
        chosen.json.write_text(json.dumps(calls | reads), "utf-8")
    return 0 if calls["p99"] <= LIMIT and max(reads.values()) <= READ_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
