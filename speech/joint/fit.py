"""Fitting the weights of joint decoding to development speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from speech.joint.weights import Weights

Floats = NDArray[np.float64]

CAUTION = 0.01
"""Pulls the weights to where they start: there are few recordings."""
DOUBT = 1e-4
"""Probability that no true intent falls below, so that one recording cannot rule."""
START = 0.05
"""Where a weight of nothing starts from: its simplex would have no height."""
WORDS = 0.3
"""How much the right words count beside the right intent."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One recording whose words and meaning are known."""

    evidence: Floats
    """(readings, 4), in the order of `Reading.evidence`; the words as heard first."""
    errors: Floats
    """(readings,) share of the true words that each reading gets wrong."""
    views: Floats
    """(2, readings, intents) ln P(intent) by the words and by the sounds that were heard."""
    truth: int
    """Position of the true intent."""
    heard: bool = True
    """False for true words given as heard: speech that is easy must stay easy."""


def fit(observations: Sequence[Observation], start: Weights | None = None) -> Weights:
    """The weights under which true intents and words are likeliest; Nelder and Mead (1965)."""
    start = start or Weights()
    origin = np.array([*start.evidence, *start.views])

    def loss(numbers: Floats) -> float:
        surprise = np.mean([_surprise(each, numbers) for each in observations])
        return float(surprise + CAUTION * np.sum((numbers - origin) ** 2))

    found = minimize(
        loss,
        np.maximum(origin, START),
        method="Nelder-Mead",
        bounds=[(0.0, None)] * len(origin),  # no evidence speaks against what it supports
        options={"maxfev": 1500, "xatol": 1e-3},
    )
    return Weights(*map(float, found.x))


def accuracy(observations: Sequence[Observation], weights: Weights) -> float:
    """Share of recordings whose likeliest intent is the true one."""
    numbers = np.array([*weights.evidence, *weights.views])
    heard = [o for o in observations if o.heard]
    return float(np.mean([_posterior(o, numbers).argmax() == o.truth for o in heard]))


def cross_validated(
    observations: Sequence[Observation], groups: Sequence[str], folds: int = 5
) -> float:
    """Accuracy on recordings of sentences that the weights were not fitted on."""
    names = sorted(set(groups))
    fold = {name: n % folds for n, name in enumerate(np.random.default_rng(0).permutation(names))}
    right = 0.0
    for part in range(folds):
        unseen = [o for o, g in zip(observations, groups, strict=True) if fold[g] == part]
        seen = [o for o, g in zip(observations, groups, strict=True) if fold[g] != part]
        if recordings := sum(o.heard for o in unseen):
            right += accuracy(unseen, fit(seen)) * recordings
    return right / max(sum(o.heard for o in observations), 1)


def _posterior(observation: Observation, numbers: Floats) -> Floats:
    """(intents,) P(intent | sound)."""
    words = softmax(observation.evidence @ numbers[:4])
    meaning = softmax(np.tensordot(numbers[4:], observation.views, 1), axis=1)
    return np.asarray(words @ meaning)


def _surprise(observation: Observation, numbers: Floats) -> float:
    words = np.exp(log_softmax(observation.evidence @ numbers[:4]))
    intent = -np.log(_posterior(observation, numbers)[observation.truth] + DOUBT)
    return float(intent + WORDS * (words @ observation.errors))
