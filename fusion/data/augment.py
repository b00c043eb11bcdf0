"""Augment: seeded variations of training values, per modality."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from dialogue.types import AudioClip, Picture
from fusion.config import ConfigError
from fusion.data.wording import vary_text
from fusion.padded import Steps

JITTER = ((ImageEnhance.Brightness, 0.3), (ImageEnhance.Contrast, 0.3), (ImageEnhance.Color, 0.3))
LEAST_AREA = 0.6
"""Share of a picture that a crop keeps at least."""
NOISE_DB = (8.0, 30.0)
SPEED = (0.9, 1.1)
ROOM_SECONDS = (0.1, 0.4)
"""Time in which a room's echo falls to a thousandth."""
MASKED = 0.15
"""Share of time, and of bands, that SpecAugment hides at most."""


class Augment:
    """Varies what is named: `text`, `image`, `audio`. Pictures are never mirrored.

    Left and right carry meaning in a radiograph, and so do letters on a part.
    """

    def __init__(self, names: Collection[str] = ("text", "image", "audio")) -> None:
        unknown = sorted(set(names) - set(VARIATIONS))
        if unknown:
            listed = ", ".join(VARIATIONS)
            raise ConfigError(f"cannot vary {', '.join(unknown)}; choose from: {listed}")
        self.names = tuple(names)

    def __call__(self, raws: dict[str, Any], rng: random.Random) -> dict[str, Any]:
        """New values, drawn from `rng`; what cannot be varied stays as it is."""
        return {
            name: VARIATIONS[name](raw, rng) if name in self.names else raw
            for name, raw in raws.items()
        }


def spoil(raws: dict[str, Any], noise: Mapping[str, float]) -> dict[str, Any]:
    """The values with a manifest row's `noise`: blur in pixels, signal to noise in dB."""
    spoilt = dict(raws)
    if "image" in noise and isinstance(raws.get("image"), Picture):
        spoilt["image"] = blurred(raws["image"], noise["image"])
    if "audio" in noise and isinstance(raws.get("audio"), AudioClip):
        spoilt["audio"] = noisy(raws["audio"], noise["audio"], np.random.default_rng(0))
    return spoilt


def vary_picture(picture: Any, rng: random.Random) -> Any:
    """Another crop and other light."""
    if not isinstance(picture, Picture):
        return picture
    image = Image.fromarray(picture.pixels)
    side = rng.uniform(LEAST_AREA, 1.0) ** 0.5
    width, height = round(image.width * side), round(image.height * side)
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    image = image.crop((left, top, left + width, top + height))
    for enhance, span in JITTER:
        image = enhance(image).enhance(rng.uniform(1 - span, 1 + span))
    return Picture(np.asarray(image))


def vary_sound(clip: Any, rng: random.Random) -> Any:
    """Another speed, room and noise."""
    if not isinstance(clip, AudioClip):
        return clip
    chance = np.random.default_rng(rng.getrandbits(64))
    clip = faster(clip, rng.uniform(*SPEED))
    if rng.random() < 0.5:
        clip = in_room(clip, rng.uniform(*ROOM_SECONDS), chance)
    return noisy(clip, rng.uniform(*NOISE_DB), chance)


def blurred(picture: Picture, radius: float) -> Picture:
    """`picture` out of focus by `radius` pixels."""
    image = Image.fromarray(picture.pixels).filter(ImageFilter.GaussianBlur(radius))
    return Picture(np.asarray(image))


def faster(clip: AudioClip, speed: float) -> AudioClip:
    """`clip` played `speed` times as fast, pitch and all (Ko et al. 2015)."""
    count = max(1, round(len(clip.samples) / speed))
    places = np.arange(count) * speed
    samples = np.interp(places, np.arange(len(clip.samples)), clip.samples)
    return AudioClip(samples.astype(np.float32), clip.rate)


def in_room(clip: AudioClip, seconds: float, chance: np.random.Generator) -> AudioClip:
    """`clip` with the echo of a room: noise that falls to a thousandth in `seconds`."""
    from scipy.signal import fftconvolve

    fall = np.arange(max(1, round(seconds * clip.rate))) / (seconds * clip.rate)
    echo = chance.standard_normal(len(fall)) * 10 ** (-3 * fall)
    echo = 0.5 * echo / max(1e-9, float(np.linalg.norm(echo)))
    echo[0] = 1.0
    wet = fftconvolve(clip.samples, echo)[: len(clip.samples)]
    return AudioClip(np.clip(wet, -1, 1).astype(np.float32), clip.rate)


def noisy(clip: AudioClip, snr_db: float, chance: np.random.Generator) -> AudioClip:
    """`clip` in white noise, `snr_db` below its own mean power."""
    power = float(np.mean(np.square(clip.samples, dtype=np.float64)))
    scale = (power / 10 ** (snr_db / 10)) ** 0.5
    noise = scale * chance.standard_normal(len(clip.samples))
    return AudioClip(np.clip(clip.samples + noise, -1, 1).astype(np.float32), clip.rate)


def spec_augment(steps: Steps, rng: random.Random) -> Steps:
    """One stretch of time and one of bands set to the mean (Park et al. 2019)."""
    values = steps.values.clone()
    mean = values.mean()
    for axis in (0, 1):
        size = values.shape[axis]
        width = rng.randint(0, int(MASKED * size))
        start = rng.randint(0, size - width)
        values.narrow(axis, start, width).fill_(float(mean))
    return Steps(values, steps.times)


VARIATIONS: Mapping[str, Callable[[Any, random.Random], Any]] = {
    "text": vary_text,
    "image": vary_picture,
    "audio": vary_sound,
}
