"""What happens to speech between mouth and recognizer: a room, a distance, pink noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, resample

from dialogue.types import AudioClip

EDGE_SECONDS = 0.3
"""Noise alone before and after the words."""
LEVELS_DBFS = (-32.0, -14.0)
"""Mean level of the words: from a whisper across the room to a phone at the mouth."""
DIRECT_DB = (6.0, 18.0)
"""How far the direct sound lies above the room's: an arm's length to a few centimetres."""
SHORTEST_ECHO = 0.1
"""Seconds of reverberation (60 dB decay) of the driest room."""


def recorded(
    clip: AudioClip, snr_db: float, room_seconds: float, generator: np.random.Generator
) -> AudioClip:
    """`clip` in a random room at a random level, pink noise `snr_db` below its mean power."""
    edge = np.zeros(round(EDGE_SECONDS * clip.rate))
    words = clip.samples / np.sqrt(_power(clip.samples)) * _gain(generator.uniform(*LEVELS_DBFS))
    if room_seconds > SHORTEST_ECHO:
        words = in_room(words, clip.rate, room_seconds, generator)
    hiss = pink(len(words) + 2 * len(edge), generator)
    hiss *= np.sqrt(_power(words) / _power(hiss)) * _gain(-snr_db)
    mixed = np.concatenate([edge, words, edge]) + hiss
    return AudioClip((mixed / max(1.0, np.abs(mixed).max())).astype(np.float32), clip.rate)


def pitched(clip: AudioClip, factor: float) -> AudioClip:
    """`clip` as by a smaller (`factor` over 1) or larger speaker, and as much faster or slower."""
    count = round(len(clip.samples) / factor)
    return clip if factor == 1 else AudioClip(np.asarray(resample(clip.samples, count)), clip.rate)


def in_room(
    samples: NDArray[np.float64], rate: int, longest: float, generator: np.random.Generator
) -> NDArray[np.float64]:
    """`samples` with the dying echo of a room whose reverberation time is at most `longest` s."""
    seconds = generator.uniform(SHORTEST_ECHO, longest)
    time = np.arange(round(seconds * rate)) / rate
    echo = generator.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    echo[: round(0.002 * rate)] = 0.0
    echo *= _gain(-generator.uniform(*DIRECT_DB)) / np.sqrt(np.sum(echo**2))
    echo[0] = 1.0
    return np.asarray(fftconvolve(samples, echo)[: len(samples)])


def pink(length: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """(length,) samples whose power falls with frequency, as in rooms."""
    spectrum = np.fft.rfft(generator.standard_normal(length))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0.0
    return np.asarray(np.fft.irfft(spectrum, length))


def _power(samples: NDArray[np.floating]) -> float:
    return max(float(np.mean(np.square(samples, dtype=np.float64))), 1e-12)


def _gain(db: float) -> float:
    return float(10 ** (db / 20))
