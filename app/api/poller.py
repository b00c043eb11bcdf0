"""The poller: wakes streams for what other processes wrote, while anybody listens."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from app.api.eventlog import EventLog
from app.store.changes import Changes
from app.store.instants import Clock, utc_now

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
_OVERLAP = timedelta(seconds=5)
"""Looked at again: clocks differ, and a change is seen only when its transaction ends."""


class Poller:
    """Looks at the database every half second and rings this process's bells."""

    def __init__(
        self,
        log: EventLog,
        changes: Changes,
        seconds: float = POLL_SECONDS,
        clock: Clock = utc_now,
    ) -> None:
        self._log = log
        self._changes = changes
        self._seconds = seconds
        self._clock = clock
        self._counts: Mapping[str, int] = {}
        self._changed: Mapping[str, datetime] = {}
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="poller", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Looks no more."""
        self._closed.set()
        self._thread.join()

    def look(self) -> None:
        """Wakes the followers of every conversation that moved on; asks nothing for nobody."""
        followed = self._log.followed
        counts = self._changes.counts(followed) if followed else {}
        for one in followed - counts.keys():
            self._log.end(one)
        for one, count in counts.items():
            if count != self._counts.get(one):
                self._log.wake(one)
        self._counts = counts
        self._tell_watchers()

    def _tell_watchers(self) -> None:
        if not self._log.watched:
            self._changed = {}
            return
        newest = max(self._changed.values(), default=self._clock())
        changed = self._changes.since(newest - _OVERLAP)
        for one, at in changed.items():
            if self._changed.get(one) != at:
                self._log.notice(one, "change")
        self._changed = changed

    def _run(self) -> None:
        while not self._closed.wait(self._seconds):
            try:
                self.look()
            except Exception:  # the edge of a thread: a database that stumbles comes back
                logger.warning("the database could not be looked at", exc_info=True)
