"""Audio: Whisper's encoder states, or log-mel frames where no Whisper is at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from dialogue.types import AudioClip
from fusion.config import ConfigError
from fusion.extractors import MELS, WHISPER_WIDTH, log_mel, whisper_states
from fusion.padded import Padded, Steps, pool

MEL_SECONDS = 0.01
STATE_SECONDS = 0.02


class AudioEncoder(nn.Module):
    """Means over `stride` frames, projected: `features="logmel"` needs no weights at all."""

    def __init__(
        self,
        width: int,
        *,
        features: Literal["whisper", "logmel"] = "whisper",
        weights: str = "var/models/whisper-base",
        sample_rate: int = 16_000,
        stride: int = 5,
    ) -> None:
        super().__init__()
        if features not in ("whisper", "logmel"):
            raise ConfigError(f"unknown features {features}; choose from: whisper, logmel")
        if sample_rate < 1 or stride < 1:
            raise ConfigError("sample_rate (Hz) and stride (frames) must be positive")
        self.features, self.weights = features, Path(weights)
        self.sample_rate, self.stride = sample_rate, stride
        self.bands = WHISPER_WIDTH if features == "whisper" else MELS
        # Mels are raw energies: a convolution over neighbours has to make sounds of them first.
        self.hear = nn.Conv1d(MELS, width, 5, padding=2) if features == "logmel" else None
        self.project = nn.Linear(width if self.hear else WHISPER_WIDTH, width)
        self.norm = nn.LayerNorm(width)

    def prepare(self, raw: AudioClip | NDArray[np.float32]) -> Steps:
        """(frames, bands) of a clip, of samples at `sample_rate`, or of frames computed already."""
        if isinstance(raw, np.ndarray) and raw.ndim == 2 and raw.shape[1] == self.bands:
            frames = np.asarray(raw, np.float32)
        else:
            frames = self._frames(self._clip(raw))
        step = STATE_SECONDS if self.features == "whisper" else MEL_SECONDS
        starts = torch.arange(len(frames)) * step
        return Steps(torch.from_numpy(frames), torch.stack([starts, starts + step], dim=1))

    def forward(self, batch: Padded) -> Padded:
        """Tokens, one per `stride` frames."""
        values = batch.values
        if self.hear is not None:
            values = nn.functional.gelu(self.hear(values.transpose(1, 2))).transpose(1, 2)
        pooled = pool(Padded(values, batch.mask, batch.times), self.stride)
        tokens = self.norm(self.project(pooled.values)) * pooled.mask[..., None]
        return Padded(tokens, pooled.mask, pooled.times)

    def _clip(self, raw: AudioClip | NDArray[np.float32]) -> AudioClip:
        if isinstance(raw, AudioClip):
            return raw
        if not isinstance(raw, np.ndarray) or raw.ndim != 1:
            raise ValueError(
                "audio must be an AudioClip, (n,) samples in [-1, 1], or "
                f"(frames, {self.bands}) features; got {type(raw).__name__}"
            )
        return AudioClip(raw.astype(np.float32), self.sample_rate)

    def _frames(self, clip: AudioClip) -> NDArray[np.float32]:
        if not len(clip.samples):
            raise ValueError("audio is empty")
        return log_mel(clip) if self.features == "logmel" else whisper_states(clip, self.weights)
