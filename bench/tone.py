"""How often the voice rule that ships is right: python bench/tone.py RECORDINGS [FROZEN].

RECORDINGS is a manifest with `emotion`, `actor` and `statement`. Each recording is a caller's next
turn after a few of their earlier ones: calm ones, or any. With FROZEN (`bench/frozen.py`), also
what the rule adds to words of another tone on the turns at odds of `bench/composed.py`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from composed import composed, load, score
from conflict import VOICES
from turns import TONES, answers

from app.manifest import read_manifest
from app.samples import recording
from fusion.feeling.prosody import Habits, Prosody, measure
from fusion.feeling.reading import Feeling
from fusion.feeling.tone import NOTICED, toned
from fusion.softmax import posterior

EARLIER = 4
"""Turns by which a caller's habit is known."""
CALM = ("neutral", "calm")


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recordings", type=Path)
    parser.add_argument("frozen", type=Path, nargs="?")
    options = parser.parse_args()
    rows = read_manifest(options.recordings)
    measured = [measure(recording(r), len(r["statement"].split())) for r in rows]
    found: dict[str, Any] = {"measured": sum(p is not None for p in measured), "n": len(rows)}
    heard = {habit: excitement(rows, measured, habit) for habit in ("calm", "any")}
    for habit, arousal in heard.items():
        found[f"after {habit} turns"] = shares(rows, arousal)
    if options.frozen:
        here = [i for i, row in enumerate(rows) if VOICES.get(row["emotion"])]
        found["at odds"] = at_odds(
            options.frozen, {h: [arousal[i] for i in here] for h, arousal in heard.items()}
        )
    sys.stdout.write(json.dumps(found) + "\n")


def excitement(
    rows: list[dict[str, Any]], measured: list[Prosody | None], habit: str
) -> list[float | None]:
    """Arousal of each recording beside the caller's earlier ones; None where nothing is said."""
    rng, found = random.Random(0), []
    for number, (row, prosody) in enumerate(zip(rows, measured, strict=True)):
        earlier = [
            p
            for i, (other, p) in enumerate(zip(rows, measured, strict=True))
            if p and i != number and other["actor"] == row["actor"]
            and (habit == "any" or other["emotion"] in CALM)
        ]  # fmt: skip
        habits = Habits()
        for turn, known in enumerate(rng.sample(earlier, EARLIER)):
            habits.arousal("caller", str(turn), known)
        arousal = habits.arousal("caller", "now", prosody) if prosody else None
        found.append(arousal if arousal is not None and abs(arousal) >= NOTICED else None)
    return found


def shares(rows: list[dict[str, Any]], arousal: list[float | None]) -> dict[str, list[float]]:
    """By emotion: share of recordings found excited, flat, and said nothing of."""
    told: dict[str, list[float | None]] = defaultdict(list)
    for row, found in zip(rows, arousal, strict=True):
        told[row["emotion"]].append(found)
    return {
        emotion: [
            round(float(np.mean([a is not None and a * sign > 0 for a in some])), 3)
            for sign in (1, -1)
        ]
        + [round(float(np.mean([a is None for a in some])), 3)]
        for emotion, some in sorted(told.items())
    }


def at_odds(frozen: Path, heard: dict[str, list[float | None]]) -> dict[str, float]:
    """Macro-F1 of words alone and of words as toned by the rule."""
    parts, _ = load(frozen, "en")
    turns = composed(parts)["odds"]["report"]
    truth = [turn.sentiment for turn in turns]
    p = answers(turns, "sentence", parts["sentence"])
    found = {"n": float(len(turns)), "words": score(truth, [TONES[k] for k in p.argmax(axis=1)])}
    for habit, arousal in heard.items():
        named = []
        for turn, row in zip(turns, p, strict=True):
            assert turn.voice is not None
            said = toned(Feeling(posterior(TONES, row)), arousal[turn.voice[0]])
            named.append(said.sentiment[0][0])
        found[f"words and voice, after {habit} turns"] = score(truth, named)
    return found


if __name__ == "__main__":
    main()
