"""Tone: a voice beside its own habit, and what it adds to the words."""

from __future__ import annotations

import numpy as np
import pytest

from dialogue.types import AudioClip
from fusion.feeling.prosody import CONVERSATIONS, Habits, Prosody, measure
from fusion.feeling.reading import Feeling
from fusion.feeling.tone import VoiceTone, told, toned

RATE = 16_000
CALM = Prosody(pitch=12.0, loudness=-30.0, pace=1.2)
EXCITED = Prosody(pitch=18.0, loudness=-20.0, pace=1.5)


def hum(hertz: float, seconds: float = 1.0, loud: float = 0.1) -> AudioClip:
    """A voiced sound: a row of pulses, as vocal folds make it."""
    t = np.arange(round(seconds * RATE)) / RATE
    sound = sum(np.sin(2 * np.pi * k * hertz * t) / k for k in range(1, 9))
    return AudioClip((loud * sound).astype(np.float32), RATE)


@pytest.mark.parametrize("hertz", [80, 120, 220, 400])
def test_pitch_is_that_of_the_voice(hertz: float) -> None:
    found = measure(hum(hertz), units=4)
    assert found is not None
    assert 55.0 * 2 ** (found.pitch / 12) == pytest.approx(hertz, rel=0.03)


def test_ten_times_the_amplitude_is_twenty_decibels() -> None:
    quiet, loud = measure(hum(150, loud=0.02), 4), measure(hum(150, loud=0.2), 4)
    assert quiet is not None
    assert loud is not None
    assert loud.loudness - quiet.loudness == pytest.approx(20.0, abs=0.1)


def test_pace_leaves_pauses_out() -> None:
    alone, spaced = hum(150), np.concatenate([hum(150).samples, np.zeros(RATE, np.float32)])
    one, other = measure(alone, 4), measure(AudioClip(spaced, RATE), 4)
    assert one is not None
    assert other is not None
    assert other.pace == pytest.approx(one.pace, abs=0.1)


def test_silence_noise_and_a_word_too_short_say_nothing() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    for samples in (np.zeros(RATE, np.float32), noise, np.zeros(3, np.float32)):
        assert measure(AudioClip(samples, RATE), units=3) is None
    assert measure(hum(150, seconds=0.1), units=1) is None
    assert measure(hum(150), units=0) is None


def test_nothing_is_said_of_a_caller_who_is_not_known_yet() -> None:
    habits = Habits()
    assert habits.arousal("c", "1", CALM) is None
    assert habits.arousal("c", "2", EXCITED) is None
    assert habits.arousal("d", "3", EXCITED) is None


def test_a_caller_is_compared_with_themselves() -> None:
    habits = Habits()
    for turn in "12":
        habits.arousal("calm", turn, CALM)
        habits.arousal("lively", turn, EXCITED)
    assert habits.arousal("calm", "3", EXCITED) == pytest.approx(np.mean([4, 10 / 3, 0.3 / 0.25]))
    assert habits.arousal("lively", "3", EXCITED) == pytest.approx(0.0)


def test_hearing_a_turn_again_does_not_make_it_a_habit() -> None:
    habits = Habits()
    for _ in range(4):
        assert habits.arousal("c", "1", CALM) is None


def test_only_so_many_callers_are_remembered() -> None:
    habits = Habits()
    for turn in "12":
        habits.arousal("first", turn, CALM)
    for number in range(CONVERSATIONS):
        habits.arousal(str(number), "1", CALM)
    assert habits.arousal("first", "3", CALM) is None


def test_an_excited_voice_is_noticed_after_two_calm_turns() -> None:
    tone = VoiceTone()
    assert tone.arousal("c", "1", hum(150), "到哪了呀") is None
    assert tone.arousal("c", "2", hum(150), "到哪了呀") is None
    assert tone.arousal("c", "3", hum(150), "到哪了呀") is None
    raised = tone.arousal("c", "4", hum(240, loud=0.8), "到哪了呀")
    assert raised is not None
    assert raised > 1
    assert told(raised)[0][0] == "excited"


def test_the_words_decide_whether_excitement_is_joy_or_anger() -> None:
    doubtful = (("neutral", 0.5), ("angry", 0.4), ("happy", 0.1))
    assert toned(Feeling(emotion=doubtful), 2.0).emotion[0][0] == "angry"
    joyful = (("neutral", 0.5), ("happy", 0.45), ("angry", 0.05))
    assert toned(Feeling(emotion=joyful), 2.0).emotion[0][0] == "happy"


def test_a_voice_that_says_nothing_changes_nothing() -> None:
    words = Feeling((("negative", 0.6), ("neutral", 0.4)), (("angry", 1.0),), 0.5)
    assert toned(words, None) is words


def test_probabilities_still_sum_to_one() -> None:
    words = Feeling((("negative", 0.6), ("neutral", 0.3), ("positive", 0.1)))
    assert sum(p for _, p in toned(words, -2.0).sentiment) == pytest.approx(1.0, abs=0.001)
