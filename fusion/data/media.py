"""Media: files to the values that encoders read."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from dialogue.types import AudioClip, Picture, Word
from fusion.alignment import Frames, TimedText

FRAME_EVERY = 0.5
"""Seconds between the frames taken of a video."""
MOST_FRAMES = 64
LONGEST_SECONDS = 300.0
"""Of sound that is decoded; the rest is left out."""
NPY = b"\x93NUMPY"
DEEP = ("I", "I;16", "I;16B", "F")
"""Modes of more than eight bits, usual in radiology and thermography."""


class RowError(ValueError):
    """A row of training data that cannot be used; the message names file, row and reason."""


def open_raw(modality: str, raw: Any) -> Any:
    """`raw` itself, or what the file at that path holds. RowError where it cannot be read.

    A string is a path for every modality but text; a `pathlib.Path` always is.
    """
    if isinstance(raw, list):
        return [open_raw(modality, each) for each in raw]
    if isinstance(raw, Image.Image):
        return Picture(np.asarray(raw.convert("RGB")))
    if isinstance(raw, str) and modality == "text":
        return raw
    if not isinstance(raw, str | Path):
        return raw
    path = Path(raw)
    # Features computed beforehand are tables, whatever they are of.
    reader = read_table if path.suffix == ".npy" else _READERS.get(modality, read_table)
    try:
        return reader(path)
    except RowError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RowError(f"{path}: not readable as {modality}: {error}") from error


def read_picture(path: Path) -> Picture:
    """The picture at `path`, upright; more than eight bits are scaled from darkest to brightest."""
    with warnings.catch_warnings():
        # A picture of more than 90 million pixels is refused, not warned of.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path) as image:
                upright = ImageOps.exif_transpose(image)
                if upright.mode in DEEP:
                    upright = Image.fromarray(_eight_bits(np.asarray(upright, np.float32)))
                return Picture(np.asarray(upright.convert("RGB")))
        except Image.DecompressionBombWarning as error:
            raise RowError(f"{path}: {error}") from error


def read_audio(path: Path) -> AudioClip:
    """The sound at `path` as mono at its own rate, at most five minutes."""
    with av.open(str(path)) as container:
        if not container.streams.audio:
            raise RowError(f"{path}: holds no sound")
        stream = container.streams.audio[0]
        rate, most = stream.rate, int(LONGEST_SECONDS * stream.rate)
        resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
        pieces: list[NDArray[np.float32]] = []
        for frame in container.decode(stream):
            pieces += [each.to_ndarray()[0] for each in resampler.resample(frame)]
            if sum(map(len, pieces)) > most:
                break
    if not pieces:
        raise RowError(f"{path}: holds no sound")
    return AudioClip(np.concatenate(pieces)[:most].astype(np.float32), rate)


def read_video(path: Path) -> Frames:
    """A frame of the film at `path` every half second, at most 64."""
    with av.open(str(path)) as container:
        if not container.streams.video:
            raise RowError(f"{path}: holds no pictures")
        found = list(_spaced(container))
    if not found:
        raise RowError(f"{path}: holds no pictures")
    return Frames(tuple(p for p, _ in found), tuple(t for _, t in found))


def read_text(path: Path) -> str | TimedText:
    """The text at `path`; words with times where it is JSON with `text` and `words`."""
    content = path.read_text(encoding="utf-8")
    if path.suffix != ".json":
        return content.strip()
    found = json.loads(content)
    return timed_text(found["text"], found.get("words", ()))


def timed_text(text: str, words: Any) -> str | TimedText:
    """`text` with word times, from mappings with `text start end`; `text` itself without any."""
    try:
        timed = tuple(
            Word(str(w["text"]), float(w["start"]), float(w["end"]), float(w.get("probability", 1)))
            for w in words
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("words need text, start and end (seconds)") from error
    return TimedText(text, timed) if timed else text


def read_table(path: Path) -> NDArray[np.float32]:
    """(time, channels) numbers from a .npy file, or from a CSV file without a header."""
    if path.suffix == ".npy":
        if path.read_bytes()[:6] != NPY:
            # numpy would suggest to load it unsafely.
            raise ValueError("no .npy array")
        table = np.load(path, allow_pickle=False)
    else:
        table = np.loadtxt(path, delimiter=",", ndmin=2)
    return np.asarray(table, np.float32)


def _spaced(container: Any) -> Iterator[tuple[Picture, float]]:
    due, taken = 0.0, 0
    for frame in container.decode(video=0):
        seconds = float(frame.time or 0.0)
        if seconds + 1e-6 < due:
            continue
        yield Picture(frame.to_ndarray(format="rgb24")), seconds
        due, taken = seconds + FRAME_EVERY, taken + 1
        if taken == MOST_FRAMES:
            return


def _eight_bits(deep: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = float(deep.min()), float(deep.max())
    return np.asarray((deep - low) / max(high - low, 1e-9) * 255, np.uint8)


_READERS: dict[str, Callable[[Path], Any]] = {
    "text": read_text,
    "image": read_picture,
    "audio": read_audio,
    "video": read_video,
}
