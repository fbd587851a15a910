"""Pieces of work that share an instance of DuckDB: none sees another's tables, and none is harmed by another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import duckdb
import pytest

from pipelines.engines.duck import beside, open_work, passing_folder, shared_instance
from quality.python_functions import define_function
from resource_catalog.errors import OutsideError


def _is_shared(connection: duckdb.DuckDBPyConnection) -> bool:
    """In an instance of its own a database bears its file's name."""
    [(name,)] = connection.execute("SELECT current_database()").fetchall()
    return str(name).startswith("work ")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def test_each_has_the_tables_of_its_own_file(work: Path) -> None:
    with shared_instance(work, []):
        with open_work(work / "a.duckdb") as one, open_work(work / "b.duckdb") as other:
            assert _is_shared(one) and _is_shared(other)
            one.execute("CREATE TABLE t AS SELECT 1 AS a")
            one.execute("CREATE VIEW v AS SELECT a + 1 AS a FROM t")
            other.execute("CREATE TABLE t AS SELECT 2 AS a")
            assert one.execute("SELECT * FROM t").fetchall() == [(1,)]
            with open_work(work / "a.duckdb") as again:
                assert again.execute("SELECT * FROM v").fetchall() == [(2,)]
        with open_work(work / "a.duckdb") as later:
            assert later.execute("SELECT * FROM v").fetchall() == [(2,)]
    with open_work(work / "a.duckdb") as alone:
        assert not _is_shared(alone)
        assert alone.execute("SELECT * FROM v").fetchall() == [(2,)]


def test_it_can_touch_its_folders_and_nothing_else(tmp_path: Path, work: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    with shared_instance(work, []), open_work(work / "a.duckdb") as connection:
        assert _is_shared(connection)
        for refused in (f"SELECT * FROM '{outside}'", f"COPY (SELECT 1) TO '{outside}'", "SET memory_limit = '9GB'"):
            with pytest.raises(duckdb.Error):
                connection.execute(refused)


def test_work_that_needs_more_has_an_instance_of_its_own(tmp_path: Path, work: Path) -> None:
    source = tmp_path / "source.csv"
    source.write_text("a\n1\n")
    with shared_instance(work, []):
        with open_work(work / "a.duckdb", files=[source]) as connection:
            assert not _is_shared(connection)
            assert connection.execute(f"SELECT * FROM '{source}'").fetchall() == [(1,)]
        with open_work(work / "a.duckdb", extensions=["excel"]) as connection:
            assert not _is_shared(connection)
        with open_work(work / "a.duckdb", files=[work / "download.csv"], alone=True) as connection:
            assert not _is_shared(connection)
        with open_work(work / "a.duckdb", files=[work / "other.csv"]) as connection:
            assert _is_shared(connection)


def test_a_function_outlives_the_work_that_defined_it(work: Path) -> None:
    text = duckdb.sqltype("VARCHAR")
    with shared_instance(work, []):
        for number in range(3):
            with open_work(work / f"{number}.duckdb") as connection:
                define_function(connection, "shouted", lambda word: word + "!", [text], text)
                assert connection.execute("SELECT shouted('ha') FROM range(2)").fetchall() == [("ha!",), ("ha!",)]


def test_an_error_in_a_transaction_harms_nobody_else(work: Path) -> None:
    with shared_instance(work, []):
        with pytest.raises(duckdb.Error), open_work(work / "a.duckdb") as connection:
            connection.execute("CREATE TABLE t AS SELECT 1 AS a")
            connection.execute("BEGIN")
            connection.execute("INSERT INTO t VALUES (2)")
            connection.execute("SELECT nothing")
        with open_work(work / "b.duckdb") as connection:
            assert _is_shared(connection)
            connection.execute("CREATE TABLE t AS SELECT 3 AS a")
        with open_work(work / "a.duckdb") as connection:
            assert connection.execute("SELECT * FROM t").fetchall() == [(1,)]


def test_after_a_fatal_error_each_has_an_instance_of_its_own(work: Path) -> None:
    with shared_instance(work, []):
        with pytest.raises(duckdb.FatalException), open_work(work / "a.duckdb") as connection:
            raise duckdb.FatalException("the database was invalidated")
        with open_work(work / "a.duckdb") as connection:
            assert not _is_shared(connection)


def test_a_file_that_cannot_be_opened_is_named(work: Path) -> None:
    (work / "a.duckdb").write_bytes(b"no database" * 1000)
    with shared_instance(work, []):
        with pytest.raises(OutsideError, match="not a valid DuckDB database file"), open_work(work / "a.duckdb"):
            pass
        with open_work(work / "b.duckdb") as connection:
            assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_many_at_once(work: Path) -> None:
    def count(number: int) -> int:
        with open_work(work / f"{number}.duckdb") as connection:
            connection.execute(f"CREATE TABLE t AS SELECT * FROM range({number})")
            return int(connection.execute("SELECT count(*) FROM t").fetchall()[0][0])

    with shared_instance(work, []), ThreadPoolExecutor(4) as threads:
        assert list(threads.map(count, range(40))) == list(range(40))


def test_it_ends_when_the_last_has_left(work: Path) -> None:
    with shared_instance(work, []):
        late = open_work(work / "a.duckdb")
        connection = late.__enter__()
    connection.execute("CREATE TABLE t AS SELECT 1 AS a")
    late.__exit__(None, None, None)
    with pytest.raises(duckdb.Error):
        connection.execute("SELECT 1")


def test_a_passing_folder_lies_where_the_instance_reaches_it(tmp_path: Path, work: Path) -> None:
    with shared_instance(work / "deep", [tmp_path / "releases"]):
        with passing_folder([tmp_path / "releases" / "x.csv"], "some-") as folder:
            assert folder.parent == work / "deep"
            with open_work(folder / "a.duckdb") as connection:
                assert _is_shared(connection)
        assert not folder.exists()
        with passing_folder([tmp_path / "x.csv"], "some-") as folder:
            assert not folder.is_relative_to(tmp_path)


def test_a_connection_beside_another_reads_the_same_database(work: Path) -> None:
    for instance in (nullcontext(), shared_instance(work, [])):
        with instance, open_work(work / "a.duckdb") as connection:
            connection.execute("CREATE OR REPLACE TABLE t AS SELECT * FROM range(5000)")
            with beside(connection) as other:
                other.execute("SELECT * FROM t")
                assert other.fetchone() == (0,)
                connection.execute("CREATE OR REPLACE TABLE u AS SELECT 1")
                assert len(other.fetchall()) == 4999
