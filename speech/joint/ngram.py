"""NGram: how customers of one business put words one after another."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

UNSEEN = 1e-6
"""Probability of a word that nothing is known about."""
ELSEWHERE = 0.3
"""Share of single-word probability that comes from the language at large."""
_START, _END = "<s>", "</s>"


class NGram:
    """Word bigrams with Witten-Bell smoothing (Witten and Bell 1991)."""

    def __init__(
        self,
        sentences: Iterable[Sequence[str]],
        words: Iterable[str] = (),
        elsewhere: Callable[[str], float] = lambda _word: 0.0,
    ) -> None:
        """`words` are counted once more each; `elsewhere` gives a word's general probability."""
        self._single: Counter[str] = Counter(words)
        self._after: dict[str, Counter[str]] = defaultdict(Counter)
        self._elsewhere = elsewhere
        for sentence in sentences:
            path = [_START, *sentence, _END]
            self._single.update(path[1:])
            for word, following in pairwise(path):
                self._after[word][following] += 1
        self._total = sum(self._single.values())
        self._kinds = {word: (len(next_), next_.total()) for word, next_ in self._after.items()}

    @property
    def words(self) -> frozenset[str]:
        """Every word that was counted."""
        return frozenset(self._single) - {_END}

    def single(self, word: str) -> float:
        """P(word), whatever is before it."""
        here = self._single[word] / self._total if self._total else 0.0
        return (1 - ELSEWHERE) * here + ELSEWHERE * self._elsewhere(word) + UNSEEN

    def logprob(self, word: str, before: str | None) -> float:
        """ln P(word | before); `before` None opens the sentence, and `word` "" ends it."""
        word, before = word or _END, _START if before is None else before
        # Nobody says a word twice in a row who has not been heard to.
        single = self.single(word) if word != before else UNSEEN
        if before not in self._kinds:
            return math.log(single)
        kinds, seen = self._kinds[before]
        return math.log((self._after[before][word] + kinds * single) / (seen + kinds))
