"""Series: any measurements over time, such as a motor's currents or a patient's pulse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fusion.config import ConfigError
from fusion.padded import Padded, Steps, pool


class SeriesEncoder(nn.Module):
    """Channels in training deviations, a convolution over neighbours, means over `stride`."""

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        width: int,
        *,
        channels: int = 1,
        rate: float = 1.0,
        stride: int = 4,
        mean: Sequence[float] = (),
        deviation: Sequence[float] = (),
    ) -> None:
        super().__init__()
        if channels < 1 or rate <= 0 or stride < 1:
            raise ConfigError("channels, rate (Hz) and stride (steps) must be positive")
        self.channels, self.rate, self.stride = channels, rate, stride
        self.register_buffer("mean", torch.tensor(list(mean) or [0.0] * channels))
        self.register_buffer("deviation", torch.tensor(list(deviation) or [1.0] * channels))
        self.look = nn.Conv1d(channels, width, 5, padding=2)
        self.norm = nn.LayerNorm(width)

    @classmethod
    def fit(cls, raws: Iterable[NDArray[np.floating]], **_: Any) -> dict[str, Any]:
        """Mean and deviation of each channel over the training series."""
        steps = np.concatenate([_table(raw) for raw in raws])
        deviation = np.maximum(steps.std(axis=0), 1e-6)
        return {"mean": steps.mean(axis=0).tolist(), "deviation": deviation.tolist()}

    def prepare(self, raw: NDArray[np.floating]) -> Steps:
        """(time, channels) of the same, or of (time,) where there is one channel."""
        table = _table(raw)
        if table.shape[1] != self.channels or not len(table):
            raise ValueError(f"a series must be (time, {self.channels}); got {table.shape}")
        starts = torch.arange(len(table)) / self.rate
        spans = torch.stack([starts, starts + 1 / self.rate], dim=1)
        return Steps(torch.from_numpy(table), spans)

    def forward(self, batch: Padded) -> Padded:
        """Tokens, one per `stride` steps."""
        values = (batch.values - self.mean) / self.deviation * batch.mask[..., None]
        looked = nn.functional.gelu(self.look(values.transpose(1, 2))).transpose(1, 2)
        pooled = pool(Padded(looked, batch.mask, batch.times), self.stride)
        tokens = self.norm(pooled.values) * pooled.mask[..., None]
        return Padded(tokens, pooled.mask, pooled.times)


def _table(raw: NDArray[np.floating]) -> NDArray[np.float32]:
    table = np.asarray(raw, np.float32)
    return table[:, None] if table.ndim == 1 else table
