"""A voice detector without weights: whatever is well above the noise is taken for speech."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dialogue.types import AudioClip
from speech.audio import WHISPER_RATE
from speech.vad.stretches import Stretch, stretches

FRAME_SECONDS = 0.02
_FLOOR = 0.1
"""Quantile of frame levels that counts as the noise floor."""
_QUIET = -60.0
"""dBFS taken for the floor before anything was heard."""
_RISE = 0.05
"""dB a frame by which the floor of a stream rises."""


class EnergyVoiceDetector:
    """Finds frames at least `above_db` over the floor and `least_dbfs` in all."""

    def __init__(self, above_db: float = 12.0, least_dbfs: float = -50.0) -> None:
        self._above = above_db
        self._least = least_dbfs

    def speech(self, clip: AudioClip) -> tuple[Stretch, ...]:
        """Stretches of speech as (start, end) in seconds."""
        width = round(FRAME_SECONDS * clip.rate)
        count = len(clip.samples) // width
        if not count:
            return ()
        power = np.square(clip.samples[: count * width].reshape(count, width)).mean(1)
        level = 10 * np.log10(np.maximum(power, 1e-10))
        threshold = max(self._least, float(np.quantile(level, _FLOOR)) + self._above)
        voiced = (level >= threshold).astype(np.float32)
        return stretches(voiced, FRAME_SECONDS, 0.5, 0.1, clip.seconds)

    def stream(self) -> EnergyStream:
        """A detector for sound that is still coming."""
        return EnergyStream(self._above, self._least)


class EnergyStream:
    """One caller's detector: the floor follows the quietest moments and rises slowly."""

    frame_seconds = FRAME_SECONDS

    def __init__(self, above_db: float, least_dbfs: float) -> None:
        self._above, self._least = above_db, least_dbfs
        self._floor = _QUIET
        """dBFS."""
        self._rest = np.zeros(0, np.float32)

    def feed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """1 for each 20 ms frame that is loud enough, else 0."""
        width = round(FRAME_SECONDS * WHISPER_RATE)
        waiting = np.concatenate([self._rest, samples])
        whole = len(waiting) // width * width
        self._rest = waiting[whole:]
        power = np.square(waiting[:whole].reshape(-1, width)).mean(1)
        levels = 10 * np.log10(np.maximum(power, 1e-10))
        return np.array([self._voiced(float(level)) for level in levels], np.float32)

    def _voiced(self, level: float) -> bool:
        self._floor = min(level, self._floor + _RISE)
        return level >= max(self._least, self._floor + self._above)
