"""From the event log to the caller: every event as it is, and the sound of each part once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from starlette.concurrency import run_in_threadpool

from app.api.eventlog import Sent
from app.live.loudspeaker import Loudspeaker, Part
from app.live.outbox import Outbox
from app.live.protocol import RATE, Logged, Position, Speech
from app.live.switchboard import Switchboard
from app.trace import Trace
from dialogue.types import AudioClip, ReplyPart
from speech.audio import Undecodable, decode, resample

logger = logging.getLogger(__name__)

_PAGE = 1000
"""Events: no reply has more."""
_AGAIN_SECONDS = 0.5


class Follower:
    """Sends one conversation's log to its caller, from a cursor on."""

    def __init__(
        self, board: Switchboard, conversation_id: str, outbox: Outbox, loudspeaker: Loudspeaker
    ) -> None:
        self._access = board.access
        self._conversation_id = conversation_id
        self._outbox = outbox
        self._loudspeaker = loudspeaker
        self._silenced: set[str] = set()
        self._expected: set[str] = set()
        self._sounded: set[tuple[str, int]] = set()
        """Parts sent before the log had them."""
        self._played: Position | None = None
        """What the client had played when an earlier connection broke."""
        self.all = False
        """Whether replies to other turns than this connection's are spoken."""

    def expect(self, turn_id: str) -> None:
        """The reply to this turn is to be spoken."""
        self._expected.add(turn_id)

    def silence(self, turn_id: str) -> None:
        """Nothing more of this reply may sound."""
        self._silenced.add(turn_id)

    def listener(self, turn_id: str, trace: Trace) -> Callable[[ReplyPart], None]:
        """What takes the parts of a reply from its worker's thread, as soon as they sound."""
        loop = asyncio.get_running_loop()

        def heard(part: ReplyPart) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(self._at_once, turn_id, part, trace)

        return heard

    async def rejoin(self, played: Position, after: int) -> None:
        """Sends again what a broken connection had not played of a reply, up to event `after`."""
        self._played = played
        store = self._access.store
        since = max(0, after - _PAGE)  # of a long conversation its end
        for event in await run_in_threadpool(store.events, self._conversation_id, since, _PAGE):
            body = event.body
            mine = event.kind == "part" and body["turn_id"] == played.turn_id
            if mine and event.number <= after:
                await self._sound(Sent(event.number, event.kind, body))

    async def run(self, after: int, heard: Callable[[Sent], None]) -> None:
        """Follows for ever, also when the store is away for a while; `heard` is told of each
        event before its sound is sent."""
        while True:
            try:
                async for sent in self._access.log.tail(self._conversation_id, after):
                    if sent is not None:
                        after = sent.number
                        await self._pass(sent, heard)
                return
            except Exception:
                logger.warning("the log is read again in %.1f s", _AGAIN_SECONDS, exc_info=True)
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _pass(self, sent: Sent, heard: Callable[[Sent], None]) -> None:
        body = {k: v for k, v in sent.body.items() if k != "audio"}
        if audio := sent.body.get("audio"):
            body["audio"] = {k: v for k, v in audio.items() if k != "data"}
        self._outbox.put(Logged(id=sent.number, event=sent.kind, data=body))
        heard(sent)
        if sent.kind == "part" and (self.all or sent.body["turn_id"] in self._expected):
            await self._sound(sent)

    def _at_once(self, turn_id: str, part: ReplyPart, trace: Trace) -> None:
        if turn_id in self._silenced or part.audio is None:
            return
        self._sounded.add((turn_id, part.number))
        self._send(turn_id, part.number, part.text, part.audio)
        trace.add("sent", trace.now(), 0.0)

    async def _sound(self, sent: Sent) -> None:
        body = sent.body
        turn, number = body["turn_id"], body["number"]
        if not body.get("audio") or turn in self._silenced:
            return
        if (turn, number) in self._sounded:
            self._sounded.discard((turn, number))
            return
        begin = self._begin(turn, number)
        if begin is None:
            return
        clip = sent.clip or await run_in_threadpool(self._stored, body["audio"]["url"])
        if clip is not None and turn not in self._silenced:
            self._send(turn, number, body["text"], clip, begin)

    def _begin(self, turn_id: str, number: int) -> int | None:
        """Milliseconds into the part from which it is sent; None: all of it has sounded."""
        played = self._played
        if played is None or turn_id != played.turn_id or number > played.part:
            return 0
        return played.ms if number == played.part else None

    def _send(
        self, turn_id: str, number: int, text: str, clip: AudioClip, begin_ms: int = 0
    ) -> None:
        samples = resample(clip, RATE).samples
        ms = round(1000 * len(samples) / RATE)
        begin = min(begin_ms, ms)
        self._outbox.put(Speech(turn_id=turn_id, part=number, from_ms=begin, ms=ms))
        self._outbox.put_sound(samples[begin * RATE // 1000 :])
        self._loudspeaker.sent(Part(turn_id, number, text, ms, begin))

    def _stored(self, url: str) -> AudioClip | None:
        """The sound as it was kept, where it is no longer in memory."""
        found = self._access.artefacts.find(url.rpartition("/")[2])
        try:
            return decode(found.content, rate=RATE) if found else None
        except Undecodable:
            return None
