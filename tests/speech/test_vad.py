from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from dialogue.types import AudioClip
from speech.engines import VoiceDetector
from speech.vad.energy import EnergyVoiceDetector
from speech.vad.silero import FRAME, Memory, SileroVoiceDetector


@pytest.fixture(scope="module", params=[SileroVoiceDetector, EnergyVoiceDetector])
def detector(request: pytest.FixtureRequest) -> VoiceDetector:
    return request.param()  # type: ignore[no-any-return]


def padded(clip: AudioClip) -> AudioClip:
    room = np.random.default_rng(3).normal(0, 1e-4, 2 * clip.rate).astype(np.float32)
    return AudioClip(np.concatenate([room, clip.samples, room]), clip.rate)


def test_speech_is_found_where_it_is(detector: VoiceDetector, order: AudioClip) -> None:
    found = detector.speech(padded(order))
    assert found[0][0] > 1.5
    assert found[-1][1] < order.seconds + 2.6
    assert sum(end - start for start, end in found) > 0.5 * order.seconds
    assert all(a[1] <= b[0] for a, b in pairwise(found))


@pytest.mark.parametrize("name", ["silence", "white", "faint", "hum"])
def test_nobody_speaks_in_noise(
    detector: VoiceDetector, noises: dict[str, AudioClip], name: str
) -> None:
    assert detector.speech(noises[name]) == ()


def test_an_empty_clip_holds_no_speech(detector: VoiceDetector) -> None:
    assert detector.speech(AudioClip(np.zeros(0, np.float32), 16_000)) == ()


def test_frames_fed_one_by_one_give_what_the_whole_gives(order: AudioClip) -> None:
    detector = SileroVoiceDetector()
    samples = order.samples[: FRAME * 40]
    whole, _ = detector.probabilities(samples, Memory.fresh())
    memory, steps = Memory.fresh(), []
    for start in range(0, len(samples), FRAME):
        probability, memory = detector.probabilities(samples[start : start + FRAME], memory)
        steps.append(probability)
    np.testing.assert_allclose(np.concatenate(steps), whole, atol=1e-4)


def test_sound_in_small_pieces_is_heard_as_it_comes(
    detector: VoiceDetector, order: AudioClip
) -> None:
    stream = detector.stream()
    quiet = np.random.default_rng(0).normal(0, 1e-4, order.rate).astype(np.float32)
    samples = np.concatenate([quiet, order.samples, quiet])
    pieces = [stream.feed(samples[start : start + 250]) for start in range(0, len(samples), 250)]
    found = np.concatenate(pieces)
    assert len(found) == int(len(samples) / order.rate / stream.frame_seconds)
    second = round(1 / stream.frame_seconds)
    assert found[: second - 3].max() < 0.5
    assert (found[second:-second] >= 0.5).mean() > 0.3
    assert found[-second // 3 :].max() < 0.5
