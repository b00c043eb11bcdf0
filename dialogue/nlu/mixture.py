"""Mixture: how much n-grams say beside the kernel, chosen on lines that neither was taught."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialogue.nlu.calibration import surprise, temperature
from dialogue.nlu.features import Floats

SHARES = (0.0, 0.05, 0.15)
"""Of the margins added to the kernel's logits, whose spread is half as wide: in a mean of
calibrated log-probabilities about none, a tenth, a quarter."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What both models say of lines that were not among those they learnt from."""

    kernel: Floats
    """(n, intents) logits."""
    wide: Floats
    """(n, intents) margins."""
    truth: NDArray[np.int64]
    """(n,)."""

    def mixed(self, share: float) -> Floats:
        """(n, intents) logits of both together."""
        return np.asarray(self.kernel + np.float32(share) * self.wide, dtype=np.float32)

    def share(self) -> float:
        """That of `SHARES` by which the lines surprise least, each at its best temperature."""
        return min(SHARES, key=lambda share: self._surprise(self.mixed(share)))

    def _surprise(self, logits: Floats) -> float:
        return surprise(logits, self.truth, temperature(logits, self.truth))
