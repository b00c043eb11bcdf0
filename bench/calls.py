"""Speaks the lines of calls: `python bench/calls.py LINES OUT --language zh --voices jf_nezumi,…`.

Writes one WAV a line and manifest.jsonl, which `lingxi bench voice` and `lingxi bench endings`
read. "|" in a line is a pause of 0.6 s. What stands before and after it is spoken by itself, so
the melody does not tell that more comes; that is harder than most callers make it. Interruptions
and back-channels follow questions without a pause.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from voices import Voice, load_voices

from dialogue.types import AudioClip
from speech.audio import WHISPER_RATE, encode_wav

PAUSE_SECONDS = 0.6
EDGE_SECONDS = 0.3
SPEEDS = (0.9, 1.15)
QUIET = 0.02
"""Share of the peak under which a sample is not voiced."""


def main() -> None:
    """Speaks what is missing in OUT and writes its manifest."""
    options = _options()
    rows = _ordered(options)
    voices = load_voices(options.voices.split(","), options.language, options.models)
    options.out.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(track(rows, "speaking")):
        path = options.out / row["audio"]
        if not path.exists():
            path.write_bytes(encode_wav(_spoken(row["text"], number, voices[row["voice"]])))
        row["text"] = row["text"].replace("|", "")
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (options.out / "manifest.jsonl").write_text("".join(lines), "utf-8")


def _ordered(options: argparse.Namespace) -> list[dict[str, Any]]:
    """The lines of one language in the order of a call, each with its voice and file name."""
    every = [json.loads(line) for line in options.lines.read_text("utf-8").splitlines()]
    mine = [row for row in every if row["language"] == options.language]
    random.Random(options.seed).shuffle(mine)
    names = itertools.cycle(options.voices.split(","))
    into = [row for row in mine if row["kind"] != "question"]
    found: list[dict[str, Any]] = []
    for row in (row for row in mine if row["kind"] == "question"):
        found.append(row)
        if into and not row.get("pause"):
            found.append(into.pop())
    language = options.language
    return [
        {**row, "voice": next(names), "audio": f"{language}{number:03}.wav"}
        for number, row in enumerate(found)
    ]


def _spoken(text: str, number: int, voice: Voice) -> AudioClip:
    speed = float(np.random.default_rng(number).uniform(*SPEEDS))
    halves = [_words(voice(half.strip(" ,，"), speed).samples) for half in text.split("|")]
    pause = np.zeros(round(PAUSE_SECONDS * WHISPER_RATE), np.float32)
    edge = np.zeros(round(EDGE_SECONDS * WHISPER_RATE), np.float32)
    pieces = [edge, *itertools.chain(*((pause, half) for half in halves)), edge]
    del pieces[1]
    return AudioClip(np.concatenate(pieces), WHISPER_RATE)


def _words(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """`samples` from the first to the last that is voiced."""
    (loud,) = np.nonzero(np.abs(samples) > QUIET * np.abs(samples).max())
    return samples[loud[0] : loud[-1] + 1]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", type=Path, help="JSON Lines with text, language and kind")
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", choices=("zh", "en"), required=True)
    parser.add_argument("--voices", required=True)
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
