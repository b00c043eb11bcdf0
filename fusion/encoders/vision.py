"""Vision: pictures and video frames through frozen EfficientNet-Lite0 or an own MobileNetV3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dialogue.types import Picture
from fusion.alignment import Frames
from fusion.config import ConfigError
from fusion.encoders.mobilenet import MobileNetV3Small
from fusion.extractors import LITE0_WIDTH, efficientnet, scaled
from fusion.padded import NAN, Padded, Steps

Backbone = Literal["efficientnet-lite0", "mobilenetv3-small"]
CELL = 32
"""Pixels of a side that become one cell of either backbone's map."""


class _Looking(nn.Module):
    """What pictures and films have in common: their options."""

    def __init__(
        self,
        width: int,
        *,
        backbone: Backbone = "efficientnet-lite0",
        resolution: int = 224,
        whole: bool = False,
    ) -> None:
        super().__init__()
        self.eye = Eye(width, backbone, resolution, whole=whole)


class ImageEncoder(_Looking):
    """One token per cell of the feature map; several pictures follow one another."""

    def prepare(self, raw: Picture | NDArray[Any] | Sequence[Picture]) -> Steps:
        """(pictures, …) maps or pixels; (cells, 1280) maps computed already stay as they are."""
        if isinstance(raw, np.ndarray) and raw.shape[1:] == (LITE0_WIDTH,) and not self.eye.trained:
            return Steps(torch.from_numpy(np.asarray(raw, np.float32))[None])
        many = raw if isinstance(raw, Sequence) else [raw]
        return Steps(self.eye.prepare([as_picture(each) for each in many]))

    def forward(self, batch: Padded) -> Padded:
        """Tokens (batch, pictures · cells, width)."""
        cells, mask = self.eye(batch)
        times = batch.times.repeat_interleave(cells.shape[2], dim=1)
        there = mask[..., None].expand(-1, -1, cells.shape[2]).flatten(1)
        return Padded(cells.flatten(1, 2), there, times)


class VideoEncoder(_Looking):
    """One token per frame: the mean of its cells."""

    def prepare(self, raw: Frames) -> Steps:
        """(frames, …) maps or pixels, each with the time it is shown."""
        if not isinstance(raw, Frames):
            raise ValueError(f"video must be Frames, not {type(raw).__name__}")
        times = torch.tensor(raw.times)
        step = float((times[-1] - times[0]) / (len(times) - 1)) if len(times) > 1 else NAN
        spans = torch.stack([times, times + step], dim=1)
        return Steps(self.eye.prepare(raw.pictures), spans)

    def forward(self, batch: Padded) -> Padded:
        """Tokens (batch, frames, width)."""
        cells, mask = self.eye(batch)
        return Padded(cells.mean(dim=2), mask, batch.times)


class Eye(nn.Module):
    """Pictures to cells: a backbone, frozen or trained, and a projection."""

    def __init__(self, width: int, backbone: str, resolution: int, *, whole: bool) -> None:
        super().__init__()
        if backbone not in ("efficientnet-lite0", "mobilenetv3-small"):
            known = "efficientnet-lite0, mobilenetv3-small"
            raise ConfigError(f"unknown backbone {backbone}; choose from: {known}")
        if resolution < CELL or resolution % CELL:
            raise ConfigError(f"resolution {resolution} is not a multiple of {CELL} pixels")
        self.resolution, self.whole = resolution, whole
        self.trained = MobileNetV3Small() if backbone == "mobilenetv3-small" else None
        self.project = nn.Linear(self.trained.width if self.trained else LITE0_WIDTH, width)
        self.norm = nn.LayerNorm(width)

    def prepare(self, pictures: Sequence[Picture]) -> Tensor:
        """(pictures, 3, side, side) pixels to train on, or (pictures, cells, 1280) frozen maps."""
        if not pictures:
            raise ValueError("no picture")
        pixels = torch.from_numpy(
            np.stack([scaled(each, self.resolution, whole=self.whole) for each in pictures])
        )
        return pixels if self.trained else efficientnet().maps(pixels)

    def forward(self, batch: Padded) -> tuple[Tensor, Tensor]:
        """(batch, pictures, cells, width) and the (batch, pictures) mask."""
        maps = batch.values
        if self.trained is not None:
            maps = self._looked(self.trained, maps, batch.mask)
        cells = self.norm(self.project(maps)) * batch.mask[..., None, None]
        return cells, batch.mask

    def _looked(self, trained: nn.Module, pixels: Tensor, mask: Tensor) -> Tensor:
        """(batch, pictures, cells, channels) maps."""
        if not self.training:
            every: Tensor = trained(pixels.flatten(0, 1))
            return torch.unflatten(every, 0, mask.shape)
        # Padding never reaches a backbone that learns: its batch norms would learn from it.
        seen: Tensor = trained(pixels[mask])
        maps = seen.new_zeros(*mask.shape, *seen.shape[1:])
        maps[mask] = seen
        return maps


def as_picture(raw: Picture | NDArray[np.uint8]) -> Picture:
    """`raw` as a picture; ValueError where it is none."""
    if isinstance(raw, Picture):
        return raw
    if isinstance(raw, np.ndarray) and raw.dtype == np.uint8:
        if raw.ndim == 2:
            return Picture(np.repeat(raw[..., None], 3, axis=2))
        if raw.ndim == 3 and raw.shape[2] == 3:
            return Picture(raw)
    raise ValueError("a picture must be (height, width) or (height, width, 3) bytes, or a Picture")
