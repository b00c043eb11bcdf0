"""The seams of speech: what a recognizer, a synthesizer and a voice detector promise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from dialogue.types import AudioClip, Hints, Language, Transcript


class Recognizer(Protocol):
    """Turns sound into words."""

    def transcribe(self, clip: AudioClip, hints: Hints) -> Transcript:
        """Hypotheses for `clip`, best first; none when nobody spoke. Thread-safe."""
        ...


class Synthesizer(Protocol):
    """Turns words into sound."""

    @property
    def language(self) -> Language:
        """The language it speaks."""
        ...

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
        """Sound of `text`, piece by piece as it is made. `voice` "" is the engine's own.

        Raises ValueError naming the voices there are when `voice` is unknown.
        """
        ...


class VoiceDetector(Protocol):
    """Finds where somebody speaks."""

    def speech(self, clip: AudioClip) -> tuple[tuple[float, float], ...]:
        """Stretches of speech as (start, end) in seconds, in order, none overlapping."""
        ...
