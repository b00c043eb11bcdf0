"""What EfficientNet-Lite0 takes and gives, whatever runs it."""

from __future__ import annotations

import numpy as np
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
BATCH = 4
"""Pictures at once: the states of more would leave the processor's cache."""


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
