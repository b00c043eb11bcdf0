"""SoundClassifier: intents from how words sound, for which homophones are no mistakes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array
from scipy.special import softmax
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from dialogue.nlu.examples import Example
from dialogue.nlu.wide import train_wide
from dialogue.types import Language, Posterior

BUCKETS = 2**16
LONGEST = 4
"""Sounds in an n-gram."""
SHARPNESS = 4.0
"""Turns margins into log-probabilities; joint decoding fits its own exponent to them."""
VERSION = 3
_STEPS = 127

Sounds = list[str]
"""What is heard of a sentence, phone by phone."""


@dataclass(frozen=True, slots=True)
class Ear:
    """How one language sounds."""

    phones: Callable[[str], Sounds]
    """The sounds of a text."""
    tracks: Callable[[Sounds], Sequence[Sequence[str]]]
    """Sounds told in several ways side by side: syllables, initials, close sounds made one, …"""


class SoundClassifier:
    """One linear model a language over n-grams of sounds."""

    def __init__(
        self,
        intents: Sequence[str],
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        ear: Ear,
    ) -> None:
        """`weights` (BUCKETS, intents + 1), idf last; `bias` (intents,)."""
        self._intents = tuple(map(str, intents))
        self._weights, self._bias = weights, bias
        self._hash = _vectorizer(ear)

    @classmethod
    def train(cls, examples: Sequence[Example], ear: Ear) -> SoundClassifier:
        """A classifier of the intents of `examples`, all in one language. Seconds."""
        counts = _logarithmic(_vectorizer(ear).transform([ear.phones(e.text) for e in examples]))
        idf = _rarity(counts)
        intents, labels = np.unique([e.intent for e in examples], return_inverse=True)
        wide = train_wide(normalize(counts @ diags_array(idf)), labels)
        # The length of an unseen row is taken of weighted counts, so idf stays apart.
        weights = np.hstack([wide.weights, idf[:, None]])
        return cls(intents.tolist(), weights, wide.bias, ear)

    @classmethod
    def load(cls, path: Path, ear: Ear) -> SoundClassifier:
        """The classifier that `save` wrote to `path`."""
        with np.load(path, allow_pickle=False) as stored:
            weights = stored["weights"].astype(np.float32) * stored["step"]
            return cls(stored["intents"], weights, stored["bias"], ear)

    def save(self, path: Path, mark: str) -> None:
        """Writes one file of about a megabyte, whole or not at all; `mark` says what taught it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        step = np.maximum(np.abs(self._weights).max(axis=0), 1e-9) / _STEPS
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(
            partial,
            allow_pickle=False,
            weights=np.rint(self._weights / step).astype(np.int8),
            step=step,
            bias=self._bias,
            intents=np.array(list(map(str, self._intents))),
            mark=np.array(mark),
        )
        partial.replace(path)

    def posteriors(self, heard: Sequence[Sounds]) -> list[dict[str, float]]:
        """P(intent | sounds) of each sequence of sounds."""
        counts = _logarithmic(self._hash.transform(heard))
        rows = normalize(counts @ diags_array(self._weights[:, -1]))
        logits = np.asarray(rows @ self._weights[:, :-1] + self._bias)
        return [
            dict(zip(self._intents, map(float, row), strict=True))
            for row in softmax(SHARPNESS * logits, axis=1)
        ]


class SpokenClassifier:
    """What spoken words mean: by what they say and by what was heard, log-linearly mixed."""

    def __init__(
        self,
        written: Callable[[Sequence[str]], Sequence[Posterior]],
        sounds: Mapping[Language, SoundClassifier],
        weights: Mapping[Language, tuple[float, float]],
    ) -> None:
        """`weights`: exponents of the two opinions, per language."""
        self._written = written
        self._sounds = sounds
        self._weights = weights

    def __call__(self, texts: Sequence[str], language: Language, heard: Sounds) -> list[Posterior]:
        """P(intent | text, sounds heard) of each text, most probable first."""
        said, sounded = self.opinions(texts, language, heard)
        weights = self._weights.get(language, (1.0, 0.0))
        return [_mixed(view, sounded, weights) for view in said]

    def opinions(
        self, texts: Sequence[str], language: Language, heard: Sounds
    ) -> tuple[list[dict[str, float]], dict[str, float]]:
        """P(intent) of each text by its words, and by the sounds; flat where none were heard."""
        said = [dict(posterior) for posterior in self._written(texts)]
        classifier = self._sounds.get(language)
        if classifier is None or not heard:
            return said, dict.fromkeys(said[0], 1 / len(said[0]))
        return said, classifier.posteriors([heard])[0]


def train_or_load(
    path: Path, examples: Sequence[Example], ear: Ear, shipped: Path
) -> SoundClassifier:
    """The classifier at `path`, or `shipped`, if taught by just these; else a new one, saved."""
    mark = _mark(examples)
    for file in (path, shipped):
        if file.is_file() and _read_mark(file) == mark:
            return SoundClassifier.load(file, ear)
    trained = SoundClassifier.train(examples, ear)
    trained.save(path, mark)
    return trained


def _mixed(
    said: Mapping[str, float], sounded: Mapping[str, float], weights: tuple[float, float]
) -> Posterior:
    names = list(said)
    views = np.log([[view.get(name, 0.0) + 1e-6 for name in names] for view in (said, sounded)])
    ranked = sorted(zip(names, softmax(weights @ views), strict=True), key=lambda pair: -pair[1])
    return tuple((name, float(p)) for name, p in ranked)


def _vectorizer(ear: Ear) -> HashingVectorizer:
    return HashingVectorizer(
        n_features=BUCKETS,
        alternate_sign=False,
        norm=None,
        analyzer=lambda sounds: _grams(ear.tracks(sounds)),
    )


def _grams(tracks: Sequence[Sequence[str]]) -> Iterator[str]:
    for number, sounds in enumerate(tracks):
        for length in range(1, LONGEST + 1):
            for start in range(len(sounds) - length + 1):
                yield f"{number} {' '.join(sounds[start : start + length])}"


def _logarithmic(counts: csr_matrix) -> csr_matrix:
    counts.data = (1 + np.log(counts.data)).astype(np.float32)
    return counts


def _rarity(counts: csr_matrix) -> NDArray[np.float32]:
    """(BUCKETS,) inverse document frequencies, smoothed; 0 where nothing was ever seen."""
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log((1 + counts.shape[0]) / (1 + seen)) + 1
    return np.asarray(np.where(seen, idf, 0.0), dtype=np.float32)


def _mark(examples: Sequence[Example]) -> str:
    told = json.dumps([VERSION, [(e.text, e.intent) for e in examples]])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _read_mark(path: Path) -> str:
    with np.load(path, allow_pickle=False) as stored:
        return str(stored["mark"])
