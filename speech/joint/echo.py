"""Echo: the recognizer's words as sounds that may have been misheard."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from speech.joint.ctc import BLANK, Frames

ALIKE = 1.5
"""Nats for a phone that is easily taken for the one that was heard."""
OTHER = 4.0
"""Nats for any other phone."""
MISSED = 3.0
"""Nats for a phone that was heard and not said, or said and not heard."""


class Echo:
    """Frames in which a sequence of phones is heard, and others nearly."""

    def __init__(self, phones: Sequence[str], coarse: Callable[[str], str]) -> None:
        """`phones` without the blank; `coarse` gives those that sound alike one name."""
        names = [coarse(phone) for phone in phones]
        same = np.array(names)[:, None] == np.array(names)
        costs = np.where(same, ALIKE, OTHER)
        np.fill_diagonal(costs, 0.0)
        self._costs: NDArray[np.float64] = np.hstack([np.full((len(names), 1), MISSED), costs])
        self._between = np.full(len(names) + 1, MISSED)
        self._between[BLANK] = 0.0

    def __call__(self, units: Sequence[int]) -> Frames:
        """(2 · units + 1, phones + 1): one frame a unit, others around it for what was missed."""
        frames = np.tile(self._between, (2 * len(units) + 1, 1))
        frames[1::2] = self._costs[np.array(units, np.int64) - 1]
        return np.asarray(-frames, np.float32)
