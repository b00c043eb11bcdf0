"""Affinity: which article a question belongs to, read off all texts of all articles at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_RIDGE = 1.0
"""How much the reader is held back; vectors have unit length."""


class Affinity:
    """Ridge regression from a text's vector to the article it stands in.

    What every article shares counts for none of them: the second look at what nearness found.
    """

    def __init__(self, vectors: NDArray[np.float32], owners: Sequence[Sequence[int]]) -> None:
        """`vectors` is (texts, width); `owners` lists the texts of each article."""
        wanted = np.zeros((len(vectors), len(owners)), dtype=np.float32)
        for article, own in enumerate(owners):
            wanted[list(own), article] = 1.0
        self._mean = vectors.mean(axis=0)
        centred = vectors - self._mean
        gram = centred.T @ centred + _RIDGE * np.eye(vectors.shape[1], dtype=np.float32)
        self._weights = np.linalg.solve(gram, centred.T @ (wanted - wanted.mean(axis=0)))

    def scores(self, question: NDArray[np.float32]) -> NDArray[np.float32]:
        """(articles,) about 0 to 1: how far each article claims the question's vector."""
        found: NDArray[np.float32] = (question - self._mean) @ self._weights
        return found
