"""Features: an utterance as meaning (an embedding) beside spelling (hashed character n-grams)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array, hstack
from sklearn.feature_extraction.text import HashingVectorizer

from dialogue.engines import Embedder

BUCKETS = 2**14
NGRAMS = (1, 4)
"""Characters, so that Chinese needs no word boundaries."""
SPELLING = 3.0
"""Length of a row of n-grams."""
MEANING = 6.0
"""e5 vectors lie close together: without scale a linear model hardly moves on them."""

_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")


def normalised(text: str) -> str:
    """`text` without what says nothing about intent: case, width, which digits."""
    plain = unicodedata.normalize("NFKC", text).lower().strip()
    return _SPACE.sub(" ", _DIGITS.sub(lambda m: "0" * min(len(m[0]), 4), plain))


class Featurizer:
    """Turns utterances into rows for a linear model."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._hashing = HashingVectorizer(
            analyzer="char_wb",
            ngram_range=NGRAMS,
            n_features=BUCKETS,
            alternate_sign=False,
            norm=None,
        )

    def meaning(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) embeddings."""
        return self._embedder.embed([normalised(text) or " " for text in texts])

    def spelling(self, texts: Sequence[str]) -> csr_matrix:
        """(n, BUCKETS) sublinear n-gram counts, not yet weighted."""
        counts = self._hashing.transform([normalised(text) for text in texts]).tocsr()
        counts.data = 1.0 + np.log(counts.data)
        return csr_matrix(counts, dtype=np.float32)


def rarity(spelling: csr_matrix) -> NDArray[np.float32]:
    """(BUCKETS,) inverse document frequencies, smoothed."""
    seen = np.bincount(spelling.indices, minlength=spelling.shape[1])
    return np.asarray(np.log((1 + spelling.shape[0]) / (1 + seen)) + 1, dtype=np.float32)


def rows(
    meaning: NDArray[np.float32],
    centre: NDArray[np.float32],
    spelling: csr_matrix,
    idf: NDArray[np.float32],
) -> csr_matrix:
    """(n, width + BUCKETS) rows: centred embeddings beside tf-idf of unit length."""
    weighted = spelling @ diags_array(idf)
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    unit = diags_array(SPELLING / np.maximum(norms, 1e-6)) @ weighted
    return csr_matrix(hstack([csr_matrix((meaning - centre) * MEANING), unit]), dtype=np.float32)
