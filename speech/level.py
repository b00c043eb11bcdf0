"""How usable a recording is: level, noise, clipping, and one score from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dialogue.types import AudioClip

FRAME_SECONDS = 0.02
FLOOR_DBFS = -100.0
_CLIPPED = 0.985


def measure(clip: AudioClip, speech: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Level (dBFS) and SNR (dB) of the `speech` stretches, clipped share, seconds of speech."""
    spoken = _mask(clip, speech)
    voice, rest = clip.samples[spoken], clip.samples[~spoken]
    noise = _noise_power(voice, rest, clip.rate)
    return {
        "level_dbfs": round(_db(_power(voice)), 1),
        "snr_db": round(_snr(_power(voice), noise), 1),
        "clipped": round(float(np.mean(np.abs(voice) >= _CLIPPED)) if len(voice) else 0.0, 4),
        "speech_seconds": round(len(voice) / clip.rate, 2),
    }


def score(measures: dict[str, float]) -> float:
    """0 (nothing to hear) to 1 (clean), from what `measure` returned."""
    ramps = (
        _ramp(measures["speech_seconds"], 0.1, 0.5),
        _ramp(measures["level_dbfs"], -55.0, -35.0),
        _ramp(measures["snr_db"], 0.0, 20.0),
        1.0 - _ramp(measures["clipped"], 0.005, 0.1),
    )
    return round(float(np.prod(ramps)), 3)


def _mask(clip: AudioClip, speech: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    mask = np.zeros(len(clip.samples), bool)
    for start, end in speech:
        mask[max(0, round(start * clip.rate)) : round(end * clip.rate)] = True
    return mask


def _power(samples: NDArray[np.float32]) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0


def _noise_power(voice: NDArray[np.float32], rest: NDArray[np.float32], rate: int) -> float:
    """Power between the words; of the quietest frames where nobody ever pauses."""
    width = round(FRAME_SECONDS * rate)
    source = rest if len(rest) >= 10 * width else voice
    count = len(source) // width
    if not count:
        return 0.0
    frames = np.square(source[: count * width].reshape(count, width), dtype=np.float64).mean(1)
    return float(np.median(frames) if source is rest else np.quantile(frames, 0.1))


def _snr(signal: float, noise: float) -> float:
    if signal <= 0.0:
        return 0.0
    return float(np.clip(10 * np.log10(max(signal - noise, 1e-12) / max(noise, 1e-12)), -20, 80))


def _db(power: float) -> float:
    return max(FLOOR_DBFS, 10 * float(np.log10(max(power, 1e-12))))


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))
