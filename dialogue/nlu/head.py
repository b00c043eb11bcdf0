"""Head: the trained numbers of an intent classifier, in memory and in one file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialogue.nlu.calibration import Calibration
from dialogue.nlu.features import Floats
from dialogue.nlu.kernel import STEPS, Kernel
from dialogue.nlu.wide import Wide


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A kernel, what n-grams say beside it, and how far to believe them."""

    intents: tuple[str, ...]
    idf: Floats
    """(features,)."""
    kernel: Kernel
    wide: Wide
    """Scaled: its margins are added to the kernel's logits."""
    calibration: Calibration
    """Of both together."""
    alone: Calibration
    """Of the kernel by itself."""
    fingerprint: str
    probe: Floats
    """(width,) what the embedder made of one fixed sentence."""


def write_head(head: Head, path: Path) -> None:
    """Writes one file of about eight megabytes, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A start that is cut off must not leave half a file behind.
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, allow_pickle=False, about=np.array(_about(head)), **_arrays(head))
    partial.replace(path)


def read_head(path: Path) -> Head:
    """The head that `write_head` wrote to `path`."""
    with np.load(path, allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        arrays = {name: stored[name] for name in stored.files if name != "about"}
    rows, spelled, words = (_unpacked(arrays, name) for name in ("rows", "spelled", "wide"))
    shares = arrays["shares"].astype(np.float32)
    return Head(
        intents=tuple(about["intents"]),
        idf=arrays["idf"].astype(np.float32),
        kernel=Kernel(arrays["centre"], rows, float(arrays["scale"]), shares, spelled),
        wide=Wide(words, arrays["bias"]),
        calibration=Calibration(about["temperature"], about["threshold"]),
        alone=Calibration(about["alone"]),
        fingerprint=about["fingerprint"],
        probe=arrays["probe"],
    )


def read_fingerprint(path: Path) -> str:
    """What the file at `path` was trained with; works for files of older versions too."""
    with np.load(path, allow_pickle=False) as stored:
        return str(json.loads(str(stored["about"]))["fingerprint"])


def _about(head: Head) -> str:
    return json.dumps(
        {
            "intents": head.intents,
            "temperature": head.calibration.temperature,
            "threshold": head.calibration.threshold,
            "alone": head.alone.temperature,
            "fingerprint": head.fingerprint,
        }
    )


def _arrays(head: Head) -> dict[str, NDArray[Any]]:
    kernel = head.kernel
    return {
        "idf": head.idf.astype(np.float16),
        "probe": head.probe,
        "centre": kernel.centre,
        "scale": np.array(kernel.scale, np.float32),
        # Large shares of opposite sign cancel: eight bits would drown what is left.
        "shares": kernel.shares.astype(np.float16),
        **_packed("rows", kernel.rows, np.abs(kernel.rows).max()),
        **_packed("spelled", kernel.spelled, np.abs(kernel.spelled).max(axis=0)),
        "bias": head.wide.bias,
        **_packed("wide", head.wide.weights, np.abs(head.wide.weights).max(axis=0)),
    }


def _packed(name: str, numbers: Floats, largest: Any) -> dict[str, NDArray[Any]]:
    """Eight bits a number, and the step between two of them."""
    step = np.maximum(largest, 1e-9).astype(np.float32) / STEPS
    return {name: np.rint(numbers / step).astype(np.int8), f"{name}_step": np.asarray(step)}


def _unpacked(arrays: dict[str, NDArray[Any]], name: str) -> Floats:
    return np.asarray(arrays[name] * arrays[f"{name}_step"], dtype=np.float32)
