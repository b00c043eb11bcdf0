"""The numbered event log of each conversation, as streams follow it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, RLock
from typing import Any

from starlette.concurrency import run_in_threadpool

from app.store.conversations import Conversations
from dialogue.types import AudioClip, Owner

HEARTBEAT_SECONDS = 15.0
STREAMS_PER_CONVERSATION = 8
_LIVE_BYTES = 32 * 1024 * 1024
"""How much speech is kept in memory to be sent inline."""
_STRIPES = 64


@dataclass(frozen=True, slots=True)
class Sent:
    """One event on its way to a client."""

    number: int
    """Position in the conversation's log; 0 for what the log does not keep."""
    kind: str
    body: Mapping[str, Any]
    clip: AudioClip | None = None
    """The sound of a part while it is fresh."""


@dataclass(slots=True, eq=False)
class _Bell:
    """Wakes one waiting stream from any thread."""

    loop: asyncio.AbstractEventLoop
    rung: asyncio.Event
    last: bool = False
    """The conversation is gone: the stream ends."""

    def ring(self) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.rung.set)


class EventLog:
    """Appends to the stored log and wakes who follows it; what is read is always the store."""

    def __init__(self, store: Conversations) -> None:
        self._store = store
        self._bells: defaultdict[str, set[_Bell]] = defaultdict(set)
        self._watchers: set[_Watcher] = set()
        self._live: OrderedDict[str, tuple[str, AudioClip | None]] = OrderedDict()
        self._live_size = 0
        self._lock = Lock()
        self._stripes = [RLock() for _ in range(_STRIPES)]
        self._closed = False

    def exclusive(self, conversation_id: str) -> RLock:
        """Held while a part is published, a turn is taken or the owner changes: none cross."""
        return self._stripes[hash(conversation_id) % _STRIPES]

    def append(
        self,
        conversation_id: str,
        kind: str,
        body: Mapping[str, Any],
        speech: str = "",
        owner: Owner | None = None,
        clip: AudioClip | None = None,
    ) -> int:
        """Keeps an event and wakes its followers; `speech` (base64 of the sound in `clip`) is
        only sent, never kept.

        Raises OwnerChangedError where `owner` is given and no longer answers.
        """
        if speech:
            # Before the event is stored: a stream may read it at once.
            self._remember(body["audio"]["url"], speech, clip)
        number = self._store.append(conversation_id, kind, body, owner)
        self.ring(conversation_id, kind)
        return number

    def ring(self, conversation_id: str, kind: str) -> None:
        """Wakes the followers of a conversation: the store has something new of that kind."""
        self.wake(conversation_id)
        self.notice(conversation_id, kind)

    def wake(self, conversation_id: str) -> None:
        """Has the followers of a conversation look at the store."""
        with self._lock:
            bells = tuple(self._bells.get(conversation_id, ()))
        for bell in bells:
            bell.ring()

    def notice(self, conversation_id: str, kind: str) -> None:
        """Tells who watches everything that a conversation changed."""
        with self._lock:
            watchers = tuple(self._watchers)
        for watcher in watchers:
            watcher.tell(conversation_id, kind)

    def end(self, conversation_id: str) -> None:
        """Ends the streams of a conversation that is no more."""
        with self._lock:
            bells = tuple(self._bells.get(conversation_id, ()))
        for bell in bells:
            bell.last = True
            bell.ring()

    @property
    def followed(self) -> frozenset[str]:
        """The conversations whose streams somebody follows."""
        with self._lock:
            return frozenset(self._bells)

    @property
    def watched(self) -> bool:
        """Whether an operator watches everything."""
        with self._lock:
            return bool(self._watchers)

    def full(self, conversation_id: str) -> bool:
        """Whether a conversation has as many streams open as it may."""
        with self._lock:
            return len(self._bells.get(conversation_id, ())) >= STREAMS_PER_CONVERSATION

    async def tail(
        self, conversation_id: str, after: int, heartbeat: float = HEARTBEAT_SECONDS
    ) -> AsyncIterator[Sent | None]:
        """Every event above `after`, once and in order, for ever; None when a while was quiet."""
        with self._listening(conversation_id) as bell:
            while not (self._closed or bell.last):
                bell.rung.clear()
                events = await run_in_threadpool(self._store.events, conversation_id, after)
                for event in events:
                    after = event.number
                    yield self._sent(event.number, event.kind, event.body)
                if not events and not await _within(bell.rung, heartbeat):
                    yield None

    async def watch(self, heartbeat: float = HEARTBEAT_SECONDS) -> AsyncIterator[Sent | None]:
        """{conversation_id, event} of every conversation as it happens, from now on."""
        watcher = _Watcher(asyncio.get_running_loop())
        with self._lock:
            self._watchers.add(watcher)
        try:
            while not self._closed:
                yield await watcher.next(heartbeat)
        finally:
            with self._lock:
                self._watchers.discard(watcher)

    def close(self) -> None:
        """Ends every stream."""
        self._closed = True
        with self._lock:
            bells = [bell for group in self._bells.values() for bell in group]
            watchers = tuple(self._watchers)
        for bell in bells:
            bell.ring()
        for watcher in watchers:
            watcher.tell("", "closed")

    @contextmanager
    def _listening(self, conversation_id: str) -> Iterator[_Bell]:
        bell = _Bell(asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._bells[conversation_id].add(bell)
        try:
            yield bell
        finally:
            with self._lock:
                self._bells[conversation_id].discard(bell)
                if not self._bells[conversation_id]:
                    del self._bells[conversation_id]

    def _remember(self, url: str, speech: str, clip: AudioClip | None) -> None:
        with self._lock:
            self._live[url] = (speech, clip)
            self._live_size += _size(speech, clip)
            while self._live_size > _LIVE_BYTES:
                self._live_size -= _size(*self._live.popitem(last=False)[1])

    def _sent(self, number: int, kind: str, body: Mapping[str, Any]) -> Sent:
        audio = body.get("audio") or {}
        with self._lock:
            speech, clip = self._live.get(audio.get("url", ""), (None, None))
        if kind != "part" or speech is None:
            return Sent(number, kind, body)
        return Sent(number, kind, {**body, "audio": {**audio, "data": speech}}, clip)


def _size(speech: str, clip: AudioClip | None) -> int:
    return len(speech) + (clip.samples.nbytes if clip else 0)


class _Watcher:
    """An operator's view of everything; what it is too slow for is dropped, not kept."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: asyncio.Queue[Sent] = asyncio.Queue(maxsize=256)

    def tell(self, conversation_id: str, kind: str) -> None:
        """Queues one notice, from any thread."""
        if not self._loop.is_closed():
            body = {"conversation_id": conversation_id, "event": kind}
            self._loop.call_soon_threadsafe(self._put, Sent(0, "change", body))

    async def next(self, seconds: float) -> Sent | None:
        """The next notice; None when a while was quiet."""
        try:
            async with asyncio.timeout(seconds):
                return await self._queue.get()
        except TimeoutError:
            return None

    def _put(self, notice: Sent) -> None:
        if not self._queue.full():
            self._queue.put_nowait(notice)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    # asyncio.wait_for of Python 3.11 loses a cancellation that meets what it waits for: a stream
    # that was rung while its client left would then go on for ever.
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
