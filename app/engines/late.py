"""Engines that no typed turn needs: loaded once the server answers, or by who needs one sooner."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from dialogue.types import Heard, Picture, State, Transcript
from fusion.vision.engines import TextReader

T = TypeVar("T", covariant=True)


class Late(Generic[T]):
    """What `build` makes, made once and by the first to call. Thread-safe; who comes meanwhile
    waits. What `build` raises is raised, and the next to call tries again."""

    def __init__(self, build: Callable[[], T]) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._made: T | None = None

    def __call__(self) -> T:
        with self._lock:
            if self._made is None:
                self._made = self._build()
            return self._made

    @property
    def loaded(self) -> bool:
        """Whether it is there."""
        return self._made is not None


@dataclass(frozen=True, slots=True)
class LateTextReader:
    """Implements `TextReader` with one that is loaded late."""

    reader: Late[TextReader]

    def read(self, picture: Picture) -> tuple[str, ...]:
        """Lines of text, top to bottom; none where there is no text. Thread-safe."""
        return self.reader().read(picture)


@dataclass(frozen=True, slots=True)
class LateJoint:
    """Joint decoding that is loaded late."""

    joint: Late[Callable[[Transcript, State], Heard]]

    def __call__(self, transcript: Transcript, state: State) -> Heard:
        """What was said and meant, after what was said before."""
        return self.joint()(transcript, state)
