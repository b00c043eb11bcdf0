"""Product recognisers: nearest catalogue picture, or a head trained on photos."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dialogue.types import Picture, Posterior
from fusion.softmax import load_head, posterior, softmax, unit
from fusion.vision.familiar import load_familiar

NEAREST_TEMPERATURE = 0.04
"""Divides cosines; least log loss on phone photos against studio pictures."""


class PictureEncoder(Protocol):
    """Turns pictures into features."""

    def features(self, pictures: tuple[Picture, ...]) -> NDArray[np.float32]:
        """(n, width) features, one row per picture, in order. Thread-safe."""
        ...


class TunedEncoder(PictureEncoder, Protocol):
    """Knows pictures by what it learned on groceries, and by what it knew before."""

    def both(
        self, pictures: tuple[Picture, ...]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(n, width) features tuned, and (n, width) untuned, in one pass. Thread-safe."""
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
        """The `n` nearest product ids, best first; some are always nearest, so never none."""
        cosines = self._known @ unit(self._encoder.features((picture,)))[0]
        return posterior(self._ids, softmax(cosines[None] / NEAREST_TEMPERATURE)[0], n)


class ProductHead:
    """A calibrated softmax head, kept by `fusion.vision.train` in a folder."""

    def __init__(self, encoder: TunedEncoder, folder: Path) -> None:
        """Tuned features tell products apart, untuned ones what is no product at all."""
        self._encoder = encoder
        self._head = load_head(folder / "head.safetensors")
        self._familiar = load_familiar(folder / "familiar.safetensors")
        with (folder / "classes.csv").open(newline="", encoding="utf-8") as table:
            self.names = {row["id"]: row["name"] for row in csv.DictReader(table)}
            """Names of the product ids in the photos the head was trained on."""

    def recognize(self, picture: Picture, n: int = 5) -> Posterior:
        """The `n` most probable product ids, best first; none when it shows none of them."""
        tuned, plain = self._encoder.both((picture,))
        p = self._head.probabilities(tuned)[0]
        if p.max() < self._head.threshold or not self._familiar.knows(plain)[0]:
            return ()
        return posterior(self._head.labels, p, n)

    def rank(self, picture: Picture, n: int = 5) -> Posterior:
        """The `n` most probable product ids, however unlike any product the picture is."""
        p = self._head.probabilities(self._encoder.features((picture,)))[0]
        return posterior(self._head.labels, p, n)
