"""Prosody: how high, how loud and how fast somebody speaks, and beside their own habit."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialogue.types import AudioClip

FRAME, HOP = 0.04, 0.01
"""Seconds."""
LOWEST, HIGHEST = 65.0, 450.0
"""Hz, of voices."""
VOICED = 0.5
"""Least share of a frame's energy that returns after one period."""
OCTAVE_COST = 0.05
"""What returns after one period returns after two as well: longer ones must be that much better."""
QUIET_DB = 30.0
"""Frames so far under the loudest are pauses."""
LEAST_FRAMES = 20
"""Voiced frames without which nothing can be said."""
USUAL = (1.5, 3.0, 0.25)
"""How far a calm speaker strays from turn to turn: semitones, decibels, natural log of the pace."""
STRONGEST = 4.0
"""Usual deviations beyond which a measure counts no more."""
TURNS = 2
"""Earlier turns needed to know a speaker's habit."""
REMEMBERED_TURNS, CONVERSATIONS = 8, 1024


@dataclass(frozen=True, slots=True)
class Prosody:
    """One turn's voice."""

    pitch: float
    """Median, in semitones above 55 Hz."""
    loudness: float
    """Median of the voiced frames, decibels."""
    pace: float
    """Natural logarithm of words or characters per second of speech."""


class Habits:
    """What is usual for each caller, from the earlier turns of their conversation. Thread-safe.

    Kept in memory alone: a voice is nothing to store.
    """

    def __init__(self) -> None:
        self._turns: OrderedDict[str, OrderedDict[str, Prosody]] = OrderedDict()
        self._lock = threading.Lock()

    def arousal(self, conversation: str, turn: str, prosody: Prosody) -> float | None:
        """How much more excited than usual, in usual deviations; None before habits are known.

        Remembers `prosody`; the same turn heard again replaces what was remembered of it.
        """
        with self._lock:
            turns = self._turns.setdefault(conversation, OrderedDict())
            self._turns.move_to_end(conversation)
            others = [astuple(p) for name, p in turns.items() if name != turn]
            turns[turn] = prosody
            while len(turns) > REMEMBERED_TURNS:
                turns.popitem(last=False)
            while len(self._turns) > CONVERSATIONS:
                self._turns.popitem(last=False)
        if len(others) < TURNS:
            return None
        away = (np.array(astuple(prosody)) - np.median(others, axis=0)) / USUAL
        return float(np.clip(away, -STRONGEST, STRONGEST).mean())


def measure(clip: AudioClip, units: int) -> Prosody | None:
    """The prosody of `clip`, in which so many words or characters are said; None if too little."""
    frames = _frames(clip)
    power = np.square(frames).mean(axis=1) if len(frames) else np.zeros(0, np.float32)
    if not units or not len(power) or power.max() <= 0:
        return None
    level = 10 * np.log10(power + 1e-10)
    spoken = level > level.max() - QUIET_DB
    pitch, voiced = _pitch(frames, clip.rate)
    voiced &= spoken
    if voiced.sum() < LEAST_FRAMES:
        return None
    return Prosody(
        pitch=float(12 * np.log2(np.median(pitch[voiced]) / 55.0)),
        loudness=float(np.median(level[voiced])),
        pace=float(np.log(units / (spoken.sum() * HOP))),
    )


def _frames(clip: AudioClip) -> NDArray[np.float32]:
    """(n, samples) overlapping pieces, without their mean."""
    width, hop = round(FRAME * clip.rate), round(HOP * clip.rate)
    if len(clip.samples) < width:
        return np.zeros((0, width), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(clip.samples, width)[::hop]
    return np.asarray(frames - frames.mean(axis=1, keepdims=True), dtype=np.float32)


def _pitch(frames: NDArray[np.float32], rate: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Hz of each frame by autocorrelation, and whether it is voiced (after Boersma 1993)."""
    width = frames.shape[1]
    window = np.hanning(width)
    size = 1 << (2 * width - 1).bit_length()
    returned = _autocorrelation(frames * window, size)
    # Dividing by the window's own autocorrelation undoes its fading towards long periods.
    returned /= np.maximum(_autocorrelation(window[None], size), 1e-3)
    shortest, longest = int(rate / HIGHEST), min(int(rate / LOWEST), width // 2)
    periods = np.arange(shortest, longest)
    cost = OCTAVE_COST * np.log2(periods / shortest)
    period = shortest + (returned[:, shortest:longest] - cost).argmax(axis=1)
    strength = returned[np.arange(len(frames)), period]
    return np.asarray(rate / period, dtype=np.float32), strength > VOICED


def _autocorrelation(frames: NDArray[Any], size: int) -> NDArray[np.float64]:
    spectrum = np.abs(np.fft.rfft(frames, size)) ** 2
    found = np.fft.irfft(spectrum)[:, : frames.shape[1]]
    return np.asarray(found / np.maximum(found[:, :1], 1e-12))
