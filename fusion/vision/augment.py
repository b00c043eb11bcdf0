"""Seeded variations of a photo: another crop, light, tilt and side."""

from __future__ import annotations

import math
import random

import numpy as np
from PIL import Image, ImageEnhance

from dialogue.types import Picture

SIDE = 224
"""Pixels of the square that comes out."""
GREY = (127, 127, 127)
JITTER = ((ImageEnhance.Brightness, 0.35), (ImageEnhance.Contrast, 0.3), (ImageEnhance.Color, 0.3))


def vary(picture: Picture, rng: random.Random) -> Picture:
    """A new view of `picture`, drawn from `rng`."""
    image = _crop(Image.fromarray(picture.pixels), rng)
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for enhance, span in JITTER:
        image = enhance(image).enhance(rng.uniform(1 - span, 1 + span))
    if rng.random() < 0.5:
        image = image.rotate(rng.uniform(-15, 15), Image.Resampling.BICUBIC, fillcolor=GREY)
    return Picture(np.asarray(image))


def _crop(image: Image.Image, rng: random.Random) -> Image.Image:
    area = rng.uniform(0.35, 1.0) * image.width * image.height
    aspect = math.exp(rng.uniform(-0.25, 0.25))
    height = min(image.height, int(math.sqrt(area / aspect)))
    width = min(image.width, int(height * aspect))
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    box = (left, top, left + width, top + height)
    return image.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box)
