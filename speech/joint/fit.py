"""Fitting the weights of joint decoding to development speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import softmax

from speech.joint.decide import TINY
from speech.joint.weights import Weights

Floats = NDArray[np.float64]

ORIGIN = Weights(phonetic=0.1, echo=0.3, fit=0.15, literal=0.3, known=0.3, text=0.8, sounds=0.8)
"""Where fitting starts from, and what it does not leave without need."""
CAUTION = 0.1
"""Pulls the weights to where they start: there are few recordings."""
FAITH = 1.0
"""The same to weights that were fitted before, on other recordings than are at hand."""
EASE = np.array([1, 1, 1, 10, 1, 1, 1, 1], float)
"""How far each weight may go for the same pull. That of the recognizer's own words counts whole
nats, not shares of one: pulled like the others it never left .3, however often they were right."""
DOUBT = 1e-4
"""Probability that no true intent falls below, so that one recording cannot rule."""
LITERAL = 3
"""Where `Reading.evidence` says that words are the recognizer's own."""
START = 0.05
"""Where a weight of nothing starts from: its simplex would have no height."""
WORDS = 0.3
"""How much the right words count beside the right intent."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One recording whose words and meaning are known."""

    evidence: Floats
    """(readings, kinds), in the order of `Reading.evidence`; the words as heard first."""
    errors: Floats
    """(readings,) share of the true words that each reading gets wrong."""
    views: Floats
    """(2, readings, intents) ln P(intent) by the words and by the sounds that were heard."""
    truth: int
    """Position of the true intent."""
    heard: bool = True
    """False for true words given as heard: speech that is easy must stay easy."""


def fit(
    observations: Sequence[Observation], start: Weights | None = None, caution: float = CAUTION
) -> Weights:
    """The weights under which true intents and words are likeliest; Nelder and Mead (1965).

    `caution`: how hard they are pulled to where they start.
    """
    start = start or ORIGIN
    origin = np.array(astuple(start))
    seen = _Stack(observations)

    def loss(numbers: Floats) -> float:
        return float(seen.surprise(numbers) + caution * np.sum(((numbers - origin) / EASE) ** 2))

    found = minimize(
        loss,
        np.maximum(origin, START),
        method="Nelder-Mead",
        bounds=[(0.0, None)] * len(origin),  # no evidence speaks against what it supports
        options={"maxfev": 2500, "xatol": 1e-3, "adaptive": True},
    )
    return Weights(*map(float, found.x))


def accuracy(observations: Sequence[Observation], weights: Weights) -> float:
    """Share of recordings whose likeliest intent is the true one."""
    numbers = np.array(astuple(weights))
    seen = _Stack([o for o in observations if o.heard])
    return float(np.mean(seen.posteriors(numbers).argmax(axis=1) == seen.truth))


def cross_validated(
    observations: Sequence[Observation],
    groups: Sequence[str],
    folds: int = 5,
    start: Weights | None = None,
    caution: float = CAUTION,
) -> float:
    """Accuracy on recordings of sentences that the weights were not fitted on."""
    names = sorted(set(groups))
    fold = {name: n % folds for n, name in enumerate(np.random.default_rng(0).permutation(names))}
    right = 0.0
    for part in range(folds):
        unseen = [o for o, g in zip(observations, groups, strict=True) if fold[g] == part]
        seen = [o for o, g in zip(observations, groups, strict=True) if fold[g] != part]
        if recordings := sum(o.heard for o in unseen):
            right += accuracy(unseen, fit(seen, start, caution)) * recordings
    return right / max(sum(o.heard for o in observations), 1)


class _Stack:
    """Observations side by side; those of fewer readings are filled up with impossible ones."""

    def __init__(self, observations: Sequence[Observation]) -> None:
        most = max(len(o.errors) for o in observations)
        kinds, intents = observations[0].evidence.shape[1], observations[0].views.shape[2]
        count = len(observations)
        self._evidence = np.zeros((count, most, kinds))
        self._impossible = np.full((count, most), -np.inf)
        self._errors = np.zeros((count, most))
        self._views = np.zeros((2, count, most, intents), np.float32)
        for n, each in enumerate(observations):
            length = len(each.errors)
            self._evidence[n, :length] = each.evidence
            self._impossible[n, :length] = 0.0
            self._errors[n, :length] = each.errors
            self._views[:, n, :length] = each.views
        self._literal = self._evidence[:, 0, LITERAL]
        self.truth = np.array([o.truth for o in observations])

    def posteriors(self, numbers: Floats) -> Floats:
        """(observations, intents) P(intent | sound)."""
        text, sounds, heard = numbers[-3:].astype(np.float32)
        meaning = softmax(text * self._views[0] + sounds * self._views[1], axis=2)
        mixed = np.log(np.einsum("nr,nri->ni", self._words(numbers), meaning) + TINY)
        own = np.log(meaning[:, 0] + TINY) * self._literal[:, None]
        return np.asarray(softmax(mixed + heard * own, axis=1))

    def surprise(self, numbers: Floats) -> float:
        """Mean nats of the true intent, and `WORDS` times the words expected to be wrong."""
        true = self.posteriors(numbers)[np.arange(len(self.truth)), self.truth]
        wrong = (self._words(numbers) * self._errors).sum(axis=1)
        return float(np.mean(WORDS * wrong - np.log(true + DOUBT)))

    def _words(self, numbers: Floats) -> Floats:
        """(observations, readings) P(words | sound)."""
        return np.asarray(softmax(self._evidence @ numbers[:-3] + self._impossible, axis=1))
