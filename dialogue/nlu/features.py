"""Features: an utterance as meaning (an embedding) and as spelling (hashed n-grams)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer

from dialogue.engines import Embedder

Floats = NDArray[np.float32]

BUCKETS = 2**15
"""For characters, and again as many for words."""
CHARACTERS = (1, 4)
WORDS = (1, 2)
WORD = r"[^\W\d_\u4e00-\u9fff][^\W\d_\u4e00-\u9fff']*|\d+|[\u4e00-\u9fff]"
"""A Chinese character counts as a word: Chinese needs no word boundaries."""

_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"[^\w']+")


def normalised(text: str) -> str:
    """`text` without what says nothing about intent: case, width, which digits."""
    plain = unicodedata.normalize("NFKC", text).lower().strip()
    return _SPACE.sub(" ", _DIGITS.sub(lambda m: "0" * min(len(m[0]), 4), plain))


class Featurizer:
    """Turns utterances into numbers."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._characters = _hashing(analyzer="char_wb", ngram_range=CHARACTERS)
        self._words = _hashing(token_pattern=WORD, ngram_range=WORDS)

    def meaning(self, texts: Sequence[str]) -> Floats:
        """(n, width) embeddings."""
        return self._embedder.embed([normalised(text) or " " for text in texts])

    def spelling(self, texts: Sequence[str]) -> csr_matrix:
        """(n, 2 * BUCKETS) sublinear counts of character, then word n-grams, not yet weighted."""
        # Recognisers of speech punctuate at will, and customers not at all.
        plain = [_MARKS.sub(" ", normalised(text)).strip() for text in texts]
        both = [self._characters.transform(plain), self._words.transform(plain)]
        counts = csr_matrix(hstack(both), dtype=np.float32)
        counts.data = 1.0 + np.log(counts.data)
        return counts


def rarity(spelling: csr_matrix) -> Floats:
    """(2 * BUCKETS,) inverse document frequencies, smoothed."""
    seen = np.bincount(spelling.indices, minlength=spelling.shape[1])
    return np.asarray(np.log((1 + spelling.shape[0]) / (1 + seen)) + 1, dtype=np.float32)


def weighted(spelling: csr_matrix, idf: Floats) -> csr_matrix:
    """(n, 2 * BUCKETS) tf-idf; the characters of a row have unit length, and so have its words."""
    table = spelling.copy()
    table.data = table.data * idf[table.indices]
    rows = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    halves = 2 * rows + (table.indices >= BUCKETS)
    norms = np.sqrt(np.bincount(halves, table.data**2))
    table.data = np.asarray(table.data / np.maximum(norms[halves], 1e-6), dtype=np.float32)
    return table


def _hashing(**options: object) -> HashingVectorizer:
    return HashingVectorizer(n_features=BUCKETS, alternate_sign=False, norm=None, **options)
