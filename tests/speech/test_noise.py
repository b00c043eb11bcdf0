"""Noise is mixed at the level that was asked for, and the same way every time."""

from __future__ import annotations

import numpy as np
import pytest

from dialogue.types import AudioClip
from speech.noise import FRAME, excerpt, mix

RATE = 16_000


def tone(seconds: float, level: float) -> AudioClip:
    time = np.arange(round(seconds * RATE)) / RATE
    return AudioClip((level * np.sin(2 * np.pi * 250 * time)).astype(np.float32), RATE)


@pytest.mark.parametrize("snr", [24.0, 6.0, -3.0])
def test_the_loudest_frames_are_so_many_decibels_apart(snr: float) -> None:
    clip = tone(1.0, 0.1)
    noise = np.random.default_rng(0).standard_normal(len(clip.samples)).astype(np.float32)
    added = mix(clip, noise, snr).samples - clip.samples
    frames = added[: len(added) // FRAME * FRAME].reshape(-1, FRAME)
    loudest = float(np.square(frames).mean(axis=1).max())
    assert 10 * np.log10(0.005 / loudest) == pytest.approx(snr, abs=0.1)


def test_a_mix_never_clips() -> None:
    clip = tone(0.5, 0.9)
    assert np.abs(mix(clip, np.ones(len(clip.samples), np.float32), 0.0).samples).max() <= 1.0


def test_short_noise_goes_round() -> None:
    noise = np.arange(5, dtype=np.float32)
    found = excerpt(noise, 12, np.random.default_rng(1))
    assert len(found) == 12
    assert set(np.diff(found)) <= {1.0, -4.0}


def test_silence_and_clips_shorter_than_a_frame_are_mixed_too() -> None:
    short = AudioClip(np.full(100, 0.1, np.float32), RATE)
    assert len(mix(short, np.zeros(100, np.float32), 6.0).samples) == 100
