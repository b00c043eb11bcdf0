"""Speaks a text manifest: `python bench/speak.py MANIFEST OUT --language zh --voices jm_kumo`.

Writes one WAV a line and manifest.jsonl, which `lingxi eval spoken` reads. The same arguments
give the same sounds; a run that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from acoustics import pitched, recorded
from rich.progress import track
from voices import Voice, load_voices

from speech.audio import encode_wav

SPEEDS = (0.85, 1.15)


def main() -> None:
    """Speaks what is missing in OUT and writes its manifest."""
    options = _options()
    rows = _chosen(options)
    names = options.voices.split(",")
    voices = load_voices(names, options.language, options.models)
    options.out.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(track(rows, "speaking")):
        takes = [path for path in _takes(options, row["audio"]) if not path.exists()]
        if takes:
            _record(row, number, voices[row["voice"]], options)
    rows = [{**row, "audio": p.name} for row in rows for p in _takes(options, row["audio"])]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (options.out / "manifest.jsonl").write_text("".join(lines), "utf-8")


def _chosen(options: argparse.Namespace) -> list[dict[str, Any]]:
    """The lines to speak, drawn by the seed, each with its voice and file name."""
    chooser = random.Random(options.seed)
    rows = [json.loads(line) for line in options.manifest.read_text("utf-8").splitlines()]
    chosen = chooser.sample(rows, min(options.count or len(rows), len(rows))) * options.copies
    names = options.voices.split(",")
    return [
        {**row, "audio": f"{number:04}.wav", "voice": names[number % len(names)]}
        for number, row in enumerate(chosen)
    ]


def _takes(options: argparse.Namespace, name: str) -> list[Path]:
    """Where the recordings of one utterance are: the first has its name."""
    first = options.out / name
    others = (f"{first.stem}-{take}{first.suffix}" for take in range(1, options.takes))
    return [first, *(options.out / other for other in others)]


def _record(row: dict[str, Any], number: int, voice: Voice, options: argparse.Namespace) -> None:
    """Speaks one utterance and writes every take of it."""
    generator = np.random.default_rng([options.seed, number])
    pitches = np.random.default_rng([options.seed, number, 1])
    clip = voice(row["text"], float(generator.uniform(*SPEEDS)))
    for path in _takes(options, row["audio"]):
        snr = float(generator.uniform(*options.snr))
        spoken = pitched(clip, float(pitches.uniform(*options.pitch)))
        waiting = path.with_suffix(".part")
        waiting.write_bytes(encode_wav(recorded(spoken, snr, options.room, generator)))
        waiting.rename(path)


def _range(text: str) -> tuple[float, float]:
    """15 is 15 dB always, 6:30 anything between."""
    low, _, high = text.partition(":")
    return float(low), float(high or low)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path, help="JSON Lines with a text a line")
    parser.add_argument("out", type=Path, help="a folder")
    parser.add_argument("--language", choices=("zh", "en"), required=True)
    parser.add_argument(
        "--voices",
        required=True,
        help="in turn: heart,espeak:en-gb,flite:rms,jm_kumo+jf_alpha,1.5*jm_kumo+-0.5*jf_alpha",
    )
    parser.add_argument("--snr", type=_range, default="15", help="dB, or a range such as 6:30")
    parser.add_argument("--room", type=float, default=0.35, help="longest echo, seconds; 0: none")
    parser.add_argument("--count", type=int, default=0, help="lines, drawn by the seed; 0: all")
    parser.add_argument("--copies", type=int, default=1, help="times each line is spoken")
    parser.add_argument("--takes", type=int, default=1, help="recordings of each time, all unlike")
    parser.add_argument("--pitch", type=_range, default="1", help="as spoken: 1; or 0.9:1.1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
