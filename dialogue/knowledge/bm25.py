"""Okapi BM25 over Chinese and English words (Robertson and Zaragoza, 2009)."""

from __future__ import annotations

import logging
import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import jieba
import numpy as np
from numpy.typing import NDArray

jieba.setLogLevel(logging.WARNING)  # it would announce its dictionary on standard error

_WORD = re.compile(r"[a-z0-9]+|[一-鿿]+")
_SHORT = {"whats": "what", "hows": "how", "ur": "your", "u": "you", "pls": "please"}
_SATURATION = 1.2
"""k1: how soon a repeated word stops counting."""
_LENGTH = 0.75
"""b: how much long texts are held back."""


def words(text: str) -> list[str]:
    """Lower-case words; Chinese is segmented, and pairs of neighbouring characters are added."""
    found: list[str] = []
    for run in _WORD.findall(text.lower()):
        if run[0] < "一":
            found.append(_stem(run))
        else:
            found.extend(jieba.lcut_for_search(run))
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return found


def _stem(word: str) -> str:
    """`word` written out, or less a plural or verb ending: enough for a few hundred passages."""
    if word in _SHORT:
        return _SHORT[word]
    for ending in ("ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


class Bm25:
    """Scores texts of a fixed collection against a question."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [Counter(words(t)) for t in texts]
        lengths = np.array([sum(c.values()) for c in counts], dtype=np.float32)
        norm = 1 - _LENGTH + _LENGTH * lengths / max(float(lengths.mean()), 1.0)
        held: dict[str, list[int]] = defaultdict(list)
        for number, count in enumerate(counts):
            for word in count:
                held[word].append(number)
        n = self._size = len(texts)
        self._idf = {w: math.log(1 + (n - len(d) + 0.5) / (len(d) + 0.5)) for w, d in held.items()}
        self._worth = {}
        """Where each word stands, and what it is worth there."""
        for word, rows in held.items():
            times = np.array([counts[row][word] for row in rows], dtype=np.float32)
            worth = times * (_SATURATION + 1) / (times + _SATURATION * norm[rows])
            self._worth[word] = (np.array(rows), self._idf[word] * worth)

    def most(self, question: str) -> float:
        """The most that any text could score; unknown words count as the rarest."""
        rarest = max(self._idf.values(), default=1.0)
        found = sum(self._idf.get(word, rarest) for word in set(words(question)))
        return max(found * (_SATURATION + 1), 1e-6)

    def scores(self, question: str) -> NDArray[np.float32]:
        """(texts,) scores, 0 where no word is shared."""
        total = np.zeros(self._size, dtype=np.float32)
        for word in set(words(question)) & self._worth.keys():
            rows, worth = self._worth[word]
            total[rows] += worth
        return total
