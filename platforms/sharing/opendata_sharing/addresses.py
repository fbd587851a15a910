"""Addresses of files: short-lived, signed over all they say, bound to the access and the token that they are for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, unquote

from opendata_sharing.errors import forbidden
from opendata_sharing.keys import AddressKeys
from opendata_sharing.state import file_id

_PURPOSE = "file"
#: `sp` is there for the clients' Rust kernel: it fetches only addresses whose query has a name that it knows from
#: object stores, and takes any other for a file on its own disk.
_QUERY = re.compile(
    r"sp=r&kid=([A-Za-z0-9]{1,32})&exp=([0-9]{1,12})&g=([A-Za-z0-9._~%-]{1,600})&t=([0-9a-f]{32})&sig=([A-Za-z0-9_-]{43})"
)


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom an address is: the access's id, and the SHA-256 of the token that asked."""

    access: str
    token: str


class Addresses(Protocol):
    """Gives out addresses of files."""

    #: Seconds for which an address is good.
    seconds: int
    #: Whether this server sees each use of an address: it can refuse one, and has a row of it in the audit log.
    watched: bool

    def give(self, base: str, table_id: str, path: str, holder: Holder, until: int) -> str:
        """The address of a file, good until that second since 1970. `base` is how the client called this server."""
        ...


class ObjectAddresses:
    """Presigned addresses of the objects themselves: whoever has one gets the file until it ends, without this server.

    Args:
        sign: Makes one of a path and the seconds for which it is to be good.
        seconds: How long that is; a removed grant is good for that long at most.
    """

    watched = False

    def __init__(self, sign: Callable[[str, int], str], seconds: int) -> None:
        self._sign = sign
        self.seconds = seconds

    def give(self, base: str, table_id: str, path: str, holder: Holder, until: int) -> str:
        """Of Signature Version 4: of others the clients' Rust kernel doesn't know that they are presigned."""
        return self._sign(f"{table_id}/{unquote(path)}", self.seconds)


class GatewayAddresses:
    """Addresses of this server's own file gateway."""

    watched = True

    def __init__(self, keys: AddressKeys, seconds: int) -> None:
        self._keys = keys
        self.seconds = seconds

    def give(self, base: str, table_id: str, path: str, holder: Holder, until: int) -> str:
        """Any instance of this store serves it."""
        place = f"/files/{table_id}/{file_id(path)}"
        said = f"sp=r&kid={self._keys.kid()}&exp={until}&g={quote(holder.access, safe='')}&t={holder.token[:32]}"
        _, signature = self._keys.sign(_PURPOSE, f"{place}?{said}")
        return f"{base}{place}?{said}&sig={signature}"

    def check(self, path: str, query: str, now: float) -> Holder:
        """Whose address it is; its token is the beginning of the hash, as the address has it.

        Raises:
            CallRefused: 403, the address was changed, is over, or was signed by a key that is gone.
        """
        match = _QUERY.fullmatch(query)
        if match is None:
            raise forbidden("this is no file address of ours: ask for the table again")
        kid, until, access, token, signature = match.groups()
        said = query.rpartition("&sig=")[0]
        if not self._keys.is_good(kid, signature, _PURPOSE, f"{path}?{said}"):
            raise forbidden("the signature of this file address isn't good: ask for the table again")
        if int(until) <= now:
            raise forbidden("this file address is over: ask for the table again")
        return Holder(unquote(access), token)
