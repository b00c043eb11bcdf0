"""Noise under speech, mixed as the public speech-to-intent benchmark mixes it, and pink noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dialogue.types import AudioClip

FRAME = 2048
"""Samples; the benchmark compares the loudest 128 ms of speech and of noise at 16 kHz."""


def mix(clip: AudioClip, noise: NDArray[np.floating], snr_db: float) -> AudioClip:
    """`clip` over as many samples of `noise`, whose loudest frame lies `snr_db` below its own."""
    speech_power, noise_power = _loudest(clip.samples), _loudest(noise)
    gain = np.sqrt(speech_power / max(noise_power * 10 ** (snr_db / 10), 1e-20))
    mixed = clip.samples + gain * noise
    return AudioClip((mixed / max(1.0, float(np.abs(mixed).max()))).astype(np.float32), clip.rate)


def excerpt(
    noise: NDArray[np.float32], length: int, generator: np.random.Generator
) -> NDArray[np.float32]:
    """(length,) samples from a random place of `noise`, which goes round where it is shorter."""
    start = int(generator.integers(len(noise)))
    return np.take(noise, np.arange(start, start + length), mode="wrap")


def _loudest(samples: NDArray[np.floating]) -> float:
    """Mean power of the loudest frame; of all there is where it is shorter than one."""
    whole = len(samples) // FRAME * FRAME
    frames = samples[:whole].reshape(-1, FRAME) if whole else samples.reshape(1, -1)
    return float(np.square(frames, dtype=np.float64).mean(axis=1).max()) if frames.size else 0.0
