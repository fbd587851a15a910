"""The stock Delta Sharing client, from PyPI in an environment of its own, driven as another bureau would."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / "var" / "sharing-client" / "bin" / "python"
PROGRAM = Path(__file__).with_name("stock_client_program.py")
#: The client's two readers: pyarrow through fsspec, and the Rust kernel.
MODES = pytest.mark.parametrize("delta", [False, True], ids=["parquet", "kernel"])


class ClientError(Exception):
    """What the client raised: `kind` is its exception's class."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


@dataclass
class StockClient:
    """One process of the client; it keeps nothing between calls but its imports."""

    process: subprocess.Popen[str]

    def call(self, name: str, **said: Any) -> Any:
        """Raises ClientError where the client raised."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"call": name, **said}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise ClientError(answer["error"], answer["message"])
        return answer["result"]

    def load(self, url: str, **options: Any) -> dict[str, Any]:
        """A snapshot: columns and rows."""
        found: dict[str, Any] = self.call("load_as_pandas", url=url, options=options)
        return found

    def changes(self, url: str, **options: Any) -> list[dict[str, Any]]:
        """The change data feed, a mapping per row."""
        found = self.call("load_table_changes_as_pandas", url=url, options=options)
        return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]


@contextmanager
def running_client(environment: Mapping[str, str] | None = None) -> Iterator[StockClient]:
    """A client's process; it goes to loopback without a proxy."""
    if not PYTHON.exists():
        pytest.fail("the stock client is missing: run `.ci/setup test`", pytrace=False)
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    command = [str(PYTHON), str(PROGRAM)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=kept | dict(environment or {}),
    ) as process:
        try:
            yield StockClient(process)
        finally:
            process.terminate()
