"""NGram: how customers of one business put words one after another."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

UNSEEN = 1e-6
"""Probability of a word that nothing is known about."""
ELSEWHERE = 0.3
"""Share of single-word probability that comes from the language at large."""
REACH = 2
"""Words back that the next one depends on."""
History = tuple[str, ...]
_START, _END = "<s>", "</s>"


class NGram:
    """Word trigrams with Witten-Bell smoothing (Witten and Bell 1991)."""

    def __init__(
        self,
        sentences: Iterable[Sequence[str]],
        words: Iterable[str] = (),
        elsewhere: Callable[[str], float] = lambda _word: 0.0,
    ) -> None:
        """`words` are counted once more each; `elsewhere` gives a word's general probability."""
        self._single: Counter[str] = Counter(words)
        self._after: Counter[History] = Counter()
        self._elsewhere = elsewhere
        for sentence in sentences:
            path = (_START, *sentence, _END)
            self._single.update(path[1:])
            for length in range(2, REACH + 2):
                runs = range(len(path) - length + 1)
                self._after.update(path[at : at + length] for at in runs)
        self._total = sum(self._single.values())
        self._kinds: Counter[History] = Counter(run[:-1] for run in self._after)
        self._seen: Counter[History] = Counter()
        for run, count in self._after.items():
            self._seen[run[:-1]] += count

    @property
    def words(self) -> frozenset[str]:
        """Every word that was counted."""
        return frozenset(self._single) - {_END}

    def single(self, word: str) -> float:
        """P(word), whatever is before it."""
        here = self._single[word] / self._total if self._total else 0.0
        return (1 - ELSEWHERE) * here + ELSEWHERE * self._elsewhere(word) + UNSEEN

    def logprob(self, word: str, before: History) -> float:
        """ln P(word | the words before); none open the sentence, and `word` "" ends it."""
        word, before = word or _END, (_START, *before)[-REACH:]
        # Nobody says a word twice in a row who has not been heard to.
        likely = self.single(word) if word != before[-1] else UNSEEN
        for length in range(1, len(before) + 1):
            history = before[-length:]
            if not (seen := self._seen[history]):
                break
            kinds = self._kinds[history]
            likely = (self._after[(*history, word)] + kinds * likely) / (seen + kinds)
        return math.log(likely)
