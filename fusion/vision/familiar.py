"""Tells pictures like those of the catalogue from all others, by nearness to class means."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from fusion.softmax import unit

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Familiar:
    """Class means (Snell et al. 2017) and the least cosine to any of them.

    Softmax probability alone lets two in three receipts pass for a product.
    """

    centre: Floats
    """(width,) mean of the unit-length training features."""
    means: Floats
    """(classes, width) unit-length class means, centred."""
    threshold: float = 0.0

    def nearness(self, features: Floats) -> Floats:
        """(n,) cosine of each row of `features` to the nearest class mean."""
        cosines = unit(unit(features) - self.centre) @ self.means.T
        return np.asarray(cosines.max(axis=1), dtype=np.float32)

    def knows(self, features: Floats) -> NDArray[np.bool_]:
        """(n,) whether each row is near enough to some class."""
        return np.asarray(self.nearness(features) >= self.threshold)


def fit_familiar(features: Floats, targets: Sequence[str]) -> Familiar:
    """The class means of (n, width) `features`, any distance allowed."""
    rows, names = unit(features), np.array(targets)
    centre = np.asarray(rows.mean(axis=0), dtype=np.float32)
    means = np.stack([rows[names == name].mean(axis=0) for name in dict.fromkeys(targets)])
    return Familiar(centre, unit(means - centre))


def save_familiar(familiar: Familiar, path: Path) -> None:
    """Keeps `familiar` in the safetensors file `path`, numbers in half precision."""
    tensors = {
        name: np.ascontiguousarray(getattr(familiar, name), dtype=np.float16)
        for name in ("centre", "means")
    }
    save_file(tensors, str(path), metadata={"threshold": json.dumps(familiar.threshold)})
    path.chmod(0o644)  # safetensors makes files that only their owner may read


def load_familiar(path: Path) -> Familiar:
    """What `save_familiar` kept in `path`."""
    with safe_open(str(path), framework="numpy") as file:
        centre, means = (file.get_tensor(n).astype(np.float32) for n in ("centre", "means"))
        return Familiar(centre, means, json.loads(file.metadata()["threshold"]))
