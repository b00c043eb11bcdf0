"""English: words are written, phonemes are heard."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from speech import english

_WORD = re.compile(r"[a-z']+|\d+", re.IGNORECASE)
_STRESS = re.compile(r"[^a-zA-Zæðŋɐɑɒɔəɚɛɜɡɪɹɾʃʊʌʒʤʧθᵊᵻɨː]|[ːˈˌ]")
_VOWELS = frozenset("aeiouæɐɑɒɔəɚɛɜɪʊʌᵊᵻɨAIOWYQ")
_ALIKE = "pb td kɡ fvθð sz ʃʒʧʤ mnŋ ɹlw iɪᵻɨ eɛæA aɑɒɔʌɐ uʊoO əᵊɜɚ IYW"
COARSE = {phone: group[0] for group in _ALIKE.split() for phone in group}
"""Phonemes that are easily taken for each other, made one."""


class English:
    """English by the phonemes that `phonemes` gives, one letter each."""

    joiner = " "
    digits = frozenset(
        ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    times = frozenset(("double", "triple"))

    def __init__(self, phonemes: Callable[[str], str]) -> None:
        self._phonemes = phonemes
        self.phones = lru_cache(maxsize=20_000)(self._phones)

    def units(self, text: str) -> list[str]:
        """Words and numbers, lower case."""
        return [word.lower() for word in _WORD.findall(text)]

    def words(self, text: str) -> list[str]:
        """Words, lower case; long numbers figure by figure."""
        return self.units(english.say(text))

    def probability(self, _word: str) -> float:
        """0: no list of English words comes with the product."""
        return 0.0

    def coarse(self, phone: str) -> str:
        """The first of the phonemes that sound alike."""
        return COARSE.get(phone, phone)

    def tracks(self, phones: list[str]) -> tuple[list[str], ...]:
        """Phonemes, phonemes with close ones made one, consonants alone."""
        coarse = [*map(self.coarse, phones)]
        return phones, coarse, [phone for phone in coarse if phone not in _VOWELS]

    def _phones(self, word: str) -> tuple[str, ...]:
        return tuple(bare(self._phonemes(word)))


def bare(phonemes: str) -> str:
    """One letter a phoneme, without stress and length."""
    return _STRESS.sub("", phonemes)
