"""What every back-end of `TextReader` promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from dialogue.types import Picture
from fusion.vision.engines import TextReader
from fusion.vision.ocr import RapidTextReader


@pytest.fixture(scope="module", params=[RapidTextReader])
def reader(request: pytest.FixtureRequest) -> TextReader:
    made: TextReader = request.param()
    return made


def page(*lines: str) -> Picture:
    image = Image.new("RGB", (500, 90 * len(lines) + 40), "white")
    for number, line in enumerate(lines):
        place = (30, 30 + 90 * number)
        ImageDraw.Draw(image).text(place, line, font=ImageFont.load_default(36), fill="black")
    return Picture(np.asarray(image))


def test_lines_come_from_top_to_bottom(reader: TextReader) -> None:
    assert reader.read(page("FIRST", "SECOND", "THIRD")) == ("FIRST", "SECOND", "THIRD")


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (400, 300)])
def test_a_picture_without_text_gives_no_line(reader: TextReader, size: tuple[int, int]) -> None:
    assert reader.read(Picture(np.full((*size, 3), 200, np.uint8))) == ()


def test_nothing_is_printed(reader: TextReader, capfd: pytest.CaptureFixture[str]) -> None:
    reader.read(page("QUIET"))
    reader.read(Picture(np.zeros((64, 64, 3), np.uint8)))
    assert capfd.readouterr() == ("", "")


def test_threads_do_not_disturb_each_other(reader: TextReader) -> None:
    words = ["APPLE", "LEMON", "ONION"]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda word: reader.read(page(word)), words)) == [(w,) for w in words]
