"""Feeling from words: kernel heads over meaning and spelling kept in one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fusion.feeling.kernel import load_kernel
from fusion.feeling.reading import Feeling
from fusion.softmax import posterior
from fusion.text import LAYERS

Floats = NDArray[np.float32]

TASKS = ("sentiment", "emotion", "urgency")
NAMED = ("sentiment", "emotion")
"""Those answered by a name, which may be left open; of urgency the expected level is given."""
FILE = "words.safetensors"


class SentenceEncoder(Protocol):
    """Turns sentences into vectors."""

    def embed(self, texts: Sequence[str]) -> Floats:
        """(n, width) vectors, one per text, in order. Thread-safe."""
        ...


@runtime_checkable
class LayeredEncoder(Protocol):
    """Also tells what its lower layers made of a sentence."""

    def layers(self, texts: Sequence[str]) -> Floats:
        """(n, layers, width), one per text, in order. Thread-safe."""
        ...


class FeelingHeads:
    """All that reads feeling in sentences. Thread-safe."""

    def __init__(self, embedder: SentenceEncoder, folder: Path) -> None:
        """The heads belong to the packaged e5; with another embedder they know little."""
        self._embedder = embedder
        self._heads = load_kernel(folder / FILE)

    def labels(self, task: str) -> tuple[str, ...]:
        """The classes of `task`."""
        return self._heads.tasks[task].labels

    def threshold(self, task: str) -> float:
        """Least probability of the best class at which an answer is given."""
        return self._heads.tasks[task].threshold

    def probabilities(self, task: str, texts: Sequence[str]) -> Floats:
        """(n, classes) of one task."""
        return self._heads.probabilities(task, texts, self._layers(texts))

    def answers(self, texts: Sequence[str]) -> dict[str, Floats]:
        """(n, classes) of every task, in one pass over the texts."""
        return self._heads.answers(texts, self._layers(texts))

    def _layers(self, texts: Sequence[str]) -> Floats:
        if isinstance(self._embedder, LayeredEncoder):
            return self._embedder.layers(texts)
        return np.repeat(self._embedder.embed(texts)[:, None], LAYERS, axis=1)


class HeadFeeling:
    """The feeling of one sentence, and which questions its heads are unsure of."""

    def __init__(self, embedder: SentenceEncoder, folder: Path) -> None:
        self._heads = FeelingHeads(embedder, folder)

    def read(self, text: str) -> Feeling:
        """The feeling of `text`. Thread-safe."""
        if not text.strip():
            return Feeling()
        found = {task: p[0] for task, p in self._heads.answers([text]).items()}
        levels = np.array([float(label) for label in self._heads.labels("urgency")])
        sentiment, emotion = (posterior(self._heads.labels(task), found[task]) for task in NAMED)
        return Feeling(
            sentiment,
            emotion,
            round(float(found["urgency"] @ levels), 3),
            tuple(task for task in NAMED if found[task].max() < self._heads.threshold(task)),
        )
