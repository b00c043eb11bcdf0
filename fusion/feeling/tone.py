"""Tone: what an excited or a flat voice adds to the words."""

from __future__ import annotations

import re
from dataclasses import replace

from dialogue.types import AudioClip, Posterior
from fusion.feeling.prosody import STRONGEST, Habits, measure
from fusion.feeling.reading import Feeling

NOTICED = 1.0
"""Arousal, either way, under which the voice says nothing."""
RAISED = {"angry": 3.0, "anxious": 2.0, "happy": 2.0, "negative": 2.0, "positive": 1.5}
"""How many times likelier an excited voice makes a feeling, beside "neutral"."""
FLAT = {"sad": 2.0, "negative": 1.3}
"""The same of a voice that is lower, quieter and slower than usual."""
HURRY = 0.25
"""What an excited voice adds to urgency."""

_UNIT = re.compile(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+")


class VoiceTone:
    """Excitement of a voice beside the caller's own habit. Thread-safe."""

    def __init__(self) -> None:
        self._habits = Habits()

    def arousal(self, conversation: str, turn: str, clip: AudioClip, text: str) -> float | None:
        """Usual deviations above the caller's habit; None where the voice says nothing.

        It says nothing in the first turns, in too little speech, and near the habit. `text` is
        what was said.
        """
        prosody = measure(clip, len(_UNIT.findall(text)))
        if prosody is None:
            return None
        arousal = self._habits.arousal(conversation, turn, prosody)
        return arousal if arousal is not None and abs(arousal) >= NOTICED else None


def toned(words: Feeling, arousal: float | None) -> Feeling:
    """`words` as they feel when said in such a voice; unchanged where it says nothing.

    A voice tells excitement, hardly ever whether it is joy or anger: that the words decide.
    """
    if arousal is None:
        return words
    odds = RAISED if arousal > 0 else FLAT
    hurry = HURRY if arousal > 0 else 0.0
    return replace(
        words,
        sentiment=_weighed(words.sentiment, odds),
        emotion=_weighed(words.emotion, odds),
        urgency=round(min(1.0, words.urgency + hurry), 3),
    )


def told(arousal: float) -> Posterior:
    """The voice's own evidence: "excited" or "flat", and how far towards the utmost."""
    return (("excited" if arousal > 0 else "flat", round(abs(arousal) / STRONGEST, 4)),)


def _weighed(posterior: Posterior, odds: dict[str, float]) -> Posterior:
    raw = {name: p * odds.get(name, 1.0) for name, p in posterior}
    total = sum(raw.values())
    found = ((name, round(p / total, 4)) for name, p in raw.items())
    return tuple(sorted(found, key=lambda pair: -pair[1]))
