"""Reading: one way to read what was heard, and the evidence for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialogue.types import Language
from speech.joint.ctc import Frames, logprobs
from speech.joint.echo import MISSED
from speech.joint.search import NONE, Words, WordSearch


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the sound, with the evidence for it relative to the words as heard."""

    text: str
    phonetic: float = 0.0
    """ln P(phones of the words | sound), nats."""
    echo: float = 0.0
    """The same with the recognizer's words for the sound: nats, less than 0 for other words."""
    fit: float = 0.0
    """ln P(words) by the business's language, nats."""
    literal: bool = False
    """A hypothesis of the recognizer's own."""
    known: float = 0.0
    """Names and numbers in it that exist."""

    @property
    def evidence(self) -> tuple[float, ...]:
        """In the order of `Weights.evidence`."""
        return self.phonetic, self.echo, self.fit, float(self.literal), self.known


@dataclass(frozen=True, slots=True)
class Reported:
    """All that the ear reports of one utterance."""

    readings: tuple[Reading, ...]
    """The words as heard first; none where nothing was heard."""
    sounds: list[str]
    """The phones, whatever words they make; none where the reader does not know the states."""
    language: Language


def weigh(
    search: WordSearch,
    frames: Frames | None,
    texts: Sequence[str],
    echo: Frames | None,
    known: Sequence[float],
    expected: Words = NONE,
) -> list[Reading]:
    """Each of `texts` with the evidence for it, of the sound and of the words heard where known."""
    units = [search.numbers(text) for text in texts]
    unknown = [0.0] * len(texts)
    spoken = unknown if frames is None else logprobs(frames, units)
    echoed = unknown if echo is None else _echoed(echo, units)
    fits = [search.fit(text, expected) for text in texts]
    return [
        Reading(text, a - spoken[0], b - echoed[0], c - fits[0], known=d - known[0])
        for text, a, b, c, d in zip(texts, spoken, echoed, fits, known, strict=True)
    ]


def _echoed(echo: Frames, units: Sequence[Sequence[int]]) -> list[float]:
    """Nats of each sequence for the words heard; at worst, all of both was missed."""
    return [
        max(nats, -MISSED * (len(each) + len(echo) // 2))
        for nats, each in zip(logprobs(echo, units), units, strict=True)
    ]
