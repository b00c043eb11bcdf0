"""Pictures that show nothing of any catalogue: screens, papers, gradients, noise, patterns."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from dialogue.types import Picture

SIDE = 256
"""Pixels."""
WORDS = ("order", "total", "12.80", "paid", "tel", "no.", "2026-11-20", "FD2024051", "x2", "cash")


def strangers(seed: int = 0, each: int = 10) -> tuple[Picture, ...]:
    """`each` drawn pictures of every kind, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    kinds: tuple[Callable[[random.Random], Image.Image], ...]
    kinds = (_paper, _screen, _gradient, _noise, _shapes)
    return tuple(Picture(np.asarray(kind(rng))) for kind in kinds for _ in range(each))


def _paper(rng: random.Random) -> Image.Image:
    grey = rng.randint(190, 250)
    image = Image.new("RGB", (SIDE, SIDE), (grey, grey, grey - rng.randint(0, 15)))
    draw = ImageDraw.Draw(image)
    size = rng.randint(8, 20)
    for top in range(5, SIDE - size, size + 4):
        words = " ".join(rng.choices(WORDS, k=rng.randint(1, 5)))
        draw.text((10, top), words, fill=(40, 40, 40), font=ImageFont.load_default(size))
    return image.rotate(rng.uniform(-8, 8), fillcolor=(grey // 2,) * 3)


def _screen(rng: random.Random) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), rng.choice(["white", "#111", "#f4f4f4"]))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIDE, 36), fill=_colour(rng))
    for top in range(50, SIDE - 40, 50):
        draw.rounded_rectangle((12, top, SIDE - 12, top + 40), 8, outline=_colour(rng), width=2)
        draw.text((24, top + 10), rng.choice(WORDS), fill=_colour(rng), font_size=16)
    return image


def _gradient(rng: random.Random) -> Image.Image:
    start, end = np.array(_colour(rng)), np.array(_colour(rng))
    steps = np.linspace(0, 1, SIDE)[None, :, None]
    row = (start + (end - start) * steps).astype(np.uint8)
    pixels: NDArray[np.uint8] = np.repeat(row, SIDE, axis=0)
    return Image.fromarray(pixels).rotate(rng.choice([0, 90, 180]))


def _noise(rng: random.Random) -> Image.Image:
    noise = np.random.default_rng(rng.randint(0, 1 << 30)).integers(0, 256, (SIDE, SIDE, 3))
    return Image.fromarray(noise.astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(rng.choice([0, 2, 6]))
    )


def _shapes(rng: random.Random) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), _colour(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(3, 12)):
        left, top = rng.randint(0, SIDE - 60), rng.randint(0, SIDE - 60)
        box = (left, top, left + rng.randint(20, 120), top + rng.randint(20, 120))
        rng.choice([draw.rectangle, draw.ellipse])(box, fill=_colour(rng))
    return image


def _colour(rng: random.Random) -> tuple[int, int, int]:
    return rng.randint(0, 255), rng.randint(0, 255), rng.randint(0, 255)
