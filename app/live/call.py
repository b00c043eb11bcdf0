"""One call: who speaks, who listens, when a turn ends, and what an interruption does."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

import numpy as np
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool

from app.api.eventlog import Sent
from app.errors import AccessError, describe
from app.live.ending import over
from app.live.floor import Floor
from app.live.following import Follower
from app.live.guess import Guess, Guesses
from app.live.loudspeaker import Loudspeaker
from app.live.outbox import Outbox
from app.live.protocol import Caption, Phase, Played, Refused
from app.live.switchboard import Caller, Switchboard, Understood
from app.trace import Trace
from dialogue.types import AudioClip
from speech.backchannel import is_backchannel
from speech.segmenter import Segmenter, Sensitivity

logger = logging.getLogger(__name__)

_RETRIES = (0.5, 1.5, 3.0, 6.0)
"""Seconds between attempts to store a turn; sending it twice is safe."""
_STUCK_SECONDS = 8.0
"""After which a recognition is not waited for any more."""
_PARTING_SECONDS = 30.0
"""For the last words of a caller who is gone."""


class Call:
    """Turn taking of one connection. Everything happens on the event loop, in order."""

    def __init__(
        self,
        board: Switchboard,
        caller: Caller,
        outbox: Outbox,
        loudspeaker: Loudspeaker,
        follower: Follower,
    ) -> None:
        self._board = board
        self._settings = board.settings
        self._caller = caller
        self._conversation_id = caller.conversation_id
        self._locale = caller.locale
        self._outbox = outbox
        self._loudspeaker = loudspeaker
        self._follower = follower
        self._segmenter = Segmenter(board.detector.stream(), board.settings.breath)
        self._guesses = Guesses(board, caller)
        self._floor = Floor(board, caller.conversation_id, outbox, loudspeaker, follower)
        self._ending: asyncio.Task[None] | None = None
        self._phase = ""
        self._active = 0.0
        """When somebody last spoke, in seconds of the loop's clock."""
        self._tell()

    @property
    def idle(self) -> float:
        """Seconds since anybody spoke or worked."""
        return asyncio.get_running_loop().time() - self._active

    def hear(self, samples: NDArray[np.float32]) -> None:
        """Takes the next sound at 16 kHz."""
        segmenter = self._segmenter
        segmenter.feed(samples, self._sensitivity())
        if segmenter.speaking and self._ending is None:
            self._follow_voice()
        self._tell()

    def played(self, message: Played) -> None:
        """The client's acknowledgement."""
        self._loudspeaker.played(message.turn_id, message.part, message.ms)
        self._tell()

    def finish_turn(self) -> None:
        """The caller closed the microphone: what was said is a whole turn."""
        if self._segmenter.speaking and self._ending is None:
            self._end()

    def quiet(self) -> None:
        """The caller wants the reply to end."""
        self._floor.give_up()
        self._tell()

    def told(self, sent: Sent) -> None:
        """Something happened in the conversation's log."""
        match sent.kind:
            case "done" if sent.body["turn_id"] == self._floor.awaited:
                self._floor.awaited = ""
            case "owner" if sent.body["owner"] == "operator":
                self._floor.hand_over()
        self._tell()

    async def leave(self) -> None:
        """The caller is gone. What they had begun to say is kept and answered all the same."""
        said = self._segmenter.speaking and self._segmenter.voiced >= self._settings.wordless
        if said and self._ending is None:
            self._end()
        if self._ending:
            await asyncio.wait({self._ending}, timeout=_PARTING_SECONDS)

    def _follow_voice(self) -> None:
        segmenter, guesses, floor = self._segmenter, self._guesses, self._floor
        if floor.busy and not floor.held:
            floor.hold()
        if floor.held and segmenter.voiced >= self._settings.interrupt:
            floor.give_up()
        if guesses.now and guesses.now.misses(segmenter.voiced, self._settings.missed):
            guesses.drop()
        if segmenter.seconds >= self._settings.longest:
            self._end()
        elif segmenter.silence >= self._settings.suspect:
            if guesses.now is None:
                self._guess()
            self._settle()

    def _guess(self) -> None:
        segmenter = self._segmenter
        self._guesses.begin(segmenter.clip, segmenter.silence, segmenter.voiced, self._heard)

    def _heard(self, guess: Guess) -> None:
        """Shows the caller the words, in mid-sentence too."""
        understood = guess.understood
        if understood and understood.perceived and understood.text and self._guesses.newest(guess):
            language = understood.perceived.meaning.language
            self._outbox.put(Caption(text=understood.text, language=language))
        self._settle()

    def _settle(self) -> None:
        """Ends the turn when the silence is long enough for what was understood so far."""
        segmenter, guess = self._segmenter, self._guesses.now
        if self._ending is not None or not segmenter.speaking or guess is None:
            return
        understood = guess.understood
        patience = understood.patience if understood else self._settings.usual
        if over(segmenter, self._settings, patience if guess.future.done() else None):
            self._end()
        elif understood and understood.text:
            self._guesses.prepare()

    def _end(self) -> None:
        """The turn is over; from now on the sound belongs to the next one."""
        if self._guesses.now is None:
            self._guess()
        guess = self._guesses.take()
        assert guess is not None
        waited = guess.trace.now()
        nods = self._floor.nods
        clip = self._segmenter.take()
        voiced = guess.voiced
        guess.trace.add("endpoint", 0.0, waited)
        self._ending = asyncio.create_task(self._conclude(guess, clip, voiced, nods))

    async def _conclude(self, guess: Guess, clip: AudioClip, voiced: float, nods: bool) -> None:
        try:
            understood = await self._understood(guess, clip)
            if self._counts(understood, voiced, nods):
                await self._submit(understood, guess.trace)
            else:
                self._floor.resume()
        finally:
            self._ending = None
            self._tell()

    async def _understood(self, guess: Guess, clip: AudioClip) -> Understood:
        try:
            return await asyncio.wait_for(guess.future, _STUCK_SECONDS)
        except Exception:  # an engine broke or hangs: the turn is kept, the pipeline tries again
            logger.exception("a turn could not be heard early")
            turn = await run_in_threadpool(self._board.spoken, self._caller, clip)
            return Understood(turn, None, 0.0)

    def _counts(self, understood: Understood, voiced: float, nods: bool) -> bool:
        """Whether it is a turn, and not noise, nor a sign of listening where one `nods`."""
        if understood.perceived is None:
            return True
        if not understood.text:
            return voiced >= self._settings.wordless and not self._floor.held
        return not (nods and is_backchannel(understood.text))

    async def _submit(self, understood: Understood, trace: Trace) -> None:
        self._floor.give_up()
        self._guesses.account(trace)
        self._floor.expect(understood.turn.id)
        loop = asyncio.get_running_loop()
        loop.call_later(self._settings.late, self._hurry, understood.turn.id, trace)
        await self._floor.settled()
        try:
            await self._store(understood, trace)
        except AccessError as error:
            self._fail(error.code, error.sentence(self._locale), error.retry_after)
        except Exception:  # the edge: the caller is told, and the call goes on
            logger.exception("a spoken turn could not be stored")
            self._fail("internal", describe("internal", self._locale))

    async def _store(self, understood: Understood, trace: Trace) -> None:
        """Stores the turn, also when the database is away for some seconds."""
        listener = self._follower.listener(understood.turn.id, trace)
        submit = partial(self._board.submit, understood, trace, listener)
        for seconds in _RETRIES:
            try:
                await run_in_threadpool(submit)
            except AccessError:
                raise
            except Exception:
                logger.warning("a spoken turn is stored again in %.0f s", seconds, exc_info=True)
                await asyncio.sleep(seconds)
            else:
                return
        await run_in_threadpool(submit)

    def _fail(self, code: str, sentence: str, retry_after: int | None = None) -> None:
        self._floor.awaited = ""
        self._outbox.put(Refused(code=code, message=sentence, retry_after=retry_after))

    def _hurry(self, turn_id: str, trace: Trace) -> None:
        """Text first: an answer that is late is at least announced; its trace says so."""
        if self._floor.awaited == turn_id and not self._loudspeaker.playing:
            trace.add("late", trace.now(), 0.0)
            self._outbox.put(Refused(code="late", message=describe("late", self._locale)))

    def _sensitivity(self) -> Sensitivity:
        live = self._settings
        if self._loudspeaker.playing:
            return Sensitivity(live.speaking_probability, live.speaking_seconds, live.release)
        if self._floor.awaited:
            return Sensitivity(live.thinking_probability, live.thinking_seconds, live.release)
        return Sensitivity(live.listening_probability, live.listening_seconds, live.release)

    def _tell(self) -> None:
        """Tells the client what is going on, when that changed."""
        if self._phase != "listening":
            self._active = asyncio.get_running_loop().time()
        if self._segmenter.speaking:
            phase = "hearing"
        elif self._loudspeaker.playing:
            phase = "speaking"
        else:
            phase = "thinking" if self._floor.awaited or self._ending else "listening"
        if phase != self._phase:
            self._phase = phase
            self._outbox.put(Phase(phase=phase))  # type: ignore[arg-type]
