"""Picture quality: blur, darkness and smallness cost; readable screens do not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from dialogue.types import Picture
from fusion.quality import laplacian_variance, picture_fault, picture_quality


def score(picture: Picture) -> float:
    return picture_quality([picture]).score


def test_a_clear_photo_scores_high(photos: dict[str, Picture]) -> None:
    assert all(score(photo) > 0.8 for photo in photos.values())


def test_blur_lowers_the_score(photos: dict[str, Picture]) -> None:
    image = Image.fromarray(photos["23"].pixels)
    blurred = [image.filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 2, 4)]
    scores = [score(Picture(np.asarray(b))) for b in blurred]
    assert scores[0] > scores[1] > scores[2]
    assert scores[2] < 0.5


def test_a_dark_photo_scores_low(photos: dict[str, Picture]) -> None:
    dark = (photos["6"].pixels // 16).astype(np.uint8)
    assert score(Picture(dark)) < 0.5 * score(photos["6"])


def test_a_bright_screenshot_stays_usable(screenshot: Picture) -> None:
    assert score(screenshot) > 0.35


def test_the_best_of_several_pictures_counts(photos: dict[str, Picture]) -> None:
    flat = Picture(np.full((300, 300, 3), 128, np.uint8))
    assert picture_quality([flat, photos["8"]]) == picture_quality([photos["8"]])
    assert score(flat) < 0.1


def test_a_tiny_picture_is_measured_too() -> None:
    assert score(Picture(np.zeros((1, 1, 3), np.uint8))) < 0.05


def test_what_cannot_be_seen_has_one_reason(photos: dict[str, Picture]) -> None:
    clear = photos["6"].pixels
    blurred = Image.fromarray(clear).filter(ImageFilter.GaussianBlur(25))
    spoilt = {
        None: clear,
        "dark": clear // 40,
        "bright": 250 + clear // 60,
        "blurred": np.asarray(blurred),
        "small": np.asarray(Image.fromarray(clear).resize((12, 12))),
    }
    found = {k: picture_fault(picture_quality([Picture(p)])) for k, p in spoilt.items()}
    assert found == {k: k for k in spoilt}


def test_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="leave the modality out"):
        picture_quality([])


def test_laplacian_variance_by_hand() -> None:
    grey = np.zeros((3, 4), np.float32)
    grey[1, 1] = 1.0
    # Second derivatives of the two inner points: -4 and 1; mean -1.5, variance 6.25.
    assert laplacian_variance(grey) == pytest.approx(6.25)
