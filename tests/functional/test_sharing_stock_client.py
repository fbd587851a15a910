"""The stock client reads from the sharing server by both of its readers; each sharp edge has a test (P13, S7)."""

from __future__ import annotations

import ipaddress
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.object_stores import PLACES, make_place
from tests.sharing_servers import RunningServer, running_server, table_path, urls
from tests.sharing_store import PAST, SharedDelta, SharingStore, sample_rows
from tests.stock_client import MODES, PYTHON, ClientError, StockClient, running_client


@dataclass
class Office:
    store: SharingStore
    server: RunningServer
    client: StockClient
    tables: dict[str, SharedDelta]
    profile: Path
    token: str

    def url(self, table: str) -> str:
        return f"{self.profile}#{self.store.share}.resources.{table}"


def _filled(store: SharingStore) -> dict[str, SharedDelta]:
    """`permits` with versions 0 to 4, one row never there, and one table per difficulty."""
    permits = store.add_table("permits", sample_rows())
    permits.write(sample_rows(4))
    permits.delta().update(updates={"名称": "'改名，有限公司'"}, predicate="\"编号\" = 'A001'")
    permits.delta().delete("\"编号\" = 'A002'")
    merged = sample_rows(6, 3)
    permits.delta().merge(
        merged, predicate='t."编号" = s."编号"', source_alias="s", target_alias="t"
    ).when_matched_update_all().when_not_matched_insert_all().execute()
    permits.publish()
    tables = {"permits": permits, "empty": store.add_table("empty", sample_rows(count=0))}
    tables["overwritten"] = store.add_table("overwritten", sample_rows())
    tables["overwritten"].write(sample_rows(2), mode="overwrite")
    tables["wide"] = store.add_table("wide", _difficult_rows())
    for number in range(5):
        tables[f"table-{number}"] = store.add_table(f"table-{number}", sample_rows(number, 1))
    return tables


def _difficult_rows() -> pa.Table:
    return pa.table(
        {
            "统一社会信用代码": pa.array(["91310000MA1FL0001X", "007", None]),
            "带 空格\"和'引号": pa.array(["甲,乙\n丙", "\N{GRINNING FACE}𠮷", ""]),
            "金额": pa.array(["99999999999999.99", "-0.01", None]).cast(pa.decimal128(16, 2)),
            "日期": pa.array(["1900-01-01", None, "2099-12-31"]).cast(pa.date32()),
            "时刻": pa.array([None, datetime(1999, 12, 31, 23, 59, 59, 123456, UTC), None], pa.timestamp("us", "UTC")),
            "大数": pa.array([9_007_199_254_740_993, -1, 0], pa.int64()),
            "全空": pa.array([None, None, None], pa.string()),
            "小数": pa.array([0.1, -1e300, None], pa.float64()),
            "是否": pa.array([True, False, None], pa.bool_()),
        }
    )


@pytest.fixture(scope="module", params=PLACES)
def office(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Office]:
    """O5: the same on local files and on S3, through the gateway and by presigned addresses."""
    folder = tmp_path_factory.mktemp("sharing")
    store = SharingStore(folder / "store", bucket=make_place(request, request.param))
    token, tables = store.add_bureau("tax"), _filled(store)
    for table in tables.values():
        store.grant("tax", table)
    with running_server(store.folder) as server, running_client() as client:
        profile = store.write_profile(folder / "tax.share", server.endpoint, token)
        yield Office(store, server, client, tables, profile, token)


def _plain(value: object) -> object:
    """As the client's program tells values."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _rows(table: pa.Table) -> list[list[object]]:
    return sorted(([_plain(value) for value in row.values()] for row in table.to_pylist()), key=repr)


def _current(table: SharedDelta, version: int | None = None) -> pa.Table:
    delta = table.delta()
    if version is not None:
        delta.load_as_version(version)
    return delta.to_pyarrow_table()


def test_the_client_is_the_one_from_outside() -> None:
    """Sharp edge 6: its own environment, with its own pandas and pyarrow."""
    said = subprocess.run(
        [str(PYTHON), "-c", "import delta_sharing, sys; print(delta_sharing.__version__, sys.prefix)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert said[0] == "1.4.2"
    assert said[1] != sys.prefix


def test_listings(office: Office) -> None:
    """P13."""
    profile = str(office.profile)
    assert office.client.call("list_shares", profile=profile) == ["agency"]
    share = ["Share", {"name": "agency"}]
    assert office.client.call("list_schemas", profile=profile, objects=[share]) == ["resources"]
    schema = ["Schema", {"name": "resources", "share": "agency"}]
    tables = sorted(office.tables)
    assert sorted(office.client.call("list_tables", profile=profile, objects=[schema])) == tables
    assert sorted(office.client.call("list_all_tables", profile=profile)) == tables


def test_a_listing_of_more_than_one_page(tmp_path: Path) -> None:
    """P13: the client walks the pages by itself; the server's own page has 500."""
    store = SharingStore(tmp_path / "store")
    token, table = store.add_bureau("tax"), store.add_table("table", sample_rows())
    with store.writing() as state:
        (row,) = state.execute("SELECT * FROM shared_table").fetchall()
        names = [f"table-{number:04}" for number in range(1_234)]
        marks = ",".join("?" * len(row))
        state.executemany(
            f"INSERT INTO shared_table VALUES ({marks})", [(name, name, row[2], name, *row[4:]) for name in names]
        )
        state.executemany(
            "INSERT INTO access VALUES (?, 'tax', ?, NULL, '', '', ?, NULL, NULL, 1)",
            [(f"access-{name}", name, PAST) for name in names],
        )
    assert table.id
    with running_server(store.folder) as server, running_client() as client:
        profile = store.write_profile(tmp_path / "tax.share", server.endpoint, token)
        assert client.call("list_all_tables", profile=str(profile)) == names


@MODES
@pytest.mark.parametrize("name", ["permits", "overwritten", "wide"])
def test_a_snapshot_equals_the_table_to_the_row(office: Office, name: str, delta: bool) -> None:
    """P13, sharp edges 1 and 4: Chinese names and values, nulls, decimals, dates, instants; the kernel fetches too."""
    expected = _current(office.tables[name])
    found = office.client.load(office.url(name), use_delta_format=delta)
    assert found["columns"] == expected.column_names
    assert sorted(found["rows"], key=repr) == _rows(expected)


@MODES
def test_an_empty_table_has_its_columns(office: Office, delta: bool) -> None:
    """P13."""
    found = office.client.load(office.url("empty"), use_delta_format=delta)
    assert (found["columns"], found["rows"]) == (sample_rows().column_names, [])


@MODES
@pytest.mark.parametrize("limit", [0, 1, 3, 100])
def test_a_limit_gets_so_many_rows_of_the_table(office: Office, limit: int, delta: bool) -> None:
    """P13."""
    every = _rows(_current(office.tables["permits"]))
    found = office.client.load(office.url("permits"), limit=limit, use_delta_format=delta)
    assert len(found["rows"]) == min(limit, len(every))
    assert all(row in every for row in found["rows"])


@MODES
@pytest.mark.parametrize("version", [0, 1, 2, 3, 4])
def test_each_version_is_read_as_it_was(office: Office, version: int, delta: bool) -> None:
    """P13."""
    found = office.client.load(office.url("permits"), version=version, use_delta_format=delta)
    assert sorted(found["rows"], key=repr) == _rows(_current(office.tables["permits"], version))


@MODES
def test_an_instant_is_read_as_it_was(office: Office, delta: bool) -> None:
    """P13."""
    found = office.client.load(office.url("permits"), timestamp="2026-01-03T12:00:00Z", use_delta_format=delta)
    assert sorted(found["rows"], key=repr) == _rows(_current(office.tables["permits"], 2))


def _replica(changes: list[dict[str, Any]], key: str = "编号") -> list[list[object]]:
    """What a bureau has that knows changes alone."""
    rows: dict[object, list[object]] = {}
    order = {"delete": 0, "update_preimage": 0, "insert": 1, "update_postimage": 1}
    for change in sorted(changes, key=lambda one: (one["_commit_version"], order[one["_change_type"]])):
        values = [value for name, value in change.items() if not name.startswith("_c")]
        if order[change["_change_type"]] == 0:
            assert rows.pop(change[key]) == values
        else:
            assert change[key] not in rows
            rows[change[key]] = values
    return sorted(rows.values(), key=repr)


@MODES
@pytest.mark.parametrize("name", ["permits", "overwritten"])
def test_a_replica_made_of_changes_alone_equals_the_table(office: Office, name: str, delta: bool) -> None:
    """P13, sharp edge 12: inserts, updates, deletes, merges, overwrites."""
    changes = office.client.changes(office.url(name), starting_version=0, use_delta_format=delta)
    assert _replica(changes) == _rows(_current(office.tables[name]))


@MODES
def test_changes_between_two_versions(office: Office, delta: bool) -> None:
    """P13, sharp edge 12."""
    url = office.url("permits")
    changes = office.client.changes(url, starting_version=2, ending_version=3, use_delta_format=delta)
    told = sorted((change["_commit_version"], change["_change_type"], change["编号"]) for change in changes)
    assert told == [(2, "update_postimage", "A001"), (2, "update_preimage", "A001"), (3, "delete", "A002")]


def test_changes_have_the_same_instants_in_both_modes(office: Office) -> None:
    """Sharp edge 11: the kernel knows whole seconds, the other milliseconds; whole seconds are what the store has."""
    url = office.url("permits")
    instants = []
    for delta in (False, True):
        changes = office.client.changes(url, starting_version=0, use_delta_format=delta)
        instants.append({change["_commit_version"]: change["_commit_timestamp"] for change in changes})
    parquet, kernel = instants
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert {version: datetime.fromtimestamp(value / 1000, UTC) for version, value in parquet.items()} == {
        version: start + timedelta(days=version) for version in range(5)
    }
    assert {version: datetime.fromisoformat(value) for version, value in kernel.items()} == {
        version: start + timedelta(days=version) for version in range(5)
    }


def test_the_client_left_to_itself_finds_a_format(office: Office) -> None:
    """P10, P13."""
    assert len(office.client.load(office.url("permits"))["rows"]) == 8


def test_addresses_are_what_both_readers_take(office: Office) -> None:
    """Sharp edges 1 to 3: a query that the kernel knows, and nothing in the path that a client would rewrite."""
    form = r"/files/[0-9a-f-]{36}/[0-9a-f]{64}\?sp=r&"
    if office.store.bucket is not None and office.store.bucket.settings.addresses == "presigned":
        form = r"/shared/[A-Za-z0-9/._-]+\.parquet\?X-Amz-Algorithm=AWS4-HMAC-SHA256&.*&X-Amz-Signature=[0-9a-f]{64}$"
    path = table_path(office.store, "permits")
    plain = urls(office.server.query(path, office.token))
    delta = office.server.query(path, office.token, delta_sharing_capabilities="responseformat=delta").lines()[2:]
    for url in (*plain, *(line["file"]["deltaSingleAction"]["add"]["path"] for line in delta)):
        assert re.search(form, url)


def test_bearer_profiles_are_of_version_1(office: Office, tmp_path: Path) -> None:
    """Sharp edge 5: the client reads version 2 and then refuses its bearer tokens."""
    said = json.loads(office.profile.read_text("utf-8"))
    assert said["shareCredentialsVersion"] == 1
    profile = tmp_path / "two.share"
    profile.write_text(json.dumps(said | {"shareCredentialsVersion": 2, "type": "bearer_token"}), "utf-8")
    with pytest.raises(ClientError):
        office.client.call("list_shares", profile=str(profile))


@MODES
def test_a_table_that_is_not_granted_is_a_clear_error(office: Office, delta: bool) -> None:
    with pytest.raises(ClientError, match="404"):
        office.client.load(office.url("nowhere"), use_delta_format=delta)


@MODES
def test_versions_that_are_not_served_are_a_clear_error(office: Office, delta: bool) -> None:
    with pytest.raises(ClientError, match="400"):
        office.client.load(office.url("permits"), version=99, use_delta_format=delta)
    with pytest.raises(ClientError, match="400"):
        office.client.changes(office.url("permits"), starting_version=99, use_delta_format=delta)


def test_every_answer_of_a_table_tells_its_version(office: Office) -> None:
    """Sharp edge 7: without that header the client fails."""
    path = table_path(office.store, "permits")
    answers = [
        office.server.get(f"{path}/version", office.token),
        office.server.get(f"{path}/metadata", office.token),
        office.server.query(path, office.token),
        office.server.get(f"{path}/changes?startingVersion=0", office.token),
    ]
    assert [answer.headers["delta-table-version"] for answer in answers] == ["4", "4", "4", "0"]


class _Forgetful(BaseHTTPRequestHandler):
    """Takes queries on to the real server, and lets time pass before files are asked for."""

    target = ""
    wait = threading.Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._pass_on("POST", body)

    def do_GET(self) -> None:
        self._pass_on("GET", None)

    def _pass_on(self, method: str, body: bytes | None) -> None:
        kept = {
            name: self.headers[name] for name in ("Authorization", "delta-sharing-capabilities") if self.headers[name]
        }
        got = urllib3.request(method, self.target + self.path, body=body, headers=kept, retries=False)
        type(self).wait.wait(2.2)
        self.send_response(got.status)
        for name in ("delta-table-version", "delta-sharing-capabilities", "content-type"):
            if name in got.headers:
                self.send_header(name, got.headers[name])
        self.send_header("Content-Length", str(len(got.data)))
        self.end_headers()
        self.wfile.write(got.data)

    def log_message(self, *_arguments: object) -> None:
        pass


@MODES
@pytest.mark.parametrize("place", ["folder", "presigned"])
def test_addresses_that_ended_before_they_were_read_are_an_error_and_no_part_of_a_table(
    tmp_path: Path, delta: bool, place: str, request: pytest.FixtureRequest
) -> None:
    """Sharp edge 8, F53: the client is misled about the reason, never about the rows; asked again, it reads."""
    store = SharingStore(tmp_path / "store", bucket=make_place(request, place))
    token, table = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", table)
    with running_client() as client:
        with running_server(store.folder, settings={"url_seconds": "1", "presigned_seconds": "1"}) as server:
            handler = type("Forgetful", (_Forgetful,), {"target": server.address})
            proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler)
            threading.Thread(target=proxy.serve_forever, daemon=True).start()
            endpoint = f"http://127.0.0.1:{proxy.server_address[1]}/delta-sharing"
            profile = store.write_profile(tmp_path / "tax.share", endpoint, token)
            with pytest.raises(ClientError):
                client.load(f"{profile}#agency.resources.permits", use_delta_format=delta)
            proxy.shutdown()
            proxy.server_close()
        with running_server(store.folder) as server:
            profile = store.write_profile(tmp_path / "tax.share", server.endpoint, token)
            assert len(client.load(f"{profile}#agency.resources.permits", use_delta_format=delta)["rows"]) == 4


@MODES
def test_a_damaged_file_is_an_error_and_no_part_of_a_table(tmp_path: Path, delta: bool) -> None:
    """F55: one of two files is another table's."""
    store = SharingStore(tmp_path / "store")
    token, table = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    table.write(sample_rows(4))
    other = store.add_table("other", sample_rows(40))
    store.grant("tax", table)
    mine = Path(table.delta().file_uris()[0].removeprefix("file://"))
    mine.write_bytes(Path(other.delta().file_uris()[0].removeprefix("file://")).read_bytes())
    with running_server(store.folder) as server, running_client() as client:
        profile = store.write_profile(tmp_path / "tax.share", server.endpoint, token)
        with pytest.raises(ClientError):
            client.load(f"{profile}#agency.resources.permits", use_delta_format=delta)


def _certificates(folder: Path) -> tuple[Path, Path, Path]:
    """(authority, certificate, key) of an agency's own authority for 127.0.0.1."""
    now, keys = datetime.now(UTC), [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("test authority", "127.0.0.1")]

    def signed(place: int, *extensions: x509.ExtensionType) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[place])
            .issuer_name(names[0])
            .public_key(keys[place].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key()), critical=False)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(keys[0], hashes.SHA256())

    usage = x509.KeyUsage(*[name in (0, 5, 6) for name in range(9)])
    authority = signed(
        0,
        x509.BasicConstraints(ca=True, path_length=None),
        x509.SubjectKeyIdentifier.from_public_key(keys[0].public_key()),
        usage,
    )
    leaf = signed(
        1,
        x509.BasicConstraints(ca=False, path_length=None),
        x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
        x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]),
    )
    files = [folder / name for name in ("authority.pem", "certificate.pem", "key.pem")]
    for file, certificate in zip(files[:2], (authority, leaf), strict=True):
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    files[2].write_bytes(keys[1].private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return files[0], files[1], files[2]


def test_over_https_with_a_private_authority(tmp_path: Path) -> None:
    """S7, sharp edge 9: end to end in both modes; who doesn't know the authority refuses."""
    store = SharingStore(tmp_path / "store")
    token, table = store.add_bureau("tax"), store.add_table("permits", sample_rows())
    store.grant("tax", table)
    authority, certificate, key = _certificates(tmp_path)
    arguments = ("--certificate", str(certificate), "--key", str(key))
    trusting = {"SSL_CERT_FILE": str(authority), "REQUESTS_CA_BUNDLE": str(authority)}
    with running_server(store.folder, *arguments) as server:
        assert server.endpoint.startswith("https://")
        profile = store.write_profile(tmp_path / "tax.share", server.endpoint, token)
        url = f"{profile}#agency.resources.permits"
        with running_client(trusting) as client:
            for delta in (False, True):
                assert len(client.load(url, use_delta_format=delta)["rows"]) == 4
                assert len(client.changes(url, starting_version=0, use_delta_format=delta)) == 4
        with pytest.raises(urllib3.exceptions.SSLError):
            urllib3.request("GET", f"{server.endpoint}/shares", retries=False)
