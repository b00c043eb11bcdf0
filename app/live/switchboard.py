"""The switchboard: what all calls of this process share, and how many there may be."""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from app.api.deps import Access
from app.arenas import give_back
from app.config import Live
from app.errors import AccessError
from app.intake import Artefact, Received
from app.perceived import Perceived
from app.store.records import Standing
from app.trace import Trace
from dialogue.types import AudioClip, Device, Language, ReplyPart, State, Turn
from speech.audio import encode_wav
from speech.engines import VoiceDetector
from speech.turns import EndOfTurn

logger = logging.getLogger(__name__)

CALLS_PER_CORE = 4
"""A turn costs some 1.3 s of processor time in every 12 s of a call: more would queue."""

TIDY_SECONDS = 60.0
"""Between a call's end and the next at which freed memory goes back to the system."""


class Hearing(Protocol):
    """Hears without effects."""

    def state_of(self, standing: Standing) -> State:
        """The dialogue's state as it holds now."""
        ...

    def hear(self, turn: Turn, state: State, trace: Trace) -> Perceived:
        """What `turn` says and means."""
        ...

    def foresee(
        self, turn: Turn, state: State, perceived: Perceived, wanted: Callable[[], bool]
    ) -> None:
        """Has ready what the reply would say, clause by clause while it is `wanted`."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and what they have."""

    conversation_id: str
    locale: Language
    device: tuple[Device, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Understood:
    """What the caller has said so far, heard while the silence was waited out."""

    turn: Turn
    perceived: Perceived | None
    """None while an operator has the conversation: nobody of ours listens."""
    patience: float
    """Seconds of silence that make it a whole turn."""
    state: State | None = None
    """Of the dialogue, in which it was understood."""

    @property
    def text(self) -> str:
        """The words; "" when there were none."""
        return self.perceived.meaning.text if self.perceived else ""


@dataclass(slots=True, eq=False)
class Switchboard:
    """Made once per process. The methods that work block: call them in `pool`."""

    access: Access
    settings: Live
    detector: VoiceDetector
    hearing: Hearing
    end_of_turn: Callable[[], EndOfTurn]
    pool: ThreadPoolExecutor
    listening: int = 0
    """Recognitions under way or waiting, of all callers; counted on the event loop."""
    _hangups: dict[str, Callable[[], None]] = field(default_factory=dict)
    _tidied: float = 0.0
    """When freed memory was last given back, on the monotonic clock."""

    @property
    def calls(self) -> int:
        """Calls under way."""
        return len(self._hangups)

    @property
    def room(self) -> int:
        """Calls that may be under way."""
        return self.settings.calls or CALLS_PER_CORE * (os.cpu_count() or 1)

    def admit(self, conversation_id: str, hang_up: Callable[[], None]) -> None:
        """Begins a call; an earlier one of the same conversation ends. Raises AccessError."""
        if earlier := self._hangups.pop(conversation_id, None):
            earlier()
        elif self.calls >= self.room:
            raise AccessError("line_busy", retry_after=20)
        self._hangups[conversation_id] = hang_up

    def leave(self, conversation_id: str, hang_up: Callable[[], None]) -> None:
        """Ends a call."""
        if self._hangups.get(conversation_id) == hang_up:  # a method is a new object each time
            del self._hangups[conversation_id]
        if time.monotonic() >= self._tidied + TIDY_SECONDS:
            self._tidied = time.monotonic()
            with suppress(RuntimeError):  # closing
                self.pool.submit(give_back)

    def close(self) -> None:
        """Ends all calls."""
        for hang_up in tuple(self._hangups.values()):
            hang_up()
        self.pool.shutdown(wait=False, cancel_futures=True)

    def spoken(self, caller: Caller, clip: AudioClip) -> Turn:
        """`clip` as a turn of its conversation."""
        said = (caller.conversation_id, caller.locale, clip, caller.device)
        return self.access.intake.speech(secrets.token_hex(8), *said)

    def hear(self, caller: Caller, clip: AudioClip, trace: Trace) -> Understood:
        """What `clip` says, as a turn of its conversation. No effects."""
        turn, conversation_id = self.spoken(caller, clip), caller.conversation_id
        standing = self.access.store.standing(conversation_id)
        if standing.owner == "operator":
            return Understood(turn, None, self.settings.usual)
        state = self.hearing.state_of(standing)
        perceived = self.hearing.hear(turn, state, trace)
        patience = self.end_of_turn().patience(perceived.meaning, state.expects, clip)
        return Understood(turn, perceived, patience, state)

    def foresee(self, understood: Understood, trace: Trace, wanted: Callable[[], bool]) -> None:
        """Has the reply's words ready, while the silence is waited out. No effects."""
        if understood.perceived is None or understood.state is None or not wanted():
            return
        with trace.span("prepare"):
            try:
                self.hearing.foresee(
                    understood.turn, understood.state, understood.perceived, wanted
                )
            except Exception:  # only the head start is lost
                logger.exception("a reply could not be prepared")

    def submit(
        self, understood: Understood, trace: Trace, listener: Callable[[ReplyPart], None]
    ) -> None:
        """Stores the turn, then has it answered; `listener` gets what sounds, in a thread.

        Raises AccessError when too many wait.
        """
        clip = understood.turn.audio
        assert clip is not None
        recording = Artefact("audio/wav", encode_wav(clip), round(clip.seconds, 3))
        received = Received(understood.turn, recording)
        throttles = self.access.throttles
        throttles.count(throttles.messages, understood.turn.conversation_id)
        with trace.span("receive"):
            self.access.speaking.submit(received, understood.perceived, trace, listener)

    def interrupt(self, conversation_id: str, heard: dict[str, dict[int, str]]) -> None:
        """Ends the reply under way; of what was said stays what the caller `heard`, by turn."""
        speaking, log = self.access.speaking, self.access.log
        with log.exclusive(conversation_id):
            speaking.hush(conversation_id)
        speaking.settle(conversation_id)
        for turn_id, parts in heard.items():
            if self.access.store.cut_short(conversation_id, turn_id, parts):
                log.ring(conversation_id, "interrupted")
