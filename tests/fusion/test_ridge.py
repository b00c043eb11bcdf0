"""The ridge head: few examples, many numbers, modalities of unlike width."""

from __future__ import annotations

import numpy as np
import pytest

from fusion.feeling.ridge import PENALTY, fit_ridge
from fusion.softmax import least_sure


def points(n: int, width: int, seed: int) -> tuple[np.ndarray, list[str]]:
    """`n` points of each of three classes, told apart by their first three numbers."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, (3 * n, width)).astype(np.float32)
    x[np.arange(3 * n), np.repeat(np.arange(3), n)] += 8
    return x, [label for label in ("a", "b", "c") for _ in range(n)]


def test_classes_are_told_apart_with_more_numbers_than_examples() -> None:
    x, y = points(20, 90, seed=0)
    head = fit_ridge([x], y)
    unseen, truth = points(30, 90, seed=1)
    p = head.probabilities([unseen])
    assert p.sum(axis=1) == pytest.approx(np.ones(90), abs=1e-5)
    assert np.mean([head.labels[i] for i in p.argmax(axis=1)] == np.array(truth)) > 0.8


def test_a_narrow_modality_counts_as_much_as_a_wide_one() -> None:
    narrow, y = points(20, 4, seed=2)
    noise = np.random.default_rng(3).normal(0, 1, (60, 2000)).astype(np.float32)
    head = fit_ridge([noise, narrow], y)
    unseen, truth = points(20, 4, seed=4)
    quiet = np.random.default_rng(5).normal(0, 1, (60, 2000)).astype(np.float32)
    named = [head.labels[i] for i in head.probabilities([quiet, unseen]).argmax(axis=1)]
    assert np.mean(np.array(named) == np.array(truth)) > 0.8


def test_examples_from_elsewhere_are_judged_by_their_own_mean_and_deviation() -> None:
    x, y = points(20, 90, seed=0)
    head = fit_ridge([x], y)
    moved = 3 * x + 50
    assert head.probabilities([moved], adapt=True) == pytest.approx(
        head.probabilities([x]), abs=1e-4
    )
    assert head.probabilities([moved]) != pytest.approx(head.probabilities([x]), abs=0.1)


def test_leave_one_out_is_what_leaving_one_out_gives() -> None:
    rng = np.random.default_rng(6)
    kernel = (lambda z: z @ z.T)(rng.normal(0, 1, (12, 5)))
    y = rng.normal(0, 1, 12)
    inverse = np.linalg.inv(kernel + PENALTY * np.eye(12))
    quick = y - (inverse @ y) / np.diag(inverse)
    for left in range(12):
        rest = np.delete(np.arange(12), left)
        inner = kernel[np.ix_(rest, rest)] + PENALTY * np.eye(11)
        assert quick[left] == pytest.approx(kernel[left, rest] @ np.linalg.solve(inner, y[rest]))


def test_one_class_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'calm'"):
        fit_ridge([np.zeros((2, 3), np.float32)], ["calm", "calm"])


def test_a_head_that_errs_at_low_confidence_is_trusted_only_above_it() -> None:
    best = np.array([0.4, 0.4, 0.8, 0.9], np.float32)
    right = np.array([False, True, True, True])
    assert 0.4 < least_sure(best, right, wanted=0.9) <= 0.8
    assert least_sure(best, right, wanted=0.7) == 0.0
    assert least_sure(best, ~np.ones(4, bool), wanted=0.9) > 0.89
