"""Receipts: per version of a shared table what was delivered, signed, and verifiable without asking anybody.

The signed bytes are the receipt's JSON with sorted keys and without blanks, in UTF-8: `canonical`.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipelines.home import disk_failure, to_disk
from pipelines.targets.sharing.records import SharedTable, Version
from resource_catalog.errors import OutsideError, UsageError

_FORM = "opendata-receipt-1"
_NAMES = "receipts-{}.pem"


def keys_folder(store: Path) -> Path:
    """Where the store's keys lie."""
    return store / "keys"


def _file(store: Path, table: str, version: int) -> Path:
    return store / "receipts" / table / f"{version}.json"


def has_receipt(store: Path, table: SharedTable, version: Version) -> bool:
    """Whether a version has its receipt."""
    return _file(store, table.id, version.version).exists()


def canonical(receipt: Mapping[str, Any]) -> bytes:
    """The bytes that are signed."""
    return json.dumps(receipt, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _write(file: Path, content: bytes, mode: int) -> None:
    """A file that is whole or not there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
    to_disk(draft)
    draft.rename(file)
    to_disk(file.parent)


def _public_bytes(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _make_key(folder: Path) -> Path:
    """A new key: the private half is for its owner alone, the public half beside it for anybody."""
    key = Ed25519PrivateKey.generate()
    kid = os.urandom(8).hex()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(folder / f"receipts-{kid}.pub", _public_bytes(key.public_key()), 0o644)
    file = folder / _NAMES.format(kid)
    _write(file, private, 0o600)
    return file


def _signing_key(store: Path) -> tuple[str, Ed25519PrivateKey]:
    """The newest key and its name, made where there is none.

    Raises:
        OutsideError: the key can't be read, or others may read it.
    """
    folder = keys_folder(store)
    known = sorted(folder.glob(_NAMES.format("*")), key=lambda file: (file.stat().st_mtime_ns, file.name))
    file = known[-1] if known else _make_key(folder)
    fix = f"chmod 600 {file.name}; where others may have read it, remove it: the next run makes a new one"
    if file.stat().st_mode & 0o077:
        raise OutsideError("the key that signs receipts can be read by others", where=str(file), fix=fix)
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except ValueError as error:
        raise OutsideError("the key that signs receipts can't be read", where=str(file), fix="restore it") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise OutsideError("the key that signs receipts is no Ed25519 key", where=str(file), fix="restore it")
    return file.stem.removeprefix("receipts-"), key


def make_receipt(table: SharedTable, version: Version, agency: str, checks: Mapping[str, Any]) -> dict[str, Any]:
    """What is attested of a version.

    Args:
        table: The record with that version.
        version: The version.
        agency: The agency's id.
        checks: What the release's quality.json says: rows, score, and the findings per rule.
    """
    return {
        "form": _FORM,
        "agency": agency,
        "dataset": table.dataset,
        "table": table.id,
        "policy": table.policy.identity,
        "columns": [{"name": one.name, "type": one.type} for one in table.columns],
        "conditions": {name: sorted(values) for name, values in table.policy.conditions.items()},
        **asdict(version),
        "checks": dict(checks),
    }


def signed(store: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with their signature by the newest key and that key's name.

    Raises:
        OSError: the disk failed.
        OutsideError: the key can't be used.
    """
    kid, key = _signing_key(store)
    signature = base64.b64encode(key.sign(canonical(facts))).decode()
    return {"receipt": dict(facts), "key": kid, "signature": signature}


def signature_fault(document: Mapping[str, Any], keys: Path) -> str:
    """Why a document of `signed` is none of the key that it names, which is looked for in `keys`; "" where it is."""
    public = keys / f"receipts-{document['key']}.pub"
    try:
        _check(document["receipt"], base64.b64decode(document["signature"], validate=True), public)
    except (UsageError, InvalidSignature, ValueError) as error:
        return str(error) or "it was changed"
    return ""


def write_receipt(store: Path, table: SharedTable, version: Version, agency: str, checks: Mapping[str, Any]) -> None:
    """Sign and write the receipt of a version.

    Raises:
        OutsideError: the key can't be used, or the disk failed.
    """
    file = _file(store, table.id, version.version)
    try:
        document = signed(store, make_receipt(table, version, agency, checks))
        _write(file, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode(), 0o644)
    except OSError as error:
        raise disk_failure("a receipt could not be written", file, error) from error


def verify_receipt(file: Path, key: Path) -> dict[str, Any]:
    """The receipt in a file, if the key signed just that; needs nothing but the two files.

    Raises:
        UsageError: a file can't be read, or the signature is not of this key and these bytes.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        receipt: dict[str, Any] = document["receipt"]
        signature = base64.b64decode(document["signature"], validate=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"this is no receipt: {error}", where=str(file), fix="name a receipt's JSON file") from error
    try:
        _check(receipt, signature, key)
    except InvalidSignature as error:
        fix = "it was changed, or is signed by another key: ask the agency for both anew"
        raise UsageError("the signature does not fit this receipt and this key", where=str(file), fix=fix) from error
    return receipt


def _check(receipt: Mapping[str, Any], signature: bytes, key: Path) -> None:
    try:
        public = serialization.load_pem_public_key(key.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError("this is no public key", where=str(key), fix="name the .pub file of the agency") from error
    if not isinstance(public, Ed25519PublicKey):
        raise UsageError("this is no Ed25519 key", where=str(key), fix="name the .pub file of the agency")
    public.verify(signature, canonical(receipt))
