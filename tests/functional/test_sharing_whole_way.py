"""The whole way: a publisher's own store, the server, the stock client; a large table of which few rows change.

Once with the tables in the home, once in a bucket, whose files are had by presigned addresses in the end (O5).
"""

from __future__ import annotations

import datetime
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.object_stores import BucketOfTables, make_place
from tests.sharing_office import add_bureaus
from tests.sharing_servers import RunningServer, running_server
from tests.stock_client import ClientError, StockClient, running_client
from tests.workspace_factory import PortOffice, make_port_office

ROWS, CHANGED = 64_000, 640
_START = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def _tides() -> list[dict[str, Any]]:
    heights = random.Random(7)  # noqa: S311 - only for a table that compresses badly
    return [
        {
            "port": "001",
            "at": f"{_START + datetime.timedelta(minutes=row):%Y-%m-%dT%H:%M:%SZ}",
            "height": heights.random(),
        }
        for row in range(ROWS)
    ]


@dataclass
class Bureau:
    """One bureau's profile, its client, and the office that shares with it."""

    office: PortOffice
    server: RunningServer
    client: StockClient
    profile: Path
    bucket: BucketOfTables | None

    def url(self, dataset: str) -> str:
        """The address of a table, as the client takes it."""
        (share,) = self.client.call("list_shares", profile=str(self.profile))
        return f"{self.profile}#{share}.resources.{dataset}"


def _choose(office: PortOffice, bucket: BucketOfTables | None, **objects: str) -> None:
    """Have agency.yaml say where the tables lie."""
    if bucket is not None:
        office.agency(targets={"sharing": {"objects": {**bucket.settings.model_dump(), **objects}}})


@pytest.fixture(scope="module", params=["folder", "gateway"])
def bureau(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Bureau]:
    """The second release of the tides changed one row in a hundred, here and there."""
    folder, bucket = tmp_path_factory.mktemp("office"), make_place(request, request.param)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OPENDATA_TODAY", "OPENDATA_HOME", "OPENDATA_WORKSPACE", "OPENDATA_LEDGER_URL"):
            patch.delenv(name, raising=False)  # the server goes by the real clock
        office = make_port_office(folder)
        _choose(office, bucket)
        yield from _sharing(office, bucket)


def _sharing(office: PortOffice, bucket: BucketOfTables | None) -> Iterator[Bureau]:
    rows = _tides()
    office.tides(rows)
    assert office.run("publish", "ports", "tides").code == 0
    for row in rows[:: ROWS // CHANGED]:
        row["height"] += 1
    office.tides(rows)
    assert office.run("publish", "tides").verdicts["tides"] == "published"
    add_bureaus(office, "water")
    with running_server(office.home / "sharing") as server, running_client() as client:
        profile = json.loads((office.home / "profiles" / "water.share").read_text("utf-8"))
        own = office.home.parent / "water.share"
        own.write_text(json.dumps({**profile, "endpoint": server.endpoint}), "utf-8")
        yield Bureau(office, server, client, own, bucket)


def _heights(rows: Sequence[Sequence[Any]], columns: list[str]) -> dict[str, float]:
    place, height = columns.index("at"), columns.index("height")
    return {str(row[place])[:19].replace("T", " "): row[height] for row in rows}


def test_few_scattered_changes_are_marked_and_read_to_the_row(bureau: Bureau) -> None:
    logs = (bureau.office.home / "sharing" / "tables").glob(f"*/_delta_log/{1:020}.json")
    assert any('"deletionVector"' in log.read_text("utf-8") for log in logs)
    _check_reads(bureau)


def _check_reads(bureau: Bureau) -> None:
    url, wanted = bureau.url("tides"), _tides()
    for row in wanted[:: ROWS // CHANGED]:
        row["height"] += 1
    expected = {row["at"][:19].replace("T", " "): row["height"] for row in wanted}
    for options in ({"use_delta_format": True}, {}):
        found = bureau.client.load(url, **options)
        assert len(found["rows"]) == ROWS
        read = _heights(found["rows"], found["columns"])
        assert [at for at in expected if read.get(at) != expected[at]] == []

    for options in ({"use_delta_format": True}, {"use_delta_format": False}):
        changes = bureau.client.changes(url, starting_version=1, **options)
        kinds = Counter(change["_change_type"] for change in changes)
        assert kinds == {"update_preimage": CHANGED, "update_postimage": CHANGED}
    assert len(bureau.client.load(url, version=0)["rows"]) == ROWS


def test_a_client_that_can_not_read_marks_is_told_so_and_gets_no_row(bureau: Bureau) -> None:
    with pytest.raises(ClientError, match="deletion"):
        bureau.client.load(bureau.url("tides"), use_delta_format=False)


def test_what_is_shared_is_proved_by_reading_it(bureau: Bureau) -> None:
    assert bureau.office.run("verify").code == 0
    files = list((bureau.office.home / "sharing" / "tables").rglob("v*.parquet"))
    assert bool(files) == (bureau.bucket is None)


def test_presigned_addresses_are_read_to_the_row_once_the_agency_chose_them(bureau: Bureau) -> None:
    """The server goes on running; O5, sharp edges 1, 2 and 10."""
    if bureau.bucket is None:
        return
    _choose(bureau.office, bureau.bucket, addresses="presigned")
    assert bureau.office.run("publish", "ports").code == 0
    _check_reads(bureau)
    with pytest.raises(ClientError, match="deletion"):
        bureau.client.load(bureau.url("tides"), use_delta_format=False)


def test_a_withdrawn_dataset_is_gone_with_all_its_files(bureau: Bureau) -> None:
    url = bureau.url("ports")
    assert len(bureau.client.load(url)["rows"]) == 3
    before = _objects(bureau)
    assert bureau.office.run("withdraw", "ports", "--reason", "错误").code == 0
    with pytest.raises(ClientError, match="404"):
        bureau.client.load(url)
    gone = before - _objects(bureau)
    assert any(path.endswith(".parquet") for path in gone)
    assert len({path.partition("/")[0] for path in gone}) == 1


def _objects(bureau: Bureau) -> set[str]:
    if bureau.bucket is not None:
        return set(bureau.bucket.store.paths(bureau.bucket.settings))
    tables = bureau.office.home / "sharing" / "tables"
    return {one.relative_to(tables).as_posix() for one in tables.rglob("*") if one.is_file()}


def test_a_bureau_that_is_removed_reads_nothing_more(bureau: Bureau) -> None:
    url = bureau.url("tides")
    assert len(bureau.client.load(url, limit=3)["rows"]) == 3
    assert bureau.office.run("bureau remove", "water").code == 0
    with pytest.raises(ClientError, match="401"):
        bureau.client.load(url, limit=3)
