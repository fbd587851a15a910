"""Receipts: what they attest, who can verify them with what, and what a change to one does."""

from __future__ import annotations

import base64
import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from pipelines.targets.sharing.receipts import canonical, verify_receipt
from resource_catalog.errors import OutsideError, UsageError
from tests.shared_tables import ShareFactory, bureaus_digest, sample, under


@pytest.fixture
def factory(tmp_path: Path) -> ShareFactory:
    factory = ShareFactory(tmp_path)
    factory.share(factory.release(sample(5)))
    factory.share(factory.release(sample(7), rules=[{"rule": "mobile", "count": 2}]))
    return factory


def receipt_file(factory: ShareFactory, version: int) -> Path:
    (table,) = factory.sharing.tables("permits")
    return factory.root / "sharing" / "receipts" / table.id / f"{version}.json"


def key_file(factory: ShareFactory) -> Path:
    (file,) = (factory.root / "sharing" / "keys").glob("receipts-*.pub")
    return file


def test_every_version_has_a_receipt_that_its_key_verifies(factory: ShareFactory) -> None:
    (table,) = factory.sharing.tables("permits")
    first, second = (verify_receipt(receipt_file(factory, version), key_file(factory)) for version in (0, 1))
    assert (first["release"], first["rows"], first["added"], first["checks"]["findings"]) == (1, 5, 5, {})
    assert (second["release"], second["rows"], second["added"], second["changed"], second["removed"]) == (2, 7, 2, 0, 0)
    assert second["checks"] == {"rows": 7, "score": "97.5", "findings": {"mobile": 2}}
    assert second["rows_digest"] == bureaus_digest(under(factory.policy, sample(7)), table.columns)
    assert second["policy"] == factory.policy.identity


def test_a_changed_receipt_and_another_key_are_refused(factory: ShareFactory, tmp_path: Path) -> None:
    file = receipt_file(factory, 1)
    document = json.loads(file.read_text("utf-8"))
    document["receipt"]["rows"] = 8
    file.write_text(json.dumps(document), "utf-8")
    with pytest.raises(UsageError, match="does not fit"):
        verify_receipt(file, key_file(factory))
    other = ShareFactory(tmp_path / "other")
    other.share(other.release(sample(1)))
    with pytest.raises(UsageError, match="does not fit"):
        verify_receipt(receipt_file(factory, 0), key_file(other))


def test_openssl_alone_verifies_a_receipt(factory: ShareFactory, tmp_path: Path) -> None:
    document = json.loads(receipt_file(factory, 1).read_text("utf-8"))
    body, signature = tmp_path / "body", tmp_path / "signature"
    body.write_bytes(canonical(document["receipt"]))
    signature.write_bytes(base64.b64decode(document["signature"]))
    if shutil.which("jq"):  # as the README says it
        said_by_jq = subprocess.run(
            ["jq", "-cSj", ".receipt", str(receipt_file(factory, 1))], capture_output=True, check=True
        )
        assert said_by_jq.stdout == body.read_bytes()
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(key_file(factory)), "-rawin"]
    said = subprocess.run(
        [*command, "-in", str(body), "-sigfile", str(signature)], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout.strip()) == (0, "Signature Verified Successfully")


def test_the_private_key_is_for_its_owner_alone(factory: ShareFactory) -> None:
    (private,) = (factory.root / "sharing" / "keys").glob("receipts-*.pem")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    private.chmod(0o644)
    with pytest.raises(OutsideError, match="can be read by others"):
        factory.share(factory.release(sample(3)))


@pytest.mark.parametrize("content", ["", "{}", '{"receipt": {}, "signature": "?"}', "[]"])
def test_what_is_no_receipt_is_named(factory: ShareFactory, tmp_path: Path, content: str) -> None:
    file = tmp_path / "receipt.json"
    file.write_text(content, "utf-8")
    with pytest.raises(UsageError, match="no receipt"):
        verify_receipt(file, key_file(factory))
    with pytest.raises(UsageError, match="no public key"):
        verify_receipt(receipt_file(factory, 0), file)
