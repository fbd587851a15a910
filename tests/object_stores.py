"""Servers that stand in for an S3 store, on loopback: s3proxy checks signatures, moto lets one of two writers win.

Neither does what the other does, and `.ci/setup test` installs both.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest
import urllib3
from obstore.store import S3Store

from resource_catalog.sharing_settings import ObjectStore

ROOT = Path(__file__).parents[1]
PROGRAMS = ROOT / "var" / "object-stores"
BUCKET = "shared"
KEYS = {"AWS_ACCESS_KEY_ID": "test-identity", "AWS_SECRET_ACCESS_KEY": "test-credential"}
_S3PROXY = """
s3proxy.endpoint={endpoint}
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity={AWS_ACCESS_KEY_ID}
s3proxy.credential={AWS_SECRET_ACCESS_KEY}
jclouds.provider=filesystem-nio2
jclouds.identity={AWS_ACCESS_KEY_ID}
jclouds.credential={AWS_SECRET_ACCESS_KEY}
jclouds.filesystem.basedir={objects}
"""
_JAVA = ("java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar")


@dataclass(frozen=True)
class StandIn:
    """One running store with one bucket; its keys are in this process's environment while it runs."""

    endpoint: str
    single_writer: bool

    def settings(self, **said: Any) -> ObjectStore:
        """What agency.yaml says of a store of tables in it, which is empty unless a prefix is given."""
        place = {"bucket": BUCKET, "prefix": f"stores/{uuid.uuid4()}", "endpoint": self.endpoint}
        return ObjectStore(**{**place, "single_writer": self.single_writer, **said})

    def objects(self, settings: ObjectStore) -> S3Store:
        """The objects below the settings' prefix, as somebody beside the pipeline sees them."""
        return S3Store(
            settings.bucket,
            prefix=settings.prefix or None,
            endpoint=self.endpoint,
            region=settings.region,
            disable_bulk_delete=True,
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )

    def paths(self, settings: ObjectStore) -> list[str]:
        """The paths of all objects below the settings' prefix."""
        return sorted(one["path"] for some in obstore.list(self.objects(settings)) for one in some)


@dataclass(frozen=True)
class BucketOfTables:
    """What a sharing store says of the bucket that has its tables."""

    store: StandIn
    settings: ObjectStore

    @property
    def place(self) -> dict[str, str]:
        """What objects.json says, by STORE.md."""
        names = ("bucket", "prefix", "endpoint", "region", "addresses")
        return {name: getattr(self.settings, name) for name in names}

    def hold(self, folder: Path, table: str) -> None:
        """Hold the files of a table's folder as they are now, and no others."""
        objects = self.store.objects(self.settings)
        files = {f"{table}/{one.relative_to(folder).as_posix()}": one for one in folder.rglob("*") if one.is_file()}
        for path in self.store.paths(self.settings):
            if path.startswith(f"{table}/") and path not in files:
                obstore.delete(objects, path)
        for path, file in files.items():
            obstore.put(objects, path, file)


@contextmanager
def running_s3proxy(folder: Path) -> Iterator[StandIn]:
    """s3proxy over a folder: signatures and their end are checked, put-if-absent isn't known (it overwrites)."""
    program, objects, said = PROGRAMS / "s3proxy.jar", folder / "objects", folder / "s3proxy.properties"
    endpoint = f"http://127.0.0.1:{_free_port()}"
    objects.mkdir(parents=True)
    said.write_text(_S3PROXY.format(endpoint=endpoint, objects=objects, **KEYS), "ascii")
    with _running([*_JAVA, str(program), "--properties", str(said)], program, endpoint):
        yield StandIn(endpoint, single_writer=True)


@contextmanager
def running_moto() -> Iterator[StandIn]:
    """moto: put-if-absent is honoured, signatures are not checked."""
    program = PROGRAMS / "moto" / "bin" / "moto_server"
    port = _free_port()
    with _running([str(program), "-H", "127.0.0.1", "-p", str(port)], program, f"http://127.0.0.1:{port}"):
        yield StandIn(f"http://127.0.0.1:{port}", single_writer=False)


@contextmanager
def _running(command: list[str], program: Path, endpoint: str) -> Iterator[None]:
    if not program.exists():
        pytest.fail("what stands in for an S3 store is missing: run `.ci/setup test`", pytrace=False)
    silent = subprocess.DEVNULL
    with pytest.MonkeyPatch.context() as patch, subprocess.Popen(command, stdout=silent, stderr=silent) as process:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in KEYS.items():
            patch.setenv(name, value)
        try:
            _make_bucket(endpoint, process)
            yield
        finally:
            process.terminate()
            process.wait(20)


def _make_bucket(endpoint: str, process: subprocess.Popen[bytes]) -> None:
    """Once the server answers."""
    whole = S3Store(BUCKET, endpoint=endpoint, region="us-east-1", client_options={"allow_http": True})
    until = time.monotonic() + 60
    while True:
        try:
            address = obstore.sign(whole, "PUT", "", timedelta(minutes=1))
            made = urllib3.request("PUT", address, retries=False, timeout=20)
            assert made.status == 200, made.data
            return
        except urllib3.exceptions.HTTPError:
            assert process.poll() is None, "the store ended"
            assert time.monotonic() < until, "the store did not start"
            time.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def s3proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """An s3proxy for all tests that ask for it."""
    with running_s3proxy(tmp_path_factory.mktemp("s3proxy")) as store:
        yield store


@pytest.fixture(scope="session")
def moto() -> Iterator[StandIn]:
    """A moto for all tests that ask for it."""
    with running_moto() as store:
        yield store


#: Where a sharing store's tables lie, and how files of them are had (O5).
PLACES = ("folder", "gateway", "presigned")


def make_place(request: pytest.FixtureRequest, name: str) -> BucketOfTables | None:
    """A bucket whose files are had so, empty; none for `folder`."""
    if name == "folder":
        return None
    store: StandIn = request.getfixturevalue("s3proxy")
    return BucketOfTables(store, store.settings(addresses=name))
