"""Feeling from words: heads over meaning and spelling, and tuned layers, kept in one folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from dialogue.types import Posterior
from fusion.feeling.deep import DeepWords, load_deep
from fusion.feeling.reading import NEUTRAL, Feeling
from fusion.feeling.words import load_words
from fusion.softmax import best_temperature, least_sure, posterior, softmax

Floats = NDArray[np.float32]

TASKS = ("sentiment", "emotion", "urgency")
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""What the tuned layers may count beside the heads."""
DEEP, BLENDS = "deep.safetensors", "blends.json"


class SentenceEncoder(Protocol):
    """Turns sentences into vectors."""

    def embed(self, texts: Sequence[str]) -> Floats:
        """(n, width) vectors, one per text, in order. Thread-safe."""
        ...


@runtime_checkable
class StatesEncoder(Protocol):
    """Also tells what it made of each token, under its last layers."""

    def states(self, texts: Sequence[str]) -> list[Floats]:
        """(tokens, width) of each text. Thread-safe."""
        ...


@dataclass(frozen=True, slots=True)
class Blend:
    """How heads and tuned layers are added for one task."""

    share: float
    """Of the tuned layers' log odds; the heads have the rest."""
    temperature: float
    threshold: float
    """Least probability of the best class at which an answer is given."""

    def probabilities(self, words: Floats, deep: Floats) -> Floats:
        """(n, classes) calibrated, from the log odds of both."""
        mixed = self.share * deep + (1 - self.share) * words
        return softmax(np.asarray(mixed / self.temperature, np.float32))


class FeelingHeads:
    """All that reads feeling in sentences. Thread-safe."""

    def __init__(self, embedder: SentenceEncoder, folder: Path) -> None:
        """Without the states of `embedder` the heads alone answer."""
        self._embedder = embedder
        self._words = {task: load_words(folder / f"{task}.safetensors") for task in TASKS}
        self._states = embedder if isinstance(embedder, StatesEncoder) else None
        self._deep: DeepWords | None = None
        self._blends: dict[str, Blend] = {}
        if self._states is not None and (folder / DEEP).exists():
            self._deep = load_deep(folder / DEEP)
            self._blends = read_blends(folder / BLENDS)

    def labels(self, task: str) -> tuple[str, ...]:
        """The classes of `task`."""
        return self._words[task].labels

    def threshold(self, task: str) -> float:
        """Least probability of the best class at which an answer is given."""
        return self._blends[task].threshold if self._blends else self._words[task].threshold

    def probabilities(self, task: str, texts: Sequence[str]) -> Floats:
        """(n, classes) of one task."""
        return self._of((task,), texts)[task]

    def all(self, text: str) -> dict[str, Floats]:
        """(classes,) of every task."""
        return {task: found[0] for task, found in self._of(TASKS, [text]).items()}

    def _of(self, tasks: Sequence[str], texts: Sequence[str]) -> dict[str, Floats]:
        vectors = self._embedder.embed(texts)
        if self._deep is None or self._states is None:
            return {task: self._words[task].probabilities(texts, vectors) for task in tasks}
        deep = self._deep.logits(self._states.states(texts))
        words = {task: self._words[task] for task in tasks}
        return {
            task: self._blends[task].probabilities(
                head.logits(texts, vectors) / head.meaning.temperature, deep[task]
            )
            for task, head in words.items()
        }


class HeadFeeling:
    """The feeling of one sentence; "neutral" where a head is unsure."""

    def __init__(self, embedder: SentenceEncoder, folder: Path) -> None:
        self._heads = FeelingHeads(embedder, folder)

    def read(self, text: str) -> Feeling:
        """The feeling of `text`. Thread-safe."""
        if not text.strip():
            return Feeling()
        found = self._heads.all(text)
        levels = np.array([float(label) for label in self._heads.labels("urgency")])
        return Feeling(
            self._answer("sentiment", found["sentiment"]),
            self._answer("emotion", found["emotion"]),
            round(float(found["urgency"] @ levels), 3),
        )

    def _answer(self, task: str, p: Floats) -> Posterior:
        sure = p.max() >= self._heads.threshold(task)
        return posterior(self._heads.labels(task), p) if sure else NEUTRAL


def fit_blend(
    words: Floats, deep: Floats, labels: Sequence[str], targets: Sequence[str], wanted: float
) -> Blend:
    """The share with the least log loss on unseen rows, and what calibrates it there.

    `words` and `deep` are (n, classes) log odds; the share `wanted` of the answers is to be right.
    """
    rows = np.arange(len(targets))
    columns = np.array([labels.index(target) for target in targets])
    found = []
    for share in SHARES:
        mixed = np.asarray(share * deep + (1 - share) * words, np.float32)
        temperature = best_temperature(mixed, labels, targets)
        p = softmax(mixed / temperature)
        loss = float(-np.log(p[rows, columns] + 1e-9).mean())
        least = least_sure(p.max(axis=1), p.argmax(axis=1) == columns, wanted)
        found.append((loss, Blend(share, temperature, least)))
    return min(found, key=lambda pair: pair[0])[1]


def write_blends(blends: dict[str, Blend], path: Path) -> None:
    """Keeps one blend per task in the JSON file `path`."""
    path.write_text(json.dumps({t: asdict(b) for t, b in blends.items()}, indent=2) + "\n")


def read_blends(path: Path) -> dict[str, Blend]:
    """What `write_blends` kept in `path`."""
    return {task: Blend(**kept) for task, kept in json.loads(path.read_text()).items()}
