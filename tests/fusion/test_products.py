"""Products in photos: the shipped head on phone photos, and what is none of the catalogue."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torch import Tensor

from dialogue.types import Picture
from fusion.vision import train
from fusion.vision.augment import vary
from fusion.vision.efficientnet import EfficientNetLite0
from fusion.vision.photos import preprocess
from fusion.vision.products import NearestProduct, ProductHead, looks
from fusion.vision.strangers import strangers


def test_phone_photos_are_recognised(products: ProductHead, photos: dict[str, Picture]) -> None:
    found = {name: products.recognize(photo) for name, photo in photos.items()}
    first = [name for name, posterior in found.items() if posterior and posterior[0][0] == name]
    among = [name for name, posterior in found.items() if name in dict(posterior)]
    assert len(first) >= len(photos) - 1
    assert len(among) == len(photos)


def test_the_second_look_sees_the_middle(products: ProductHead, photos: dict[str, Picture]) -> None:
    whole, middle = looks(Picture(np.arange(60 * 40 * 3, dtype=np.uint8).reshape(60, 40, 3)))
    assert middle.pixels.shape == (48, 32, 3)
    assert np.array_equal(middle.pixels, whole.pixels[6:54, 4:36])
    assert looks(Picture(np.zeros((1, 2, 3), np.uint8)))[1].pixels.shape == (1, 2, 3)
    wide = np.full((400, 400, 3), 255, np.uint8)
    wide[100:300, 100:300] = np.asarray(Image.fromarray(photos["6"].pixels).resize((200, 200)))
    assert products.rank(Picture(wide))[0][0] == "6"


def test_pictures_without_groceries_are_unknown(products: ProductHead) -> None:
    rejected = [products.recognize(picture) == () for picture in strangers(seed=7, each=4)]
    assert np.mean(rejected) >= 0.95


def test_features_depend_on_the_picture_alone(
    encoder: EfficientNetLite0, photos: dict[str, Picture]
) -> None:
    pictures = list(photos.values())
    together = encoder.features(pictures)
    assert together.shape == (len(pictures), 1280)
    assert np.allclose(together[1], encoder.features(pictures[1:2])[0], atol=1e-3)
    assert encoder.features([]).shape == (0, 1280)


def test_the_middle_square_is_what_is_looked_at() -> None:
    wide = np.zeros((100, 300, 3), np.uint8)
    wide[:, 90:210] = 255  # a little more than the middle: scaling looks past its edge
    seen = preprocess(Picture(wide))
    assert seen.shape == (3, 224, 224)
    assert seen.min() == pytest.approx(1.0)


def test_a_catalogue_without_pictures_is_refused(encoder: EfficientNetLite0) -> None:
    with pytest.raises(ValueError, match="no pictures"):
        NearestProduct(encoder, {})


def test_variations_are_seeded(photos: dict[str, Picture]) -> None:
    one, two = (vary(photos["6"], random.Random(3)).pixels for _ in range(2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, vary(photos["6"], random.Random(4)).pixels)


def test_the_recipe_trains_a_head_that_serves(
    photos: dict[str, Picture], tmp_path: Path, encoder: EfficientNetLite0,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    names = ["6", "23", "76"]
    rows = []
    for name in names:
        Image.fromarray(photos[name].pixels).save(tmp_path / f"{name}.png")
        rows += [
            {"image": f"{name}.png", "fine_id": int(name), "split": s} for s in ("train", "val")
        ]
    (tmp_path / "manifest.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    listed = "\n".join(f"{name},Fruit {name},{name}.png" for name in names)
    (tmp_path / "catalogue.csv").write_text("fine_id,fine_class,iconic_image\n" + listed + "\n")
    train.main([str(tmp_path), str(tmp_path / "out"), "--views", "2", "--cache", str(tmp_path)])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["top1"] == 1.0
    assert figures["nearest_top1"] == 1.0
    tuned = EfficientNetLite0(tuned=tmp_path / "out" / "upper.safetensors")
    head = ProductHead(tuned, tmp_path / "out")
    assert head.names["23"] == "Fruit 23"
    assert head.recognize(photos["23"])[0][0] == "23"


def test_one_pass_gives_tuned_and_untuned_features(
    encoder: EfficientNetLite0, photos: dict[str, Picture]
) -> None:
    picture = (photos["6"],)
    states = encoder.states(picture)
    tuned, plain = encoder.tuned(states), encoder.untuned(states)
    assert np.allclose(tuned, encoder.features(picture), atol=1e-3)
    assert np.allclose(plain, EfficientNetLite0().features(picture), atol=1e-3)
    assert not np.allclose(tuned, plain, atol=1e-2)


def test_untuned_blocks_run_for_the_whole_picture_alone(
    products: ProductHead, encoder: EfficientNetLite0, photos: dict[str, Picture],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    rows: list[tuple[str, int]] = []

    def counted(name: str) -> Callable[[Tensor], np.ndarray]:
        asked = getattr(EfficientNetLite0, name)
        return lambda states: rows.append((name, len(states))) or asked(encoder, states)

    monkeypatch.setattr(products, "_encoder", encoder)
    for name in ("tuned", "untuned"):
        monkeypatch.setattr(encoder, name, counted(name))
    assert products.recognize(photos["6"])
    assert rows == [("tuned", 2), ("untuned", 1)]
