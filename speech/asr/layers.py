"""All of Whisper's encoder layers, in torch: the early ones still know how it was said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import gelu
from whisper.audio import HOP_LENGTH, log_mel_spectrogram

from dialogue.types import AudioClip
from speech.asr.openai_whisper import load_whisper
from speech.asr.windows import MAX_SECONDS
from speech.audio import WHISPER_RATE, cut, resample

SILENCE = WHISPER_RATE // 2
"""Samples of silence after the words."""
STRIDE = 2 * HOP_LENGTH
"""Samples per state."""


class WhisperLayers:
    """States of every encoder layer, in a window cut to the utterance."""

    def __init__(self, model: Path, device: str = "cpu") -> None:
        self._encoder: Any = load_whisper(model, device).encoder
        self._device = device

    @torch.inference_mode()
    def layers(self, clip: AudioClip) -> NDArray[np.float32]:
        """(layers, frames, width) states of the first 28 s, 20 ms apart. Thread-safe."""
        sound = cut(resample(clip, WHISPER_RATE), 0.0, min(clip.seconds, MAX_SECONDS)).samples
        encoder = self._encoder
        mel = log_mel_spectrogram(np.concatenate([sound, np.zeros(SILENCE, np.float32)]))
        states = gelu(encoder.conv2(gelu(encoder.conv1(mel[None].to(self._device)))))
        states = states.permute(0, 2, 1)
        states = states + encoder.positional_embedding[: states.shape[1]]
        frames = max(2, -(-len(sound) // STRIDE))
        found = []
        for block in encoder.blocks:
            states = block(states)
            found.append(states[0, :frames])
        return np.asarray(torch.stack(found).cpu().numpy(), dtype=np.float32)
