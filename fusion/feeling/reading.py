"""What words say about the customer's feeling, and the seam of those who read it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from dialogue.types import Posterior

SENTIMENTS = ("negative", "neutral", "positive")
EMOTIONS = ("neutral", "happy", "sad", "angry", "anxious")
NEUTRAL: Posterior = (("neutral", 1.0),)


@dataclass(frozen=True, slots=True)
class Feeling:
    """How a sentence sounds."""

    sentiment: Posterior = NEUTRAL
    emotion: Posterior = NEUTRAL
    urgency: float = 0.0
    """0 (no hurry) to 1 (now)."""
    abstained: tuple[str, ...] = ()
    """Of "sentiment" and "emotion", what the reader is too unsure of for anybody to act on."""


class FeelingReader(Protocol):
    """Reads feeling from words, Chinese or English."""

    def read(self, text: str) -> Feeling:
        """The feeling of `text`. Thread-safe."""
        ...


def blend(feeling: Feeling, trust: float) -> Feeling:
    """`feeling` mixed with "neutral" where the words themselves are in doubt (`trust` below 1)."""
    return replace(
        feeling,
        sentiment=_blend(feeling.sentiment, trust),
        emotion=_blend(feeling.emotion, trust),
        urgency=feeling.urgency * trust,
    )


def _blend(posterior: Posterior, trust: float) -> Posterior:
    mixed = {name: p * trust for name, p in posterior}
    mixed["neutral"] = mixed.get("neutral", 0.0) + 1 - trust
    return tuple(sorted(mixed.items(), key=lambda pair: -pair[1]))
