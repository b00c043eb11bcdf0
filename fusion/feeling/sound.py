"""How a voice sounds, as statistics over the layers of a speech encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dialogue.types import AudioClip

Floats = NDArray[np.float32]

QUANTILES = (0.0, 0.1, 0.5, 0.9, 1.0)
STEPS = (1, 5)
"""Frames between the two states of a step."""
STATISTICS = 2 + len(QUANTILES) + len(STEPS)
"""Of each number of a state."""


class SoundEncoder(Protocol):
    """Turns speech into states."""

    def layers(self, clip: AudioClip) -> Floats:
        """(layers, frames, width) states of the speech in `clip`, at least two frames."""
        ...


def sound_features(encoder: SoundEncoder, clips: Sequence[AudioClip]) -> Floats:
    """(n, STATISTICS * layers * width), one row per clip."""
    return np.stack([pooled(encoder.layers(clip)) for clip in clips])


def pooled(states: Floats) -> Floats:
    """Mean, deviation, quantiles and mean steps of each number over the frames, flat.

    Statistics pooling (Snyder et al. 2018); the last layer alone has forgotten how it was said.
    """
    quantiles = np.quantile(states, QUANTILES, axis=1)
    frames = states.shape[1]
    lags = [min(step, frames - 1) for step in STEPS]
    steps = [np.abs(states[:, lag:] - states[:, : frames - lag]).mean(axis=1) for lag in lags]
    parts = (states.mean(axis=1), states.std(axis=1), *quantiles, *steps)
    return np.concatenate([part.ravel() for part in parts]).astype(np.float32)


def beside_own(features: Floats, speakers: Sequence[str]) -> Floats:
    """(n, width) `features` less the mean of all rows of the same speaker.

    How somebody always sounds is no feeling; labels are not needed for it.
    """
    found = features.copy()
    names = np.array(speakers)
    for name in set(speakers):
        found[names == name] -= features[names == name].mean(axis=0)
    return found
