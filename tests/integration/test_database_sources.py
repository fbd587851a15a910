"""Tables and queries of real databases arrive as text without loss, and failures name the table, never the password."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pytest

from pipelines.engines.duck import open_work
from pipelines.sources.database import read_database
from pipelines.sources.reading import Reading, UnreadableError
from quality.table import EXTRACT
from resource_catalog.agency import Database
from resource_catalog.entry import Source
from resource_catalog.errors import OpenDataError, OutsideError, SourceError

VARIABLE = "OPENDATA_TEST_PASSWORD"
PASSWORD = "canary-5e7b'\"\\x"  # noqa: S105 - as in conftest.py
Rows = list[tuple[Any, ...]]


class Server(Protocol):
    port: int
    run: Callable[[str], str]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_work(tmp_path / "work.duckdb") as opened:
        yield opened


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)


def server_database(kind: Any, port: int, **changes: Any) -> Database:
    facts = {"kind": kind, "port": port, "name": "agency", "user": "reader", "password_env": VARIABLE}
    return Database(**(facts | changes))


def read(
    connection: duckdb.DuckDBPyConnection, database: Database, file: Path | None = None, **source: Any
) -> tuple[Reading, Rows]:
    reading = read_database(connection, database, Source(database="d", **source), sqlite_file=file)
    return reading, connection.execute(f"SELECT * FROM {EXTRACT} ORDER BY 1").fetchall()


def rules_of(error: UnreadableError) -> list[str]:
    return [finding.rule for finding in error.findings]


# SQLite -------------------------------------------------------------------------------------------------------------


def sqlite_file(folder: Path, *statements: str) -> Path:
    file = folder / "source.db"
    with closing(sqlite3.connect(file)) as database, database:
        for statement in statements:
            database.execute(statement)
    return file


SQLITE = Database(kind="sqlite", path="source.db")


def test_sqlite_values_come_out_as_they_are(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    file = sqlite_file(
        tmp_path,
        "CREATE TABLE t (code INTEGER, day DATE, amount REAL, note TEXT, raw BLOB)",
        "INSERT INTO t VALUES ('00A7', '二月三十日', 0.1, '', x'00ff')",
        "INSERT INTO t VALUES (9007199254740993, 20170518, '12,5', NULL, 'text')",
    )
    reading, rows = read(connection, SQLITE, file, table="t")
    assert reading.headings == ("code", "day", "amount", "note", "raw")
    assert rows == [
        (1, "00A7", "二月三十日", "0.1", "", "AP8="),
        (2, "9007199254740993", "20170518", "12,5", None, "text"),
    ]


def test_sqlite_queries_views_and_qualified_names(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    file = sqlite_file(
        tmp_path, 'CREATE TABLE "a.b" (x)', 'INSERT INTO "a.b" VALUES (1), (2)', 'CREATE VIEW v AS SELECT x FROM "a.b"'
    )
    assert read(connection, SQLITE, file, table="a.b")[0].rows == 2
    assert read(connection, SQLITE, file, table="main.v")[0].rows == 2
    assert read(connection, SQLITE, file, query="SELECT x AS 编号 FROM v WHERE x > 1")[1] == [(1, "2")]


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ({"table": "nope"}, "missing-table"),
        ({"query": "SELECT nope FROM t"}, "query-refused"),
        ({"query": "DELETE FROM t"}, "query-refused"),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "duplicate-heading"),
        ({"query": "SELECT CAST(x'ff' AS TEXT) AS a"}, "encoding"),
        ({"query": "SELECT char(1) AS a"}, "control-character"),
    ],
)
def test_sqlite_refusals(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, source: dict[str, str], rule: str
) -> None:
    file = sqlite_file(tmp_path, "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
    with pytest.raises(UnreadableError) as caught:
        read(connection, SQLITE, file, **source)
    assert rules_of(caught.value) == [rule]
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT count(*) FROM t").fetchone() == (1,)


def test_a_file_that_is_no_sqlite_database_is_named(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    (tmp_path / "a.db").write_text("a,b\n")
    with pytest.raises(UnreadableError) as caught:
        read(connection, SQLITE, tmp_path / "a.db", table="t")
    assert rules_of(caught.value) == ["not-this-format"]


# PostgreSQL ---------------------------------------------------------------------------------------------------------

POSTGRES_TABLE = """
DROP SCHEMA IF EXISTS 许可 CASCADE; CREATE SCHEMA 许可;
CREATE TABLE 许可."T able" (
  "编号" text, n numeric, d double precision, r real, i bigint, b boolean, day date, t time, ts timestamp,
  tz timestamptz, iv interval, raw bytea, a int[], j json, jb jsonb, u uuid);
INSERT INTO 许可."T able" VALUES
  ('007', 123456789012345678901234567890.123456789012345678901, 0.1, 0.1, 9007199254740993, true, '2017-05-18',
   '08:30', '2017-05-18 13:05:09.123', '2017-05-18 13:05:09+08', '1 day 3 hours', '\\x00ff', '{1,NULL,3}',
   '{"a": 1.0}', '{"b": [1]}', '00000000-0000-0000-0000-000000000001'),
  ('', 'NaN', 'Infinity', NULL, NULL, false, 'infinity', NULL, '2017-05-18', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
GRANT USAGE ON SCHEMA 许可 TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA 许可 TO reader;
"""


def test_postgres_types_arrive_without_loss(postgres: Server, connection: duckdb.DuckDBPyConnection) -> None:
    postgres.run(POSTGRES_TABLE)
    reading, rows = read(connection, server_database("postgres", postgres.port), table="许可.T able")
    assert reading.headings[0] == "编号"
    assert rows[0] == (
        1, "007", "123456789012345678901234567890.123456789012345678901", "0.1", "0.1", "9007199254740993", "true",
        "2017-05-18", "08:30:00", "2017-05-18T13:05:09.123", "2017-05-18T05:05:09Z", "P1DT3H", "AP8=", "[1,null,3]",
        '{"a": 1.0}', '{"b": [1]}', "00000000-0000-0000-0000-000000000001",
    )  # fmt: skip
    assert rows[1][:7] == (2, "", "NaN", "Infinity", None, None, "false")
    assert rows[1][7:11] == ("infinity", None, "2017-05-18T00:00:00", None)


def test_postgres_queries_and_empty_results(postgres: Server, connection: duckdb.DuckDBPyConnection) -> None:
    database = server_database("postgres", postgres.port)
    query = "SELECT g AS n, 'O''Brien' AS name FROM generate_series(3, 1, -1) AS g; "
    assert read(connection, database, query=query)[1] == [(1, "3", "O'Brien"), (2, "2", "O'Brien"), (3, "1", "O'Brien")]
    reading, rows = read(connection, database, query="SELECT 1::numeric AS a, now() AS b WHERE false -- none")
    assert (reading.headings, reading.rows, rows) == (("a", "b"), 0, [])


def test_postgres_rows_are_one_read_only_snapshot(postgres: Server, connection: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT current_setting('transaction_isolation') AS i, current_setting('transaction_read_only') AS r"
    assert read(connection, server_database("postgres", postgres.port), query=query)[1] == [
        (1, "repeatable read", "on")
    ]


def test_many_rows_keep_the_databases_order(postgres: Server, connection: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT g AS n FROM generate_series(1, 50001) AS g ORDER BY g DESC"
    reading, _ = read(connection, server_database("postgres", postgres.port), query=query)
    disorder = connection.execute(f"SELECT count(*) FROM {EXTRACT} WHERE __row__ + n::int <> 50002").fetchone()
    assert (reading.rows, disorder) == (50_001, (0,))


# MySQL --------------------------------------------------------------------------------------------------------------

MYSQL_TABLE = r"""
DROP TABLE IF EXISTS `许可 t`;
SET sql_mode = '';
SET time_zone = '+08:00';
CREATE TABLE `许可 t` (
  `编号` varchar(10), n decimal(65, 30), d double, f float, i bigint unsigned, flag tinyint(1), bit1 bit(1), day date,
  t time, dt datetime(3), ts timestamp NULL, y year, raw varbinary(100), j json,
  sorted varchar(10) COLLATE utf8mb4_bin, bits bit(9));
INSERT INTO `许可 t` VALUES
  ('007', 12345678901234567890123456789012345.123456789012345678901234567890, 0.1, 0.1, 18446744073709551615, 7, b'1',
   '2017-05-18', '108:30:00', '2017-05-18 13:05:09.123', '2017-05-18 13:05:09', 2017, x'00ff', '{"a": 1.0}',
   '字', b'100000001'),
  ('', NULL, 1e20, NULL, NULL, 0, b'0', '0000-00-00', NULL, NULL, NULL, NULL, REPEAT(x'41', 90), NULL, NULL, NULL);
"""


def test_mysql_types_arrive_without_loss(mysql: Server, connection: duckdb.DuckDBPyConnection) -> None:
    mysql.run(MYSQL_TABLE)
    database = server_database("mysql", mysql.port)
    reading, rows = read(connection, database, table="许可 t")
    assert reading.headings[0] == "编号"
    assert rows[0] == (
        1, "007", "12345678901234567890123456789012345.123456789012345678901234567890", "0.1", "0.1",
        "18446744073709551615", "7", "1", "2017-05-18", "108:30:00", "2017-05-18T13:05:09.123",
        "2017-05-18T13:05:09", "2017", "AP8=", '{"a": 1.0}', "字", "AQE=",
    )  # fmt: skip
    assert rows[1][1:9] == ("", None, "1e20", None, None, "0", "0", "0000-00-00")
    assert rows[1][13] == "QUFB" * 30
    assert read(connection, database, table="agency.许可 t")[0].rows == 2


def test_mysql_queries_and_empty_results(mysql: Server, connection: duckdb.DuckDBPyConnection) -> None:
    database = server_database("mysql", mysql.port)
    query = "SELECT seq AS n, 'O''Brien' AS name FROM seq_3_to_1; "
    assert read(connection, database, query=query)[1] == [(1, "3", "O'Brien"), (2, "2", "O'Brien"), (3, "1", "O'Brien")]
    assert read(connection, database, query="SELECT 1.5 AS a FROM dual WHERE 1 = 0 -- none")[0].headings == ("a",)


# Failures of both servers -------------------------------------------------------------------------------------------


@pytest.fixture(params=["postgres", "mysql"])
def database(request: pytest.FixtureRequest) -> Database:
    return server_database(request.param, request.getfixturevalue(request.param).port)


def whole_text(error: BaseException) -> str:
    """All that a log could show of an error, its causes included."""
    return "".join(traceback.format_exception(error)) + repr(error.__context__) + repr(error.__cause__)


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ({"table": "nope"}, "missing-table"),
        ({"table": "nope.nope"}, "missing-table"),
        ({"query": "SELECT nope FROM nope"}, "query-refused"),
        ({"query": "DELETE FROM nope"}, "query-refused"),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "query-refused"),
        ({"query": "SELECT 1 AS a, 2 AS A"}, "query-refused"),
    ],
)
def test_what_a_server_refuses_is_a_finding(
    connection: duckdb.DuckDBPyConnection, database: Database, source: dict[str, str], rule: str
) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(connection, database, **source)
    assert rules_of(caught.value) == [rule]
    assert source.get("table", "") in caught.value.findings[0].message
    assert PASSWORD not in whole_text(caught.value)


def test_a_failure_in_the_middle_of_a_query_is_a_finding(
    postgres: Server, connection: duckdb.DuckDBPyConnection
) -> None:
    query = "SELECT 1 / (50000 - g) AS n FROM generate_series(1, 60000) AS g"
    with pytest.raises(UnreadableError) as caught:
        read(connection, server_database("postgres", postgres.port), query=query)
    assert rules_of(caught.value) == ["query-refused"]
    assert "division by zero" in caught.value.findings[0].message


def test_a_server_process_that_dies_in_a_query_is_an_outside_failure(
    postgres: Server, connection: duckdb.DuckDBPyConnection
) -> None:
    dying = "CASE WHEN g = 50000 THEN pg_terminate_backend(pg_backend_pid()) END"
    with pytest.raises(OutsideError) as caught:
        read(
            connection,
            server_database("postgres", postgres.port),
            query=f"SELECT g, {dying} AS n FROM generate_series(1, 60000) AS g",
        )
    assert caught.value.fix
    assert PASSWORD not in whole_text(caught.value)


def check_outside(
    connection: duckdb.DuckDBPyConnection, database: Database, secret: str, kind: type[OpenDataError]
) -> None:
    with pytest.raises(kind) as caught:
        read(connection, database, table="t")
    assert caught.value.fix
    assert database.host in caught.value.where
    assert secret not in whole_text(caught.value)


def test_a_wrong_password_is_never_shown(
    connection: duckdb.DuckDBPyConnection, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "canary-wrong-81")
    check_outside(connection, database, "canary-wrong-81", OutsideError)
    check_outside(connection, database.model_copy(update={"name": "nope"}), "canary-wrong-81", OutsideError)


def test_a_missing_database_is_an_outside_failure(connection: duckdb.DuckDBPyConnection, database: Database) -> None:
    check_outside(connection, database.model_copy(update={"name": "nope"}), PASSWORD, OutsideError)


def test_a_server_that_does_not_answer_is_an_outside_failure(
    connection: duckdb.DuckDBPyConnection, database: Database
) -> None:
    check_outside(connection, database.model_copy(update={"port": 1}), PASSWORD, OutsideError)


def test_a_missing_variable_is_named(
    connection: duckdb.DuckDBPyConnection, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    check_outside(connection, database, PASSWORD, SourceError)
