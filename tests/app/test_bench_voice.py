"""The simulated caller's ears: what it reports is what a listener would have heard."""

from __future__ import annotations

import numpy as np
import pytest

from app.commands.bench_callers import Heard, Playback, voiced
from app.commands.bench_voice import report


def test_sound_that_comes_late_leaves_a_gap() -> None:
    speaker = Playback()
    assert speaker.add("t", 0, 1.0, now=10.0) == (10.0, 10.0)
    assert speaker.add("t", 1, 1.0, now=10.5) == (11.0, 0.0)
    assert speaker.add("t", 2, 1.0, now=12.4) == (12.4, pytest.approx(0.4))


def test_the_position_is_where_playback_stood_still_and_goes_on_from_there() -> None:
    speaker = Playback()
    speaker.add("t", 0, 1.0, now=10.0)
    speaker.add("t", 1, 1.0, now=10.0)
    assert speaker.position(11.3) == ("t", 1, 300)
    speaker.pause(11.4)
    assert speaker.position(12.0) == ("t", 1, 400)
    speaker.resume(20.0)
    assert speaker.position(20.2) == ("t", 1, 600)
    speaker.stop(20.3)
    assert speaker.ends == 20.3


def test_the_last_voiced_sample_is_not_the_last_of_the_clip() -> None:
    clip = np.concatenate([np.zeros(100), np.full(50, 0.5), np.full(200, 0.001)])
    assert voiced(clip.astype(np.float32)) == (100, 149)


def test_figures_are_told_apart_by_language_and_kind() -> None:
    heard = [
        Heard("zh", "question", "a", 1, first_audio=0.5, done=True),
        Heard("en", "question", "b", 2, first_audio=0.7, gaps=[0.5], done=True),
        Heard("en", "question", "c", 0),
        Heard("en", "interruption", silent=0.1, stopped=True),
        Heard("en", "backchannel", stopped=True),
    ]
    found = report(heard, {"asr": [100.0, 300.0]})
    assert found["turns"] == 3
    assert found["first_audio_ms"]["p50"] == 600.0
    assert found["by_language"]["zh"]["first_audio_ms"]["p90"] == 500.0
    assert found["stages"]["asr"]["p50"] == 200.0
    assert (found["lost"], found["doubled"]) == (1, 0)
    assert (found["missed_interruptions"], found["backchannels_taken"]) == (0.0, 1.0)
    assert found["false_ends"] == found["gaps"] == round(1 / 3, 3)
