"""Tongue: what joint decoding has to know about one language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

Matcher = Callable[[Sequence[str]], Sequence["Match"]]
"""Finds known words in the sound of heard units."""


@dataclass(frozen=True, slots=True)
class Match:
    """A known word that sounds like some of the units that were heard."""

    start: int
    end: int
    """Units, end exclusive."""
    word: str
    distance: float
    """0 sounds the same; about 1 for each sound that is another."""


class Tongue(Protocol):
    """One language's words, units and sounds."""

    joiner: str
    """What stands between two words in writing."""

    def units(self, text: str) -> list[str]:
        """The smallest pieces that are heard apart: characters in Chinese, words in English."""
        ...

    def words(self, text: str) -> list[str]:
        """The words of `text`, lower case, without punctuation."""
        ...

    def probability(self, word: str) -> float:
        """Of `word` in the language at large; 0 where that is not known."""
        ...

    def matcher(self, words: Iterable[str]) -> Matcher:
        """What finds these words in the sound of others."""
        ...

    def tracks(self, text: str) -> tuple[list[str], ...]:
        """The sounds of `text`, told in several ways side by side, finer and coarser."""
        ...
