"""PhoneReader: the sounds of speech, read from the recognizer's own encoder states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from scipy.special import erf, log_softmax

from speech.joint.ctc import Frames

KERNEL = 5
"""Frames of 20 ms that one phone is read from, beyond what the states hold of each other."""

Floats = NDArray[np.float32]


class PhoneReader:
    """Two small layers over encoder states of Mandarin and English speech. Thread-safe.

    Chinese syllables are an initial (`zh-`) and a final (`-ang`), English words the phonemes of
    the pronouncing dictionary. Trained with CTC by `speech.joint.phones_train`.
    """

    def __init__(self, phones: Sequence[str], weights: Mapping[str, Floats]) -> None:
        """`phones` without the blank, which is number 0; `weights` by the trainer's names."""
        self.phones = tuple(phones)
        self._numbers = {phone: n for n, phone in enumerate(phones, 1)}
        self._weights = {name: array.astype(np.float32) for name, array in weights.items()}

    @classmethod
    def load(cls, path: Path) -> PhoneReader:
        """The reader that the trainer wrote to `path`."""
        with safe_open(path, "numpy") as stored:
            phones = stored.metadata()["phones"].split(" ")
            return cls(phones, {name: stored.get_tensor(name) for name in stored.keys()})  # noqa: SIM118

    @property
    def width(self) -> int:
        """Of the encoder states it was trained on."""
        return int(self._weights["down.weight"].shape[1])

    def numbers(self, phones: Sequence[str]) -> list[int]:
        """The units of `phones`; those it never learnt are left out."""
        return [self._numbers[phone] for phone in phones if phone in self._numbers]

    def names(self, numbers: Sequence[int]) -> list[str]:
        """The phones with these numbers."""
        return [self.phones[number - 1] for number in numbers]

    def __call__(self, states: Floats) -> Frames:
        """(frames, phones + 1) ln P(phone), the blank first, of `states` (frames, width)."""
        w = self._weights
        centred = states - states.mean(axis=1, keepdims=True)
        normal = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
        hidden = _gelu(
            (normal * w["norm.weight"] + w["norm.bias"]) @ w["down.weight"].T + w["down.bias"]
        )
        hidden = hidden + _gelu(_convolved(hidden, w["conv.weight"]) + w["conv.bias"])
        return np.asarray(
            log_softmax(hidden @ w["out.weight"].T + w["out.bias"], axis=1), dtype=np.float32
        )


def _convolved(hidden: Floats, kernel: Floats) -> Floats:
    """(frames, out) of `hidden` (frames, in) and `kernel` (out, in, KERNEL)."""
    padded = np.pad(hidden, ((KERNEL // 2, KERNEL // 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, KERNEL, axis=0)
    flat = np.ascontiguousarray(windows).reshape(len(hidden), -1)
    return np.asarray(flat @ kernel.reshape(len(kernel), -1).T)


def _gelu(x: Floats) -> Floats:
    return np.asarray(x * 0.5 * (1 + erf(x / np.sqrt(2, dtype=np.float32))), dtype=np.float32)
