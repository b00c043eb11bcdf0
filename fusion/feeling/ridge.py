"""Kernel ridge: a linear head for few examples and many numbers, fitted in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fusion.softmax import best_temperature, least_sure, softmax

Floats = NDArray[np.float32]

PENALTY = 0.3
"""Times the mean squared length of an example: weight of the L2 penalty."""
WANTED = 0.9
"""Share of unseen answers that must be right; under the probability that gives it, none is."""


@dataclass(frozen=True, slots=True, eq=False)
class RidgeHead:
    """Class scores that are linear in standardised features."""

    labels: tuple[str, ...]
    weight: Floats
    """(width, classes)"""
    mean: Floats
    """(width,) of the training features."""
    deviation: Floats
    """(width,) of the training features, so scaled that every modality counts the same."""
    temperature: float
    threshold: float
    """Least probability of the best class at which an answer is given."""

    def probabilities(self, blocks: Sequence[Floats], *, adapt: bool = False) -> Floats:
        """(n, classes) calibrated probabilities of the features in `blocks`, as in training.

        `adapt` standardises them by their own mean and deviation instead of training's: for many
        examples from elsewhere that hold every class, such as all recordings of new speakers.
        """
        features = np.concatenate(blocks, axis=1)
        mean, deviation = _moments(blocks) if adapt else (self.mean, self.deviation)
        scores = (features - mean) / deviation @ self.weight
        return softmax(np.asarray(scores / self.temperature, np.float32))


def fit_ridge(blocks: Sequence[Floats], targets: Sequence[str]) -> RidgeHead:
    """A head from one array (n, width) per modality, every class and modality counting the same.

    Temperature and threshold come from leave-one-out scores, which ridge regression gives
    without fitting n times (Allen 1974). Raises ValueError for a single class.
    """
    labels = tuple(sorted(set(targets)))
    if len(labels) < 2:
        raise ValueError(f"all {len(targets)} examples are {labels[0]!r}: a head needs two classes")
    columns = np.array([labels.index(target) for target in targets])
    wanted = np.where(columns[:, None] == np.arange(len(labels)), 1.0, -1.0).astype(np.float32)
    bias = wanted.mean(axis=0)
    features = np.concatenate(blocks, axis=1)
    mean, deviation = _moments(blocks)
    rows = (features - mean) / deviation
    kernel = rows @ rows.T
    # A row of a rare class is fitted more closely.
    slack = PENALTY * len(labels) * np.bincount(columns)[columns] / len(columns)
    solved = np.linalg.inv(kernel + np.diag(slack).astype(np.float32))
    duals = solved @ (wanted - bias)
    unseen = wanted - duals / np.diag(solved)[:, None]
    temperature = best_temperature(unseen, labels, targets)
    p = softmax(unseen / temperature)
    threshold = least_sure(p.max(axis=1), p.argmax(axis=1) == columns, WANTED)
    weight = np.asarray(rows.T @ duals, dtype=np.float32)
    return RidgeHead(labels, weight, mean, deviation, temperature, threshold)


def _moments(blocks: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Mean and deviation of each feature, the latter so that every modality counts the same."""
    features = np.concatenate(blocks, axis=1)
    widths = np.concatenate([np.full(b.shape[1], b.shape[1], np.float32) for b in blocks])
    deviation = (features.std(axis=0) + 1e-6) * np.sqrt(widths * len(blocks))
    return features.mean(axis=0), np.asarray(deviation, np.float32)
