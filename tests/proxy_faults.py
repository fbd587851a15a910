"""What the fault proxy can do to one exchange between a publisher and its portal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

_FOREVER = 86_400.0


@dataclass(frozen=True)
class Reply:
    """A portal's answer. `headers` lack those that only tell how the body is sent."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Exchange(Protocol):
    """One request in the proxy's hands."""

    body: bytes

    def forward(self, upto: int | None = None) -> Reply:
        """Send the request on and wait for the portal's answer; with `upto`, that many bytes of its body alone."""

    def answer(self, reply: Reply, pieces: int | None = None, pause: float = 0.0, upto: int | None = None) -> None:
        """Give the answer, in pieces of that many bytes with a pause between; only `upto` bytes of its body."""

    def hang_up(self) -> None:
        """End the client's connection without a word more."""

    def wait(self, seconds: float) -> None:
        """Let time pass, at most until the proxy is closed."""


class Fault(Protocol):
    """What is done to an exchange in place of passing it on."""

    def disturb(self, exchange: Exchange) -> None:
        """Do it."""


def _nothing() -> None:
    """What is called where a test asks for nothing."""


@dataclass(frozen=True)
class HangUp:
    """The connection ends before anything reaches the portal; `first` is called before."""

    first: Callable[[], None] = _nothing

    def disturb(self, exchange: Exchange) -> None:
        self.first()
        exchange.hang_up()


@dataclass(frozen=True)
class Cut:
    """The portal gets only `share` of the request's body (0 … 1), then the connection ends on both sides."""

    share: float = 0.5

    def disturb(self, exchange: Exchange) -> None:
        exchange.forward(upto=int(len(exchange.body) * self.share))
        exchange.hang_up()


@dataclass(frozen=True)
class DropAnswer:
    """The portal does it all, and its answer is lost."""

    def disturb(self, exchange: Exchange) -> None:
        exchange.forward()
        exchange.hang_up()


@dataclass(frozen=True)
class Delay:
    """Nothing happens for some seconds, before the portal gets the request or after it has answered."""

    seconds: float = _FOREVER
    after: bool = False

    def disturb(self, exchange: Exchange) -> None:
        if not self.after:
            exchange.wait(self.seconds)
        reply = exchange.forward()
        if self.after:
            exchange.wait(self.seconds)
        exchange.answer(reply)


@dataclass(frozen=True)
class Drip:
    """The answer comes in pieces of some bytes, with a pause of some seconds between."""

    pieces: int = 1
    pause: float = 1.0

    def disturb(self, exchange: Exchange) -> None:
        exchange.answer(exchange.forward(), pieces=self.pieces, pause=self.pause)


@dataclass(frozen=True)
class CutAnswer:
    """The answer ends after some bytes of its body, though its head promised all."""

    upto: int

    def disturb(self, exchange: Exchange) -> None:
        exchange.answer(exchange.forward(), upto=self.upto)
        exchange.hang_up()


@dataclass(frozen=True)
class Say:
    """Another answer than the portal's: before the portal gets the request, or after it has done all (`after`)."""

    status: int
    body: bytes = b"<html><body>fault</body></html>"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html"),)
    after: bool = False

    def disturb(self, exchange: Exchange) -> None:
        if self.after:
            exchange.forward()
        exchange.answer(Reply(self.status, self.headers, self.body))


def redirect(address: str, status: int = 302) -> Say:
    """A way to another address."""
    return Say(status, b"", (("Location", address),))


@dataclass(frozen=True)
class Alter:
    """The portal's answer with another body."""

    change: Callable[[bytes], bytes]

    def disturb(self, exchange: Exchange) -> None:
        reply = exchange.forward()
        exchange.answer(Reply(reply.status, reply.headers, self.change(reply.body)))


def truncated(keep: int) -> Alter:
    """A body of which only the first bytes are there, sent as if they were all."""
    return Alter(lambda body: body[:keep])


def garbled() -> Alter:
    """A body whose middle byte is 0xFF, which is neither JSON nor UTF-8."""
    return Alter(lambda body: body[: len(body) // 2] + b"\xff" + body[len(body) // 2 + 1 :])


@dataclass(frozen=True)
class Duplicate:
    """The portal gets the request twice; the client gets the first of the answers, or the last."""

    last: bool = False

    def disturb(self, exchange: Exchange) -> None:
        replies = [exchange.forward(), exchange.forward()]
        exchange.answer(replies[-1 if self.last else 0])


@dataclass(frozen=True)
class Interrupt:
    """Something happens before the portal gets the request, or after it has done all and before its answer arrives."""

    before: Callable[[], None] = _nothing
    after: Callable[[], None] = _nothing

    def disturb(self, exchange: Exchange) -> None:
        self.before()
        reply = exchange.forward()
        self.after()
        exchange.answer(reply)
