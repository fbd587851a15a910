"""A file from the web: from allowed hosts only, whole or not at all, and never from inside the network by a trick.

The address that a name resolves to is checked, and then that very address is connected to, so that a name which
changes its address in between leads nowhere (B43 of reliability.md). Proxies of the environment are not used.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from resource_catalog.errors import NotPermittedError, OutsideError

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
LARGEST = 2 << 30
_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK = 1 << 20
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: Where clouds tell a machine its secrets, besides the link-local addresses.
_METADATA = tuple(ipaddress.ip_address(text) for text in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16"))
_PORTS = {"http": 80, "https": 443}
#: What stays as it is when a path or query is made ASCII.
_KEPT = "/%:?@!$&'()*+,;=~"
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}")


@dataclass(frozen=True)
class _Place:
    """A checked address: what to connect to, and what to ask for there."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The Host header's value."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def _without_secrets(url: str) -> str:
    """An address as it may be shown: without account and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _refuse(url: str, reason: str, fix: str) -> NotPermittedError:
    return NotPermittedError(reason, where=_without_secrets(url), fix=fix)


def _port(parts: SplitResult, url: str) -> int:
    try:
        return parts.port or _PORTS[parts.scheme]
    except ValueError as error:
        raise _refuse(url, "the address has no valid port", "mend url in the entry's source") from error


def _as_ascii(host: str, url: str) -> str:
    try:
        return host.encode("ascii" if ":" in host else "idna").decode("ascii")
    except UnicodeError as error:
        raise _refuse(url, "the address has no valid host", "mend url in the entry's source") from error


def _check(url: str, allowed_hosts: Sequence[str]) -> _Place:
    """The place of an address on an allowed host.

    Raises:
        NotPermittedError: another scheme, a host that is not allowed, an account in the address.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        raise _refuse(url, f"{parts.scheme or 'no scheme'} is no way to fetch a source", "use an http or https address")
    if "@" in parts.netloc:
        raise _refuse(url, "the address holds an account", "remove the account from url in the entry's source")
    if re.search(r"[\x00-\x20\x7f]", url):
        raise _refuse(url, "the address holds a blank or a control character", "mend url in the entry's source")
    host, port = parts.hostname or "", _port(parts, url)
    bracketed = f"[{host}]" if ":" in host else host
    names = {f"{bracketed}:{port}"} | ({bracketed} if port == _PORTS[parts.scheme] else set())
    if not names & {allowed.lower() for allowed in allowed_hosts}:
        raise _refuse(
            url, f"the host {bracketed}:{port} is not allowed", "add it to web_hosts in agency.yaml, or name another"
        )
    target = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    return _Place(parts.scheme, _as_ascii(host, url), port, target)


def _as_address(text: str) -> _Address:
    """The address; one of IPv4 that is written as IPv6 is judged as what it is."""
    address = ipaddress.ip_address(text.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return inner or address


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _may_reach(address: _Address, *, literal: bool) -> bool:
    """Whether an address is a public one, or at least named itself; never one that describes its own machine."""
    if address.is_link_local or address.is_multicast or address in _METADATA:
        return False
    return literal or address.is_global


def _resolve(place: _Place, url: str) -> str:
    """The address to connect to.

    Raises:
        OutsideError: the name is unknown.
        NotPermittedError: a link-local address, or one inside the network that is not allowed as that very address.
    """
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError as error:
        reason = f"the host {place.host} is not known: {error.strerror}"
        raise OutsideError(reason, where=_without_secrets(url), fix="check the address") from error
    for *_, socket_address in found:
        address = _as_address(str(socket_address[0]))
        if not _may_reach(address, literal=_is_literal(place.host)):
            raise _refuse(
                url,
                f"the host {place.host} leads to {address}, which is not on the public network",
                "name the address itself in web_hosts and url if it is meant",
            )
    return str(found[0][4][0])


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was checked, whatever its name resolves to by now."""

    def __init__(self, place: _Place, address: str) -> None:
        super().__init__(place.host, place.port, timeout=CONNECT_SECONDS)
        self._place = place
        self._address = address

    def connect(self) -> None:
        """Connect within `CONNECT_SECONDS`; each later read may take `READ_SECONDS`."""
        self.sock = socket.create_connection((self._address, self._place.port), timeout=CONNECT_SECONDS)
        if self._place.scheme == "https":
            trust = ssl.create_default_context()
            self.sock = trust.wrap_socket(self.sock, server_hostname=self._place.host)
        self.sock.settimeout(READ_SECONDS)


def _declared_length(response: http.client.HTTPResponse) -> int | None:
    declared = "" if response.chunked else response.getheader("Content-Length", "")
    return int(declared) if declared.isdigit() else None


def _save(response: http.client.HTTPResponse, file: Path, url: str, largest: int) -> None:
    """Stream the body into `file`.

    Raises:
        OutsideError: it is longer than `largest`, or not as long as the server said.
    """
    declared, size = _declared_length(response), 0
    too_long = OutsideError(
        f"the file is longer than {largest} bytes", where=_without_secrets(url), fix="fetch it in parts, or by path"
    )
    if declared is not None and declared > largest:
        raise too_long
    with file.open("wb") as target:
        while chunk := response.read(_CHUNK):
            size += len(chunk)
            if size > largest:
                raise too_long
            target.write(chunk)
    if declared is not None and size != declared:
        raise OutsideError(
            f"the server sent {size} bytes and had said {declared}", where=_without_secrets(url), fix="run again"
        )


def _receive(response: http.client.HTTPResponse, file: Path, url: str, largest: int) -> str | None:
    """Save the response's body, or say where it redirects to."""
    location = response.getheader("Location")
    if response.status in _REDIRECTS and location:
        return urljoin(url, location)
    if response.status != 200:
        raise OutsideError(
            f"the server answers {response.status} {response.reason}",
            where=_without_secrets(url),
            fix="check the address in a browser, and the server's log",
        )
    _save(response, file, url, largest)
    return None


def _fetch_once(url: str, allowed_hosts: Sequence[str], file: Path, largest: int) -> str | None:
    """Save what is at `url`, or say where it redirects to."""
    place = _check(url, allowed_hosts)
    # Identity, so that the length that the server says is the file's.
    headers = {"Host": place.authority, "Accept-Encoding": "identity", "User-Agent": "opendata-pipeline"}
    try:
        with closing(_Connection(place, _resolve(place, url))) as connection:
            connection.request("GET", place.target, headers=headers)
            with connection.getresponse() as response:
                return _receive(response, file, url, largest)
    except (OSError, http.client.HTTPException) as error:
        reason = f"the transfer failed: {type(error).__name__}: {error}"
        raise OutsideError(reason, where=_without_secrets(url), fix="run again later") from error


def fetch(source_url: str, allowed_hosts: Sequence[str], into: Path, *, largest: int = LARGEST) -> Path:
    """Download a file; the file written is `into` with the ending of the address's path.

    Args:
        source_url: An http or https address.
        allowed_hosts: `host` or `host:port`, as the agency's web_hosts has them; redirects stay on them too.
        into: The file to write, without an ending; nothing is left of a download that fails.
        largest: The most bytes to accept.

    Raises:
        NotPermittedError: the address, or one that it redirects or resolves to, is not allowed.
        OutsideError: the server fails, or the file is incomplete or too long.
    """
    ending = Path(urlsplit(source_url).path).suffix
    file = into.with_name(into.name + (ending.lower() if _ENDING.fullmatch(ending) else ""))
    url = source_url
    try:
        for _ in range(_MOST_REDIRECTS + 1):
            location = _fetch_once(url, allowed_hosts, file, largest)
            if location is None:
                return file
            url = location
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    reason = f"the server redirects more than {_MOST_REDIRECTS} times"
    raise OutsideError(reason, where=_without_secrets(source_url), fix="name the last address itself")
