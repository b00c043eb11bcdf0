"""Calibration: how far a classifier's logits may be believed, and when it had better not speak."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

REFUSED = 0.03
"""Share of rightly understood in-scope utterances that the threshold may give up."""
HOTTEST = 20.0
COOLEST = 0.01


@dataclass(frozen=True, slots=True)
class Calibration:
    """Numbers learnt from utterances that the classifier did not see."""

    temperature: float = 1.0
    """By which logits are divided (Guo et al. 2017)."""
    threshold: float = 0.3
    """Confidence below which the classifier would rather not say."""

    def probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, intents) from (n, intents) logits."""
        return np.asarray(softmax(logits / self.temperature, axis=1), np.float32)


def calibrated(
    logits: NDArray[np.float32], truth: NDArray[np.int64], outside: int | None
) -> Calibration:
    """The temperature of least surprise on (n, intents) logits, and the threshold.

    `outside` is the label of utterances that the threshold need not protect.
    """
    found = Calibration(temperature(logits, truth))
    sure = found.probabilities(logits)
    right = sure.argmax(axis=1) == truth
    if outside is not None:
        right &= truth != outside
    if not right.any():
        return found
    return replace(found, threshold=float(np.quantile(sure.max(axis=1)[right], REFUSED)))


def settled(
    known: Calibration, logits: NDArray[np.float32], truth: NDArray[np.int64]
) -> Calibration:
    """`known` at the temperature of least surprise on these (n, intents) logits.

    The threshold moves along: as many of these lines stay below it.
    """
    found = replace(known, temperature=temperature(logits, truth))
    before, after = (np.sort(c.probabilities(logits).max(axis=1)) for c in (known, found))
    return replace(found, threshold=float(np.interp(known.threshold, before, after)))


def temperature(logits: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """By which (n, intents) logits are best divided: the least surprise at the truth."""
    found = minimize_scalar(
        lambda t: surprise(logits, truth, t), bounds=(COOLEST, HOTTEST), method="bounded"
    )
    return float(found.x)


def surprise(logits: NDArray[np.float32], truth: NDArray[np.int64], divisor: float) -> float:
    """Mean of what the truth costs in nats at the temperature `divisor`."""
    logs = log_softmax(logits / divisor, axis=1)
    return -float(logs[np.arange(len(truth)), truth].mean())
