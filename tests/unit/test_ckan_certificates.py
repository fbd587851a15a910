"""A portal that can't prove to be itself gets nothing: not a byte of a request, and no token."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipelines.targets.ckan.client import Client
from pipelines.targets.ckan.errors import Untrusted
from tests.scripted_portal import DONE, TOKEN

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.UTC)
HERE = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass(frozen=True)
class Authority:
    """A certification authority of the test's own."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, folder: Path) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("test authority")
        builder = _builder(name, name, key, NOW + DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        made = cls(folder, key, builder.sign(key, hashes.SHA256()))
        made.file.write_bytes(made.certificate.public_bytes(serialization.Encoding.PEM))
        return made

    @property
    def file(self) -> Path:
        """Its certificate."""
        return self.folder / "authority.pem"

    def issue(self, names: x509.GeneralName, until: datetime.datetime) -> Path:
        """A server's key and certificate in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name("portal"), self.certificate.subject, key, until)
        builder = builder.add_extension(x509.SubjectAlternativeName([names]), critical=False)
        issued = builder.sign(self.key, hashes.SHA256())
        kind = serialization.PrivateFormat.PKCS8
        private = key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())
        file = self.folder / "server.pem"
        file.write_bytes(private + issued.public_bytes(serialization.Encoding.PEM))
        return file


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 3 * DAY)
        .not_valid_after(until)
    )


@contextmanager
def _serving(certificate: Path) -> Iterator[tuple[str, list[str]]]:
    """A server behind TLS; its address, and the tokens that came."""
    tokens: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 - the name is http.server's
            tokens.append(self.headers.get("Authorization", ""))
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(DONE[0])
            self.send_header("Content-Length", str(len(DONE[1])))
            self.end_headers()
            self.wfile.write(DONE[1].encode())

        def log_message(self, *_arguments: object) -> None:
            """Nothing to the tests' output."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that ends the handshake is what the tests are about."""

    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(certificate)
    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = secure.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_port}", tokens
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this machine trusts."""
    made = Authority.make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


def test_a_portal_with_a_good_certificate_is_spoken_to(authority: Authority) -> None:
    with _serving(authority.issue(HERE, NOW + DAY)) as (address, tokens):
        assert Client(address, TOKEN).write("package_revise", {}) == {"id": "1"}
    assert tokens == [TOKEN]


@pytest.mark.parametrize(
    ("names", "until", "trusted", "said"),
    [
        (HERE, NOW - DAY, True, "expired"),
        (x509.DNSName("other.example"), NOW + DAY, True, "127.0.0.1"),
        (HERE, NOW + DAY, False, "certificate"),
    ],
    ids=["expired", "of another host", "of an authority that nobody knows"],
)
def test_any_other_is_refused_at_once(
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    names: x509.GeneralName,
    until: datetime.datetime,
    trusted: bool,
    said: str,
) -> None:
    if not trusted:
        monkeypatch.delenv("SSL_CERT_FILE")
    waited: list[float] = []
    with _serving(authority.issue(names, until)) as (address, tokens):
        client = Client(address, TOKEN, waited.append)
        for call in (lambda: client.read("status_show"), lambda: client.write("package_revise", {})):
            with pytest.raises(Untrusted) as caught:
                call()
            assert said in str(caught.value)
            assert caught.value.fix and TOKEN not in str(caught.value)
    assert (tokens, waited) == ([], [])
