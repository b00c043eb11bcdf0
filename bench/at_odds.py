"""Voice and words at odds: each alone, averaged, and joined: python bench/at_odds.py FOLDER.

FOLDER is what `bench/conflict.py` wrote. Words are judged by the heads that ship, voices by ridge
over Whisper's layers trained on the training recordings; both are also asked for the feeling of
the whole turn, which is what "alone" is measured by.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from app.engines import build_embedder
from app.feelings import sound_features
from app.house import read_settings
from app.manifest import read_manifest
from fusion.feeling.head import FeelingHeads
from fusion.feeling.ridge import fit_ridge

Floats = NDArray[np.float32]

TONES = ("negative", "neutral", "positive")


def main() -> None:
    """Prints macro-F1 of every way as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    settings = read_settings()
    train, test = (read_manifest(folder / f"{name}.jsonl") for name in ("train", "test"))
    heads = FeelingHeads(build_embedder(settings), settings.models / "feeling")
    words = [heads.probabilities("sentiment", [r["text"] for r in rows]) for rows in (train, test)]
    features = sound_features(settings, None)
    shown, unseen = features.of(train)[0], features.of(test)[0]
    labels = [row["label"] for row in train]
    voice = fit_ridge([shown], [row["voice"] for row in train]).probabilities([unseen])
    sound = fit_ridge([shown], labels).probabilities([unseen])
    text = LogisticRegression(class_weight="balanced").fit(np.log(words[0] + 1e-6), labels)
    text_alone = np.asarray(text.predict_proba(np.log(words[1] + 1e-6)), np.float32)
    ways = {
        "text alone": text_alone,
        "sound alone": sound,
        "average": text_alone + sound,
        "average of tones": words[1] + voice,
        "either": either(words[1], voice),
    }
    found: dict[str, Any] = {"train": len(train), "test": len(test)}
    found |= {name: _score(p, test) for name, p in ways.items()}
    sys.stdout.write(json.dumps(found) + "\n")


def either(one: Floats, other: Floats) -> Floats:
    """(n, 3) negative where either is, else positive where either is, by two independent tones."""
    negative = 1 - (1 - one[:, 0]) * (1 - other[:, 0])
    neutral = one[:, 1] * other[:, 1]
    return np.stack([negative, neutral, 1 - negative - neutral], axis=1)


def _score(p: Floats, rows: list[dict[str, Any]]) -> float:
    named = [TONES[k] for k in p.argmax(axis=1)]
    score = f1_score([row["label"] for row in rows], named, average="macro")
    return round(float(score), 4)


if __name__ == "__main__":
    main()
