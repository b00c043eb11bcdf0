"""WordSearch: sentences that the sound may have said, in words that the business knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np

from speech.joint.ctc import BLANK, Frames, logprobs
from speech.joint.lexicon import FAINTEST, Lexicon
from speech.joint.ngram import NGram
from speech.joint.phones import PhoneReader
from speech.joint.tongue import Tongue, phones_of

BEAM = 12
"""Half-read sentences that are kept at each frame."""
LANGUAGE = 0.5
"""How much a nat of the language counts beside a nat of the sound while searching."""
DIGITS = 12
"""Ways to say one figure: their class shares its probability among them."""
REMEMBERED = 200_000
"""Pairs of words whose probability is kept."""
LONGEST = 400
"""Frames that say something; of longer speech no other sentences are sought."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence that competes."""

    text: str
    phonetic: float
    """ln P(phones of the text | sound), nats."""
    fit: float
    """ln P(words) by the language of the business, nats."""


class WordSearch:
    """Beam search over words, their phones in CTC frames, and a bigram of how customers talk."""

    def __init__(
        self,
        tongue: Tongue,
        reader: PhoneReader,
        sentences: Iterable[str],
        names: Iterable[str] = (),
    ) -> None:
        """`sentences` teach how customers talk; `names` are words that may be said."""
        self._tongue, self._reader = tongue, reader
        said = [tongue.words(text) for text in sentences]
        named = [word for name in names for word in tongue.words(name)]
        self._language = NGram(
            ([self._shape(word) for word in words] for words in said),
            map(self._shape, named),
            tongue.probability,
        )
        self._known = {*named, *tongue.digits, *(word for words in said for word in words)}
        self._lexicon = Lexicon({w: self._units(w) for w in sorted(self._known)})
        self._logprob = lru_cache(maxsize=REMEMBERED)(self._bigram)

    def units(self, text: str) -> list[str]:
        """The smallest pieces of writing that are heard apart."""
        return self._tongue.units(text)

    def plain(self, text: str) -> str:
        """`text` as candidates are written: in lower case, without punctuation."""
        return self._tongue.joiner.join(self._tongue.units(text))

    def said(self, text: str) -> list[str]:
        """The phones of `text`."""
        return phones_of(self._tongue, text)

    def candidates(self, frames: Frames, n: int, heard: str = "") -> list[str]:
        """At most `n` sentences, the likeliest first, of known words and those of `heard`."""
        if not 0 < len(frames) <= LONGEST:
            return []
        blank = np.minimum(-frames[:, BLANK], FAINTEST)
        beams: list[dict[tuple[str, ...], float]] = [{} for _ in range(len(frames) + 1)]
        beams[0] = {(): 0.0}
        strange = {w: self._units(w) for w in self._tongue.words(heard) if w not in self._known}
        known, new = self._lexicon.arcs(frames), Lexicon(strange).arcs(frames)
        for at, arcs in enumerate(zip(known, new, strict=True)):
            for path, cost in _best(beams[at]):
                _offer(beams[at + 1], path, cost + float(blank[at]))
                before = path[-1] if path else None
                for arc in chain(*arcs):
                    step = arc.cost - LANGUAGE * self._logprob(arc.word, before)
                    _offer(beams[arc.end], (*path, arc.word), cost + step)
        ended = {
            path: cost - LANGUAGE * self._logprob("", path[-1])
            for path, cost in beams[-1].items()
            if path
        }
        return [self._tongue.joiner.join(path) for path in sorted(ended, key=ended.__getitem__)][:n]

    def weigh(self, frames: Frames, texts: Sequence[str]) -> list[Candidate]:
        """Each of `texts` with what the sound and the language of the business say to it."""
        words = [self._tongue.words(text) for text in texts]
        units = [[unit for word in each for unit in self._units(word)] for each in words]
        heard = logprobs(frames, units)
        return [
            Candidate(text, phonetic, self._fit(each))
            for text, phonetic, each in zip(texts, heard, words, strict=True)
        ]

    def _units(self, word: str) -> list[int]:
        return self._reader.numbers(self._tongue.phones(word))

    def _fit(self, words: Sequence[str]) -> float:
        path = [None, *words]
        return sum(self._logprob(word, path[n]) for n, word in enumerate([*words, ""]))

    def _bigram(self, word: str, before: str | None) -> float:
        """ln P(word | the word before); a figure's share of its class."""
        shape = self._shape(word)
        share = -np.log(DIGITS) if shape == "0" else 0.0
        return (
            self._language.logprob(shape, None if before is None else self._shape(before)) + share
        )

    def _shape(self, word: str) -> str:
        """Which figure it is says nothing about the words around it."""
        return "0" if word in self._tongue.digits else word


def _best(beam: dict[tuple[str, ...], float]) -> list[tuple[tuple[str, ...], float]]:
    return sorted(beam.items(), key=lambda item: item[1])[:BEAM]


def _offer(beam: dict[tuple[str, ...], float], path: tuple[str, ...], cost: float) -> None:
    if cost < beam.get(path, np.inf):
        beam[path] = cost
