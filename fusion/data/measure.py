"""Measure: how usable a value of one modality is, from 0 to 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialogue.types import AudioClip, Picture
from fusion.alignment import Frames, TimedText
from fusion.quality import picture_quality

FULL_TEXT = 12
"""Characters beyond which a text says as much as a text can."""
FRAME_SECONDS = 0.02
CLEAN_DB = 20.0
"""Signal to noise, dB, of a recording that noise does not harm."""
QUIET_DBFS, LOUD_DBFS = -55.0, -35.0
CLIPPED = 0.985


def measured_quality(modality: str, raw: Any) -> float:
    """The score of `raw`; 1 for a modality that nothing is known to measure of."""
    match raw:
        case str() if modality == "text":
            return text_quality(raw)
        case TimedText():
            # What a recognizer was unsure of counts less, however long it is.
            sure = float(np.mean([word.probability for word in raw.words] or [1.0]))
            return text_quality(raw.text) * sure
        case AudioClip():
            return sound_quality(raw)
        case Picture():
            return picture_quality([raw]).score
        case Frames():
            return float(np.mean([picture_quality([p]).score for p in raw.pictures]))
        case list() if raw and isinstance(raw[0], Picture):
            return picture_quality(raw).score
        case _:
            return 1.0


def text_quality(text: str) -> float:
    """0 for nothing, 1 from a dozen letters on."""
    return min(1.0, sum(c.isalnum() for c in text) / FULL_TEXT)


def sound_quality(clip: AudioClip) -> float:
    """Noise, level and clipping of a recording, multiplied."""
    power = _frame_powers(clip)
    if not len(power):
        return 0.0
    loud, quiet = np.quantile(power, 0.9), np.quantile(power, 0.1)
    snr = 10 * np.log10(max(loud, 1e-12) / max(quiet, 1e-12))
    level = 10 * np.log10(max(loud, 1e-12))
    clipped = float(np.mean(np.abs(clip.samples) >= CLIPPED))
    scores = (
        np.clip(snr / CLEAN_DB, 0.05, 1.0),
        np.clip((level - QUIET_DBFS) / (LOUD_DBFS - QUIET_DBFS), 0.0, 1.0),
        1.0 - np.clip(clipped / 0.1, 0.0, 0.95),
    )
    return round(float(np.prod(scores)), 3)


def _frame_powers(clip: AudioClip) -> NDArray[np.float64]:
    width = max(1, round(FRAME_SECONDS * clip.rate))
    count = len(clip.samples) // width
    frames = clip.samples[: count * width].reshape(count, width)
    return np.asarray(np.square(frames, dtype=np.float64).mean(axis=1))
