"""One entry reads a committed file, or a server where its address is configured; both make the same release."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import pytest

from tests.workspace_factory import (
    ENTRIES,
    SCHEMAS,
    TODAY,
    Answer,
    PortOffice,
    contents,
    files_with,
    make_port_office,
    text_field,
)

ROOT = Path(__file__).parents[2]
ADDRESS, PASSWORD_VARIABLE = "OPENDATA_TEST_ADDRESS", "OPENDATA_TEST_PASSWORD"
PASSWORD = "canary-5e7b'\"\\x"  # noqa: S105 - as in conftest.py
#: Written so that both databases give the same text: see pipelines/sources/README.md.
QUERY = (
    'SELECT doc_no AS "文号", signed AS "签发日期", is_open AS "是否公开", CAST(fee AS TEXT) AS "费用", '
    'signed_at AS "签发时间", note AS "备注" FROM documents WHERE signed >= \'2017-01-01\' ORDER BY doc_no'
)
SCHEMA: dict[str, Any] = {
    "fields": [
        text_field("文号", constraints={"required": True}),
        {"name": "签发日期", "type": "date"},
        {"name": "是否公开", "type": "boolean"},
        {"name": "费用", "type": "number"},
        {"name": "签发时间", "type": "datetime"},
        text_field("备注"),
    ],
    "primaryKey": "文号",
}
IN_FILE = (
    "CREATE TABLE documents (doc_no TEXT, signed TEXT, is_open INTEGER, fee TEXT, signed_at TEXT, note TEXT)",
    "INSERT INTO documents VALUES ('〔2017〕2号', '2017-05-18', 1, '12.50', '2017-05-18 13:05:09', '两行\n文字')",
    "INSERT INTO documents VALUES ('〔2017〕1号', '2017-02-28', 0, '1234567890.10', '2017-02-28 08:00:00', NULL)",
    "INSERT INTO documents VALUES ('〔2017〕3号', '2017-12-29', NULL, NULL, NULL, '')",
    "INSERT INTO documents VALUES ('〔2016〕9号', '2016-12-29', 1, '1.00', NULL, '过滤')",
)
ON_SERVER = """
DROP TABLE IF EXISTS documents;
CREATE TABLE documents (doc_no text, signed date, is_open boolean, fee numeric(12, 2), signed_at timestamp, note text);
INSERT INTO documents VALUES
  ('〔2016〕9号', '2016-12-29', true, 1, NULL, '过滤'),
  ('〔2017〕1号', '2017-02-28', false, 1234567890.1, '2017-02-28 08:00', NULL),
  ('〔2017〕2号', '2017-05-18', true, 12.5, '2017-05-18 13:05:09', E'两行\\n文字'),
  ('〔2017〕3号', '2017-12-29', NULL, NULL, NULL, NULL);
GRANT SELECT ON documents TO reader;
"""


class Server(Protocol):
    port: int
    run: Callable[[str], str]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortOffice:
    """A workspace of one dataset, whose database is a committed file or the server that ADDRESS names."""
    monkeypatch.setenv("OPENDATA_TODAY", TODAY)
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    monkeypatch.delenv(ADDRESS, raising=False)
    made = make_port_office(tmp_path, ())
    declare(made)
    made.add("documents", "307002/000001", SCHEMA, title="文件", source={"database": "official", "query": QUERY})
    with closing(sqlite3.connect(made.samples / "official.sqlite")) as database, database:
        for statement in IN_FILE:
            database.execute(statement)
    return made


def declare(office: PortOffice, **changes: Any) -> None:
    facts = {
        "kind": "sqlite",
        "path": "samples/official.sqlite",
        "address_env": ADDRESS,
        "password_env": PASSWORD_VARIABLE,
    }
    office.agency(databases={"official": facts | changes})


def address(port: int, user: str = "reader", scheme: str = "postgresql", name: str = "agency") -> str:
    return f"{scheme}://{user}@127.0.0.1:{port}/{name}"


def said(answer: Answer) -> str:
    return answer.out + answer.err


def test_file_and_server_make_the_same_release(
    office: PortOffice, postgres: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    postgres.run(ON_SERVER)
    from_file = office.run("publish")
    monkeypatch.setenv(ADDRESS, address(postgres.port))
    from_server = office.run("publish", home=tmp_path / "other")
    assert (from_file.verdicts, from_server.verdicts) == ({"documents": "published"},) * 2
    assert from_file.datasets["documents"]["rows"] == 3
    assert from_file.datasets["documents"]["digest"] == from_server.datasets["documents"]["digest"]
    assert contents(office.release("documents", 1)) == contents(tmp_path / "other" / "releases" / "documents" / "1")


def test_a_server_in_the_files_place_changes_nothing_until_its_rows_do(
    office: PortOffice, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.run(ON_SERVER)
    first = office.run("publish").datasets["documents"]["digest"]
    monkeypatch.setenv(ADDRESS, address(postgres.port))
    again = office.run("publish").datasets["documents"]
    assert (again["verdict"], again["digest"]) == ("unchanged", first)
    postgres.run("UPDATE documents SET note = '已改' WHERE doc_no = '〔2017〕3号'")
    changed = office.run("publish").datasets["documents"]
    assert (changed["verdict"], changed["changes"]) == ("published", {"added": 0, "removed": 0, "changed": 1})
    monkeypatch.delenv(ADDRESS)
    assert office.run("publish").datasets["documents"]["release"] == 3


def test_an_unset_or_empty_variable_means_the_file(office: PortOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ADDRESS, " ")
    monkeypatch.delenv(PASSWORD_VARIABLE)
    assert office.run("publish").verdicts == {"documents": "published"}


def test_a_password_in_the_address_is_used_and_never_shown(
    office: PortOffice, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.run(ON_SERVER)
    monkeypatch.delenv(PASSWORD_VARIABLE)
    monkeypatch.setenv(ADDRESS, address(postgres.port, f"reader:{quote(PASSWORD, safe='')}"))
    answer = office.run("publish")
    assert answer.verdicts == {"documents": "published"}
    for form in (PASSWORD, quote(PASSWORD, safe=""), "canary-5e7b"):
        assert form not in said(answer)
        assert files_with(office.home, form) == []


def test_a_refused_password_of_the_address_is_never_shown(
    office: PortOffice, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS, address(postgres.port, "reader:canary-wrong-81"))
    answer = office.run("publish")
    assert answer.verdicts == {"documents": "failed"}
    assert ADDRESS in answer.datasets["documents"]["reason"]
    assert "canary-wrong-81" not in said(answer)
    assert files_with(office.home, "canary-wrong-81") == []


def test_a_server_that_dies_in_the_query_stops_no_other_dataset(
    office: PortOffice, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process of its own, since it was the whole process that once ended so."""
    monkeypatch.setenv(ADDRESS, address(postgres.port))
    dies = "CASE WHEN g = 50000 THEN pg_terminate_backend(pg_backend_pid()) END"
    query = f'SELECT g AS "文号", {dies} AS "备注" FROM generate_series(1, 60000) AS g'
    office.entry("documents", source={"database": "official", "query": query})
    office.schema("documents", fields=[text_field("文号"), text_field("备注")])
    office.add("ports", "307002/000002", SCHEMAS["ports"], **ENTRIES["ports"])
    places = ["--workspace", str(office.root), "--home", str(office.home), "--json"]
    run = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "publish", *places], cwd=ROOT, capture_output=True, text=True
    )
    answer = Answer(run.returncode, run.stdout, run.stderr)
    assert (answer.code, answer.verdicts) == (1, {"documents": "failed", "ports": "published"})
    assert "→" in answer.datasets["documents"]["reason"]
    assert PASSWORD not in said(answer)


def test_mysql_is_addressed_the_same_way(office: PortOffice, mysql: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    mysql.run(
        "DROP TABLE IF EXISTS documents; CREATE TABLE documents (doc_no varchar(20), signed date);"
        "INSERT INTO documents VALUES ('〔2017〕1号', '2017-02-28')"
    )
    monkeypatch.setenv(ADDRESS, address(mysql.port, scheme="mysql"))
    office.entry("documents", source={"database": "official", "query": "SELECT doc_no AS `文号` FROM documents"})
    office.schema("documents", fields=[text_field("文号")])
    assert office.run("publish").datasets["documents"]["rows"] == 1


@pytest.mark.parametrize(
    "value",
    [
        "canary-no-address-4",
        "127.0.0.1/canary-no-address-4",
        "oracle://reader:canary-no-address-4@127.0.0.1/agency",
        "postgresql://reader:canary-no-address-4@127.0.0.1",
        "postgresql:///canary-no-address-4",
        "postgresql://reader:canary-no-address-4@127.0.0.1:port/agency",
        "postgresql://reader:canary-no-address-4@127.0.0.1:99999/agency",
        "postgresql://reader:canary-no-address-4@[::1/agency",
        "postgresql://reader:1/canary-no-address-4@127.0.0.1/agency",
        "postgresql://reader:1#canary-no-address-4@127.0.0.1/agency",
        "postgresql://reader:1/canary-no-address-4@127.0.0.1",
        "postgresql://127.0.0.1/agency?password=canary-no-address-4",
        "postgresql://reader:canary-no-address-4@127.0.0.\uff0f1/agency",
    ],
)
def test_a_variable_that_holds_no_address_is_named_without_its_value(
    office: PortOffice, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(ADDRESS, value)
    answer = office.run("publish")
    assert answer.verdicts == {"documents": "failed"}
    assert ADDRESS in answer.datasets["documents"]["reason"]
    assert "canary-no-address-4" not in said(answer)
    assert files_with(office.home, "canary-no-address-4") == []


@pytest.mark.parametrize("key", ["address_env", "password_env"])
def test_a_secret_in_the_place_of_its_variables_name_is_not_repeated(office: PortOffice, key: str) -> None:
    declare(office, **{key: "postgresql://reader:canary-in-yaml-7@127.0.0.1/agency"})
    answer = office.run("publish")
    assert answer.code == 2
    assert key in said(answer)
    assert "canary-in-yaml-7" not in said(answer)


def must_be_mended(office: PortOffice) -> list[str]:
    """The rules of the catalogue's faults that must be mended."""
    faults = office.run("catalog check").document["faults"]
    return [fault["rule"] for fault in faults if fault["severity"] == "must"]


def test_the_catalogue_misses_no_file_where_a_server_stands_for_it(
    office: PortOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(office, path="samples/none.sqlite")
    assert must_be_mended(office) == ["source-unreachable"]
    monkeypatch.setenv(ADDRESS, address(1))
    assert must_be_mended(office) == []
