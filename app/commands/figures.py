"""Figures of an evaluation: who is taken for whom, and how sure, as PNG and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from dialogue.nlu.examples import Example
from dialogue.types import Posterior

BINS = 20
CELL = 12
"""Pixels of one pair of intents, each way."""
BAR, HEIGHT = 24, 240
"""Pixels of a bar of the histogram, and of the whole of it."""
RIGHT, WRONG = "#2a7", "#c33"

Counts = NDArray[np.int64]


def write_figures(
    folder: Path, examples: Sequence[Example], posteriors: Sequence[Posterior]
) -> None:
    """Writes confusion.png, confusion.json, confidence.png and confidence.json into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    truth = [example.intent for example in examples]
    named = [ranked[0][0] for ranked in posteriors]
    labels = sorted({*truth, *named})
    counts = _confusion(labels, truth, named)
    _write(folder / "confusion.json", {"labels": labels, "rows_are_truth": counts.tolist()})
    _matrix(counts).save(folder / "confusion.png")
    right = np.array(truth) == np.array(named)
    bars = _histogram(np.array([ranked[0][1] for ranked in posteriors]), right)
    _write(folder / "confidence.json", {"right": bars[0].tolist(), "wrong": bars[1].tolist()})
    _bars(bars).save(folder / "confidence.png")


def _confusion(labels: Sequence[str], truth: Sequence[str], named: Sequence[str]) -> Counts:
    """(intents, intents): the true one down, the named one across."""
    number = {label: place for place, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(counts, ([number[t] for t in truth], [number[n] for n in named]), 1)
    return counts


def _histogram(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> Counts:
    """(2, bins): how often an answer of this confidence was right, and wrong."""
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return np.stack([np.bincount(bins[kind], minlength=BINS) for kind in (right, ~right)])


def _matrix(counts: Counts) -> Image.Image:
    """Darker where more of a row went."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    # The root shows single errors too.
    shade = (255 * (1 - np.sqrt(share))).astype(np.uint8)
    return Image.fromarray(np.kron(shade, np.ones((CELL, CELL), np.uint8)))


def _bars(bars: Counts) -> Image.Image:
    """Right answers below, wrong ones on top of them."""
    picture = Image.new("RGB", (BAR * bars.shape[1], HEIGHT), "white")
    draw = ImageDraw.Draw(picture)
    tall = np.rint(bars * HEIGHT / max(int(bars.sum(axis=0).max()), 1)).astype(int)
    for place, (right, wrong) in enumerate(tall.T.tolist()):
        left, top = place * BAR, HEIGHT - right
        if right:
            draw.rectangle((left, top, left + BAR - 2, HEIGHT - 1), fill=RIGHT)
        if wrong:
            draw.rectangle((left, top - wrong, left + BAR - 2, top - 1), fill=WRONG)
    return picture


def _write(path: Path, value: dict[str, object]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
