"""Feeling from words: kernel heads over meaning and spelling kept in one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from dialogue.types import Posterior
from fusion.feeling.kernel import load_kernel
from fusion.feeling.reading import NEUTRAL, Feeling
from fusion.softmax import posterior
from fusion.text import LAYERS

Floats = NDArray[np.float32]

TASKS = ("sentiment", "emotion", "urgency")
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

    def _layers(self, texts: Sequence[str]) -> Floats:
        if isinstance(self._embedder, LayeredEncoder):
            return self._embedder.layers(texts)
        return np.repeat(self._embedder.embed(texts)[:, None], LAYERS, axis=1)


class HeadFeeling:
    """The feeling of one sentence; "neutral" where a head is unsure."""

    def __init__(self, embedder: SentenceEncoder, folder: Path) -> None:
        self._heads = FeelingHeads(embedder, folder)

    def read(self, text: str) -> Feeling:
        """The feeling of `text`. Thread-safe."""
        if not text.strip():
            return Feeling()
        levels = np.array([float(label) for label in self._heads.labels("urgency")])
        urgency = self._heads.probabilities("urgency", [text])[0] @ levels
        return Feeling(
            self._answer("sentiment", text),
            self._answer("emotion", text),
            round(float(urgency), 3),
        )

    def _answer(self, task: str, text: str) -> Posterior:
        p = self._heads.probabilities(task, [text])[0]
        sure = p.max() >= self._heads.threshold(task)
        return posterior(self._heads.labels(task), p) if sure else NEUTRAL
