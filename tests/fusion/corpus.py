"""A corpus small enough for tests: words and a series that together tell whether a part is good."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np

WORDS = {"scratch": "bad", "dent": "bad", "clean": "good", "smooth": "good"}


def write_corpus(folder: Path, rows: int = 24, seed: int = 0) -> Path:
    """A manifest of inspected parts: a note, a vibration, a verdict, a size and tags."""
    rng = random.Random(seed)
    lines = []
    for i in range(rows):
        word, verdict = list(WORDS.items())[i % 4]
        series = folder / f"{seed}-{i}.npy"
        shake = 3.0 if verdict == "bad" else 1.0
        np.save(series, shake * np.sin(np.arange(rng.randint(8, 20)))[:, None].astype(np.float32))
        row: dict[str, Any] = {
            "id": str(i), "text": f"the part is {word}", "series": series.name,
            "verdict": verdict, "size": 10 + shake, "tags": [word],
        }  # fmt: skip
        if i % 5 == 4:
            del row["series"]
        lines.append(json.dumps(row))
    path = folder / f"rows-{seed}.jsonl"
    path.write_text("\n".join(lines))
    return path


def recipe(folder: Path, **changes: Any) -> dict[str, Any]:
    """A recipe that learns the corpus in seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "out": str(folder / "out"),
        "data": {
            "train": str(write_corpus(folder)),
            "validation": str(write_corpus(folder, 12, seed=1)),
        },
        "model": {"width": 8, "heads": 2, "layers": 1, "dropout": 0.1},
        "modalities": {"text": {"tokens": "vocabulary"}, "series": {}},
        "tasks": {
            "verdict": {"kind": "classification"},
            "size": {"kind": "regression"},
            "tags": {"kind": "multilabel"},
        },
        "stages": [{"epochs": 3, "learning_rate": 0.01}],
        "training": {"most_steps": 80, "save_every": 2},
    } | changes
