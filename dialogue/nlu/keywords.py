"""KeywordClassifier: intents by shared characters and words, without weights, for degraded use."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from math import log

from dialogue.nlu.examples import Example
from dialogue.types import Posterior

_WORD = re.compile(r"[a-z0-9']+|[\u4e00-\u9fff]")


class KeywordClassifier:
    """Naive Bayes over words and character pairs of the pack's utterances."""

    threshold = 0.3
    """Confidence below which an intent should not be acted on."""

    def __init__(self, examples: Sequence[Example]) -> None:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for example in examples:
            counts[example.intent].update(_tokens(example.text))
        self._counts = dict(counts)
        self._seen = len(set().union(*counts.values())) + 1

    def posteriors(self, texts: Sequence[str]) -> list[Posterior]:
        """One posterior per text, most probable intent first."""
        return [self._posterior(text) for text in texts]

    readings = posteriors

    def _posterior(self, text: str) -> Posterior:
        tokens = _tokens(text)
        scores = {
            intent: sum(log((known[t] + 0.3) / (known.total() + 0.3 * self._seen)) for t in tokens)
            for intent, known in self._counts.items()
        }
        best = max(scores.values(), default=0.0)
        weights = {
            intent: 2.718281828 ** max(score - best, -50) for intent, score in scores.items()
        }
        total = sum(weights.values())
        return tuple(sorted(((i, w / total) for i, w in weights.items()), key=lambda p: -p[1]))


def _tokens(text: str) -> list[str]:
    words = _WORD.findall(text.lower())
    return [*words, *(a + b for a, b in pairwise(words))]
