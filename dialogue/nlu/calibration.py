"""Calibration: how far a classifier's logits may be believed, and when it had better not speak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

REFUSED = 0.03
"""Share of rightly understood in-scope utterances that the threshold may give up."""
HOTTEST = 20.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Two numbers learnt from utterances that the model did not see."""

    temperature: float = 1.0
    """Logits are divided by it (Guo et al. 2017)."""
    threshold: float = 0.3
    """Confidence below which the classifier would rather not say."""


def calibrated(
    logits: NDArray[np.float32], truth: NDArray[np.int64], outside: int | None
) -> Calibration:
    """The temperature of least surprise on (n, intents) logits, and the threshold at it.

    `outside` is the label of utterances that the threshold need not protect.
    """
    found = minimize_scalar(
        lambda t: _surprise(logits, truth, t), bounds=(1 / HOTTEST, HOTTEST), method="bounded"
    )
    sure = softmax(logits / found.x, axis=1)
    right = sure.argmax(axis=1) == truth
    if outside is not None:
        right &= truth != outside
    if not right.any():
        return Calibration(float(found.x))
    return Calibration(float(found.x), float(np.quantile(sure.max(axis=1)[right], REFUSED)))


def _surprise(logits: NDArray[np.float32], truth: NDArray[np.int64], temperature: float) -> float:
    logs = log_softmax(logits / temperature, axis=1)
    return -float(logs[np.arange(len(truth)), truth].mean())
