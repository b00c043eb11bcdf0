"""The outbox: what a call has to send, in order and bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
from numpy.typing import NDArray

from app.live.protocol import HEADER, RATE, Outgoing

_ROOM = 2048
"""Messages that may wait. A client that is further behind than that is gone."""
_CHUNK = RATE // 5
"""Samples in one binary message."""


class Outbox:
    """Queues messages from the event loop; `run` sends them."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str | bytes | None] = asyncio.Queue(_ROOM)
        self._number = 0
        self.overflowed = False

    def put(self, message: Outgoing) -> None:
        """Queues a control message."""
        self._put(message.model_dump_json())

    def put_sound(self, samples: NDArray[np.float32]) -> None:
        """Queues sound at `RATE` as numbered binary messages of at most 0.2 s."""
        pcm = (np.clip(samples, -1.0, 1.0) * 32767).astype("<i2")
        for start in range(0, len(pcm), _CHUNK):
            self._put(HEADER.pack(self._number) + pcm[start : start + _CHUNK].tobytes())
            self._number += 1

    def close(self) -> None:
        """`run` ends after what is queued."""
        self._put(None)

    async def run(
        self, text: Callable[[str], Awaitable[None]], sound: Callable[[bytes], Awaitable[None]]
    ) -> None:
        """Sends until closed; returns early when the client is hopelessly behind."""
        while not self.overflowed:
            match await self._queue.get():
                case str() as message:
                    await text(message)
                case bytes() as pcm:
                    await sound(pcm)
                case None:
                    return

    def _put(self, item: str | bytes | None) -> None:
        try:
            self._queue.put_nowait(item)
        except asyncio.QueueFull:
            self.overflowed = True
