"""Batching: what several threads ask an engine at the same time, it is asked once.

For a GPU, which answers eight callers in little more time than one. On a processor's few cores
batches only make the first caller wait for the last.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from dialogue.engines import Embedder
from dialogue.types import AudioClip, Hints, Transcript

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(slots=True, eq=False)
class _Asked(Generic[Question, Answer]):
    question: Question
    answered: threading.Event = field(default_factory=threading.Event)
    answer: Answer | None = None
    error: Exception | None = None


class Batches(Generic[Question, Answer]):
    """Gathers questions for at most `seconds`, or while the batch before is being answered."""

    def __init__(
        self,
        answer: Callable[[Sequence[Question]], Sequence[Answer]],
        size: int,
        seconds: float,
    ) -> None:
        """`answer` gives one answer a question, in order; it is never called twice at once."""
        self._answer, self._size, self._seconds = answer, size, seconds
        self._waiting: list[_Asked[Question, Answer]] = []
        self._changed = threading.Condition()
        self._busy = False

    def ask(self, question: Question) -> Answer:
        """The answer to `question`, or the error that it alone would have raised."""
        mine: _Asked[Question, Answer] = _Asked(question)
        with self._changed:
            self._waiting.append(mine)
            self._changed.notify_all()
        due = time.monotonic() + self._seconds
        while not mine.answered.is_set():
            if batch := self._taken(mine, due):
                self._settle(batch)
        if mine.error is not None:
            raise mine.error
        assert mine.answer is not None
        return mine.answer

    def _taken(self, mine: _Asked[Question, Answer], due: float) -> list[_Asked[Question, Answer]]:
        """The next batch, for the first thread that need not wait; none once `mine` is answered."""
        with self._changed:
            while not mine.answered.is_set():
                left = due - time.monotonic()
                full = left <= 0 or len(self._waiting) >= self._size
                if not self._busy and full and mine in self._waiting:
                    self._busy = True
                    batch, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
                    return batch
                self._changed.wait(None if self._busy or left <= 0 else left)
        return []

    def _settle(self, batch: list[_Asked[Question, Answer]]) -> None:
        try:
            self._fill(batch)
        finally:
            with self._changed:
                self._busy = False
                for each in batch:
                    each.answered.set()
                self._changed.notify_all()

    def _fill(self, batch: list[_Asked[Question, Answer]]) -> None:
        try:
            answers = self._answer([each.question for each in batch])
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = error
                return
            # One caller's bad question is not the others' misfortune.
            for each in batch:
                self._fill([each])
            return
        for each, answer in zip(batch, answers, strict=True):
            each.answer = answer


class HearsSeveral(Protocol):
    """A recognizer that hears several callers at once."""

    def transcribe_all(self, asked: Sequence[tuple[AudioClip, Hints]]) -> Sequence[Transcript]:
        """One transcript each, in order."""
        ...


class BatchedRecognizer:
    """Implements `Recognizer`: callers who have finished at the same time are heard together."""

    def __init__(self, recognizer: HearsSeveral, size: int, seconds: float) -> None:
        self._batches = Batches(recognizer.transcribe_all, size, seconds)

    def transcribe(self, clip: AudioClip, hints: Hints) -> Transcript:
        """As the recognizer's own."""
        return self._batches.ask((clip, hints))


class BatchedEmbedder:
    """Implements `Embedder`: the texts of several threads go through the encoder together."""

    def __init__(self, embedder: Embedder, size: int, seconds: float) -> None:
        self._embedder = embedder
        self._batches = Batches(self._embed_all, size, seconds)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) unit-length vectors, one per text, in order. Thread-safe."""
        return self._batches.ask(texts)

    def _embed_all(self, asked: Sequence[Sequence[str]]) -> list[NDArray[np.float32]]:
        vectors = self._embedder.embed([text for texts in asked for text in texts])
        ends = np.cumsum([len(texts) for texts in asked])
        return np.split(vectors, ends[:-1])
