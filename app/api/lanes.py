"""Lanes: a bounded pool of workers in which the items of one key never overlap."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from app.errors import AccessError

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

LANE = 8
"""Items of one key that may wait at the same time."""


class Lanes(Generic[Item]):
    """Works off items in order per key; keys take turns."""

    def __init__(self, work: Callable[[Item], None], workers: int, room: int) -> None:
        self._work = work
        self._room = room
        self._taken = 0
        self._lanes: dict[str, deque[Item]] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="turn")
        self._closed = False

    @property
    def depth(self) -> int:
        """Items taken and not yet worked off."""
        return self._taken

    def occupied(self, key: str) -> bool:
        """Whether items of `key` are waiting or under way."""
        with self._lock:
            return key in self._lanes

    def reserve(self, key: str) -> None:
        """Takes a place. Raises AccessError when all are taken."""
        if self._closed:
            raise AccessError("stopping", retry_after=10)
        with self._lock:
            if self._taken >= self._room or len(self._lanes.get(key, ())) >= LANE:
                raise AccessError("busy", retry_after=5)
            self._taken += 1

    def force(self) -> None:
        """Takes a place even when there is none."""
        with self._lock:
            self._taken += 1

    def free(self) -> None:
        """Gives a place back that was not used."""
        with self._lock:
            self._taken -= 1

    def put(self, key: str, item: Item) -> None:
        """Has `item` worked off after all others of `key`; its place was taken before."""
        with self._lock:
            lane = self._lanes.get(key)
            if lane is not None:
                lane.append(item)
                return
            self._lanes[key] = deque([item])
        self._start(key)

    def close(self) -> None:
        """Finishes what is under way and drops what waits."""
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self, key: str) -> None:
        try:
            self._pool.submit(self._next, key)
        except RuntimeError:
            logger.info("closing: stored turns wait for the next start")

    def _next(self, key: str) -> None:
        with self._lock:
            item = self._lanes[key][0]
        try:
            self._work(item)
        except Exception:  # the edge of a worker thread: the lane must go on
            logger.exception("a turn could not be closed")
        with self._lock:
            self._taken -= 1
            lane = self._lanes[key]
            lane.popleft()
            if not lane:
                del self._lanes[key]
        if lane:
            self._start(key)
