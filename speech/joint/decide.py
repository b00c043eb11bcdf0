"""What was said, decided by sound and meaning together over all hypotheses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from dialogue.types import Heard, Posterior, Transcript

TEMPERATURE = 0.25
"""Divides the mean log-probabilities: smaller trusts the recognizer's order more."""
MARGIN = 1.5
"""How many times likelier another hypothesis must be before the first is left."""


def decide(
    transcript: Transcript,
    score: Callable[[Sequence[str]], Sequence[Posterior]],
    temperature: float = TEMPERATURE,
    margin: float = MARGIN,
) -> Heard:
    """P(intent | sound) = Σ P(hypothesis | sound) · P(intent | hypothesis), and the words for it.

    `score` gives one posterior per text. The words stay the recognizer's own first ones unless
    others are `margin` times likelier.
    """
    texts = [hypothesis.text for hypothesis in transcript.hypotheses]
    if not texts:
        return Heard("", "", ())
    sound = _softmax(np.array([h.logprob for h in transcript.hypotheses]) / temperature)
    meanings = [dict(posterior) for posterior in score(texts)]
    fit = [float(p) * max(m.values(), default=0.0) for p, m in zip(sound, meanings, strict=True)]
    best = int(np.argmax(fit))
    chosen = best if fit[best] > margin * fit[0] else 0
    reason = "" if chosen == 0 else _reason(meanings, fit, chosen)
    return Heard(texts[0], texts[chosen], _mix(sound, meanings), reason)


def _softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(values - values.max())
    return np.asarray(powers / powers.sum())


def _mix(sound: NDArray[np.float64], meanings: list[dict[str, float]]) -> Posterior:
    names = {name: None for meaning in meanings for name in meaning}
    mixed = {
        name: float(sum(p * m.get(name, 0.0) for p, m in zip(sound, meanings, strict=True)))
        for name in names
    }
    return tuple(sorted(mixed.items(), key=lambda pair: -pair[1]))


def _reason(meanings: list[dict[str, float]], fit: list[float], chosen: int) -> str:
    intent = max(meanings[chosen], key=lambda name: meanings[chosen][name])
    times = fit[chosen] / max(fit[0], 1e-9)
    return f"hypothesis {chosen + 1} means {intent}, {times:.1f} times likelier than the first"
