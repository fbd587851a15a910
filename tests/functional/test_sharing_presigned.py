"""Files by presigned addresses of the store itself: for how long and what they are good, who knows of it (S2, S3)."""

from __future__ import annotations

import json
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import obstore
import pytest

from tests.object_stores import KEYS, BucketOfTables, StandIn, make_place
from tests.sharing_servers import RunningServer, running_server, table_path, urls
from tests.sharing_store import SharedDelta, SharingStore, sample_rows


@dataclass
class Office:
    store: SharingStore
    bucket: BucketOfTables
    permits: SharedDelta
    token: str
    server: RunningServer

    @property
    def path(self) -> str:
        return table_path(self.store, "permits")

    def urls(self) -> list[str]:
        return urls(self.server.query(self.path, self.token))


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    """Presigned addresses that are good for as long as a test's parameter says, 15 minutes by default."""
    bucket = make_place(request, "presigned")
    assert bucket is not None
    store = SharingStore(tmp_path / "store", bucket=bucket)
    token, permits = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", permits)
    seconds = {"presigned_seconds": str(request.param)} if hasattr(request, "param") else {}
    with running_server(store.folder, settings=seconds) as server:
        yield Office(store, bucket, permits, token, server)


def test_an_address_is_good_for_fifteen_minutes_and_the_answer_says_until_when(office: Office) -> None:
    """Sharp edges 2 and 8."""
    begun = time.time()
    answer = office.server.query(office.path, office.token, delta_sharing_capabilities="includeEndStreamAction=true")
    (url,) = urls(answer)
    query = parse_qs(urlsplit(url).query)
    assert (query["X-Amz-Algorithm"], query["X-Amz-Expires"]) == (["AWS4-HMAC-SHA256"], ["900"])
    signed = time.mktime(time.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ")) - time.timezone
    said = next(line["file"]["expirationTimestamp"] for line in answer.lines() if "file" in line) / 1000
    assert abs(said - (signed + 900)) <= 1
    assert begun + 898 < said < time.time() + 901
    assert answer.lines()[-1]["endStreamAction"]["minUrlExpirationTimestamp"] == said * 1000
    assert office.server.get(url).status == 200


def test_an_address_gives_what_it_was_signed_for_and_nothing_else(office: Office) -> None:
    """S2; sharp edge 10: s3proxy refuses a HEAD of it."""
    office.permits.write(sample_rows(4))
    first, second = office.urls()
    get, place = office.server.get, first.partition("?")[0]
    content = (office.permits.folder / place.rpartition("/")[2]).read_bytes()
    assert get(first).body == content
    part = get(first, Range="bytes=4-7")
    assert (part.status, part.body) == (206, content[4:8])
    last = "0" if first[-1] != "0" else "1"
    query = first.partition("?")[2]
    for changed in (
        first[:-1] + last,
        first.replace("X-Amz-Expires=900", "X-Amz-Expires=9000"),
        first.replace("X-Amz-Date=2", "X-Amz-Date=3"),
        f"{second.partition('?')[0]}?{query}",
        f"{place.rpartition('/')[0]}/_delta_log/{0:020}.json?{query}",
        place,
    ):
        assert get(changed).status == 403, changed
    for method in ("HEAD", "PUT", "DELETE"):
        assert office.server.call(method, first, body=b"" if method == "PUT" else None).status == 403


@pytest.mark.parametrize("office", [1], indirect=True)
def test_an_address_that_is_over_is_403_and_a_fresh_query_works(office: Office) -> None:
    """F53, sharp edge 8."""
    (url,) = office.urls()
    assert office.server.get(url).status == 200
    time.sleep(2.1)
    assert office.server.get(url).status == 403
    assert office.server.get(office.urls()[0]).status == 200


def test_after_a_revocation_no_address_is_given_and_one_that_was_given_ends_by_itself(office: Office) -> None:
    """S3, bounded by the 15 minutes, which the bureau's page and the audit log tell."""
    (url,) = office.urls()
    office.store.execute("UPDATE access SET revoked_at = '2020-01-02T00:00:00Z'")
    assert office.server.query(office.path, office.token).status == 404
    assert office.server.get(url).status == 200  # nobody can take it back


def test_the_audit_log_tells_what_was_given_out_and_until_when(office: Office) -> None:
    """S6 as far as presigned addresses let it: who could get which file, not who did."""
    office.permits.write(sample_rows(4))
    given = [url.partition("?")[0].rpartition("/")[2] for url in office.urls()]
    with closing(sqlite3.connect(office.store.calls)) as calls:
        ((bureau, detail),) = calls.execute("SELECT bureau, detail FROM audit WHERE action = 'query'").fetchall()
        everything = str(calls.execute("SELECT * FROM audit").fetchall())
    assert bureau == "tax"
    number, _, rest = detail.partition(" presigned until ")
    until, _, paths = rest.partition(": ")
    assert (number, sorted(paths.split())) == ("2", sorted(given))
    assert until > time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 890))
    assert "X-Amz" not in everything


def test_the_page_says_how_long_addresses_outlive_a_revocation(office: Office) -> None:
    body = f"token={office.token}".encode()
    said = {"content-type": "application/x-www-form-urlencoded", "origin": office.server.address}
    answer = office.server.call("POST", f"{office.server.address}/login", body=body, headers=said)
    cookie = answer.headers["set-cookie"].partition(";")[0]
    page = office.server.get(f"{office.server.address}/", Cookie=cookie).body.decode()
    assert "地址自给出起 15 分钟内有效" in page
    assert "AWS4" not in page
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in page


@pytest.mark.parametrize("harm", ["missing", "cut"])
def test_a_file_that_is_missing_or_cut_is_given_no_address(office: Office, harm: str) -> None:
    """F55: its size is looked at when a version is first asked for; its bytes are not, for they don't pass by here."""
    objects = office.bucket.store.objects(office.bucket.settings)
    (key,) = [path for path in office.bucket.store.paths(office.bucket.settings) if path.endswith(".parquet")]
    if harm == "missing":
        obstore.delete(objects, key)
    else:
        obstore.put(objects, key, b"PAR1")
    answer = office.server.query(office.path, office.token)
    assert (answer.status, answer.code()) == (500, "INTERNAL_ERROR")
    office.permits.send()
    assert len(office.urls()) == 1  # put back, it is served again


def test_a_vector_that_is_missing_is_given_no_address(office: Office) -> None:
    """F55: it is a file as any other."""
    name = "deletion_vector_00000000-0000-4000-8000-000000000000.bin"
    (office.permits.folder / name).write_bytes(b"vector")
    office.permits.send()
    row = (office.permits.id, name, "dv", 0, None, 6, 0, "0" * 64)
    office.store.execute("INSERT INTO data_file VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *row)
    assert len(office.urls()) == 1
    office.store.execute("UPDATE data_file SET size = 7 WHERE kind = 'dv'")
    with running_server(office.store.folder) as other:
        assert other.query(office.path, office.token).status == 500


def test_a_log_that_is_cut_in_the_bucket_is_500_until_it_is_put_back(office: Office) -> None:
    """F55."""
    objects, key = office.bucket.store.objects(office.bucket.settings), f"{office.permits.id}/_delta_log/{0:020}.json"
    content = bytes(obstore.get(objects, key).bytes())
    obstore.put(objects, key, content[:-30])
    assert office.server.query(office.path, office.token).status == 500
    obstore.put(objects, key, content)
    assert len(office.urls()) == 1


def test_an_instance_that_started_before_there_was_a_bucket_goes_there(tmp_path: Path, s3proxy: StandIn) -> None:
    """And one whose agency chooses other addresses follows at once."""
    store = SharingStore(tmp_path / "store")
    with running_server(store.folder) as server:
        assert server.get("/shares").status == 401
        bucket = BucketOfTables(s3proxy, s3proxy.settings())
        filled = SharingStore(tmp_path / "other", bucket=bucket)
        token, permits = filled.add_bureau("tax"), filled.add_table("permits", sample_rows())
        filled.grant("tax", permits)
        for name in ("objects.json", "state.sqlite"):
            (filled.folder / name).replace(store.folder / name)
        path = table_path(filled, "permits")
        (gateway,) = urls(server.query(path, token))
        assert gateway.startswith(server.address)
        place = {**bucket.place, "addresses": "presigned"}
        (store.folder / "objects.json").write_text(json.dumps(place), "utf-8")
        (presigned,) = urls(server.query(path, token))
        assert presigned.startswith(s3proxy.endpoint)
        assert server.get(gateway).body == server.get(presigned).body


def test_a_store_that_is_silent_keeps_nobody_else_waiting(office: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        mute = replace(office.bucket, settings=office.bucket.settings.model_copy(update={"endpoint": address}))
        (office.store.folder / "objects.json").write_text(json.dumps(mute.place), "utf-8")
        asking = threading.Thread(target=_quietly, args=(office,), daemon=True)
        asking.start()
        accepted, _ = silent.accept()
        with accepted:
            begun = time.monotonic()
            assert office.server.get("/shares", office.token).status == 200
            assert time.monotonic() - begun < 2
            assert asking.is_alive()


def _quietly(office: Office) -> None:
    """Ask, and don't mind that the server ends before it answers."""
    try:
        office.urls()
    except Exception:
        return


def test_a_store_that_is_away_is_500_and_says_no_key(office: Office) -> None:
    away = replace(office.bucket, settings=office.bucket.settings.model_copy(update={"endpoint": "http://127.0.0.1:9"}))
    (office.store.folder / "objects.json").write_text(json.dumps(away.place), "utf-8")
    answer = office.server.query(office.path, office.token)
    assert (answer.status, answer.code()) == (500, "INTERNAL_ERROR")
    assert b"127.0.0.1:9" not in answer.body
    with closing(sqlite3.connect(office.store.calls)) as calls:
        ((detail,),) = calls.execute("SELECT detail FROM audit WHERE status = 500").fetchall()
    assert "can't be had from the bucket" in detail
    assert "127.0.0.1" not in detail
