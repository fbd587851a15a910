"""DuckDB's work file that another process holds, and a table that no memory is left for: told as what it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.engines.duck import MEMORY_LIMIT, open_work
from resource_catalog.errors import OutsideError

_HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def test_a_work_file_that_another_process_holds_is_named(tmp_path: Path) -> None:
    file = tmp_path / "work.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(OutsideError) as caught, open_work(file):
            pass
    assert caught.value.where == str(file)
    assert "lock" in caught.value.what.lower()
    with open_work(file) as connection:
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_a_table_that_needs_more_memory_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OutsideError) as caught, open_work(tmp_path / "work.duckdb") as connection:
        connection.execute("CREATE TABLE partial AS SELECT list(range) AS all_of_it FROM range(200000000)")
    assert MEMORY_LIMIT in caught.value.what
    assert "disk" in caught.value.fix
    with open_work(tmp_path / "work.duckdb") as connection:
        assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]
