"""How often and how long a portal that fails is tried again, and when it is given up for the rest of a run."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from pipelines.targets.ckan.errors import PortalDown, PortalError, Unavailable

#: Tries of one call, whatever the matter is.
TRIES = 4
_SHORTEST, _LONGEST = 0.25, 30.0


class Patience:
    """Waits between the tries of calls to one portal: ever longer, by chance a little more or less.

    A portal that answered before and then is away is waited for; that time is counted over all calls until it answers.
    Threads wait one after the other, so that together they wait as long as one would.

    Args:
        pause: Called with the seconds to wait.
        seconds: How long a portal is waited for that answered before.
    """

    def __init__(self, pause: Callable[[float], None], seconds: float) -> None:
        self._pause, self._seconds = pause, seconds
        self._left = 0.0
        self._waiting = threading.Lock()
        self.answered = False

    def answer(self) -> None:
        """The portal answered."""
        self.answered = True
        self._left = self._seconds

    def retry(self, tried: int, failure: PortalError) -> bool:
        """Wait before a call is tried again; False where it was tried often enough.

        Args:
            tried: How often it was.
            failure: What came of it.
        """
        if tried >= TRIES:
            return False
        with self._waiting:
            self._pause(_wait(tried, failure))
        return True

    def outlast(self, tried: int, failure: PortalError) -> bool:
        """The same for a call that does no harm: it is tried as long as a portal is waited for that is away."""
        if tried < TRIES or not isinstance(failure, PortalDown | Unavailable):
            return self.retry(tried, failure)
        with self._waiting:
            if not self._left:
                return False
            wait = min(_wait(tried, failure), self._left)
            self._left -= wait
            self._pause(wait)
        return True


def _wait(tried: int, failure: PortalError) -> float:
    if failure.retry_after:
        return min(failure.retry_after, _LONGEST)
    # Programs that all lost the same portal shall not all come back in the same moment.
    return min(_SHORTEST * 2.0**tried, _LONGEST) * random.uniform(0.5, 1)  # noqa: S311 - no secret
