"""One caller's sound, cut into utterances while it comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialogue.types import AudioClip
from speech.audio import WHISPER_RATE
from speech.engines import VoiceStream

BEFORE_SECONDS = 0.3
"""Kept from before the voice was noticed: first consonants are quiet."""
_FAINTEST = 3e-4
"""RMS under which nothing is louder than anything."""
_FORGET_SECONDS = 0.2
"""Silence after which a click before it no longer counts towards speech."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What counts as somebody beginning to speak."""

    start: float
    """P(speech) at which a frame is voice."""
    seconds: float
    """Voice needed before it is an utterance."""
    release: float = 0.15
    """How far below `start` a frame must fall to be silence again: hysteresis."""


class Segmenter:
    """Follows one caller's voice at 16 kHz. Its clock is the sound itself, not the wall's."""

    def __init__(self, voice: VoiceStream, breath: float = 2.5) -> None:
        """`breath`: how many times louder than the silence before it sound breaks that."""
        self._voice, self._breath = voice, breath
        self._kept: list[NDArray[np.float32]] = []
        self._length = 0
        """Samples in `_kept`."""
        self._undecided = 0
        """Samples at the end of `_kept` that fill no frame yet."""
        self._loud = False
        self.speaking = False
        """Whether an utterance is under way."""
        self.voiced = 0.0
        """Seconds of voice in it."""
        self._quiet = 0.0
        self._level, self._floor = 0.0, np.inf
        """RMS of the newest sound, and of the quietest since the voice ended."""

    @property
    def silence(self) -> float:
        """Seconds since the last voiced frame ended."""
        return self._quiet + self._undecided / WHISPER_RATE

    @property
    def seconds(self) -> float:
        """Length of the sound kept: of the utterance and a little before it."""
        return self._length / WHISPER_RATE

    @property
    def loud(self) -> bool:
        """Whether the newest frame was voice."""
        return self._loud

    @property
    def stirring(self) -> bool:
        """Whether the silence is being broken: the detector needs some 80 ms to call that voice."""
        return self._level > self._breath * max(self._floor, _FAINTEST)

    @property
    def clip(self) -> AudioClip:
        """The sound kept so far."""
        pieces = self._kept or [np.zeros(0, np.float32)]
        return AudioClip(np.concatenate(pieces), WHISPER_RATE)

    def feed(self, samples: NDArray[np.float32], sensitivity: Sensitivity) -> None:
        """Takes the next sound at 16 kHz."""
        self._kept.append(samples)
        self._length += len(samples)
        self._undecided += len(samples)
        self._listen(samples)
        step = self._voice.frame_seconds
        for probability in self._voice.feed(samples):
            self._undecided = max(0, self._undecided - round(step * WHISPER_RATE))
            self._frame(float(probability), step, sensitivity)
        if not self.speaking:
            self._shorten()

    def take(self) -> AudioClip:
        """The utterance; what comes now is the next one."""
        clip = self.clip
        self._kept, self._length, self._undecided = [], 0, 0
        self.speaking = self._loud = False
        self.voiced = self._quiet = 0.0
        return clip

    def _listen(self, samples: NDArray[np.float32]) -> None:
        self._level = float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0
        self._floor = min(self._floor, self._level) if self._quiet else np.inf

    def _frame(self, probability: float, step: float, sensitivity: Sensitivity) -> None:
        level = sensitivity.start - (sensitivity.release if self._loud else 0.0)
        self._loud = probability >= level
        if self._loud:
            self.voiced += step
            self._quiet = 0.0
        else:
            self._quiet += step
            if not self.speaking and self._quiet >= _FORGET_SECONDS:
                self.voiced = 0.0
        self.speaking = self.speaking or (
            self._loud and self.voiced >= sensitivity.seconds - step / 2
        )

    def _shorten(self) -> None:
        """Before an utterance only its possible beginning is kept."""
        wanted = round((BEFORE_SECONDS + self.voiced + _FORGET_SECONDS) * WHISPER_RATE)
        while self._kept and self._length - len(self._kept[0]) >= wanted:
            self._length -= len(self._kept.pop(0))
