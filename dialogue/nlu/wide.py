"""Wide: a linear model over n-grams, which remembers the words that give an intent away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from dialogue.nlu.features import Floats

STRENGTH = 1.0
"""Inverse regularisation (scikit-learn's C)."""
FOLDS = 5
NEVER = -1.0
"""Margin of an intent that a fold has no utterance of."""


@dataclass(frozen=True, slots=True, eq=False)
class Wide:
    """One hyperplane per intent."""

    weights: Floats
    """(features, intents)."""
    bias: Floats
    """(intents,)."""

    def logits(self, table: csr_matrix) -> Floats:
        """(n, intents) margins of weighted n-grams."""
        return np.asarray(table @ self.weights + self.bias, dtype=np.float32)

    def scaled(self, share: float) -> Wide:
        """The same, which says `share` times as much."""
        return Wide(self.weights * np.float32(share), self.bias * np.float32(share))


def train_wide(table: csr_matrix, labels: NDArray[np.int64]) -> Wide:
    """One support vector machine per intent against the rest; labels are 0 … intents - 1."""
    model = LinearSVC(C=STRENGTH, random_state=0).fit(table, labels)
    weights, bias = model.coef_, model.intercept_
    if len(weights) == 1:
        # Of two intents scikit-learn describes only the second.
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return Wide(np.asarray(weights.T, dtype=np.float32), np.asarray(bias, dtype=np.float32))


def left_out_by_folds(table: csr_matrix, labels: NDArray[np.int64], intents: int) -> Floats:
    """(n, intents) margins that each row gets from a model of the four fifths it is not in."""
    margins = np.full((len(labels), intents), NEVER, np.float32)
    folds = np.random.default_rng(0).permutation(len(labels)) % FOLDS
    for fold in range(FOLDS):
        out = folds == fold
        there, known = np.unique(labels[~out], return_inverse=True)
        if len(there) > 1:
            margins[np.ix_(out, there)] = train_wide(table[~out], known).logits(table[out])
    return margins
