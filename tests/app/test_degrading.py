"""A voice too slow for the promise, on a clock of its own: what is said, in which order, and where
it can be seen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from app.api.metrics import Metrics
from app.api.speaking import incoming
from app.conversation import Conversation
from app.house import House
from app.intake import Received
from app.pacing import ACKNOWLEDGEMENT, BUDGET_SECONDS
from app.trace import Trace
from dialogue.types import AudioClip, Language, ReplyPart, State, Turn
from speech.sentences import weight
from tests.fakes import cheap_house

RATE = 24_000
SYLLABLE = 0.2
"""Seconds that one plays."""
UNDERSTOOD = 0.7
"""Seconds after the last sound at which the reply begins."""


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class SlowVoice:
    """Takes `slowness` times as long for a clause as the clause plays; knows some by heart."""

    clock: Clock
    slowness: float = 1.5
    known: set[str] = field(default_factory=set)
    language: Language = "zh"
    broken: bool = False

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
        if threading.current_thread().name.startswith("ahead"):
            return  # the clock is the listener's
        if self.broken:
            raise RuntimeError("no sound")
        seconds = SYLLABLE * weight(text)
        self.clock.now += 0.0 if self.holds(text) else self.slowness * seconds
        yield AudioClip(np.full(round(RATE * seconds), 0.1, np.float32), RATE)

    def holds(self, text: str, voice: str = "", speed: float = 1.0) -> bool:
        return text.strip() in self.known


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = cheap_house(tmp_path_factory.mktemp("house"))
    yield opened
    opened.close()


def replied(house: House, voice: SlowVoice) -> tuple[list[tuple[float, ReplyPart]], Trace]:
    """The parts of the reply to a call's question, when each sounds, and the trace of the turn."""
    engines = replace(house.engines, voices={"zh": voice, "en": voice})
    conversation = Conversation(engines, house.store)
    conversation._pacer.note("一二三四五", "zh", 5 * SYLLABLE * voice.slowness)
    key = house.store.start("zh", "api")[0]
    turn = Turn("turn", key, "zh", text="运费怎么算", wants_speech=True)
    house.store.receive(incoming(Received(turn)))
    trace = Trace(voice.clock, late=UNDERSTOOD)
    perceived = conversation.hear(turn, State(language="zh"), trace)
    items = conversation.respond(turn, trace, threading.Event(), perceived)
    parts = [(trace.now(), item) for item in items if isinstance(item, ReplyPart)]
    conversation.close()
    return [(at, part) for at, part in parts if part.card is None], trace


LADDER = ("acknowledgement", "text_first", "tts")


def stages(trace: Trace) -> list[str]:
    """What is seen of the ladder, in the order it was taken."""
    return [span.stage for span in trace.spans if span.stage in LADDER]


def acknowledgement(house: House) -> str:
    return house.engines.domain.wording[ACKNOWLEDGEMENT]["zh"][0]


def test_a_phrase_that_is_cached_comes_first_of_all_and_in_time(house: House) -> None:
    parts, _ = replied(house, SlowVoice(Clock()))
    first = next(part.text.strip() for _, part in parts if part.text)
    known = {first, acknowledgement(house)}
    parts, trace = replied(house, SlowVoice(Clock(), known=known))
    assert parts[0][1].text.strip() == first
    assert parts[0][0] <= BUDGET_SECONDS
    assert "acknowledgement" not in stages(trace)


def test_else_a_short_acknowledgement_sounds_in_time_and_can_be_seen(house: House) -> None:
    words = acknowledgement(house)
    parts, trace = replied(house, SlowVoice(Clock(), known={words}))
    assert parts[0][1].text.strip() == words
    assert parts[0][0] <= BUDGET_SECONDS
    assert parts[1][0] > BUDGET_SECONDS  # the answer alone would have been late
    assert stages(trace)[:2] == ["acknowledgement", "tts"]
    metrics = Metrics()
    metrics.traced(trace.spans, trace.first_audio, "zh")
    assert b'lingxi_stage_seconds_count{stage="acknowledgement"} 1.0' in metrics.text()


@pytest.mark.parametrize("broken", [False, True], ids=["slow", "broken"])
def test_where_nothing_is_cached_every_word_still_comes(house: House, broken: bool) -> None:
    quick, _ = replied(house, SlowVoice(Clock(), slowness=0.0))
    parts, trace = replied(house, SlowVoice(Clock(), broken=broken))
    assert [part.text for _, part in parts if part.text] == [part.text for _, part in quick]
    assert "acknowledgement" not in stages(trace)
    if broken:
        assert all(at <= BUDGET_SECONDS and part.audio is None for at, part in parts)


def test_where_nothing_is_cached_the_words_are_there_before_their_sound(house: House) -> None:
    parts, trace = replied(house, SlowVoice(Clock()))
    (seen, words), (heard, sound) = parts[:2]
    assert seen <= BUDGET_SECONDS < heard
    assert words.text
    assert words.audio is None
    assert sound.audio is not None
    assert sound.text == ""
    assert [part.number for _, part in parts] == sorted({part.number for _, part in parts})
    assert stages(trace)[:2] == ["text_first", "tts"]
    metrics = Metrics()
    metrics.traced(trace.spans, trace.first_audio, "zh")
    assert b'lingxi_stage_seconds_count{stage="text_first"} 1.0' in metrics.text()
