"""How a voice sounds, as statistics over the layers of a speech encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dialogue.types import AudioClip
from fusion.feeling.prosody import QUIET_DB

Floats = NDArray[np.float32]

QUANTILES = (0.0, 0.1, 0.5, 0.9, 1.0)
STEPS = (1, 5)
"""Frames between the two states of a step."""
STATE_SECONDS = 0.02
"""Between two states of an encoder."""
LEAST_STATES = 7
"""Of what is loud enough: with fewer, pauses count too."""
STATISTICS = 2 + len(QUANTILES) + len(STEPS)
"""Of each number of a state."""


class SoundEncoder(Protocol):
    """Turns speech into states."""

    def layers(self, clip: AudioClip) -> Floats:
        """(layers, frames, width) of the speech in `clip`, 20 ms apart, at least two frames."""
        ...


def sound_features(encoder: SoundEncoder, clips: Sequence[AudioClip]) -> Floats:
    """(n, STATISTICS * layers * width), one row per clip."""
    return np.stack([heard(encoder, clip) for clip in clips])


def heard(encoder: SoundEncoder, clip: AudioClip) -> Floats:
    """(STATISTICS * layers * width,) of what is spoken in `clip`."""
    return pooled(spoken(encoder.layers(clip), clip))


def spoken(states: Floats, clip: AudioClip) -> Floats:
    """(layers, spoken frames, width): `states` of `clip` without its pauses.

    A pause is told by loudness alone, as for prosody: what an encoder makes of silence differs
    from room to room, and says how long somebody was silent rather than how they spoke.
    """
    frames, hop = states.shape[1], round(STATE_SECONDS * clip.rate)
    samples = np.zeros(frames * hop, np.float32)
    there = min(len(samples), len(clip.samples))
    samples[:there] = clip.samples[:there]
    power = np.square(samples).reshape(frames, hop).mean(axis=1)
    loud = power > power.max() * 10 ** (-QUIET_DB / 10)
    return states[:, loud] if loud.sum() >= LEAST_STATES else states


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
