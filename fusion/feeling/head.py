"""Feeling from words: three heads over meaning and spelling kept in one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dialogue.types import Posterior
from fusion.feeling.reading import NEUTRAL, Feeling
from fusion.feeling.words import WordsHead, load_words
from fusion.softmax import posterior

TASKS = ("sentiment", "emotion", "urgency")


class SentenceEncoder(Protocol):
    """Turns sentences into vectors."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) vectors, one per text, in order. Thread-safe."""
        ...


class HeadFeeling:
    """Heads over sentences and their vectors; a head that is unsure answers "neutral"."""

    def __init__(self, embedder: SentenceEncoder, folder: Path) -> None:
        self._embedder = embedder
        self._heads = {task: load_words(folder / f"{task}.safetensors") for task in TASKS}

    def read(self, text: str) -> Feeling:
        """The feeling of `text`. Thread-safe."""
        if not text.strip():
            return Feeling()
        vector = self._embedder.embed([text])
        return Feeling(
            _answer(self._heads["sentiment"], text, vector),
            _answer(self._heads["emotion"], text, vector),
            _expected(self._heads["urgency"], text, vector),
        )


def _answer(head: WordsHead, text: str, vector: NDArray[np.float32]) -> Posterior:
    p = head.probabilities([text], vector)[0]
    return posterior(head.labels, p) if p.max() >= head.threshold else NEUTRAL


def _expected(head: WordsHead, text: str, vector: NDArray[np.float32]) -> float:
    levels = np.array([float(label) for label in head.labels])
    return round(float(head.probabilities([text], vector)[0] @ levels), 3)
