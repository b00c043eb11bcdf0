"""The seams of speech: what a recognizer, a synthesizer and a voice detector promise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

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


@runtime_checkable
class Remembering(Protocol):
    """A synthesizer that knows what it can say at once."""

    def holds(self, text: str, voice: str = "", speed: float = 1.0) -> bool:
        """Whether `text` would sound at once."""
        ...


class VoiceDetector(Protocol):
    """Finds where somebody speaks."""

    def speech(self, clip: AudioClip) -> tuple[tuple[float, float], ...]:
        """Stretches of speech as (start, end) in seconds, in order, none overlapping."""
        ...

    def stream(self) -> VoiceStream:
        """A detector for sound that is still coming, with a memory of its own."""
        ...


class TurnDetector(Protocol):
    """Hears whether somebody has finished speaking."""

    def finished(self, clip: AudioClip) -> float:
        """P(the caller has finished), by the sound of `clip` up to its end. Thread-safe."""
        ...


class VoiceStream(Protocol):
    """Finds speech in one caller's sound while it comes. Not thread-safe."""

    @property
    def frame_seconds(self) -> float:
        """What one probability stands for."""
        ...

    def feed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """P(speech) of each frame that these 16 kHz `samples` complete; often none."""
        ...
