"""Speaks the lines of calls: `python bench/calls.py LINES OUT --language zh --voices jf_nezumi,…`.

Writes one WAV a line and manifest.jsonl, which `lingxi bench voice` and `lingxi bench endings`
read. "|" in a line is a pause of 0.6 s. Every other line is spoken in halves, each by itself, so
the melody of a pause is that of an end, which is harder than most callers make it; the rest as
one sentence with a comma, cut where it is quietest near there. Interruptions and back-channels
follow questions without a pause.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from collections.abc import Sequence
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
STEP_SECONDS, WIDTH_SECONDS, REACH_SECONDS = 0.01, 0.05, 0.3
"""Of the search for the quietest moment between two halves, and how far it is looked for."""
WAYS = ("halves", "whole")
FLOOR = 1e-4
"""Amplitude of the noise in a pause: digital silence is nothing that a microphone hears."""


def main() -> None:
    """Speaks what is missing in OUT and writes its manifest."""
    options = _options()
    rows = _ordered(options)
    voices = load_voices(options.voices.split(","), options.language, options.models)
    options.out.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(track(rows, "speaking")):
        path = options.out / row["audio"]
        if not path.exists():
            spoken = _spoken(row, number, voices[row["voice"]], options.quick)
            path.write_bytes(encode_wav(spoken))
        row["text"] = row["text"].replace("|", " " if row["language"] == "en" else "")
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (options.out / "manifest.jsonl").write_text("".join(lines), "utf-8")


def _ordered(options: argparse.Namespace) -> list[dict[str, Any]]:
    """The lines of one language in the order of a call, each with its voice and file name."""
    every = [json.loads(line) for line in options.lines.read_text("utf-8").splitlines()]
    mine = [row for row in every if row["language"] == options.language]
    mine = [row for row in mine if options.split in ("", row.get("split"))]
    random.Random(options.seed).shuffle(mine)
    names = options.voices.split(",")
    into = [row for row in mine if row["kind"] != "question"]
    found: list[dict[str, Any]] = []
    for row in (row for row in mine if row["kind"] == "question"):
        found.append(row)
        if into and not row.get("pause"):
            found.append(into.pop())
    language, taken = options.language, range(options.takes)
    return [
        {
            **row,
            "voice": names[(number + take) % len(names)],
            "said": WAYS[(number // len(names) + take) % len(WAYS)]
            if row.get("pause")
            else "whole",
            "audio": f"{language}{number:03}{f'-{take}' if take else ''}.wav",
        }
        for take, (number, row) in itertools.product(taken, [*enumerate(found)])
    ]


def _spoken(row: dict[str, Any], number: int, voice: Voice, quick: bool) -> AudioClip:
    speed = float(np.random.default_rng(number).uniform(*SPEEDS))
    halves = [half.strip(" ,，") for half in row["text"].split("|")]
    cut = row["said"] == "whole" and len(halves) > 1
    pieces = [] if cut and quick else [_words(voice(half, speed).samples) for half in halves]
    if cut:
        comma = "，" if row["language"] == "zh" else ", "
        lengths = [len(piece) for piece in pieces or halves]
        pieces = _parted(_words(voice(comma.join(halves), speed).samples), lengths)
    hiss = np.random.default_rng(number)
    pauses = [EDGE_SECONDS, *[PAUSE_SECONDS] * (len(pieces) - 1)]
    quiet = [hiss.normal(0, FLOOR, round(s * WHISPER_RATE)).astype(np.float32) for s in pauses]
    edge = hiss.normal(0, FLOOR, round(EDGE_SECONDS * WHISPER_RATE)).astype(np.float32)
    between = itertools.chain(*zip(quiet, pieces, strict=True))
    return AudioClip(np.concatenate([*between, edge]), WHISPER_RATE)


def _parted(whole: NDArray[np.float32], lengths: Sequence[int]) -> list[NDArray[np.float32]]:
    """`whole` cut where it is quietest near its halves' shares of time, as long as `lengths`."""
    shares = np.cumsum(lengths)[:-1] / sum(lengths)
    cuts = [0, *(_quietest(whole, round(share * len(whole))) for share in shares), len(whole)]
    return [_words(whole[start:end]) for start, end in itertools.pairwise(cuts)]


def _quietest(samples: NDArray[np.float32], near: int) -> int:
    step, width = (round(s * WHISPER_RATE) for s in (STEP_SECONDS, WIDTH_SECONDS))
    reach = round(REACH_SECONDS * WHISPER_RATE)
    first, last = max(width, near - reach), min(len(samples) - width, near + reach)
    places = range(first, max(last, first + 1), step)
    return min(places, key=lambda at: float(np.square(samples[at - width : at + width]).mean()))


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
    parser.add_argument("--split", default="", help="only lines of this one")
    parser.add_argument("--takes", type=int, default=1, help="voices that speak each line")
    parser.add_argument(
        "--quick", action="store_true", help="cut sentences by their letters, not by spoken halves"
    )
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
