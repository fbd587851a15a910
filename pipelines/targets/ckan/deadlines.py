"""How long a portal may take: every wait for one exchange ends in time, however little comes at a time."""

from __future__ import annotations

import http.client
import io
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import urllib3


@dataclass(frozen=True)
class Deadlines:
    """Seconds for a connection and for a sign of life; bytes a second that what is moved must move at least."""

    connect: float = 10.0
    read: float = 60.0
    slowest: float = 500_000.0

    def of(self, size: int) -> float:
        """Seconds that the transfer of so many bytes may take, with what the portal does with them."""
        return self.read + size / self.slowest


class Clock:
    """Runs for one exchange at a time.

    Args:
        read: Seconds that may pass without a byte, once bytes have begun to move.
    """

    def __init__(self, read: float) -> None:
        self.read = read
        self._end = 0.0
        self._socket: socket.socket | None = None
        self._stopped = False

    def start(self, seconds: float) -> None:
        """All that is waited for from now on ends in so many seconds."""
        self._end = time.monotonic() + seconds

    def bound(self, connection: socket.socket) -> None:
        """Take the connection that is waited for."""
        self._socket = connection

    def stop(self) -> None:
        """No time is left any more, ever; who waits for a byte is told at once. Called by another thread."""
        self._stopped = True
        if self._socket is not None:
            with suppress(OSError):  # it is closed already
                self._socket.shutdown(socket.SHUT_RDWR)

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            TimeoutError: none.
        """
        seconds = self._end - time.monotonic()
        if seconds <= 0 or self._stopped:
            raise TimeoutError
        return seconds

    def next(self) -> float:
        """Seconds that the next byte may take.

        Raises:
            TimeoutError: the time is over.
        """
        return min(self.left(), self.read)


class _Reader(io.RawIOBase):
    """An answer's bytes. The first may take all the time that there is, for until then the portal works."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket, clock: Clock) -> None:
        self._raw, self._socket, self._clock = raw, connection, clock
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._clock.next() if self._begun else self._clock.left())
        size: int | None = self._raw.readinto(buffer)
        self._begun = True
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    clock: Clock

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock, self.clock))


class _Connection(http.client.HTTPConnection):
    clock: Clock

    def connect(self) -> None:
        super().connect()
        if self.sock is not None:
            self.clock.bound(self.sock)

    def send(self, data: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self.clock.next())
        super().send(data)


def pool_within(clock: Clock, origin: str) -> urllib3.HTTPConnectionPool:
    """Connections to one origin, such as https://data.example.org, that wait no longer than the clock allows.

    urllib3's own time limits are each for one wait, so that a head of one byte a minute would never be too late.
    """
    pool = urllib3.connectionpool.connection_from_url(origin, maxsize=1)
    answer = type("Answer", (_Answer,), {"clock": clock})
    bounded = type("Connection", (_Connection, pool.ConnectionCls), {"clock": clock, "response_class": answer})
    pool.ConnectionCls = bounded
    return pool
