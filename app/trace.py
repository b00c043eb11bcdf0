"""Where the time of one turn goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
Clock = Callable[[], float]
"""Seconds on a clock that never goes back."""


@dataclass(frozen=True, slots=True)
class Span:
    """One stage of a turn."""

    stage: str
    start: float
    """Seconds after the turn began."""
    seconds: float


class Trace:
    """The spans of one turn. Stages in other threads may add theirs."""

    def __init__(self, clock: Clock = time.perf_counter, late: float = 0.0) -> None:
        """`late`: seconds ago that the turn began; for speech, that its last sound was heard."""
        self._clock = clock
        self._zero = clock() - late
        self._spans: list[Span] = []
        self.first_audio: float | None = None
        """Seconds from the turn's beginning to its first spoken clause."""

    def now(self) -> float:
        """Seconds since the turn began."""
        return self._clock() - self._zero

    @contextmanager
    def span(self, stage: str) -> Iterator[Callable[[], float]]:
        """Measures the block as `stage`, also when it raises; gives the seconds since it began."""
        start = self.now()
        try:
            yield lambda: self.now() - start
        finally:
            self._spans.append(Span(stage, start, self.now() - start))

    def add(self, stage: str, start: float, seconds: float) -> None:
        """Notes a stage that was measured elsewhere; before the turn began, `start` is negative."""
        self._spans.append(Span(stage, start, seconds))

    def each(self, stage: str, items: Iterator[T]) -> Iterator[T]:
        """Yields `items`, measuring only the waiting for each as `stage`."""
        while True:
            with self.span(stage):
                item = next(items, _END)
            if item is _END:
                return
            yield item  # type: ignore[misc]

    def mark_audio(self) -> None:
        """Notes that the first spoken clause is ready; later calls change nothing."""
        if self.first_audio is None:
            self.first_audio = self.now()

    @property
    def spans(self) -> tuple[Span, ...]:
        """All spans so far, by start."""
        return tuple(sorted(self._spans, key=lambda s: s.start))


_END = object()
