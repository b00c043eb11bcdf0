"""What every back-end of `ProductRecognizer` promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from PIL import Image

from app.config import Settings
from app.engines import build_products
from dialogue.types import Picture
from fusion.vision.efficientnet import EfficientNetLite0
from fusion.vision.engines import ProductRecognizer
from fusion.vision.products import NearestProduct, ProductHead

HOUSE = Path(__file__).parents[2]
STUDIO = HOUSE / "data" / "domains" / "fresh" / "media" / "products"


def opened(path: Path) -> Picture:
    with Image.open(path) as image:
        return Picture(np.asarray(image.convert("RGB")))


def nearest() -> ProductRecognizer:
    ids = ("6", "8", "23", "76")
    return NearestProduct(
        EfficientNetLite0(), {i: opened(STUDIO / f"{int(i):02d}.jpg") for i in ids}
    )


def head() -> ProductRecognizer:
    folder = HOUSE / "data" / "models" / "products"
    tuned = EfficientNetLite0(tuned=folder / "upper.safetensors")
    return ProductHead(tuned, folder)


def served() -> ProductRecognizer:
    with TemporaryDirectory() as folder:
        return build_products(Settings(var=Path(folder)))  # type: ignore[return-value]


@pytest.fixture(scope="module", params=[nearest, head, served])
def recognizer(request: pytest.FixtureRequest) -> ProductRecognizer:
    made: ProductRecognizer = request.param()
    return made


@pytest.fixture(scope="module")
def pineapple() -> Picture:
    return opened(next((HOUSE / "tests" / "assets" / "pictures").glob("23_*.jpg")))


def test_the_best_product_comes_first(recognizer: ProductRecognizer, pineapple: Picture) -> None:
    found = recognizer.recognize(pineapple, n=3)
    probabilities = [p for _, p in found]
    assert found[0][0] == "23"
    assert len(found) == 3
    assert probabilities == sorted(probabilities, reverse=True)
    assert 0.0 <= sum(probabilities) <= 1.001


def test_any_shape_of_picture_is_taken(recognizer: ProductRecognizer) -> None:
    for height, width in ((1, 1), (7, 900), (900, 7)):
        found = recognizer.recognize(Picture(np.full((height, width, 3), 120, np.uint8)))
        assert len(found) <= 5


def test_threads_do_not_disturb_each_other(
    recognizer: ProductRecognizer, pineapple: Picture
) -> None:
    expected = recognizer.recognize(pineapple)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(recognizer.recognize, [pineapple] * 6))
    assert all([name for name, _ in f] == [name for name, _ in expected] for f in found)
