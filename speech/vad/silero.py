"""Silero v6: the voice detector whose weights ship inside the faster-whisper package."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from dialogue.types import AudioClip
from speech.audio import WHISPER_RATE, resample
from speech.vad.stretches import Stretch, stretches

FRAME = 512
"""Samples a probability is given for: 32 ms at 16 kHz."""
_CONTEXT = 64
_WIDTH = 128


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What the detector carries from one frame to the next; made anew for every recording."""

    hidden: NDArray[np.float32]
    cell: NDArray[np.float32]
    context: NDArray[np.float32]
    """The last 64 samples of the frame before."""

    @classmethod
    def fresh(cls) -> Memory:
        """Memory before the first frame."""
        zeros = np.zeros((1, 1, _WIDTH), np.float32)
        return cls(zeros, zeros, np.zeros(_CONTEXT, np.float32))


class SileroVoiceDetector:
    """Finds speech with a small recurrent network. Thread-safe: it keeps no memory itself."""

    def __init__(self, threshold: float = 0.5, pad_seconds: float = 0.1) -> None:
        self._threshold = threshold
        self._pad = pad_seconds
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # kept for every length of recording
        options.log_severity_level = 3
        with as_file(files("faster_whisper") / "assets" / "silero_vad_v6.onnx") as path:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )

    def speech(self, clip: AudioClip) -> tuple[Stretch, ...]:
        """Stretches of speech as (start, end) in seconds."""
        samples = resample(clip, WHISPER_RATE).samples
        if not len(samples):
            return ()
        probabilities, _ = self.probabilities(samples, Memory.fresh())
        step = FRAME / WHISPER_RATE
        return stretches(probabilities, step, self._threshold, self._pad, clip.seconds)

    def stream(self) -> SileroStream:
        """A detector for sound that is still coming."""
        return SileroStream(self)

    def probabilities(
        self, samples: NDArray[np.float32], memory: Memory
    ) -> tuple[NDArray[np.float32], Memory]:
        """P(speech) of each 32 ms frame of 16 kHz `samples`, and the memory for what follows."""
        count = -(-len(samples) // FRAME)
        frames = np.zeros((count, FRAME), np.float32)
        frames.reshape(-1)[: len(samples)] = samples
        before = np.vstack([memory.context[None], frames[:-1, -_CONTEXT:]])
        fed = {"input": np.hstack([before, frames]), "h": memory.hidden, "c": memory.cell}
        voiced, hidden, cell = self._session.run(None, fed)
        return np.asarray(voiced, np.float32).ravel(), Memory(hidden, cell, frames[-1, -_CONTEXT:])


class SileroStream:
    """One caller's detector: the network's memory, and samples that do not fill a frame yet."""

    frame_seconds = FRAME / WHISPER_RATE

    def __init__(self, detector: SileroVoiceDetector) -> None:
        self._detector = detector
        self._memory = Memory.fresh()
        self._rest = np.zeros(0, np.float32)

    def feed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """P(speech) of each 32 ms frame that `samples` complete."""
        waiting = np.concatenate([self._rest, samples])
        whole = len(waiting) // FRAME * FRAME
        self._rest = waiting[whole:]
        if not whole:
            return np.zeros(0, np.float32)
        found, self._memory = self._detector.probabilities(waiting[:whole], self._memory)
        return found
