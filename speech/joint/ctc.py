"""Connectionist temporal classification: what frames of phones say (Graves et al. 2006)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BLANK = 0
"""Number of the unit that stands for nothing new."""
SILENT = 0.995
"""Probability of the blank above which a frame says nothing."""
FEWEST = 4
"""Units in anything that can be called said."""
SURE = 0.75
"""Mean probability of the units in clear speech."""
_NEVER = np.float32(-1e4)

Frames = NDArray[np.float32]
"""(frames, units) ln P(unit), the blank first."""


def telling(frames: Frames) -> Frames:
    """The frames that say something; of each silence between them only the first."""
    silent = frames[:, BLANK] > np.log(SILENT)
    after_silence = np.concatenate([[True], silent[:-1]])
    return np.asarray(frames[~(silent & after_silence)])


def best_path(frames: Frames) -> list[int]:
    """The units of the most probable path, repeats and blanks taken out."""
    path = frames.argmax(axis=1)
    changed = np.concatenate([[True], path[1:] != path[:-1]]) if len(path) else path
    return [int(unit) for unit in path[changed.astype(bool)] if unit != BLANK]


def distinct(frames: Frames) -> bool:
    """Whether several units were heard, and most of them surely: noise and music are not."""
    units = frames.argmax(axis=1)
    sure = np.exp(frames.max(axis=1)[units != BLANK])
    return len(sure) >= FEWEST and float(sure.mean()) >= SURE


def logprobs(frames: Frames, sequences: Sequence[Sequence[int]]) -> list[float]:
    """ln P(sequence | frames) of each sequence of units, by the forward algorithm."""
    states, allowed, ends = _lattice(sequences)
    forward = np.full(states.shape, _NEVER, np.float32)
    forward[:, 0] = 0.0
    # One step before the first frame: only the first blank or the first unit may follow.
    for frame in frames:
        onward = forward.copy()
        onward[:, 1:] = np.logaddexp(forward[:, 1:], forward[:, :-1])
        skipping = np.where(allowed[:, 2:], forward[:, :-2], _NEVER)
        onward[:, 2:] = np.logaddexp(onward[:, 2:], skipping)
        forward = onward + frame[states]
    rows = np.arange(len(states))
    before = np.where(ends > 0, forward[rows, ends - 1], _NEVER)
    return [float(total) for total in np.logaddexp(forward[rows, ends], before)]


def _lattice(
    sequences: Sequence[Sequence[int]],
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Units with blanks around each, where a blank may be passed over, and each last state."""
    longest = 2 * max(map(len, sequences), default=0) + 1
    states = np.full((len(sequences), longest), BLANK)
    for row, units in zip(states, sequences, strict=True):
        row[1 : 2 * len(units) : 2] = units
    allowed = np.zeros(states.shape, bool)
    allowed[:, 2:] = (states[:, 2:] != BLANK) & (states[:, 2:] != states[:, :-2])
    return states, allowed, np.array([2 * len(units) for units in sequences])
