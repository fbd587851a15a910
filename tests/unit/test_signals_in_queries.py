"""A signal that ends the program ends it in the middle of a query, too: DuckDB makes an error of it like any other."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import duckdb
import pytest

from pipelines.engines.duck import open_source, open_work


def test_duckdb_gives_the_signal_as_an_error_s_cause() -> None:
    """With one thread: a query that another thread has in hand is waited for first."""
    with duckdb.connect(config={"threads": 1}) as connection, pytest.raises(RuntimeError) as caught:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        connection.execute("SELECT sum(hash(range)) FROM range(30000000000)").fetchall()
    assert isinstance(caught.value.__cause__, KeyboardInterrupt)


@pytest.mark.parametrize("ending", [KeyboardInterrupt(), SystemExit(143)])
@pytest.mark.parametrize("own", [True, False])
def test_it_ends_the_run_as_what_it_is(tmp_path: Path, ending: BaseException, own: bool) -> None:
    opened = open_work(tmp_path / "work.duckdb") if own else open_source(())
    with pytest.raises(type(ending)) as caught, opened:
        raise RuntimeError("Query interrupted") from ending
    assert caught.value is ending


def test_an_error_of_ours_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ours"), open_work(tmp_path / "work.duckdb"):
        raise RuntimeError("ours") from ValueError()
