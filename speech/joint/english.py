"""English: words are heard, phonemes are what they share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from speech.joint.tongue import Match, Matcher

LIMIT = 0.4
"""Mean distance per phoneme above which a word was not said."""
SPAN = 3
"""Heard words that may have been one."""
INDEL = np.float32(0.8)
"""Distance of a phoneme too many or too few."""
LONGEST = 16
"""Phonemes of a known word."""
_LEFT_OUT = (np.arange(LONGEST + 1, dtype=np.float32) * INDEL)[:, None]

_WORD = re.compile(r"[a-z']+|\d+", re.IGNORECASE)
_STRESS = re.compile(r"[^a-zA-Zæðŋɐɑɒɔəɚɛɜɡɪɹɾʃʊʌʒʤʧθᵊᵻɨː]|[ːˈˌ]")
_VOWELS = "aeiouæɐɑɒɔəɚɛɜɪʊʌᵊᵻɨAIOWYQ"
_CLOSE = (
    "iɪᵻɨI eɛæA aɑɒɔʌɐ uʊOo əɐʌᵊɜɚɪ AIY WO "
    "pb td kɡ fv sz ʃʒ ʧʤ θð mn nŋ ɹl ɹw td ɾt ɾd fθ θs ðd ðv zʤ sʃ ʃʧ ʒʤ tʧ pk tk bd vb hf"
)
_COARSE = {
    letter: group[0]
    for group in [
        "pb",
        "td",
        "kɡ",
        "fvθð",
        "sz",
        "ʃʒʧʤ",
        "mnŋ",
        "ɹlw",
        "iɪᵻɨ",
        "eɛæA",
        "aɑɒɔʌɐ",
        "uʊoO",
        "əᵊɜɚ",
        "IYW",
    ]
    for letter in group
}


class English:
    """English by the phonemes that `phonemes` gives, one string a text."""

    joiner = " "

    def __init__(self, phonemes: Callable[[str], str]) -> None:
        self._phonemes = lru_cache(maxsize=20_000)(phonemes)

    def units(self, text: str) -> list[str]:
        """Words and numbers, lower case."""
        return [word.lower() for word in _WORD.findall(text)]

    def words(self, text: str) -> list[str]:
        """The same as `units`."""
        return self.units(text)

    def probability(self, _word: str) -> float:
        """0: no list of English words comes with the product."""
        return 0.0

    def matcher(self, words: Iterable[str]) -> Matcher:
        """What finds words by the distance of their phonemes."""
        return _Phonemes({w: self.sound(w) for w in words if not w.isdigit()}, self.sound)

    def tracks(self, text: str) -> tuple[list[str], ...]:
        """Words by sound, phonemes, phonemes with close ones made one, consonants alone."""
        words = [unit if unit.isdigit() else self.sound(unit) for unit in self.units(text)]
        fine = [letter for word in words for letter in f"{word}_"]
        coarse = [_COARSE.get(letter, letter) for letter in fine]
        return words, fine, coarse, [c for c in coarse if c not in _VOWELS and c != "_"]

    def sound(self, word: str) -> str:
        """One letter a phoneme, without stress."""
        return _STRESS.sub("", self._phonemes(word))


class _Phonemes:
    """Edit distance from every stretch of heard words to every known word at once."""

    def __init__(self, known: dict[str, str], sound: Callable[[str], str]) -> None:
        kept = {word: said for word, said in known.items() if 1 < len(said) <= LONGEST}
        self._words = list(kept)
        self._lengths = np.array([len(said) for said in kept.values()])
        self._letters = sorted({letter for said in kept.values() for letter in said})
        number = {letter: n for n, letter in enumerate(self._letters)}
        self._table = np.zeros((LONGEST, len(kept)), np.int64)
        for row, said in zip(self._table.T, kept.values(), strict=True):
            row[: len(said)] = [number[letter] for letter in said]
        self._sound = sound

    def __call__(self, units: Sequence[str]) -> list[Match]:
        said = [self._sound(unit) if not unit.isdigit() else "" for unit in units]
        return [match for start in range(len(units)) for match in self._from(start, said)]

    def _from(self, start: int, said: Sequence[str]) -> list[Match]:
        """Matches of the stretches that begin at one word, by one row of edits a phoneme."""
        found: list[Match] = []
        edits = np.broadcast_to(_LEFT_OUT, (LONGEST + 1, len(self._words)))
        heard = 0
        for end in range(start, min(start + SPAN, len(said))):
            if not said[end]:
                break
            for letter in said[end]:
                edits = self._step(edits, letter)
            heard += len(said[end])
            found += self._near(edits, heard, start, end + 1)
        return found

    def _step(self, edits: NDArray[np.float32], letter: str) -> NDArray[np.float32]:
        row = edits + INDEL
        np.minimum(row[1:], edits[:-1] + self._costs(letter)[self._table], out=row[1:])
        for shorter, longer in pairwise(row):
            np.minimum(longer, shorter + INDEL, out=longer)
        return row

    def _near(
        self, edits: NDArray[np.float32], heard: int, start: int, end: int
    ) -> Iterable[Match]:
        total = edits[self._lengths, np.arange(len(self._words))]
        for n in np.flatnonzero(total <= LIMIT * np.maximum(self._lengths, heard)):
            yield Match(start, end, self._words[n], float(total[n]))

    def _costs(self, letter: str) -> NDArray[np.float32]:
        return np.array([distance(letter, other) for other in self._letters], np.float32)


@lru_cache(maxsize=10_000)
def distance(a: str, b: str) -> float:
    """How differently two phonemes sound: 0 the same, .4 close, 1 another, 1.6 vowel for none."""
    if a == b:
        return 0.0
    if any(a in group and b in group for group in _CLOSE.split()):
        return 0.4
    vowels = (a in _VOWELS) + (b in _VOWELS)
    return {0: 1.0, 1: 1.6, 2: 0.7}[vowels]
