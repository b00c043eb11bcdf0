"""Mender: says what a customer may have said, from what was heard, by sound and by grammar.

"Make me a dribble shot ice mocha" sounds like "make me a triple shot iced mocha", and only the
second is an order. A noisy channel over words: Viterbi with a beam, costs in nats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dialogue.domain import Domain
from dialogue.nlu.examples import Example
from dialogue.nlu.grammar import END, START, Grammar
from dialogue.nlu.phonemes import bare, omission, substitution

SOUND = 2.0
"""Nats per unit of phoneme distance."""
STRANGE = 8.0
"""Nats for a word that the pack does not know and that stays as it was heard."""
DROPPED = 1.0
"""Nats for leaving a heard word out, beside its sounds."""
FURTHEST = 0.5
"""Units of distance per phoneme beyond which a phrase is not considered."""
SPAN = 7
"""Heard words that one phrase may stand for."""
WIDTH, ALIKE = 20, 4
"""Paths kept at each word, and of those how many ending alike."""
NEAR = 0.2
"""Distance per phoneme up to which a reading is believed: orders misheard at 6 dB are nearer
than 0.15, sentences about other things farther than 0.3."""
TWICE = 0.5
"""Likeness of two sentences (difflib ratio over words) that are one, said once and heard twice."""
_WORD = re.compile(r"[a-z']+|\d+")
_SENTENCE = re.compile(r"[.?!]+\s+")
_UNKNOWN = "<?>"

Phonemes = Callable[[str], str]
"""English text → one character a phoneme."""


@dataclass(frozen=True, slots=True)
class Mended:
    """One reading of what was heard."""

    text: str
    cost: float
    """Nats; only differences between readings of one utterance mean anything."""
    distance: float
    """Phoneme distance from what was heard, per phoneme of the words that the pack knows."""


@dataclass(frozen=True, slots=True)
class _Path:
    cost: float = 0.0
    distance: float = 0.0
    known: int = 0
    """Heard phonemes that were not left as they are."""
    last: str = START
    said: tuple[str, ...] = ()
    classes: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class _Arc:
    """A phrase in the place of the heard words up to `end`."""

    end: int
    sounds: int
    """Phonemes of those words."""
    token: str
    words: str
    distance: float
    cost: float


class Mender:
    """The readings of English words that a pack's choices and utterances make likely."""

    def __init__(self, domain: Domain, examples: Sequence[Example], phonemes: Phonemes) -> None:
        choices = {name: spec.values for name, spec in domain.slots.items() if spec.values}
        self._grammar = Grammar(examples, choices)
        self._sounds = lru_cache(maxsize=4096)(lambda text: bare(phonemes(text)))
        self._phrases = [(word, word) for word in self._grammar.words]
        self._phrases += [(f"{{{n}}}", value) for n, vs in choices.items() for value, _ in vs]
        self._table = _Table([self._sounds(words) for _, words in self._phrases])

    def mend(self, heard: str) -> str:
        """The likeliest reading of `heard` if it is near enough, else `heard` itself."""
        best = [found for once in _once(heard) for found in self.readings(once, 1)]
        chosen = min(best, key=lambda reading: reading.cost, default=None)
        return chosen.text if chosen and chosen.distance <= NEAR else heard

    def readings(self, heard: str, n: int = 5) -> list[Mended]:
        """At most `n` readings of `heard`, the likeliest first."""
        words = _WORD.findall(heard.lower())
        if not words:
            return []
        at: list[list[_Path]] = [[] for _ in range(len(words) + 1)]
        at[0] = [_Path()]
        for i in range(len(words)):
            arcs = list(self._arcs(words, i)) if at[i] else []
            for path in _best(at[i]):
                for arc in arcs:
                    if arc.token not in path.classes:
                        at[arc.end].append(self._extended(path, arc))
        found: dict[str, Mended] = {}
        for path in sorted(map(self._ended, at[-1]), key=lambda path: path.cost):
            text = " ".join(path.said)
            found.setdefault(text, Mended(text, path.cost, path.distance / max(path.known, 1)))
        return list(found.values())[:n]

    def _arcs(self, words: list[str], first: int) -> Iterator[_Arc]:
        sounds = [self._sounds(word) for word in words[first : first + SPAN]]
        silence = sum(map(omission, sounds[0]))
        yield _Arc(first + 1, 0, _UNKNOWN, words[first], 0.0, STRANGE)
        yield _Arc(first + 1, len(sounds[0]), "", "", silence, DROPPED + SOUND * silence)
        distances = self._table.distances("".join(sounds))
        end = 0
        for count, sound in enumerate(sounds, 1):
            end += len(sound)
            for p in np.flatnonzero(distances[:, end] <= FURTHEST * self._table.lengths + 0.3):
                distance = float(distances[p, end])
                yield _Arc(first + count, end, *self._phrases[p], distance, SOUND * distance)

    def _extended(self, path: _Path, arc: _Arc) -> _Path:
        cost, distance = path.cost + arc.cost, path.distance + arc.distance
        known = path.known + arc.sounds
        if not arc.token:
            return replace(path, cost=cost, distance=distance, known=known)
        if arc.token != _UNKNOWN:
            cost += self._grammar.cost(path.last, arc.token)
        classes = path.classes | {arc.token} if arc.token[0] == "{" else path.classes
        return _Path(cost, distance, known, arc.token, (*path.said, arc.words), classes)

    def _ended(self, path: _Path) -> _Path:
        return replace(path, cost=path.cost + self._grammar.cost(path.last, END))


class _Table:
    """The phonemes of all phrases, side by side for one edit distance over all of them."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self.lengths = np.array([len(phrase) for phrase in phrases])
        self._known = sorted({sound for phrase in phrases for sound in phrase})
        number = {sound: i for i, sound in enumerate(self._known)}
        self._numbers = np.full((len(phrases), int(self.lengths.max(initial=0))), -1)
        for row, phrase in zip(self._numbers, phrases, strict=True):
            row[: len(phrase)] = [number[sound] for sound in phrase]
        self._gaps = np.array([*map(omission, self._known), 0.0])

    def distances(self, heard: str) -> NDArray[np.float64]:
        """(phrases, len(heard) + 1) distance of each phrase from each beginning of `heard`."""
        change = np.array([[*(substitution(k, h) for k in self._known), 9.0] for h in heard])
        heap = np.cumsum([0.0, *map(omission, heard)])
        found = np.tile(heap, (len(self.lengths), 1))
        for column in self._numbers.T:
            gap = self._gaps[column][:, None]
            # Left, down and diagonal of the usual table; left steps are a running minimum.
            longer = found + gap
            longer[:, 1:] = np.minimum(longer[:, 1:], found[:, :-1] + change[:, column].T)
            longer = np.minimum.accumulate(longer - heap, axis=1) + heap
            found = np.where((column >= 0)[:, None], longer, found)
        return found


def _once(heard: str) -> list[str]:
    """`heard`, or its sentences where they are one sentence that was heard several times."""
    sentences = [part.split() for part in _SENTENCE.split(heard) if part.strip()]
    if len(sentences) < 2 or SequenceMatcher(None, sentences[0], sentences[1]).ratio() < TWICE:
        return [heard]
    # A window that ended in mid-sentence leaves a torso.
    whole = [words for words in sentences if 5 * len(words) >= 4 * len(sentences[0])]
    return [" ".join(words) for words in whole]


def _best(paths: list[_Path]) -> list[_Path]:
    """The cheapest paths, few of them ending alike."""
    kept: list[_Path] = []
    ends: dict[str, int] = {}
    for path in sorted(paths, key=lambda path: path.cost):
        ends[path.last] = ends.get(path.last, 0) + 1
        if ends[path.last] <= ALIKE:
            kept.append(path)
    return kept[:WIDTH]
