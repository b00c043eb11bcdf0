"""A voice detector without weights: whatever is well above the noise is taken for speech."""

from __future__ import annotations

import numpy as np

from dialogue.types import AudioClip
from speech.vad.stretches import Stretch, stretches

FRAME_SECONDS = 0.02
_FLOOR = 0.1
"""Quantile of frame levels that counts as the noise floor."""


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
