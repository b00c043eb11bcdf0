"""Kernel: ridge regression on likeness to every training utterance, in meaning and in spelling."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import spotri
from scipy.sparse import csr_matrix

from dialogue.nlu.features import Floats

NARROW = 0.5
"""Exponent at the mean square distance from the centre: larger sees only what is nearer."""
SPELLED = 0.1
"""Weight of shared n-grams beside meaning."""
RIDGE = 0.1
MOST = 16_000
"""Utterances that are compared: their table takes a gigabyte, that of twice as many four."""
STEPS = 127
"""Of an 8-bit number, each way."""
BLOCK = 1024
"""Rows at a time."""


@dataclass(frozen=True, eq=False)
class Kernel:
    """What each training utterance says for each intent, heard the louder the nearer it is."""

    centre: Floats
    """(width,) mean embedding of the training utterances."""
    rows: Floats
    """(utterances, width) their centred embeddings; the mean square length is one."""
    scale: float
    """By which a centred embedding is divided to lie among `rows`."""
    shares: Floats
    """(utterances, intents)."""
    spelled: Floats
    """(features, intents): the sum over utterances, as likeness in spelling is linear."""

    @cached_property
    def squares(self) -> Floats:
        """(utterances,) squared lengths of `rows`."""
        return _squares(self.rows)

    def logits(self, meaning: Floats, table: csr_matrix) -> Floats:
        """(n, intents) from (n, width) embeddings and weighted n-grams; near one for the intent."""
        near = _nearness((meaning - self.centre) / self.scale, self.rows, self.squares)
        return np.asarray(near @ self.shares + table @ self.spelled, dtype=np.float32)


def compared(count: int) -> NDArray[np.intp]:
    """Which of `count` utterances are compared: all, or `MOST` of them at random."""
    return np.sort(np.random.default_rng(0).permutation(count)[:MOST])


def train_kernel(
    meaning: Floats, table: csr_matrix, labels: NDArray[np.int64], intents: int
) -> tuple[Kernel, Floats]:
    """A kernel, and the (n, intents) logits each utterance would get if it were left out.

    Kernel ridge regression, one intent against the rest; leaving out one is the closed form of
    Rifkin and Lippert (2007). Time goes with the cube of the utterances, memory with the square.
    """
    centre = meaning.mean(axis=0)
    centred = meaning - centre
    scale = float(np.sqrt((centred**2).sum(axis=1).mean())) or 1.0
    rows = _rounded(centred / scale)
    wanted = np.eye(intents, dtype=np.float32)[labels]
    factor, lower = cho_factor(
        _likeness(rows, table), lower=True, overwrite_a=True, check_finite=False
    )
    shares = np.asarray(cho_solve((factor, lower), wanted, check_finite=False), dtype=np.float32)
    inverse, _ = spotri(factor, lower=1, overwrite_c=1)
    spelled = np.asarray(table.T @ shares * SPELLED, dtype=np.float32)
    left_out = np.asarray(wanted - shares / np.diag(inverse)[:, None], dtype=np.float32)
    return Kernel(centre, rows, scale, shares, spelled), left_out


def _rounded(rows: Floats) -> Floats:
    """To 8 bits a number and one step for all: what is stored is then what was trained with."""
    step = np.float32(max(float(np.abs(rows).max()), 1e-9) / STEPS)
    return np.asarray(np.rint(rows / step) * step, dtype=np.float32)


def _likeness(rows: Floats, table: csr_matrix) -> Floats:
    """(n, n), the ridge on its diagonal; what lies above the diagonal lacks the spelling."""
    # Symmetric, so turned round it is the same in LAPACK's order: factored in place, not copied.
    like: Floats = _nearness(rows, rows, _squares(rows)).T
    for start in range(0, len(rows), BLOCK):
        stop = min(start + BLOCK, len(rows))
        like[start:stop, :stop] += (table[start:stop] @ table[:stop].T).toarray() * SPELLED
    like[np.diag_indices_from(like)] += RIDGE
    return like


def _nearness(rows: Floats, others: Floats, squares: Floats) -> Floats:
    """(rows, others) Gaussian of the distance; `squares` are the squared lengths of `others`."""
    near = rows @ others.T
    near *= 2
    near -= _squares(rows)[:, None]
    near -= squares
    near *= NARROW
    return np.asarray(np.exp(np.minimum(near, 0, out=near), out=near), dtype=np.float32)


def _squares(rows: Floats) -> Floats:
    return np.asarray((rows**2).sum(axis=1), dtype=np.float32)
