"""WordSearch: sentences that the sound may have said, in words that the business knows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from speech.joint.beam import After, Beam, Costs
from speech.joint.ctc import Frames
from speech.joint.echo import Echo
from speech.joint.lexicon import Lexicon
from speech.joint.ngram import REACH, History, NGram
from speech.joint.phones import PhoneReader
from speech.joint.tongue import Tongue, phones_of

LANGUAGE = 0.8
"""How much a nat of the language counts beside a nat of the sound while searching."""
FIGURE = "0"
"""The class of words that say one figure."""
REMEMBERED = 5_000
"""Runs of words whose probability is kept: of 60 utterances forty times as many answer less than
one question in a hundred more."""
LONGEST = 400
"""Frames that say something; of longer speech no other sentences are sought."""

HOMOPHONES = 2
"""Sentences that sound the same, at most."""
HOPE, GOING_ON = 0.7, 0.95
"""Share of figures among the words after a question for a number, and after another figure."""
NONE: frozenset[str] = frozenset()

Words = Collection[str]
Stretch = tuple[str, str]
"""Text, and the class of things it names; "" for none."""


class WordSearch:
    """Beam search over words, their phones in CTC frames, and trigrams of how customers talk."""

    def __init__(
        self,
        tongue: Tongue,
        reader: PhoneReader,
        sentences: Iterable[Sequence[Stretch]],
        names: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        """`sentences` teach how customers talk; `names` are what each class may be called.

        Where one of a class was said another may be: the language counts classes (Brown et al.
        1992), and a name of several words is one word.
        """
        self._tongue, self._reader = tongue, reader
        listed = {kind: [*map(self._named, called)] for kind, called in (names or {}).items()}
        self._kinds = {word: kind for kind, called in listed.items() for word in called if word}
        self._kinds |= dict.fromkeys(tongue.digits, FIGURE)
        said = [self._told(sentence, listed) for sentence in sentences]
        self._sizes = _sizes(self._kinds)
        self._longest = max((len(tongue.words(word)) for word in self._kinds), default=1)
        self._language = NGram(
            ([self._shape(word) for word in words] for words in said),
            map(self._shape, self._kinds),
            tongue.probability,
        )
        self._known = {*self._kinds, *(word for words in said for word in words)}
        self._known |= tongue.times
        self._known |= {part for word in self._kinds for part in tongue.words(word)}
        self._echo = Echo(reader.phones, tongue.coarse)
        self._lexicon = self._built(sorted(self._known))
        self._ahead = self._least(self._lexicon)
        self._logprob = lru_cache(maxsize=REMEMBERED)(self._ngram)
        self._cost = lru_cache(maxsize=REMEMBERED)(lambda w, b: -LANGUAGE * self._ngram(w, b))

    def units(self, text: str) -> list[str]:
        """The smallest pieces of writing that are heard apart."""
        return self._tongue.units(text)

    def plain(self, text: str) -> str:
        """`text` as candidates are written: in lower case, without punctuation."""
        return self._tongue.joiner.join(self._tongue.units(text))

    def said(self, text: str) -> list[str]:
        """The phones of `text`."""
        return phones_of(self._tongue, text)

    def figures(self, letters: str) -> frozenset[str]:
        """The words that say a number in which `letters` may stand."""
        return self._tongue.digits | self._tongue.times | {letter.lower() for letter in letters}

    def candidates(
        self, frames: Frames | None, n: int, heard: str = "", expected: Words = NONE
    ) -> list[str]:
        """At most `n` sentences, the likeliest first, of known words and those of `heard`.

        Words that are `expected` are likely anywhere, whatever customers say otherwise.
        """
        if frames is None or not 0 < len(frames) <= LONGEST:
            return []
        lexicon, ahead = self._lexicon, self._ahead
        if strange := {*self._tongue.words(heard), *expected} - self._known:
            others = self._built(sorted(strange))
            lexicon = lexicon.beside(others)
            ahead = np.concatenate([ahead, self._least(others)[1:]])
        after: After = self._cost
        if expected:
            after = lambda word, before: -LANGUAGE * self._hoped(word, before, expected)  # noqa: E731
        ended = [
            (cost + after("", tuple(path[-REACH:])), path)
            for path, cost in Beam(lexicon, after, ahead).read(frames)
            if path
        ]
        return self._unlike([path for _, path in sorted(ended)], n)

    def _unlike(self, paths: Sequence[Sequence[str]], n: int) -> list[str]:
        """The first `n` different texts, few of them sounding the same."""
        found: list[str] = []
        sounding: Counter[tuple[int, ...]] = Counter()
        for path in paths:
            text = self._tongue.joiner.join(path)
            sounds = tuple(unit for word in path for unit in self._units(word))
            if text not in found and sounding[sounds] < HOMOPHONES:
                found.append(text)
                sounding[sounds] += 1
        return found[:n]

    def numbers(self, text: str) -> list[int]:
        """The units of `text`."""
        return [unit for word in self._tongue.words(text) for unit in self._units(word)]

    def fit(self, text: str, expected: Words = NONE) -> float:
        """ln P(words of `text`) by the language of the business, nats."""
        named = [*self._merged(self._tongue.words(text)), ""]
        past = (tuple(named[max(0, at - REACH) : at]) for at in range(len(named)))
        return sum(
            self._hoped(word, before, expected) for word, before in zip(named, past, strict=True)
        )

    def echo(self, text: str) -> Frames:
        """Frames as if the words of `text` had been heard, each sound surely or nearly."""
        return self._echo(self.numbers(text))

    def _told(self, sentence: Sequence[Stretch], kinds: Collection[str]) -> list[str]:
        """The words of a sentence; what names one of a class is one word, and known from now on."""
        said: list[str] = []
        for text, kind in sentence:
            name = self._named(text) if kind in kinds else ""
            if name:
                self._kinds.setdefault(name, kind)
            said += [name] if name else self._tongue.words(text)
        return said

    def _named(self, text: str) -> str:
        return self._tongue.joiner.join(self._tongue.words(text))

    def _built(self, words: Sequence[str]) -> Lexicon:
        return Lexicon({word: self._units(word) for word in words})

    def _least(self, lexicon: Lexicon) -> Costs:
        """(nodes,) the least that a word beyond each node costs, whatever is before it."""
        return lexicon.least(
            np.array([-LANGUAGE * self._alone(word) for word in lexicon.words], float)
        )

    def _units(self, word: str) -> list[int]:
        return self._reader.numbers(phones_of(self._tongue, word))

    def _merged(self, words: Sequence[str]) -> list[str]:
        """`words`, the longest names among them as one word each."""
        merged: list[str] = []
        at = 0
        while at < len(words):
            ends = range(min(len(words), at + self._longest), at + 1, -1)
            runs = ((end, self._tongue.joiner.join(words[at:end])) for end in ends)
            end, name = next(((e, n) for e, n in runs if n in self._kinds), (at + 1, words[at]))
            merged.append(name)
            at = end
        return merged

    def _ngram(self, word: str, before: History) -> float:
        """ln P(word | the words before); of one of a class, its share of it."""
        shapes = tuple(map(self._shape, before))
        return self._language.logprob(self._shape(word), shapes) - self._share(word)

    def _hoped(self, word: str, before: History, expected: Words) -> float:
        """ln P(word | the word before) where `expected` words, or the end, may well be said."""
        usual = self._logprob(word, before)
        if not expected:
            return usual
        hope = GOING_ON if before and before[-1] in expected else HOPE
        hoped = hope / (len(expected) + 1) if word in expected or not word else 0.0
        return math.log((1 - hope) * math.exp(usual) + hoped)

    def _alone(self, word: str) -> float:
        """ln P(word), whatever is before it."""
        return float(np.log(self._language.single(self._shape(word)))) - self._share(word)

    def _share(self, word: str) -> float:
        return float(np.log(self._sizes.get(self._kinds.get(word, ""), 1)))

    def _shape(self, word: str) -> str:
        """What stands for `word` in the language: which one of a class it is says nothing there."""
        kind = self._kinds.get(word)
        return word if kind is None else f"<{kind}>"


def _sizes(kinds: Mapping[str, str]) -> dict[str, int]:
    """How many names each class has."""
    found: dict[str, int] = {}
    for kind in kinds.values():
        found[kind] = found.get(kind, 0) + 1
    return found
