"""Product recognisers: nearest catalogue picture, or a head trained on photos."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dialogue.types import Picture, Posterior
from fusion.softmax import load_head, posterior, softmax, unit

NEAREST_TEMPERATURE = 0.04
"""Divides cosines; about calibrated on phone photos against studio pictures."""
NEAREST_THRESHOLD = 0.35
"""Least cosine to any catalogue picture; under it the picture shows none of them."""


class PictureEncoder(Protocol):
    """Turns pictures into features."""

    def features(self, pictures: tuple[Picture, ...]) -> NDArray[np.float32]:
        """(n, width) features, one row per picture, in order. Thread-safe."""
        ...


class NearestProduct:
    """The catalogue picture whose features are nearest; needs no training."""

    def __init__(self, encoder: PictureEncoder, catalogue: Mapping[str, Picture]) -> None:
        if not catalogue:
            raise ValueError("The catalogue has no pictures; give one Picture per product id.")
        self._encoder = encoder
        self._ids = tuple(catalogue)
        self._known = unit(encoder.features(tuple(catalogue.values())))

    def recognize(self, picture: Picture, n: int = 5) -> Posterior:
        """The `n` nearest product ids, best first; none when nothing is near."""
        cosines = self._known @ unit(self._encoder.features((picture,)))[0]
        if cosines.max() < NEAREST_THRESHOLD:
            return ()
        return posterior(self._ids, softmax(cosines[None] / NEAREST_TEMPERATURE)[0], n)


class ProductHead:
    """A calibrated softmax head over frozen features, kept as `head.safetensors` in a folder."""

    def __init__(self, encoder: PictureEncoder, folder: Path) -> None:
        self._encoder = encoder
        self._head = load_head(folder / "head.safetensors")

    def recognize(self, picture: Picture, n: int = 5) -> Posterior:
        """The `n` most probable product ids, best first; none when nothing is known in it."""
        p = self._head.probabilities(self._encoder.features((picture,)))[0]
        if p.max() < self._head.threshold:
            return ()
        return posterior(self._head.labels, p, n)
