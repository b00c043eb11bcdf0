"""Choices: finds which of the listed values of its slots an utterance names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dialogue.domain import SlotSpec
from dialogue.types import Slot

_WORD = re.compile(r"[㐀-鿿]|\d+|[a-z]+(?:'[a-z]+)?")
_PLURAL_LETTERS = 4
"""Shorter words keep their s: gas, bus."""

Words = tuple[str, ...]


class Choices:
    """The words of all choice slots, ready for lookup. A plural at the end is the same word."""

    def __init__(self, specs: Iterable[SlotSpec]) -> None:
        self._values: dict[Words, list[tuple[str, str]]] = {}
        for spec in specs:
            for value, synonyms in spec.values:
                for words in dict.fromkeys((value, *synonyms)):
                    key = _key(_WORD.findall(words.lower()))
                    self._values.setdefault(key, []).append((spec.name, value))
        self._longest = max(map(len, self._values), default=0)

    def find(self, text: str) -> list[Slot]:
        """The first value of each slot, longest words first: "medium roast" names no size."""
        words = list(_WORD.finditer(text.lower()))
        free = [True] * len(words)
        found: dict[str, Slot] = {}
        for first, end, key in self._runs(words):
            named = [pair for pair in self._values.get(key, ()) if pair[0] not in found]
            if named and all(free[first:end]):
                free[first:end] = [False] * (end - first)
                start, stop = words[first].start(), words[end - 1].end()
                found |= {n: Slot(n, value, text[start:stop], start, stop) for n, value in named}
        return list(found.values())

    def _runs(self, words: list[re.Match[str]]) -> Iterator[tuple[int, int, Words]]:
        """Runs of words that may be a value's, the longest first."""
        for length in range(min(self._longest, len(words)), 0, -1):
            for first in range(len(words) - length + 1):
                end = first + length
                yield first, end, _key([word[0] for word in words[first:end]])


def _key(words: list[str]) -> Words:
    *first, last = words or [""]
    plural = len(last) >= _PLURAL_LETTERS and last.endswith("s") and not last.endswith("ss")
    return (*first, last[:-1] if plural else last)
