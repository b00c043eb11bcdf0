"""The softmax head: learns, calibrates, keeps, and is the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fusion.softmax import (
    SoftmaxHead,
    best_temperature,
    calibrate,
    fit_head,
    load_head,
    posterior,
    save_head,
)
from fusion.softmax import softmax as probabilities

LABELS = ("apple", "lemon", "onion")


@pytest.fixture(scope="module")
def points() -> tuple[np.ndarray, list[str]]:
    rng = np.random.default_rng(0)
    centres = np.eye(3, 6, dtype=np.float32) + 1.0
    x = np.repeat(centres, 40, axis=0) + rng.normal(0, 0.15, (120, 6)).astype(np.float32)
    return x, [label for label in LABELS for _ in range(40)]


def test_a_head_learns_what_can_be_told_apart(points: tuple[np.ndarray, list[str]]) -> None:
    x, y = points
    head = fit_head(x, y, labels=LABELS)
    guesses = [LABELS[i] for i in head.probabilities(x).argmax(axis=1)]
    assert np.mean([g == t for g, t in zip(guesses, y, strict=True)]) > 0.95


def test_the_same_seed_gives_the_same_head(points: tuple[np.ndarray, list[str]]) -> None:
    x, y = points
    one, two = (fit_head(x, y, labels=LABELS, epochs=3, seed=4) for _ in range(2))
    assert np.array_equal(one.weight, two.weight)


def test_a_kept_head_answers_as_before(
    points: tuple[np.ndarray, list[str]], tmp_path: Path
) -> None:
    x, y = points
    head = calibrate(fit_head(x, y, labels=LABELS), x, y)
    save_head(head, tmp_path / "new" / "head.safetensors")
    kept = load_head(tmp_path / "new" / "head.safetensors")
    assert kept.labels == LABELS
    assert kept.temperature == pytest.approx(head.temperature)
    assert np.allclose(kept.probabilities(x), head.probabilities(x), atol=0.02)


def test_weights_in_column_order_are_kept_rightly(tmp_path: Path) -> None:
    weight = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    head = SoftmaxHead(("a", "b"), weight, np.zeros(2, np.float32), np.zeros(3, np.float32), 1.0)
    save_head(head, tmp_path / "head.safetensors")
    assert np.array_equal(load_head(tmp_path / "head.safetensors").weight, weight)


def test_overconfident_logits_are_cooled() -> None:
    # Nine to one by the logits, but right only every second time.
    logits = np.tile(np.log(np.array([[0.9, 0.1]], np.float32)), (100, 1))
    truth = ["a", "b"] * 50
    assert best_temperature(logits, ("a", "b"), truth) > 3.0


def test_probabilities_sum_to_one_for_large_logits() -> None:
    p = probabilities(np.array([[1000.0, 999.0]], np.float32))
    assert p[0, 0] == pytest.approx(1 / (1 + np.exp(-1)), abs=1e-5)


def test_a_posterior_is_sorted_and_cut() -> None:
    p = np.array([0.2, 0.7, 0.1], np.float32)
    assert posterior(LABELS, p, 2) == (("lemon", 0.7), ("apple", 0.2))
