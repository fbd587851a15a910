"""What the sharing server's memory does while 20 clients take 100 MB each at once (sharing.md, O7).

`python -m tests.benchmarks.sharing_memory [--json FILE]`. Each client takes a file of its own table and throws its
bytes away; the server's resident memory is read every few milliseconds. It ends with 1 where it grows past LIMIT.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import pyarrow as pa
import urllib3

from tests.benchmarks.measuring import MEBIBYTE
from tests.sharing_servers import running_server, table_path, urls
from tests.sharing_store import SharingStore

CLIENTS, BYTES = 20, 100_000_000
#: Bytes by which the server may grow: a few buffers a client, and what the allocator keeps.
LIMIT = 64 * MEBIBYTE
UNLIMITED = {"bytes_per_hour": str(10**12), "files_at_once": "1000"}


def resident(pid: int) -> int:
    """Resident bytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _noise(size: int) -> pa.Table:
    """A column that no compression makes smaller, of so many bytes."""
    return pa.table({"x": pa.array([os.urandom(MEBIBYTE) for _ in range(-(-size // MEBIBYTE))], pa.binary())})


class _Client(threading.Thread):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.got = url, 0

    def run(self) -> None:
        with urllib3.PoolManager(retries=False).request("GET", self.url, preload_content=False) as answer:
            for block in answer.stream(MEBIBYTE):
                self.got += len(block)


def measure(folder: Path, clients: int, size: int) -> dict[str, float]:
    """Let them read; bytes of memory before and at most, bytes taken, seconds."""
    store = SharingStore(folder / "store")
    token = store.add_bureau("tax")
    for number in range(clients):
        store.grant("tax", store.add_table(f"table-{number}", _noise(size)))
    with running_server(store.folder, settings=UNLIMITED) as server:
        addresses = [urls(server.query(table_path(store, f"table-{number}"), token))[0] for number in range(clients)]
        _Client(addresses[0]).run()  # what the first read loads is not what readers cost
        before = most = resident(server.process.pid)
        readers = [_Client(address) for address in addresses]
        started = time.perf_counter()
        for reader in readers:
            reader.start()
        while any(reader.is_alive() for reader in readers):
            most = max(most, resident(server.process.pid))
            time.sleep(0.005)
        seconds = time.perf_counter() - started
    taken = sum(reader.got for reader in readers)
    if taken < clients * size:
        raise SystemExit(f"{clients} clients took {taken} bytes, less than {size} each")
    return {"before": before, "most": most, "taken": taken, "seconds": seconds}


def main() -> int:
    """Measure and print; 0, or 1 where memory isn't flat."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--bytes", type=int, default=BYTES)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), chosen.clients, chosen.bytes)
    grown = found["most"] - found["before"]
    rate = found["taken"] / found["seconds"] / 1e6
    seconds, each = found["seconds"], chosen.bytes / 1e6
    print(f"{chosen.clients} clients × {each:.0f} MB, all at once: {seconds:.1f} s, {rate:.0f} MB/s")
    print(f"  server's memory {found['before'] / MEBIBYTE:.0f} MiB, at most {grown / MEBIBYTE:.0f} MiB more")
    print(f"  (limit {LIMIT / MEBIBYTE:.0f} MiB more)")
    if chosen.json:
        chosen.json.write_text(json.dumps(found), "utf-8")
    return 0 if grown <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
