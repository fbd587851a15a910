"""The file gateway: signed addresses, ranges, and never a wrong byte (S2, O2, O4, O7, F53, F55)."""

from __future__ import annotations

import hashlib
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pytest

from tests.object_stores import make_place
from tests.sharing_servers import RunningServer, running_server, table_path, urls
from tests.sharing_store import SharedDelta, SharingStore, sample_rows

MEBIBYTE = 1 << 20


@dataclass
class Office:
    store: SharingStore
    server: RunningServer
    permits: SharedDelta
    token: str

    def urls(self, body: object = None) -> list[str]:
        return urls(self.server.query(table_path(self.store, "permits"), self.token, body))

    def content(self) -> bytes:
        return self.file().read_bytes()

    def file(self) -> Path:
        """The one file of version 0."""
        (path,) = self.permits.delta().file_uris()
        return Path(unquote(path.removeprefix("file://")))


@pytest.fixture(params=["folder", "gateway"])
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    """O5: files of a folder, and of a bucket through the gateway."""
    store = SharingStore(tmp_path / "store", bucket=make_place(request, request.param))
    token, permits = store.add_bureau("tax"), store.add_table("permits", sample_rows(count=500))
    store.grant("tax", permits)
    with running_server(store.folder) as server:
        yield Office(store, server, permits, token)


def test_a_file_comes_whole_with_its_digest(office: Office) -> None:
    answer = office.server.get(office.urls()[0])
    assert answer.status == 200
    assert answer.body == office.content()
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.body).hexdigest()}"'
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_head_tells_the_size_and_sends_nothing(office: Office) -> None:
    """Sharp edge 10: fsspec asks HEAD first."""
    answer = office.server.call("HEAD", office.urls()[0])
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) == len(office.content())
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-3", 0, 4), ("bytes=4-", 4, None), ("bytes=-8", -8, None), ("bytes=10-999999999", 10, None)],
)
def test_a_range_gets_its_bytes_alone(office: Office, asked: str, start: int, end: int | None) -> None:
    """Sharp edge 10."""
    answer = office.server.get(office.urls()[0], Range=asked)
    content = office.content()
    assert (answer.status, answer.body) == (206, content[start:end])
    first = start % len(content)
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(answer.body) - 1}/{len(content)}"


def test_a_range_beyond_the_end_is_416_and_one_that_is_no_range_gets_the_whole(office: Office) -> None:
    url = office.urls()[0]
    beyond = office.server.get(url, Range="bytes=99999999-")
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{len(office.content())}")
    assert [office.server.get(url, Range=asked).status for asked in ("bytes=5-2", "rows=1-2", "bytes=0-1,4-5")] == [
        200
    ] * 3
    assert office.server.get(url, Range="bytes=0-3", If_Range='"other"').status == 200


def _changed(url: str, name: str, value: str) -> str:
    before, _, rest = url.partition(f"{name}=")
    old, sign, after = rest.partition("&")
    assert old != value
    return f"{before}{name}={value}{sign}{after}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sp", "w"),
        ("kid", "00000000"),
        ("exp", "9999999999"),
        ("g", "access-other"),
        ("t", "0" * 32),
        ("sig", "A" * 43),
    ],
)
def test_an_address_changed_in_any_part_is_403(office: Office, name: str, value: str) -> None:
    """S2."""
    url = office.urls()[0]
    assert office.server.get(url).status == 200
    assert office.server.get(_changed(url, name, value)).status == 403


def test_an_address_is_good_for_its_own_file_and_nothing_added(office: Office) -> None:
    """S2: another file, another table, another order, another parameter, none."""
    office.permits.write(sample_rows(600))
    first, second = office.urls()
    place, _, query = first.partition("?")
    other_place = second.partition("?")[0]
    table = place.split("/")[-2]
    for changed in (
        f"{other_place}?{query}",
        f"{place.replace(table, '0' * 36)}?{query}",
        f"{first}&x=1",
        f"{place}?x=1&{query}",
        place,
        f"{place}?{query.replace('&sig=', '&sig=&sig=')}",
        first[:-1],
    ):
        assert office.server.get(changed).status in (403, 404), changed


def test_an_address_of_one_access_is_no_good_with_anothers_name(office: Office) -> None:
    """S2: the access is signed, too."""
    token = office.store.add_bureau("health")
    access = office.store.grant("health", office.permits)
    theirs = urls(office.server.query(table_path(office.store, "permits"), token))[0]
    ours = office.urls()[0]
    assert office.server.get(_changed(ours, "g", access)).status == 403
    assert office.server.get(theirs).status == 200


def test_an_address_that_is_over_is_403_and_a_fresh_query_works(tmp_path: Path) -> None:
    """F53, sharp edge 8."""
    store = SharingStore(tmp_path / "store")
    token, permits = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", permits)
    with running_server(store.folder, settings={"url_seconds": "5"}) as server:
        path = table_path(store, "permits")
        url = urls(server.query(path, token))[0]
        assert server.get(url).status == 200
        time.sleep(5)
        over = server.get(url)
        assert (over.status, over.code()) == (403, "PERMISSION_DENIED")
        assert server.get(urls(server.query(path, token))[0]).status == 200


def test_a_new_key_keeps_the_addresses_of_the_old_one_good(office: Office) -> None:
    """S2: until the old file is removed."""
    import subprocess
    import sys

    url = office.urls()[0]
    (old,) = (office.store.folder / "keys").glob("url-*.key")
    assert old.stat().st_mode & 0o777 == 0o600
    rotate = [sys.executable, "-m", "opendata_sharing", "--store", str(office.store.folder), "--rotate-keys"]
    assert "signs from now on" in subprocess.run(rotate, capture_output=True, text=True, check=True).stdout
    new = office.urls()[0]
    assert new.partition("kid=")[2][:8] != url.partition("kid=")[2][:8]
    assert [office.server.get(address).status for address in (url, new)] == [200, 200]
    old.unlink()
    assert [office.server.get(address).status for address in (url, new)] == [403, 200]


def test_one_instance_signs_and_another_serves(office: Office) -> None:
    """O4: addresses, page tokens, and a restart in between (F53); both made their keys at the first start."""
    office.permits.write(sample_rows(600))
    path = table_path(office.store, "permits")
    url = office.urls()[0]
    page = office.server.query(path, office.token, {"maxFiles": 1}).lines()[-1]["endStreamAction"]["nextPageToken"]
    with running_server(office.store.folder) as other:
        moved = url.replace(office.server.address, other.address)
        assert other.get(moved).body == office.server.get(url).body
        assert other.query(path, office.token, {"maxFiles": 1, "pageToken": page}).status == 200
        back = urls(other.query(path, office.token))[0].replace(other.address, office.server.address)
        assert office.server.get(back).status == 200


def test_servers_that_start_together_on_a_new_store_take_each_others_addresses(tmp_path: Path) -> None:
    """O4."""
    store = SharingStore(tmp_path / "store")
    token, permits = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", permits)
    started: list[RunningServer] = []
    done = threading.Event()

    def start() -> None:
        with running_server(store.folder) as server:
            started.append(server)
            done.wait(60)

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(300):
            if len(started) == 2:
                break
            time.sleep(0.1)
        one, other = started
        for signing, serving in ((one, other), (other, one)):
            url = urls(signing.query(table_path(store, "permits"), token))[0]
            assert serving.get(url.replace(signing.address, serving.address)).status == 200
    finally:
        done.set()
        for thread in threads:
            thread.join()


def _truncate(office: Office) -> None:
    os.truncate(office.file(), 100)
    office.permits.send()


def _delete(office: Office) -> None:
    office.file().unlink()
    office.permits.send()


def _swap(office: Office) -> None:
    """Another table's file of the same size."""
    content = bytearray(office.content())
    content[len(content) // 2] ^= 1
    office.file().write_bytes(bytes(content))
    office.permits.send()


@pytest.mark.parametrize("harm", [_truncate, _delete, _swap])
@pytest.mark.parametrize("read_before", [False, True], ids=["unread", "read before"])
def test_a_file_that_is_not_what_was_written_is_500_and_no_byte_of_it_is_sent(
    office: Office, harm: Callable[[Office], None], read_before: bool
) -> None:
    """F55."""
    url, content = office.urls()[0], office.content()
    if read_before:
        assert office.server.get(url).status == 200
    harm(office)
    answer = office.server.get(url)
    assert (answer.status, answer.code()) == (500, "INTERNAL_ERROR")
    assert answer.headers["x-request-id"] in answer.json()["message"]
    assert content[:4] not in answer.body
    with sqlite3.connect(office.store.calls) as calls:
        (detail,) = calls.execute("SELECT detail FROM audit WHERE status = 500").fetchone()
    assert detail.startswith("StoreDamaged")


@pytest.mark.parametrize("office", ["folder"], indirect=True)
def test_a_link_out_of_the_table_is_not_followed(office: Office) -> None:
    """F55."""
    url, file = office.urls()[0], office.file()
    outside = office.store.folder / "outside.parquet"
    file.rename(outside)
    file.symlink_to(outside)
    assert office.server.get(url).status == 500


def test_files_of_two_tables_that_were_swapped_are_refused(office: Office) -> None:
    """F55: also where they have the same size."""
    other = office.store.add_table("other", sample_rows(100, 500))
    mine, theirs = office.file(), Path(unquote(other.delta().file_uris()[0].removeprefix("file://")))
    url, swapped = office.urls()[0], theirs.read_bytes()
    office.store.execute("UPDATE data_file SET size = ? WHERE table_id = ?", len(swapped), office.permits.id)
    mine.write_bytes(swapped)
    office.permits.send()
    assert office.server.get(url).status == 500


def _cut_log_in_a_line(log: Path) -> None:
    log.write_bytes(log.read_bytes()[:-30])


def _cut_log_after_a_line(log: Path) -> None:
    log.write_text("".join(log.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")


def _empty_log(log: Path) -> None:
    log.write_bytes(b"")


def _remove_log(log: Path) -> None:
    log.unlink()


@pytest.mark.parametrize("harm", [_cut_log_in_a_line, _cut_log_after_a_line, _empty_log, _remove_log])
def test_a_damaged_log_is_500_and_never_a_part_of_the_table(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    """F55."""
    store = SharingStore(tmp_path / "store")
    token, permits = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", permits)
    permits.write(sample_rows(4))
    harm(permits.folder / "_delta_log" / f"{1:020}.json")
    with running_server(store.folder) as server:
        path = table_path(store, "permits")
        assert server.query(path, token).status == 500
        assert server.get(f"{path}/changes?startingVersion=0", token).status == 500
        assert server.get(f"{path}/metadata", token).status == 500
        assert len(urls(server.query(path, token, {"version": 0}))) == 1


def test_a_damaged_checkpoint_is_passed_over_while_the_commits_are_there_and_500_afterwards(tmp_path: Path) -> None:
    """F55."""
    store = SharingStore(tmp_path / "store")
    token, permits = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", permits)
    permits.write(sample_rows(4))
    permits.delta().create_checkpoint()
    (checkpoint,) = (permits.folder / "_delta_log").glob("*.checkpoint.parquet")
    checkpoint.write_bytes(checkpoint.read_bytes()[:-50])
    path = table_path(store, "permits")
    with running_server(store.folder) as server:
        assert len(urls(server.query(path, token))) == 2
    (permits.folder / "_delta_log" / f"{0:020}.json").unlink()
    with running_server(store.folder) as server:
        assert server.query(path, token).status == 500


def test_a_commit_beyond_the_pointer_is_not_served(office: Office) -> None:
    """F51, O1: a writer that was killed after its commit, or in it, shows nothing."""
    office.permits.delta().delete("\"编号\" = 'A002'")
    assert office.server.query(table_path(office.store, "permits"), office.token).headers["delta-table-version"] == "0"
    assert len(office.urls()) == 1
    changes = office.server.get(f"{table_path(office.store, 'permits')}/changes?startingVersion=0", office.token)
    assert {line["add"]["version"] for line in changes.lines()[2:]} == {0}


def test_a_file_that_was_removed_after_its_time_is_410(office: Office) -> None:
    """F53, O2: vacuum during a slow read."""
    url = office.urls()[0]
    office.permits.write(sample_rows(600), mode="overwrite")
    assert office.server.get(url).status == 200
    office.store.execute("DELETE FROM data_file WHERE last_version = 0")
    office.store.execute("UPDATE shared_table SET first_version = 1")
    assert office.server.get(url).status == 410
    assert office.server.get(office.urls()[0]).status == 200


@pytest.mark.parametrize("harm", ["changed", "removed"])
@pytest.mark.parametrize("place", ["folder", "gateway"])
def test_a_file_that_changes_or_goes_while_it_is_sent_breaks_off(
    tmp_path: Path, harm: str, place: str, request: pytest.FixtureRequest
) -> None:
    """F53, F55: the reader sees a short answer, never a mix; what is promised to be kept never goes."""
    store = SharingStore(tmp_path / "store", bucket=make_place(request, place))
    token = store.add_bureau("tax")
    noise = pa.table({"x": pa.array([os.urandom(MEBIBYTE).hex() for _ in range(24)])})
    permits = store.add_table("permits", noise)
    store.grant("tax", permits)
    with running_server(store.folder) as server:
        office = Office(store, server, permits, token)
        url = office.urls()[0]
        size = len(office.content())
        host, port = server.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)  # far less than the file has
            slow.sendall(f"GET {url.removeprefix(server.address)} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            got = len(slow.recv(4096))
            if harm == "removed":
                office.file().unlink()
            else:
                with office.file().open("r+b") as file:
                    file.seek(size - MEBIBYTE)
                    file.write(b"\0" * MEBIBYTE)
            permits.send()
            while block := slow.recv(MEBIBYTE):
                got += len(block)
        assert got < size


@pytest.mark.parametrize(("place", "allowed"), [("folder", 60), ("gateway", 100)])
def test_memory_stays_flat_while_many_slow_readers_take_a_large_file(
    tmp_path: Path, place: str, allowed: int, request: pytest.FixtureRequest
) -> None:
    """O7: files are streamed, not gathered; 20 readers of a file of 40 MiB, of a bucket in parts of one each."""
    store = SharingStore(tmp_path / "store", bucket=make_place(request, place))
    token = store.add_bureau("tax")
    permits = store.add_table("permits", pa.table({"x": pa.array([os.urandom(MEBIBYTE).hex() for _ in range(20)])}))
    store.grant("tax", permits)
    with running_server(store.folder) as server:
        url = urls(server.query(table_path(store, "permits"), token))[0]
        assert server.get(url, Range="bytes=0-3").status == 206
        before = _memory(server.process.pid)
        sizes: list[int] = []
        threads = [threading.Thread(target=lambda: sizes.append(len(server.get(url).body))) for _ in range(20)]
        for thread in threads:
            thread.start()
        most = before
        while any(thread.is_alive() for thread in threads):
            most = max(most, _memory(server.process.pid))
            time.sleep(0.01)
        assert len(set(sizes)) == 1
        assert sizes[0] > 20 * MEBIBYTE
        assert most - before < allowed * MEBIBYTE, f"{(most - before) / MEBIBYTE:.0f} MiB more"


def _memory(pid: int) -> int:
    """Resident bytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
