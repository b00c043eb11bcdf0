"""Product recognisers: nearest catalogue picture, or a head trained on photos."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dialogue.types import Picture, Posterior
from fusion.softmax import load_head, posterior, softmax, unit
from fusion.vision.familiar import load_familiar

NEAREST_TEMPERATURE = 0.04
"""Divides cosines; least log loss on phone photos against studio pictures."""

MIDDLE = 0.8
"""Share of each side that the second look at a photo sees."""


class PictureEncoder(Protocol):
    """Turns pictures into features."""

    def features(self, pictures: tuple[Picture, ...]) -> NDArray[np.float32]:
        """(n, width) features, one row per picture, in order. Thread-safe."""
        ...


class TunedEncoder(PictureEncoder, Protocol):
    """Knows pictures by what it learned on groceries, and by what it knew before."""

    def states(self, pictures: tuple[Picture, ...]) -> Any:
        """(n, …) what the blocks that both have in common make of `pictures`. Thread-safe."""
        ...

    def tuned(self, states: Any) -> NDArray[np.float32]:
        """(n, width) features that tell products apart. Thread-safe."""
        ...

    def untuned(self, states: Any) -> NDArray[np.float32]:
        """(n, width) features as they were before. Thread-safe."""
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
        states = self._encoder.states(looks(picture))
        p = self._agreed(self._encoder.tuned(states))
        if p.max() < self._head.threshold:
            return ()
        # Whether it is a product at all is asked of the whole picture alone.
        if not self._familiar.knows(self._encoder.untuned(states[:1]))[0]:
            return ()
        return posterior(self._head.labels, p, n)

    def rank(self, picture: Picture, n: int = 5) -> Posterior:
        """The `n` most probable product ids, however unlike any product the picture is."""
        p = self._agreed(self._encoder.features(looks(picture)))
        return posterior(self._head.labels, p, n)

    def _agreed(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(classes,) probabilities, the geometric mean of those of (looks, width) features."""
        logits = self._head.logits(features).mean(axis=0, keepdims=True)
        agreed: NDArray[np.float32] = softmax(logits / self._head.temperature)[0]
        return agreed


def looks(picture: Picture) -> tuple[Picture, Picture]:
    """The whole picture and its middle, where what is photographed mostly lies."""
    height, width = (round(side * (1 - MIDDLE) / 2) for side in picture.pixels.shape[:2])
    middle = picture.pixels[height : -height or None, width : -width or None]
    return picture, Picture(middle)
