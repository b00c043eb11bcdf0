"""What is kept of a voice: statistics over the frames of every layer."""

from __future__ import annotations

import numpy as np
import pytest

from dialogue.types import AudioClip
from fusion.feeling.scores import score_classes
from fusion.feeling.sound import beside_own, pooled, spoken


def test_statistics_are_those_of_each_number_over_time() -> None:
    states = np.array([[[0.0, 1.0], [2.0, 1.0], [4.0, 1.0]]], np.float32)
    mean, deviation, least, low, middle, high, most, step, far = pooled(states).reshape(9, 2)
    assert mean.tolist() == [2.0, 1.0]
    assert deviation == pytest.approx([np.sqrt(8 / 3), 0.0])
    assert (low[0], middle[0], high[0]) == pytest.approx((0.4, 2.0, 3.6))
    assert (least[0], most[0]) == (0.0, 4.0)
    assert step.tolist() == [2.0, 0.0]
    assert far.tolist() == [4.0, 0.0]


def test_a_voice_beside_its_own_mean_keeps_what_changes_from_turn_to_turn() -> None:
    features = np.array([[10.0, 1.0], [12.0, 1.0], [30.0, 5.0], [34.0, 5.0]], np.float32)
    own = beside_own(features, ["a", "a", "b", "b"])
    assert own.tolist() == [[-1.0, 0.0], [1.0, 0.0], [-2.0, 0.0], [2.0, 0.0]]


def test_how_long_somebody_speaks_does_not_change_the_width() -> None:
    rng = np.random.default_rng(0)
    widths = {pooled(rng.normal(size=(3, n, 5)).astype(np.float32)).shape for n in (2, 70)}
    assert widths == {(3 * 9 * 5,)}


def test_pauses_are_left_out_and_a_whisper_at_full_length_is_not() -> None:
    states = np.arange(20, dtype=np.float32).reshape(1, 20, 1)
    sound = np.full(20 * 320, 0.1, np.float32)
    sound[: 5 * 320] = 0.001  # 40 dB under the rest
    sound[10 * 320 : 12 * 320] = 0.01  # 20 dB
    kept = spoken(states, AudioClip(sound, 16_000))
    assert kept.ravel().tolist() == list(range(5, 20))
    assert spoken(states, AudioClip(sound * 0.01, 16_000)).shape == (1, 15, 1)


def test_too_few_loud_states_leave_all_and_states_after_the_sound_are_pauses() -> None:
    states = np.arange(20, dtype=np.float32).reshape(1, 20, 1)
    click = np.zeros(20 * 320, np.float32)
    click[0] = 1.0
    assert spoken(states, AudioClip(click, 16_000)).shape == (1, 20, 1)
    assert spoken(states, AudioClip(np.zeros(6400, np.float32), 16_000)).shape == (1, 20, 1)
    short = np.full(10 * 320, 0.1, np.float32)
    assert spoken(states, AudioClip(short, 16_000)).ravel().tolist() == list(range(10))


def test_scores_count_every_class_the_same_and_doubtful_answers_too() -> None:
    truth = ["calm"] * 8 + ["sad"] * 2
    named = ["calm"] * 8 + ["calm", "sad"]
    scores = score_classes(truth, named, [True] * 9 + [False])
    assert scores.uar == pytest.approx((1.0 + 0.5) / 2)
    assert scores.macro_f1 == pytest.approx((16 / 17 + 2 / 3) / 2)
    assert scores.abstained == pytest.approx(0.1)
    assert scores.confusion == {"labels": ["calm", "sad"], "rows_are_truth": [[8, 0], [1, 1]]}


def test_an_answer_that_never_occurs_costs_precision_but_no_recall() -> None:
    scores = score_classes(["calm", "sad"], ["calm", "angry"], [True, True])
    assert scores.uar == pytest.approx(0.5)
    assert scores.confusion["labels"] == ["angry", "calm", "sad"]
