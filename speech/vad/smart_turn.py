"""Smart Turn: whether a caller has finished, by the sound alone; a model out of Pipecat's wheel."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from transformers import WhisperFeatureExtractor

from dialogue.types import AudioClip
from speech.audio import WHISPER_RATE, resample

SECONDS = 8
"""The model hears so much of the end; what is shorter is silence before it."""
MODEL = "audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx"


class SmartTurnDetector:
    """Smart Turn v3.2 (an encoder of Whisper tiny's kind, 8 bit). Thread-safe."""

    def __init__(self, model: Path) -> None:
        """Loads the ONNX file."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        self._features: Any = WhisperFeatureExtractor(chunk_length=SECONDS)  # type: ignore[no-untyped-call]

    def finished(self, clip: AudioClip) -> float:
        """P(the caller has finished), by the melody of the last eight seconds."""
        most = SECONDS * WHISPER_RATE
        samples = resample(clip, WHISPER_RATE).samples[-most:]
        padded = np.pad(samples, (most - len(samples), 0))
        found = self._features(
            padded,
            sampling_rate=WHISPER_RATE,
            padding="max_length",
            max_length=most,
            do_normalize=True,
            return_tensors="np",
        )
        spectrum = found["input_features"].astype(np.float32)
        (told,) = self._session.run(None, {"input_features": spectrum})
        return float(np.ravel(told)[0])


def smart_turn_model() -> Path:
    """The model inside the `pipecat-ai` package, which is not imported.

    Raises RuntimeError naming the extra where the package or the file is missing.
    """
    spec = find_spec("pipecat")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        if (found := Path(folder) / MODEL).is_file():
            return found
    raise RuntimeError(
        "Smart Turn comes with pipecat-ai: pip install -e '.[smart-turn]'"
        ", or set LINGXI_SPEECH__ENDINGS=words"
    )
