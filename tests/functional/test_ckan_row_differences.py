"""With our plugin a release sends the rows that differ, and what is switched to is proved to be the release's."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.targets.ckan import row_digests, row_tables
from pipelines.targets.ckan.columns import table_of
from pipelines.targets.ckan.release_rows import ReleaseRows
from resource_catalog.table_schema import parse_table_schema
from tests.ckan_office import CkanOffice, released_rows
from tests.fault_proxy import FaultProxy, Sent
from tests.plugin_portal import PluginPortal
from tests.portal_factory import Portal
from tests.proxy_faults import Alter
from tests.workspace_factory import PORTS, TODAY, make_port_office

ROWS = 900
HEADING = PORTS[0]
_numbers = itertools.count()


@pytest.fixture
def office(ckan: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CkanOffice]:
    """An office that has published nine hundred ports, and nothing else."""
    with FaultProxy(ckan.url) as proxy:
        for name, value in (("OPENDATA_TODAY", TODAY), ("CKAN_URL", proxy.url), ("CKAN_TOKEN", ckan.token("editor"))):
            monkeypatch.setenv(name, value)
        office = CkanOffice(make_port_office(tmp_path, ("ports",)), ckan, proxy, f"d{next(_numbers)}-", "plugin")
        office.agency()
        office.office.ports([HEADING, *ports()])
        office.run("publish")
        yield office


def ports(changed: Sequence[int] = (), missing: int = 500) -> list[list[str]]:
    """Nine hundred ports but one, some with another name."""
    numbers = [number for number in range(ROWS) if number != missing]
    return [[f"{one:03}", f"{'新港' if one in changed else '港'}{one}", "1901-05-01", "", ""] for one in numbers]


def loads(office: CkanOffice) -> list[Sent]:
    """The loads of tables that were sent so far."""
    return [sent for sent in office.proxy.sent if sent.action == "release_load"]


def table_of_ports(office: CkanOffice) -> list[tuple[Any, ...]]:
    """Number, code and name of all rows that readers see, in the numbers' order."""
    table = office.resources("ports")["csv"]["id"]
    return office.portal.sql("datastore", f'SELECT _id, code, name FROM "{table}" ORDER BY _id')


def released(office: CkanOffice, number: int) -> list[tuple[Any, ...]]:
    """The same of a release's file."""
    return [(place, row[0], row[1]) for place, row in enumerate(released_rows(office.office, "ports", number), start=1)]


def notes(office: CkanOffice) -> list[str]:
    """Publish; what the receipt says beside the way."""
    answer = office.run("publish")
    said: list[str] = answer.datasets["ports"]["targets"]["ckan"]["notes"]
    return [note for note in said if "rows were loaded" in note]


def test_one_changed_row_of_a_hundred_sends_one_of_a_hundred(office: CkanOffice) -> None:
    office.office.ports([HEADING, *ports(changed=range(0, ROWS, 150), missing=-1)[:-3]])
    assert notes(office) == []
    whole, differences = loads(office)
    head = len(differences.body.partition(b"_id,code")[0])
    assert differences.size - head < (whole.size - head) / 50
    sent = differences.body[head:].partition(b"\r\n--")[0].decode().splitlines()
    assert [line.split(",")[0] for line in sent[1:]] == ["", "", "", "1", "151", "301", "451", "501", "601", "751"]
    assert table_of_ports(office) == released(office, 2)
    assert office.office.run("verify").code == 0


def test_unchanged_rows_with_other_labels_send_no_row(office: CkanOffice) -> None:
    fields = office.office.schemas["ports"]["fields"]
    office.office.schema("ports", fields=[{**field, "title": f"新{field['name']}"} for field in fields])
    assert notes(office) == []
    sent = loads(office)[-1]
    assert sent.body.partition(b"_id,code,name,opened")[2].startswith(b"\n\r\n--")
    assert table_of_ports(office) == released(office, 1)


def test_a_table_that_was_edited_is_loaded_whole_and_said(office: CkanOffice) -> None:
    table = office.resources("ports")["csv"]["id"]
    office.portal.sql("datastore", f"""UPDATE "{table}" SET name = '假港' WHERE code = '499'""")
    office.office.ports([HEADING, *ports(changed=[7])])
    assert len(notes(office)) == 1
    first, refused, whole = loads(office)
    assert (refused.status, whole.status) == (409, 200)
    assert refused.size < whole.size / 10
    assert whole.size > first.size * 0.9
    assert table_of_ports(office) == released(office, 2)
    office.office.ports([HEADING, *ports(changed=[7, 8])])
    assert notes(office) == []
    assert len(loads(office)) == 4
    assert table_of_ports(office) == released(office, 3)


def _changed_result(**changes: Any) -> Alter:
    """The portal's answer with another result."""

    def change(body: bytes) -> bytes:
        answer = json.loads(body)
        answer["result"] |= changes
        return json.dumps(answer).encode()

    return Alter(change)


def test_a_plugin_that_can_t_is_sent_all_rows(office: CkanOffice) -> None:
    office.proxy.on(_changed_result(differences=False), "release_capabilities", times=None)
    office.office.ports([HEADING, *ports(changed=[7])])
    assert notes(office) == []
    assert [b"_id,code" in sent.body for sent in loads(office)] == [False, False]
    assert table_of_ports(office) == released(office, 2)


def test_other_rows_than_the_release_s_are_never_switched_to(office: CkanOffice) -> None:
    office.proxy.on(_changed_result(digest="0" * 16), "release_load", times=2)
    office.office.ports([HEADING, *ports(changed=[7])])
    answer = office.office.run("publish")
    assert (answer.code, answer.verdicts["ports"]) == (1, "failed")
    assert [b"_id,code" in sent.body for sent in loads(office)] == [False, True, False]
    assert "other rows than it was sent" in answer.datasets["ports"]["reason"]
    assert table_of_ports(office) == released(office, 1)
    office.run("publish")
    assert table_of_ports(office) == released(office, 2)


VALUES: dict[str, list[str | None]] = {
    "string": [
        "",
        None,
        'a"b\\c/',
        "".join(map(chr, range(1, 32))),
        "\x7f\u2028😀\u00a0 NULL",
        "null",
        "007",
        "换\r\n行",
    ],
    "number": [
        *("0.10", "1E5", "1.50E1", "1.5E-3", "-0.0", "-0", ".5", "5.", "+7", "NaN", "Infinity", "-Infinity", None),
        *("12345678901234567890.123456789", "007", "-0.50", "-12.0", "1e-20", "00.50", "0", "0.00", "0E-5"),
    ],
    "integer": ["9223372036854775807", "-9223372036854775808", "-0", "+5", "007", None, "0"],
    "boolean": ["true", "false", None],
    "date": ["2026-02-28", "0001-01-01", "9999-12-31", None],
    "datetime": [
        *("2026-03-01T08:00:00.5", "2026-03-01T08:00:00", "0001-01-01T00:00:00.123456", None),
        *("9999-12-31T23:59:59.999999", "2026-03-01T10:00:00.120", "2026-03-01T00:00:00"),
    ],
}


@pytest.mark.parametrize("kind", VALUES)
def test_the_checksum_of_a_release_is_the_portal_s(ckan: Portal, tmp_path: Path, kind: str) -> None:
    schema = {"fields": [{"name": "值", "type": kind}, {"name": "注", "type": "string"}]}
    table = table_of(parse_table_schema(schema, "test"), "zh", {})
    dataset = PluginPortal(ckan).make_dataset()
    with duckdb.connect() as connection:
        row_tables.prepare(connection)
        row_digests.prepare(connection)
        connection.execute("CREATE TABLE given (_number BIGINT, 值 VARCHAR, 注 VARCHAR)")
        connection.executemany("INSERT INTO given VALUES (?, ?, NULL)", list(enumerate(VALUES[kind])))
        row_tables.define(connection, row_tables.WANTED, table, "given")
        rows = ReleaseRows(connection, table, tmp_path, ("", "", table))
        connection.execute(
            f"COPY (SELECT 值, 注 FROM given ORDER BY _number) TO '{tmp_path}/own.csv' (FORMAT csv, HEADER)"
        )
        for file in (rows.as_upload().path, tmp_path / "own.csv"):
            loaded = dataset.load(file.read_bytes(), fields=table.fields, primary_key=[]).done()
            assert loaded["rows"] == len(VALUES[kind])
            assert loaded["digest"] == rows.store_digests()
