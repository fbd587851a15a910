"""The keys that sign file addresses, page tokens and sessions: files that all servers of a store share."""

from __future__ import annotations

import base64
import hmac
import os
import re
import secrets
from pathlib import Path

from opendata_sharing.errors import StoreUnusable

_NAME = re.compile(r"url-([A-Za-z0-9]{1,32})\.key")
SIZE = 32


class AddressKeys:
    """All keys are good for checking, the newest signs; a key that another server or the operator adds is seen at once.

    Rotation: `python -m opendata_sharing --store DIR --rotate-keys`; remove the old file once its addresses are over.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: int | None = None
        self._keys: dict[str, bytes] = {}
        self._newest = ""
        if not self._read():
            make_key(folder)
            self._read()

    def sign(self, purpose: str, text: str) -> tuple[str, str]:
        """(kid, signature) of a text for that purpose; a signature for one purpose is good for no other."""
        self._refresh()
        return self._newest, _signature(self._keys[self._newest], purpose, text)

    def kid(self) -> str:
        """The name of the key that signs."""
        self._refresh()
        return self._newest

    def is_good(self, kid: str, signature: str, purpose: str, text: str) -> bool:
        """Whether that key signed that text for that purpose; compares in constant time."""
        self._refresh()
        key = self._keys.get(kid)
        return key is not None and hmac.compare_digest(_signature(key, purpose, text).encode(), signature.encode())

    def _refresh(self) -> None:
        if self._folder.stat().st_mtime_ns != self._seen:
            self._read()

    def _read(self) -> bool:
        """Read the folder; False where it has no key."""
        if not self._folder.is_dir():
            return False
        seen = self._folder.stat().st_mtime_ns
        found = {match[1]: path for path in self._folder.iterdir() if (match := _NAME.fullmatch(path.name))}
        keys = {kid: path.read_bytes() for kid, path in found.items()}
        for kid, path in found.items():
            if len(keys[kid]) != SIZE:
                raise StoreUnusable(f"{path.name} must have {SIZE} bytes: remove it and start again")
            if path.stat().st_mode & 0o077:
                raise StoreUnusable(f"{path.name} may be read by others: chmod 600 it, or better make a new one")
        if keys:
            self._keys = keys
            self._newest = max(keys, key=lambda kid: (found[kid].stat().st_mtime_ns, kid))
            self._seen = seen
        return bool(keys)


def make_key(folder: Path) -> str:
    """Add a key, which signs from now on; returns its kid. Written aside and linked, so nobody reads half of one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kid = secrets.token_hex(4)
    aside = folder / f".{kid}.new"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(SIZE))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    aside.rename(folder / f"url-{kid}.key")
    return kid


def _signature(key: bytes, purpose: str, text: str) -> str:
    digest = hmac.digest(key, f"{purpose}\n{text}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
