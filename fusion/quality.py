"""How usable a picture is: sharpness, light and size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dialogue.types import Picture, PictureFault, Quality

SIDE = 512
"""Pixels pictures are reduced to, so that sharpness does not depend on the camera."""
SHARP = 150.0
"""Variance of the Laplacian (Pech-Pacheco et al. 2000) of a photo that is sharp enough."""
BLURRED = 8.0
"""The same of a photo in which nothing can be read."""
ENOUGH = 224
"""Pixels of the shorter side that recognition works with."""
DARK, BRIGHT = 40.0, 225.0
"""Mean brightness, 0 to 255, outside which a photo is hard to see."""
UNUSABLE = 0.1
"""Score below which next to nothing can be seen; clear photos of groceries all have above 0.8."""


def picture_quality(pictures: Sequence[Picture]) -> Quality:
    """The quality of a turn's pictures: that of the best of them."""
    if not pictures:
        raise ValueError("No picture to measure; leave the modality out of Turn.quality.")
    return max((_measure(picture) for picture in pictures), key=lambda quality: quality.score)


def picture_fault(quality: Quality) -> PictureFault | None:
    """Why next to nothing can be seen in a picture of this quality; None where something can.

    Light comes first: what is dark is not sharp either.
    """
    if quality.score >= UNUSABLE:
        return None
    measures = dict(quality.measures)
    brightness = measures.get("brightness", (DARK + BRIGHT) / 2)
    if brightness < DARK:
        return "dark"
    if brightness > BRIGHT:
        return "bright"
    return "small" if measures.get("side_px", ENOUGH) < ENOUGH / 2 else "blurred"


def _measure(picture: Picture) -> Quality:
    grey = _grey(picture)
    sharpness, brightness = laplacian_variance(grey), float(grey.mean())
    clipped = float(((grey < 3) | (grey > 252)).mean())
    side = min(picture.width, picture.height)
    score = _sharp_score(sharpness) * _light_score(brightness) * min(1.0, side / ENOUGH)
    measures = (
        ("sharpness", round(sharpness, 1)),
        ("brightness", round(brightness, 1)),
        ("clipped", round(clipped, 3)),
        ("side_px", float(side)),
    )
    return Quality("picture", round(score, 3), measures)


def laplacian_variance(grey: NDArray[np.float32]) -> float:
    """Variance of the second derivative of (height, width) brightness; 0 when too small."""
    if min(grey.shape) < 3:
        return 0.0
    middle = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((around - 4 * middle).var())


def _grey(picture: Picture) -> NDArray[np.float32]:
    image = Image.fromarray(picture.pixels).convert("L")
    image.thumbnail((SIDE, SIDE))
    return np.asarray(image, dtype=np.float32)


def _sharp_score(sharpness: float) -> float:
    span = np.log(SHARP / BLURRED)
    return float(np.clip(np.log(max(sharpness, 1e-3) / BLURRED) / span, 0.05, 1.0))


def _light_score(brightness: float) -> float:
    # White paper and white screens are bright and readable: only the dark end falls off fast.
    dark = min(1.0, brightness / DARK)
    bright = min(1.0, max(0.0, 255.0 - brightness) / (255.0 - BRIGHT))
    return max(0.05, dark) * max(0.4, bright)
