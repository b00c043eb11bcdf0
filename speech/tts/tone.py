"""A synthesizer without weights: a tone as long as the words would take."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dialogue.types import AudioClip, Language
from speech.audio import SPEECH_RATE
from speech.marks import sounds
from speech.sentences import weight

SECONDS_PER_SYLLABLE = 0.2
_HZ = 220.0


class ToneSynthesizer:
    """Hums one tone a clause."""

    voices: tuple[str, ...] = ("tone",)

    def __init__(self, language: Language) -> None:
        self._language = language

    @property
    def language(self) -> Language:
        """The language it stands in for."""
        return self._language

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
        """24 kHz tones, one a clause."""
        if voice and voice not in self.voices:
            raise ValueError(f"Unknown voice {voice!r}; choose one of: {', '.join(self.voices)}")
        seconds = SECONDS_PER_SYLLABLE / speed
        return sounds(
            text, self._language, SPEECH_RATE, lambda words: _tone(seconds * weight(words))
        )


def _tone(seconds: float) -> AudioClip:
    time = np.arange(round(seconds * SPEECH_RATE)) / SPEECH_RATE
    return AudioClip((0.2 * np.cos(2 * np.pi * _HZ * time)).astype(np.float32), SPEECH_RATE)
