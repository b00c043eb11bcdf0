"""E5: multilingual-e5-small (Wang et al. 2024) from weights packed in 4 bit, on the processor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import Unigram

from fusion.e5_graph import open_session
from fusion.packed import packaged, read_packed

WINDOW = 512
"""Tokens that the encoder can see."""
TOGETHER = 512
"""Tokens of one batch: the states of more would leave the processor's cache (half as fast)."""
KEPT = (6, 8, 10, 12)
"""Layers whose means are told, the last at the end."""

_SPACES = re.compile(" {2,}")

Floats = NDArray[np.float32]


class E5:
    """Sentences to vectors, many at once. Safe to share between threads."""

    def __init__(self, path: Path | None = None, threads: int = 2) -> None:
        """Raises ValueError where the file at `path` is something else."""
        packed = self._packed = read_packed(path or packaged())
        self._tokenizer = Tokenizer(Unigram(packed.pieces(), packed.unknown))
        self._session = open_session(packed, KEPT, threads)
        kind = packed.tensor("emb.type")[: packed.width]
        self._places = packed.tensor("emb.pos").reshape(-1, packed.width) + kind

    def encode(self, texts: Sequence[str]) -> Floats:
        """(n, width) unit-length means over tokens; what exceeds the window is left out."""
        last = self.layers(texts)[:, -1]
        return np.asarray(last / np.linalg.norm(last, axis=1, keepdims=True))

    def layers(self, texts: Sequence[str]) -> Floats:
        """(n, len(KEPT), width) means over tokens after some layers, in one pass.

        Lower layers know more of tone and spelling than the last, which was taught meaning.
        """
        ids = [self.tokens(text) for text in texts]
        out = np.empty((len(ids), len(KEPT), self._packed.width), np.float32)
        for rows in _batches([len(row) for row in ids]):
            out[rows] = self._means([ids[row] for row in rows])
        return out

    def token_states(self, text: str) -> Floats:
        """(1 + tokens, width): the vector of `encode`, then the last layer's state of each piece.

        States are of the same length as the vector on average: their mean is its direction.
        """
        states = self._states([self.tokens(text)])[-1]
        mean = states.mean(axis=0)
        return np.asarray(np.concatenate([mean[None], states]) / np.linalg.norm(mean))

    def tokens(self, text: str) -> list[int]:
        """Numbers of the pieces of `text` between begin and end, at most a window of them."""
        plain = _SPACES.sub(" ", text.translate(self._packed.folded))
        marked = "▁" * (not plain.startswith(" ")) + plain.replace(" ", "▁")
        pieces = self._tokenizer.encode(marked).ids[: WINDOW - 2]
        return [self._packed.begin, *pieces, self._packed.end]

    def _means(self, ids: Sequence[Sequence[int]]) -> Floats:
        """(batch, kept layers, width) mean states."""
        lengths = np.array([len(row) for row in ids])
        begins = np.cumsum(lengths) - lengths
        sums = [np.add.reduceat(states, begins) for states in self._states(ids)]
        return np.asarray(np.stack(sums, axis=1) / lengths[:, None, None], dtype=np.float32)

    def _states(self, ids: Sequence[Sequence[int]]) -> list[Floats]:
        """(tokens, width) states after each of `KEPT`, all sentences one after another."""
        lengths = np.array([len(row) for row in ids])
        there = np.arange(lengths.max()) < lengths[:, None]
        into = np.zeros(there.shape, np.int64)
        into[there] = np.arange(lengths.sum())
        pieces = self._packed.words(np.concatenate(ids))
        given = {
            "words": pieces + self._places[there.nonzero()[1]],
            "into": into,
            "there": there.astype(np.int32),
            "rows": there.ravel().nonzero()[0],
        }
        return list(self._session.run(None, given))


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Rows of similar length together."""
    batch: list[int] = []
    for row in np.argsort(lengths, kind="stable").tolist():
        if batch and (len(batch) + 1) * lengths[row] > TOGETHER:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
