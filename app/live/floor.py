"""The floor: whose turn it is to be heard; a reply on it is paused, goes on, or is given up."""

from __future__ import annotations

import asyncio
import logging

from starlette.concurrency import run_in_threadpool

from app.live.following import Follower
from app.live.loudspeaker import Loudspeaker
from app.live.outbox import Outbox
from app.live.protocol import Hold, Resume, Stop
from app.live.switchboard import Switchboard

logger = logging.getLogger(__name__)


class Floor:
    """One call's reply: worked out, sounding, paused. Used on the event loop only."""

    def __init__(
        self,
        board: Switchboard,
        conversation_id: str,
        outbox: Outbox,
        loudspeaker: Loudspeaker,
        follower: Follower,
    ) -> None:
        self._board = board
        self._conversation_id = conversation_id
        self._outbox = outbox
        self._loudspeaker = loudspeaker
        self._follower = follower
        self._held: float | None = None
        """When playback was paused, in seconds of the loop's clock."""
        self._stopping: asyncio.Task[None] | None = None
        self.awaited = ""
        """The turn whose reply has not ended."""

    @property
    def busy(self) -> bool:
        """Whether a reply is being worked out or sounds."""
        return bool(self.awaited) or self._loudspeaker.playing

    @property
    def held(self) -> bool:
        """Whether it is paused."""
        return self._held is not None

    @property
    def nods(self) -> bool:
        """Whether "uh-huh" would only show that the caller listens."""
        listens = self._loudspeaker.left_ms > 1000 * self._board.settings.nods
        return self.held and (bool(self.awaited) or listens)

    def expect(self, turn_id: str) -> None:
        """A turn was taken: its reply is to come, and to be spoken."""
        self.awaited = turn_id
        self._follower.expect(turn_id)

    def hold(self) -> None:
        """Pauses: somebody may be interrupting."""
        self._held = asyncio.get_running_loop().time()
        self._outbox.put(Hold())

    def resume(self) -> None:
        """Goes on, if it was paused."""
        if self._held is None:
            return
        self._loudspeaker.held(asyncio.get_running_loop().time() - self._held)
        self._held = None
        self._outbox.put(Resume())

    def give_up(self) -> None:
        """Ends the reply for good, if there is one; what was heard of it stays."""
        if not (self.busy or self.held):
            return
        awaited, self.awaited = self.awaited, ""
        heard = self._loudspeaker.silence()
        if awaited:
            heard.setdefault(awaited, {})
        self._stop(heard)

    def hand_over(self) -> None:
        """A person took over: nothing of the bot may sound any more."""
        self._stop(self._loudspeaker.silence())

    async def settled(self) -> None:
        """Waits until a reply that was given up has ended in the store too."""
        if self._stopping:
            await self._stopping

    def _stop(self, heard: dict[str, dict[int, str]]) -> None:
        self._held = None
        for turn_id in heard:
            self._follower.silence(turn_id)
        self._outbox.put(Stop())
        self._stopping = asyncio.create_task(self._cut(heard))

    async def _cut(self, heard: dict[str, dict[int, str]]) -> None:
        try:
            await run_in_threadpool(self._board.interrupt, self._conversation_id, heard)
        except Exception:  # the transcript keeps too much then, but the caller's words count
            logger.exception("a reply could not be cut short")
