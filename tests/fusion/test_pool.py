"""The pool: answers of several heads joined, some missing, with weights learned or without."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fusion.pool import averaged, fit_pool, multiplied

Floats = NDArray[np.float32]

NAN = float("nan")
LABELS = ("negative", "neutral", "positive")


def said(*numbers: int | None, sure: float = 0.9) -> Floats:
    """Answers of a head that is as sure as that of one class each; NaN where it was not asked."""
    rest = (1 - sure) / 2
    rows = [
        [NAN] * 3 if k is None else [sure if c == k else rest for c in range(3)] for k in numbers
    ]
    return np.array(rows, np.float32)


def test_a_missing_answer_leaves_the_others_as_they_are() -> None:
    answers = [said(0, None), said(None, 2)]
    for join in (averaged, multiplied):
        assert join(answers) == pytest.approx(np.array([said(0)[0], said(2)[0]]), abs=1e-5)


def test_nobody_asked_is_every_class_alike() -> None:
    for join in (averaged, multiplied):
        assert join([said(None), said(None)])[0] == pytest.approx([1 / 3] * 3)


def test_two_who_agree_are_surer_together_than_their_mean() -> None:
    answers = [said(0, sure=0.7), said(0, sure=0.7)]
    assert averaged(answers)[0, 0] == pytest.approx(0.7)
    assert multiplied(answers)[0, 0] == pytest.approx(0.49 / (0.49 + 2 * 0.15**2), abs=1e-4)


def test_the_head_that_is_right_is_believed() -> None:
    chance = np.random.default_rng(0)
    truth = chance.integers(0, 3, 300)
    liar, honest = said(*chance.integers(0, 3, 300).tolist()), said(*truth.tolist(), sure=0.6)
    pool = fit_pool([liar, honest], [LABELS[k] for k in truth], pairs=False)
    told = pool.probabilities([said(0, 1), said(2, 2, sure=0.6)])
    assert [pool.labels[k] for k in told.argmax(axis=1)] == ["positive", "positive"]
    assert averaged([said(0), said(2, sure=0.6)])[0].argmax() == 0


def test_quality_may_decide_whom_to_believe() -> None:
    chance = np.random.default_rng(1)
    truth = chance.integers(0, 3, 600)
    clean = chance.random(600) < 0.5
    heard = np.where(clean, truth, chance.integers(0, 3, 600))
    other = np.where(clean, chance.integers(0, 3, 600), truth)
    quality = np.stack([clean, ~clean], axis=1).astype(np.float32)
    answers = [said(*heard.tolist()), said(*other.tolist())]
    pool = fit_pool(answers, [LABELS[k] for k in truth], quality, pairs=False, softness=10.0)
    clash = [said(0, 0), said(2, 2)]
    told = pool.probabilities(clash, np.array([[1, 0], [0, 1]], np.float32)).argmax(axis=1)
    assert [pool.labels[k] for k in told] == ["negative", "positive"]


def test_pairs_learn_what_neither_answer_says() -> None:
    first, second = np.arange(90) % 3, np.arange(90) // 3 % 3
    same = ["yes" if a == b else "no" for a, b in zip(first, second, strict=True)]
    answers = [said(*first.tolist()), said(*second.tolist())]
    right = []
    for pairs in (False, True):
        pool = fit_pool(answers, same, pairs=pairs, softness=10.0)
        named = [pool.labels[k] for k in pool.probabilities(answers).argmax(axis=1)]
        right.append(np.mean(np.array(named) == same))
    assert right[1] == 1.0
    assert right[0] < 0.8


def test_two_classes_still_sum_to_one() -> None:
    answers = [said(0, 2, 0, 2)]
    pool = fit_pool(answers, ["bad", "good", "bad", "good"])
    p = pool.probabilities(answers)
    assert p.sum(axis=1) == pytest.approx(np.ones(4))
    assert p[0].argmax() == 0
    assert p[1].argmax() == 1


def test_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="needs two classes"):
        fit_pool([said(0, 1)], ["same", "same"])
