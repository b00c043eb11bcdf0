"""JointDecoder: words and meaning of one utterance, decided together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from dialogue.types import Heard, Language, Posterior, Transcript
from speech.joint.repair import Repairer
from speech.joint.spelling import respelt
from speech.joint.weights import Weights

READINGS = 5
"""How many are weighed; each costs one line of a batch in the recognizer's decoder."""
CLEAR = 9.0
"""Nats by which the words as heard must fit better than all others to be believed at once."""
FAINT = 0.02
"""Probability below which a reading's meaning is not asked for."""

Meanings = Callable[[Sequence[str], Language], Sequence[Posterior]]
"""P(intent | words) of each text."""
Rescore = Callable[[Transcript, Sequence[str]], Sequence[float]]
"""ln P(words | sound) of each text."""
Known = Callable[[Sequence[str]], Sequence[float]]
"""How many of the names and numbers in each text exist."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the sound, with the evidence for it relative to the words as heard."""

    text: str
    acoustic: float = 0.0
    """ln P(words | sound), nats."""
    fit: float = 0.0
    """How well it fits the business's language, less the cost of sounds changed; nats."""
    literal: bool = False
    """A hypothesis of the recognizer's own."""
    known: float = 0.0
    """Names and numbers in it that exist."""

    @property
    def evidence(self) -> tuple[float, float, float, float]:
        """In the order of `Weights.evidence`."""
        return self.acoustic, self.fit, float(self.literal), self.known


class JointDecoder:
    """P(intent | sound) = Σ P(words | sound) · P(intent | words), and the words that fit it best.

    The words that compete are the recognizer's hypotheses and what the business's own words make
    of their sound. Each is scored again by the recognizer's decoder (`rescore`), by an n-gram of
    how customers talk, and by what the shop knows; a log-linear model (Och and Ney 2002) whose
    weights are fitted on development speech puts these together.
    """

    def __init__(
        self,
        repairers: Mapping[Language, Repairer],
        weights: Mapping[Language, Weights],
        rescore: Rescore,
    ) -> None:
        self._repairers = repairers
        self._weights = weights
        self._rescore = rescore

    def decide(
        self, transcript: Transcript, meanings: Meanings, known: Known = lambda t: [0.0] * len(t)
    ) -> Heard:
        """What was said and meant; empty where nothing was heard."""
        if not transcript.hypotheses:
            return Heard("", "", ())
        readings = self.readings(transcript, known)
        weights = self._weights.get(transcript.language, Weights())
        evidence = np.array([reading.evidence for reading in readings])
        sound = softmax(evidence @ np.array(weights.evidence))
        asked = [n for n in np.argsort(-sound) if n == 0 or sound[n] >= FAINT]
        posteriors = meanings([readings[n].text for n in asked], transcript.language)
        share = sound[asked] / sound[asked].sum()
        mixed = _mix(share, posteriors)
        weighed = _weighed([readings[n].text for n in asked], share, posteriors, mixed)
        return _heard(transcript.text, readings[0].text, weighed, mixed)

    def readings(self, transcript: Transcript, known: Known) -> list[Reading]:
        """The words as heard first, then what else the sound may have been."""
        heard = [hypothesis.text for hypothesis in transcript.hypotheses]
        repairer = self._repairers.get(transcript.language)
        if repairer is None:
            return [Reading(heard[0], literal=True)]
        plain = repairer.plain(heard[0])
        fits = {c.text: c.fit for c in repairer.candidates(heard[0], READINGS)}
        fits |= {repairer.plain(t): repairer.fit(t) for t in heard[1:]}
        others = sorted((t for t in fits if t != plain), key=lambda t: -fits[t])[: READINGS - 1]
        base = fits[plain]
        if all(base - fits[text] > CLEAR for text in others):
            return [Reading(heard[0], literal=True)]
        texts = [plain, *others]
        acoustic = self._rescore(transcript, texts)
        counts = known(texts)
        spelt = {repairer.plain(text) for text in heard}
        return [
            Reading(
                heard[0] if text == plain else respelt(heard[0], text, repairer.units),
                acoustic[n] - acoustic[0],
                fits[text] - base,
                text in spelt,
                counts[n] - counts[0],
            )
            for n, text in enumerate(texts)
        ]


def _mix(share: NDArray[np.float64], posteriors: Sequence[Posterior]) -> Posterior:
    total: dict[str, float] = {}
    for weight, posterior in zip(share, posteriors, strict=True):
        for name, p in posterior:
            total[name] = total.get(name, 0.0) + float(weight) * p
    return tuple(sorted(total.items(), key=lambda pair: -pair[1]))


def _weighed(
    texts: Sequence[str],
    share: NDArray[np.float64],
    posteriors: Sequence[Posterior],
    mixed: Posterior,
) -> Posterior:
    """P(words | sound, what they mean together), best first."""
    meant = mixed[0][0]
    fit = [float(s) * dict(p).get(meant, 0.0) for s, p in zip(share, posteriors, strict=True)]
    total = max(sum(fit), 1e-12)
    return tuple(sorted(zip(texts, (f / total for f in fit), strict=True), key=lambda x: -x[1]))


def _heard(cascade: str, literal: str, weighed: Posterior, mixed: Posterior) -> Heard:
    chosen, p = weighed[0]
    if chosen == literal:
        return Heard(cascade, cascade, mixed, "", weighed)
    times = p / max(dict(weighed).get(literal, 0.0), 1e-3)
    reason = f"as {mixed[0][0]}, these words are {min(times, 999):.1f} times likelier"
    return Heard(cascade, chosen, mixed, reason, weighed)
