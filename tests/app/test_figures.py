"""Figures of an evaluation: every line is counted once, where it belongs."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from app.commands.figures import BINS, CELL, HEIGHT, write_figures
from dialogue.nlu.examples import Example


def test_a_wrong_answer_stands_in_its_row_and_among_the_wrong(tmp_path: Path) -> None:
    examples = [Example("hi", "greet"), Example("bye", "goodbye")]
    posteriors = [(("greet", 1.0),), (("greet", 0.5), ("goodbye", 0.4))]
    write_figures(tmp_path / "new", examples, posteriors)
    confusion = json.loads((tmp_path / "new" / "confusion.json").read_text())
    assert confusion == {"labels": ["goodbye", "greet"], "rows_are_truth": [[0, 1], [0, 1]]}
    confidence = json.loads((tmp_path / "new" / "confidence.json").read_text())
    assert confidence["right"][BINS - 1] == confidence["wrong"][BINS // 2] == 1
    assert sum(confidence["right"]) == sum(confidence["wrong"]) == 1
    with Image.open(tmp_path / "new" / "confusion.png") as picture:
        assert picture.size == (2 * CELL, 2 * CELL)
        assert picture.getpixel((CELL, 0)) == 0
        assert picture.getpixel((0, 0)) == 255
    with Image.open(tmp_path / "new" / "confidence.png") as picture:
        assert picture.height == HEIGHT
