"""Pairs emotional recordings with sentences of another tone: python bench/conflict.py --help.

Writes `train.jsonl` and `test.jsonl` (audio, text, label, and the tone of each) into a folder,
and beside each the same rows with sound alone and with text alone, for

    lingxi eval sentiment OUT/test.jsonl --train OUT/train.jsonl

What the customer feels is negative where voice or words are; otherwise positive where either is:
thanks in an angry voice are no thanks, and a calm complaint is one. No recording and no sentence
of the test is in the training, and no speaker where the manifest names speakers.
`bench/composed.py` trains ways of joining both on pairs of the same kind.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

VOICES = {"angry": "negative", "sad": "negative", "fearful": "negative", "disgust": "negative",
          "neutral": "neutral", "calm": "neutral", "happy": "positive",
          "negative": "negative", "positive": "positive"}  # fmt: skip
"""Emotions to sentiment; a surprised voice may be either and is left out."""
HELD_OUT = 4
"""One speaker, or one recording, in so many is for the test."""
COLUMNS = {"": ("audio", "text", "voice", "words"), "-audio": ("audio",), "-text": ("text",)}
TESTED = {True: "test", False: "train"}


def main() -> None:
    """Reads recordings and sentences, pairs them, writes six manifests."""
    options = _options()
    rows = _rows(options.recordings)
    voices = [(_voice(options.recordings, row), _tested(n, row)) for n, row in enumerate(rows)]
    options.out.mkdir(parents=True, exist_ok=True)
    for tested, texts in ((False, options.train_texts), (True, options.test_texts)):
        rng = random.Random(options.seed)
        said = [row for row in _rows(texts) if row.get("language") in (None, options.language)]
        heard = [voice for voice, kept in voices if kept is tested and voice["tone"]]
        pairs = [pair for voice in heard for pair in _pairs(voice, said, rng)]
        for suffix, columns in COLUMNS.items():
            kept = [{name: pair[name] for name in (*columns, "label")} for pair in pairs]
            path = options.out / f"{TESTED[tested]}{suffix}.jsonl"
            path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in kept))
        print(TESTED[tested], len(pairs), "pairs")


def truth(voice: str, words: str) -> str:
    """What is felt by somebody who says `words` in that `voice`."""
    told = {voice, words}
    return next((tone for tone in ("negative", "positive") if tone in told), "neutral")


def _pairs(
    voice: dict[str, Any], said: list[dict[str, Any]], rng: random.Random
) -> list[dict[str, Any]]:
    """The recording with one sentence of each other tone."""
    tones = [tone for tone in ("negative", "neutral", "positive") if tone != voice["tone"]]
    picked = [rng.choice([row for row in said if row["sentiment"] == tone]) for tone in tones]
    return [
        {
            "audio": voice["audio"],
            "text": row["text"],
            "voice": voice["tone"],
            "words": tone,
            "label": truth(voice["tone"], tone),
        }
        for row, tone in zip(picked, tones, strict=True)
    ]


def _voice(manifest: Path, row: dict[str, Any]) -> dict[str, Any]:
    audio = str((manifest.parent / row["audio"]).resolve())
    return {"audio": audio, "tone": VOICES.get(row.get("emotion") or row["label"])}


def _tested(number: int, row: dict[str, Any]) -> bool:
    return int(row.get("actor", number)) % HELD_OUT == 0


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recordings", type=Path, help="manifest with audio, and emotion or label")
    parser.add_argument("train_texts", type=Path, help="JSON Lines with text and sentiment")
    parser.add_argument("test_texts", type=Path, help="the same, other sentences")
    parser.add_argument("out", type=Path, help="folder for the manifests")
    parser.add_argument("--language", required=True, help="zh or en, of the training sentences")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
