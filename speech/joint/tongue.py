"""Tongue: what joint decoding has to know about one language."""

from __future__ import annotations

from typing import Protocol


class Tongue(Protocol):
    """One language's words, writing and sounds."""

    joiner: str
    """What stands between two words in writing."""
    digits: frozenset[str]
    """Words that say one figure."""
    times: frozenset[str]
    """Words that say how often the next figure comes."""

    def units(self, text: str) -> list[str]:
        """The smallest pieces of writing that are heard apart: characters, or words."""
        ...

    def words(self, text: str) -> list[str]:
        """The words of `text` as they are said: lower case, figures in words, no punctuation."""
        ...

    def probability(self, word: str) -> float:
        """Of `word` in the language at large; 0 where that is not known."""
        ...

    def phones(self, word: str) -> tuple[str, ...]:
        """The sounds of one word."""
        ...

    def coarse(self, phone: str) -> str:
        """One name for all sounds that are easily taken for each other."""
        ...

    def tracks(self, phones: list[str]) -> tuple[list[str], ...]:
        """Sounds told in several ways side by side, finer and coarser."""
        ...


def phones_of(tongue: Tongue, text: str) -> list[str]:
    """The sounds of `text`, word by word."""
    return [phone for word in tongue.words(text) for phone in tongue.phones(word)]
