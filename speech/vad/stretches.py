"""From one probability per frame to stretches of speech."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Stretch = tuple[float, float]
"""Start and end in seconds."""

MIN_SPEECH_SECONDS = 0.1
MIN_SILENCE_SECONDS = 0.3
"""Shorter pauses belong to the speech around them."""
_HYSTERESIS = 0.15


def stretches(
    probabilities: NDArray[np.float32], step: float, threshold: float, pad: float, length: float
) -> tuple[Stretch, ...]:
    """Speech where the probability reaches `threshold`, widened by `pad` seconds at both ends."""
    found: list[Stretch] = []
    for start, end in _runs(probabilities, threshold):
        if found and start * step - found[-1][1] < MIN_SILENCE_SECONDS:
            found[-1] = (found[-1][0], end * step)
        else:
            found.append((start * step, end * step))
    long = [(start, end) for start, end in found if end - start >= MIN_SPEECH_SECONDS]
    return tuple((max(0.0, start - pad), min(length, end + pad)) for start, end in long)


def _runs(probabilities: NDArray[np.float32], threshold: float) -> list[tuple[int, int]]:
    runs, start = [], None
    for number, probability in enumerate(probabilities):
        if start is None and probability >= threshold:
            start = number
        elif start is not None and probability < threshold - _HYSTERESIS:
            runs.append((start, number))
            start = None
    return runs if start is None else [*runs, (start, len(probabilities))]
