"""Head: the trained numbers of an intent classifier, in memory and in one file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialogue.nlu.calibration import Calibration
from dialogue.nlu.deep import Deep
from dialogue.nlu.features import Floats
from dialogue.nlu.wide import Wide

LAYERS = ("centre", "inward", "inward_bias", "outward", "outward_bias")
STEPS = 127
"""Of an 8-bit number, each way."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Wide and deep (Cheng et al. 2016), trained apart; what they believe is averaged."""

    intents: tuple[str, ...]
    idf: Floats
    """(features,)."""
    wide: Wide
    deep: tuple[Deep, ...]
    """Averaged; they differ by their seeds."""
    calibration: Calibration
    fingerprint: str
    probe: Floats
    """(width,) what the embedder made of one fixed sentence."""


def write_head(head: Head, path: Path) -> None:
    """Writes one file of about two megabytes, whole or not at all."""
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
    wide = arrays["wide"].astype(np.float32) * arrays["wide_step"]
    return Head(
        intents=tuple(about["intents"]),
        idf=arrays["idf"].astype(np.float32),
        wide=Wide(wide, arrays["wide_bias"]),
        deep=tuple(_deep(arrays, seed) for seed in range(about["seeds"])),
        calibration=Calibration(tuple(about["parts"]), about["temperature"], about["threshold"]),
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
            "seeds": len(head.deep),
            "parts": head.calibration.parts,
            "temperature": head.calibration.temperature,
            "threshold": head.calibration.threshold,
            "fingerprint": head.fingerprint,
        }
    )


def _arrays(head: Head) -> dict[str, NDArray[Any]]:
    # Sixteen bits would double the file and change no answer.
    step = np.maximum(np.abs(head.wide.weights).max(axis=0), 1e-9) / STEPS
    arrays: dict[str, NDArray[Any]] = {
        "wide": np.rint(head.wide.weights / step).astype(np.int8),
        "wide_step": step,
        "wide_bias": head.wide.bias,
        "idf": head.idf.astype(np.float16),
        "probe": head.probe,
    }
    for seed, deep in enumerate(head.deep):
        arrays |= {f"{name}_{seed}": getattr(deep, name).astype(np.float16) for name in LAYERS}
    return arrays


def _deep(arrays: dict[str, NDArray[Any]], seed: int) -> Deep:
    return Deep(*(arrays[f"{name}_{seed}"].astype(np.float32) for name in LAYERS))
