"""Feeling from sentence vectors: three softmax heads kept in one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dialogue.types import Posterior
from fusion.feeling.reading import NEUTRAL, Feeling
from fusion.softmax import SoftmaxHead, load_head, posterior

TASKS = ("sentiment", "emotion", "urgency")


class SentenceEncoder(Protocol):
    """Turns sentences into vectors."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) vectors, one per text, in order. Thread-safe."""
        ...


class HeadFeeling:
    """Softmax heads over sentence vectors; a head that is unsure answers "neutral"."""

    def __init__(self, embedder: SentenceEncoder, folder: Path) -> None:
        self._embedder = embedder
        self._heads = {task: load_head(folder / f"{task}.safetensors") for task in TASKS}

    def read(self, text: str) -> Feeling:
        """The feeling of `text`. Thread-safe."""
        if not text.strip():
            return Feeling()
        vector = self._embedder.embed([text])
        return Feeling(
            _answer(self._heads["sentiment"], vector),
            _answer(self._heads["emotion"], vector),
            _expected(self._heads["urgency"], vector),
        )


def _answer(head: SoftmaxHead, vector: NDArray[np.float32]) -> Posterior:
    p = head.probabilities(vector)[0]
    return posterior(head.labels, p) if p.max() >= head.threshold else NEUTRAL


def _expected(head: SoftmaxHead, vector: NDArray[np.float32]) -> float:
    levels = np.array([float(label) for label in head.labels])
    return round(float(head.probabilities(vector)[0] @ levels), 3)
