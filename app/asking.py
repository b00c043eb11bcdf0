"""Asking: a language model is asked beside the turn, in a thread of its own, while time is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from app.trace import Trace

WORKERS = 4
"""Models asked at once; a reply beyond that goes without."""

_free = threading.BoundedSemaphore(WORKERS)


class Patience:
    """How long one turn waits for a model, and whether anybody still does."""

    def __init__(self, seconds: float, stop: threading.Event, trace: Trace, stage: str) -> None:
        self._outer, self._over = stop, threading.Event()
        self._until = time.monotonic() + seconds
        self._trace, self._stage, self._begun = trace, stage, trace.now()

    @property
    def left(self) -> float:
        """Seconds; a little more than none, so that what is ready is still taken."""
        return max(self._until - time.monotonic(), 0.001)

    def ended(self) -> bool:
        """Whether nobody waits any more."""
        return self._over.is_set() or self._outer.is_set() or time.monotonic() > self._until

    def end(self) -> None:
        """Notes in the trace how long was waited, and has the model stop."""
        self._over.set()
        self._trace.add(self._stage, self._begun, self._trace.now() - self._begun)


def begin(work: Callable[[], None]) -> bool:
    """Whether `work` was begun in a thread of its own; False where too many are."""
    if not _free.acquire(blocking=False):
        return False

    def whole() -> None:
        try:
            work()
        finally:
            _free.release()

    threading.Thread(target=whole, daemon=True).start()
    return True
