"""One call: who speaks, who listens, when a turn ends, and what an interruption does."""

from __future__ import annotations

import asyncio
import logging
import secrets

import numpy as np
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool

from app.api.eventlog import Sent
from app.config import Voice
from app.errors import AccessError, describe
from app.live.following import Follower
from app.live.guess import Guess, Guesses
from app.live.loudspeaker import Loudspeaker
from app.live.outbox import Outbox
from app.live.protocol import Caption, Hold, Phase, Played, Refused, Resume, Stop
from app.live.switchboard import Switchboard, Understood
from app.trace import Trace
from dialogue.types import AudioClip, Language
from speech.backchannel import is_backchannel
from speech.segmenter import Segmenter, Sensitivity

logger = logging.getLogger(__name__)

_ANSWER_MS = 1200
"""A yes so shortly before a reply ends answers it; earlier it only shows that one listens."""
_RETRIES = (0.5, 1.5, 3.0, 6.0)
"""Seconds between attempts to store a turn; sending it twice is safe."""
_PARTING_SECONDS = 30.0
"""For the last words of a caller who is gone."""
_WORDLESS = 0.7
"""Seconds of voice without words that are answered all the same ("I didn't get that")."""


class Call:
    """Turn taking of one connection. Everything happens on the event loop, in order."""

    def __init__(
        self,
        board: Switchboard,
        conversation_id: str,
        locale: Language,
        outbox: Outbox,
        loudspeaker: Loudspeaker,
        follower: Follower,
    ) -> None:
        self._board = board
        self._settings = board.settings
        self._conversation_id = conversation_id
        self._locale = locale
        self._outbox = outbox
        self._loudspeaker = loudspeaker
        self._follower = follower
        self._segmenter = Segmenter(board.detector.stream())
        self._guesses = Guesses(board, conversation_id, locale)
        self._awaited: str = ""
        """The turn whose reply has not ended."""
        self._held: float | None = None
        """When playback was paused, in seconds of the loop's clock."""
        self._stopping: asyncio.Task[None] | None = None
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
        self._interrupt()
        self._tell()

    def told(self, sent: Sent) -> None:
        """Something happened in the conversation's log."""
        match sent.kind:
            case "done" if sent.body["turn_id"] == self._awaited:
                self._awaited = ""
            case "owner" if sent.body["owner"] == "operator":
                self._held = None
                self._cut(self._silence())
        self._tell()

    async def leave(self) -> None:
        """The caller is gone. What they had begun to say is kept and answered all the same."""
        segmenter = self._segmenter
        if segmenter.speaking and self._ending is None and segmenter.voiced >= _WORDLESS:
            self._end()
        if self._ending:
            await asyncio.wait({self._ending}, timeout=_PARTING_SECONDS)

    def _follow_voice(self) -> None:
        segmenter, guesses = self._segmenter, self._guesses
        if self._busy and self._held is None:
            self._hold()
        if self._held is not None and segmenter.voiced >= self._settings.interrupt:
            self._interrupt()
        if guesses.now and guesses.now.misses(segmenter.voiced):
            guesses.drop()
        if segmenter.seconds >= self._settings.longest:
            self._end()
        elif segmenter.silence >= self._settings.suspect:
            if guesses.now is None:
                self._guess()
            self._settle()

    def _guess(self) -> None:
        segmenter = self._segmenter
        self._guesses.begin(segmenter.clip, segmenter.silence, segmenter.voiced, self._settle)

    def _settle(self) -> None:
        """Ends the turn when the silence is long enough for what was understood so far."""
        segmenter, guess = self._segmenter, self._guesses.now
        if self._ending is not None or not segmenter.speaking or guess is None:
            return
        understood = guess.understood
        if understood and understood.text and not guess.told:
            guess.told = True
            language = understood.perceived.meaning.language if understood.perceived else "zh"
            self._outbox.put(Caption(text=understood.text, language=language))
        patience = understood.patience if understood else self._settings.usual
        if not guess.future.done():  # its words may still ask for more time
            patience = self._settings.long
        if segmenter.silence >= patience and not segmenter.loud:
            self._end()

    def _end(self) -> None:
        """The turn is over; from now on the sound belongs to the next one."""
        if self._guesses.now is None:
            self._guess()
        guess = self._guesses.now
        assert guess is not None
        self._guesses.now = None
        waited = guess.trace.now()
        nods = bool(self._awaited) or self._loudspeaker.left_ms > _ANSWER_MS
        clip = self._segmenter.take()
        voiced = guess.voiced
        guess.trace.add("endpoint", 0.0, waited)
        self._ending = asyncio.create_task(self._conclude(guess, clip, voiced, nods))

    async def _conclude(self, guess: Guess, clip: AudioClip, voiced: float, nods: bool) -> None:
        try:
            understood = await guess.future
        except Exception:  # an engine broke: the turn is kept, and the pipeline tries once more
            logger.exception("a turn could not be heard early")
            turn = self._board.access.intake.speech(
                secrets.token_hex(8), self._conversation_id, self._locale, clip
            )
            understood = Understood(turn, None, 0.0)
        try:
            if self._counts(understood, voiced, nods):
                await self._submit(understood, guess.trace)
            else:
                self._resume()
        finally:
            self._ending = None
            self._tell()

    def _counts(self, understood: Understood, voiced: float, nods: bool) -> bool:
        """Whether it is a turn, and not noise, nor a sign of listening where one `nods`."""
        if understood.perceived is None:
            return True
        if not understood.text:
            return voiced >= _WORDLESS and self._held is None
        return not (nods and self._held is not None and is_backchannel(understood.text))

    async def _submit(self, understood: Understood, trace: Trace) -> None:
        self._interrupt()
        if self._stopping:
            await self._stopping
        self._guesses.account(trace)
        self._awaited = understood.turn.id
        self._follower.expect(self._awaited)
        loop = asyncio.get_running_loop()
        loop.call_later(self._settings.late, self._hurry, self._awaited)
        try:
            await self._store(understood, trace)
        except AccessError as error:
            self._fail(error.code, error.sentence(self._locale), error.retry_after)
        except Exception:  # the edge: the caller is told, and the call goes on
            logger.exception("a spoken turn could not be stored")
            self._fail("internal", describe("internal", self._locale))

    async def _store(self, understood: Understood, trace: Trace) -> None:
        """Stores the turn, also when the database is away for some seconds."""
        for seconds in _RETRIES:
            try:
                await run_in_threadpool(self._board.submit, understood, trace)
            except AccessError:
                raise
            except Exception:
                logger.warning("a spoken turn is stored again in %.0f s", seconds, exc_info=True)
                await asyncio.sleep(seconds)
            else:
                return
        await run_in_threadpool(self._board.submit, understood, trace)

    def _fail(self, code: str, sentence: str, retry_after: int | None = None) -> None:
        self._awaited = ""
        self._outbox.put(Refused(code=code, message=sentence, retry_after=retry_after))

    def _hurry(self, turn_id: str) -> None:
        """Text first: an answer that is late is at least announced."""
        if self._awaited == turn_id and not self._loudspeaker.playing:
            self._outbox.put(Refused(code="late", message=describe("late", self._locale)))

    def _hold(self) -> None:
        self._held = asyncio.get_running_loop().time()
        self._outbox.put(Hold())

    def _resume(self) -> None:
        if self._held is None:
            return
        self._loudspeaker.held(asyncio.get_running_loop().time() - self._held)
        self._held = None
        self._outbox.put(Resume())

    def _interrupt(self) -> None:
        """Ends the reply under way for good, if there is one."""
        if not (self._busy or self._held is not None):
            return
        self._held = None
        awaited, self._awaited = self._awaited, ""
        heard = self._silence()
        if awaited:
            self._follower.silence(awaited)
            heard.setdefault(awaited, {})
        self._cut(heard)

    def _cut(self, heard: dict[str, dict[int, str]]) -> None:
        self._stopping = asyncio.create_task(self._stop_reply(heard))

    async def _stop_reply(self, heard: dict[str, dict[int, str]]) -> None:
        try:
            await run_in_threadpool(self._board.interrupt, self._conversation_id, heard)
        except Exception:  # the transcript keeps too much then, but the caller's words count
            logger.exception("a reply could not be cut short")

    def _silence(self) -> dict[str, dict[int, str]]:
        heard = self._loudspeaker.silence()
        for turn_id in heard:
            self._follower.silence(turn_id)
        self._outbox.put(Stop())
        return heard

    @property
    def _busy(self) -> bool:
        """Whether a reply is being worked out or sounds."""
        return bool(self._awaited) or self._loudspeaker.playing

    def _sensitivity(self) -> Sensitivity:
        voice: Voice
        if self._loudspeaker.playing:
            voice = self._settings.speaking
        elif self._awaited:
            voice = self._settings.thinking
        else:
            voice = self._settings.listening
        return Sensitivity(voice.probability, voice.seconds)

    def _tell(self) -> None:
        """Tells the client what is going on, when that changed."""
        if self._phase != "listening":
            self._active = asyncio.get_running_loop().time()
        if self._segmenter.speaking:
            phase = "hearing"
        elif self._loudspeaker.playing:
            phase = "speaking"
        else:
            phase = "thinking" if self._awaited or self._ending else "listening"
        if phase != self._phase:
            self._phase = phase
            self._outbox.put(Phase(phase=phase))  # type: ignore[arg-type]
