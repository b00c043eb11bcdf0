"""A pipeline that says what a test tells it to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from app.store.conversations import Conversations
from app.trace import Trace
from dialogue.types import (
    AudioClip,
    Heard,
    Hypothesis,
    Language,
    Modality,
    ReplyPart,
    Transcript,
    Turn,
    Understanding,
)


@dataclass
class Perceived:
    """Shaped like the pipeline's own."""

    transcript: Transcript | None
    heard: Heard | None
    meaning: Understanding


@dataclass
class FakePipeline:
    """Answers with two parts; `gates` hold it before a part, `before` may break it."""

    store: Conversations
    gates: dict[int, threading.Event] = field(default_factory=dict)
    before: Callable[[Turn], None] = lambda turn: None
    answered: list[str] = field(default_factory=list)
    texts: tuple[str, ...] = ("好的，", "马上查。")
    overlaps: int = 0
    language: Language | None = None
    """What is spoken; None is the language of the page."""
    weights: tuple[tuple[Modality, float], ...] = ()
    """What each modality of a turn counts."""
    _busy: set[str] = field(default_factory=set)

    def respond(
        self, turn: Turn, trace: Trace, stop: threading.Event, perceived: Perceived | None = None
    ) -> Iterator[object]:
        """Parts with the turn's own words in them, so that tests can tell them apart."""
        if turn.conversation_id in self._busy:
            self.overlaps += 1
        self._busy.add(turn.conversation_id)
        try:
            yield from self._say(turn, trace, stop)
        finally:
            self._busy.discard(turn.conversation_id)

    def _say(self, turn: Turn, trace: Trace, stop: threading.Event) -> Iterator[object]:
        self.before(turn)
        language = self.language or turn.locale
        meaning = Understanding(turn.text or "你好", language, (("greet", 1.0),))
        meaning = replace(meaning, modality_weights=self.weights)
        said = Transcript((Hypothesis("你好", -0.1),), "zh") if turn.audio else None
        yield Perceived(said, None, meaning)
        speech = AudioClip(np.zeros(2400, np.float32), 24000) if turn.audio else None
        for number, text in enumerate(self.texts):
            if number in self.gates:
                self.gates[number].wait(20)
            with trace.span("tts"):
                trace.mark_audio()
            last = number == len(self.texts) - 1
            yield ReplyPart(number, f"{text}{turn.text or ''}", speech, last=last)
        self.answered.append(turn.id)
        self.store.finish(turn.conversation_id, turn.id, {"status": "done", "reply": []})
