"""Throttles: how often something may happen within a sliding window."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock

from app.errors import AccessError


class Throttle:
    """At most `limit` events per key within `window` seconds. Thread-safe, bounded memory."""

    def __init__(
        self,
        name: str,
        limit: int,
        window: float,
        *,
        keys: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._limit = limit
        self._window = window
        self._keys = keys
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def count(self, key: str) -> None:
        """Counts one event for `key`. Raises AccessError with the seconds to wait when over."""
        now = self._clock()
        with self._lock:
            times = self._recent(key, now)
            if len(times) >= self._limit:
                wait = max(1, math.ceil(times[0] + self._window - now))
                raise AccessError("throttled", retry_after=wait, seconds=wait)
            times.append(now)

    def forget(self, key: str) -> None:
        """Clears `key`, after a successful sign-in say."""
        with self._lock:
            self._times.pop(key, None)

    def _recent(self, key: str, now: float) -> deque[float]:
        times = self._times.setdefault(key, deque())
        self._times.move_to_end(key)
        while times and times[0] <= now - self._window:
            times.popleft()
        if len(self._times) > self._keys:
            self._times.popitem(last=False)
        return times
