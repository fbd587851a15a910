"""How much one bureau may ask for, so that none keeps the others waiting; each instance counts for itself."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable

from opendata_sharing.errors import CallRefused
from opendata_sharing.settings import Settings

#: Strangers are counted by address, and there may be many.
_REMEMBERED = 10_000


class Bucket:
    """Allowances by key: each refills at `rate` a second up to `burst`."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Take one; 0: it was there. Otherwise the seconds until it will be, and nothing is taken."""
        now = self._clock()
        left, since = self._left.pop(key, (float(self._burst), now))
        left = min(float(self._burst), left + (now - since) * self._rate)
        taken = left >= 1
        self._left[key] = (left - 1 if taken else left, now)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
        return 0.0 if taken else (1 - left) / self._rate if self._rate else 3600.0


class Limits:
    """All limits of this instance."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._settings = settings
        self._calls = Bucket(settings.calls_per_second, settings.calls_burst, clock)
        self._files = Bucket(settings.files_per_second, settings.files_burst, clock)
        self._strangers = Bucket(settings.strangers_per_second, settings.strangers_burst, clock)
        self._open: defaultdict[str, int] = defaultdict(int)
        self._bytes: dict[str, tuple[int, int]] = {}

    def call(self, bureau: str) -> None:
        """Count a call.

        Raises:
            CallRefused: 429.
        """
        _refuse_if(self._calls.wait(bureau), "this bureau asks too often")

    def stranger(self, address: str) -> None:
        """Count a call without a good token.

        Raises:
            CallRefused: 429.
        """
        _refuse_if(self._strangers.wait(address), "too many calls without a good token from this address")

    def file(self, bureau: str, size: int) -> None:
        """Count a request for `size` bytes of a file.

        Raises:
            CallRefused: 429.
        """
        _refuse_if(self._files.wait(bureau), "this bureau asks for files too often")
        if self._open[bureau] >= self._settings.files_at_once:
            _refuse_if(1, "this bureau has too many files on their way at once")
        if self._settings.bytes_per_hour:
            hour, left = divmod(self._clock(), 3600)
            counted, sent = self._bytes.get(bureau, (int(hour), 0))
            sent = sent if counted == int(hour) else 0
            if sent + size > self._settings.bytes_per_hour:
                _refuse_if(3600 - left, "this bureau has had its bytes of this hour")
            self._bytes[bureau] = (int(hour), sent + size)

    def begin(self, bureau: str) -> None:
        """A file is on its way."""
        self._open[bureau] += 1

    def end(self, bureau: str) -> None:
        """It has arrived, or never will."""
        self._open[bureau] -= 1


def _refuse_if(seconds: float, message: str) -> None:
    if seconds > 0:
        wait = str(max(1, math.ceil(seconds)))
        raise CallRefused(429, "RESOURCE_EXHAUSTED", f"{message}: again in {wait} s", headers=(("Retry-After", wait),))
