"""Pool: joins what single-modality heads answer, by averaging, multiplying, or learned weights.

A few numbers a class, where the fusion model has a million: it needs a head for each modality and
learns only whom to believe, and, with `pairs`, what two answers mean together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from fusion.softmax import softmax

Floats = NDArray[np.float32]

LEAST = 1e-4
"""Probability below which a head is taken to be as sure as it can be."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Class probabilities from the answers of several heads, any of which may be missing."""

    labels: tuple[str, ...]
    weight: Floats
    """(features, classes)"""
    bias: Floats
    """(classes,)"""
    pairs: bool
    """Whether each pair of answers is also looked at together."""

    def probabilities(self, answers: Sequence[Floats], quality: Floats | None = None) -> Floats:
        """(n, classes) from one (n, own classes) array a head, as in training.

        A row of NaN is a head that was not asked. `quality` (n, heads) is 1 where it is None.
        """
        return softmax(features(answers, quality, pairs=self.pairs) @ self.weight + self.bias)


def fit_pool(
    answers: Sequence[Floats],
    targets: Sequence[str],
    quality: Floats | None = None,
    *,
    pairs: bool = True,
    softness: float = 1.0,
) -> Pool:
    """A pool from answers of heads that were not shown the rows: else it believes them too much.

    `softness` is the inverse weight of the L2 penalty. ValueError for a single class.
    """
    labels = tuple(sorted(set(targets)))
    if len(labels) < 2:
        raise ValueError(f"all {len(targets)} rows are {labels[0]!r}: a pool needs two classes")
    model = LogisticRegression(C=softness, class_weight="balanced", max_iter=5000)
    model.fit(features(answers, quality, pairs=pairs), list(targets))
    weight, bias = model.coef_.T, model.intercept_
    if len(labels) == 2:  # scikit-learn describes only the second
        weight, bias = np.hstack([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return Pool(labels, weight.astype(np.float32), bias.astype(np.float32), pairs)


def features(answers: Sequence[Floats], quality: Floats | None, *, pairs: bool) -> Floats:
    """(n, features): centred log probabilities, weighed by quality, and products of two answers."""
    n = len(answers[0])
    quality = np.ones((n, len(answers)), np.float32) if quality is None else quality
    found = []
    for number, p in enumerate(answers):
        told = ~np.isnan(p[:, :1])
        logs = np.log(np.maximum(np.nan_to_num(p, nan=1.0), LEAST))
        logs -= logs.mean(axis=1, keepdims=True)
        found += [logs * told, logs * told * quality[:, number : number + 1], told]
    for one, other in combinations(answers, 2) if pairs else ():
        both = np.nan_to_num(one)[:, :, None] * np.nan_to_num(other)[:, None, :]
        found.append(both.reshape(n, -1))
    return np.concatenate(found, axis=1).astype(np.float32)


def averaged(answers: Sequence[Floats]) -> Floats:
    """(n, classes) mean of the answers that are there; uniform where there is none."""
    told = np.stack([~np.isnan(p[:, 0]) for p in answers])
    total = np.stack([np.nan_to_num(p) for p in answers]).sum(axis=0)
    none = np.full_like(total, 1 / total.shape[1])
    count = told.sum(axis=0)[:, None]
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), none), np.float32)


def multiplied(answers: Sequence[Floats]) -> Floats:
    """(n, classes) product of the answers that are there, normalised (Hinton 2002)."""
    logs = [np.log(np.maximum(np.nan_to_num(p, nan=1.0), LEAST)) for p in answers]
    return softmax(np.asarray(np.sum(logs, axis=0), np.float32))
