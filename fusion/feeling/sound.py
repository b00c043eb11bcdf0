"""How a voice sounds, as statistics over the layers of a speech encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dialogue.types import AudioClip

Floats = NDArray[np.float32]

QUANTILES = (0.1, 0.5, 0.9)


class SoundEncoder(Protocol):
    """Turns speech into states."""

    def layers(self, clip: AudioClip) -> Floats:
        """(layers, frames, width) states of the speech in `clip`, at least two frames."""
        ...


def sound_features(encoder: SoundEncoder, clips: Sequence[AudioClip]) -> Floats:
    """(n, layers * 6 * width), one row per clip."""
    return np.stack([pooled(encoder.layers(clip)) for clip in clips])


def pooled(states: Floats) -> Floats:
    """Mean, deviation, quantiles and mean step of each number over the frames, flat.

    Statistics pooling (Snyder et al. 2018); the last layer alone has forgotten how it was said.
    """
    steps = np.abs(np.diff(states, axis=1)).mean(axis=1)
    quantiles = np.quantile(states, QUANTILES, axis=1)
    parts = (states.mean(axis=1), states.std(axis=1), *quantiles, steps)
    return np.concatenate([part.ravel() for part in parts]).astype(np.float32)
