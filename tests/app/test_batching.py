"""Batches: asked together, answered each their own; late and broken ones are nobody else's."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from app.batching import BatchedEmbedder, BatchedRecognizer, Batches
from dialogue.types import AudioClip, Hints, Hypothesis, Transcript


class Doubler:
    """Doubles numbers, slowly, and remembers in which batches."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.batches: list[list[int]] = []
        self._seconds = seconds
        self._busy = threading.Lock()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        assert self._busy.acquire(blocking=False), "asked twice at once"
        try:
            self.batches.append(list(numbers))
            time.sleep(self._seconds)
            if 13 in numbers:
                raise ValueError("thirteen")
            return [2 * n for n in numbers]
        finally:
            self._busy.release()


def asked_at_once(batches: Batches[int, int], numbers: Sequence[int]) -> list[int | Exception]:
    together = threading.Barrier(len(numbers))

    def ask(number: int) -> int | Exception:
        together.wait()
        try:
            return batches.ask(number)
        except ValueError as error:
            return error

    with ThreadPoolExecutor(len(numbers)) as pool:
        return list(pool.map(ask, numbers))


def test_who_asks_within_the_deadline_is_answered_in_one_batch() -> None:
    engine = Doubler()
    numbers = list(range(6))
    assert asked_at_once(Batches(engine, 6, 5.0), numbers) == [2 * n for n in numbers]
    assert [sorted(batch) for batch in engine.batches] == [numbers]


def test_a_batch_is_never_larger_than_its_size_and_nobody_is_forgotten() -> None:
    engine = Doubler(0.01)
    numbers = list(range(12))
    assert asked_at_once(Batches(engine, 3, 0.02), numbers) == [2 * n for n in numbers]
    assert max(map(len, engine.batches)) == 3
    assert sorted(n for batch in engine.batches for n in batch) == numbers


def test_who_comes_while_a_batch_is_answered_waits_for_the_next() -> None:
    engine = Doubler(0.3)
    batches = Batches(engine, 8, 0.0)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(batches.ask, 1)
        while not engine.batches:
            time.sleep(0.005)
        later = [pool.submit(batches.ask, n) for n in (2, 3, 4)]
        assert [f.result() for f in (first, *later)] == [2, 4, 6, 8]
    assert [sorted(batch) for batch in engine.batches] == [[1], [2, 3, 4]]


def test_one_alone_waits_no_longer_than_the_deadline() -> None:
    began = time.monotonic()
    assert Batches(Doubler(), 8, 0.1).ask(4) == 8
    assert 0.1 <= time.monotonic() - began < 2.0


def test_a_broken_question_is_its_askers_error_alone() -> None:
    engine = Doubler()
    *right, wrong = asked_at_once(Batches(engine, 4, 5.0), [1, 2, 3, 13])
    assert right == [2, 4, 6]
    assert isinstance(wrong, ValueError)


class Recorded:
    """Hears how loud a clip is; no two alike."""

    def transcribe_all(self, asked: Sequence[tuple[AudioClip, Hints]]) -> list[Transcript]:
        return [
            Transcript((Hypothesis(f"{clip.samples[0]:.0f}", -0.1),), hints.language or "zh", 1.0)
            for clip, hints in asked
        ]


def test_ten_callers_get_their_own_words_back() -> None:
    hearing = BatchedRecognizer(Recorded(), 4, 0.01)

    def hear(number: int) -> list[str]:
        clip = AudioClip(np.full(8, number, np.float32), 16_000)
        return [hearing.transcribe(clip, Hints()).text for _ in range(20)]

    with ThreadPoolExecutor(10) as pool:
        for number, texts in enumerate(pool.map(hear, range(10))):
            assert texts == [str(number)] * 20


class Lengths:
    """A vector a text, of its length; remembers how many texts came at once."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.counts.append(len(texts))
        return np.array([[len(text), 1] for text in texts], np.float32).reshape(-1, 2)


def test_texts_of_several_threads_are_embedded_together() -> None:
    lengths = Lengths()
    embedder = BatchedEmbedder(lengths, 3, 5.0)
    questions = [["a", "bb"], [], ["ccc"]]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(embedder.embed, questions))
    assert [rows[:, 0].tolist() for rows in found] == [[1, 2], [], [3]]
    assert lengths.counts == [3]
