"""Trains the feeling heads: python -m fusion.feeling.train SENTENCES OUT [--utterances FOLDER]."""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from rich.progress import track
from sklearn.metrics import f1_score

from fusion.e5 import E5
from fusion.feeling.head import FILE, TASKS
from fusion.feeling.kernel import Task, fit_kernel, save_kernel

Floats = NDArray[np.float32]

OPINIONS = {"praise": "positive", "thanks": "positive"} | dict.fromkeys(
    ("complaint", "damaged_item", "wrong_item", "missing_item", "delivery_problem"), "negative"
)
"""What an intent says about the sentiment of its utterances."""
PLAIN = (
    "account_update", "affirm", "bot_identity", "cancel_order", "change_address", "change_order",
    "delivery_time", "exchange_item", "freshness_storage", "greet", "help", "invoice_request",
    "membership_points", "order_status", "payment_methods", "price_promo", "product_info",
    "refund_status", "repeat", "return_item", "return_policy", "shipping_fee", "stock_check",
    "track_order",
)  # fmt: skip
"""Intents whose utterances are neutral."""
MOST = {"negative": 40, "neutral": 10, "positive": 60}
"""Utterances taken of one intent and language."""

BATCH = 64

_SLOT = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def main(arguments: Sequence[str] | None = None) -> None:
    """Layers of e5, heads, and what each sentence is taken for by heads that were not shown it."""
    options = _options(arguments)
    rows = [json.loads(line) for line in options.sentences.read_text("utf-8").splitlines()]
    own = len(rows)
    if options.utterances is not None:
        rows += _utterances(options.utterances, options.seed)
    texts = [row["text"] for row in rows]
    e5 = E5()
    batches = [
        [f"query: {t}" for t in texts[at : at + BATCH]] for at in range(0, len(texts), BATCH)
    ]
    layers = np.concatenate([e5.layers(batch) for batch in track(batches, "layers")])
    wanted = {task: [_label(row, task) for row in rows] for task in TASKS}
    heads, unseen = fit_kernel(texts, layers, wanted)
    save_kernel(heads, options.out / FILE)
    figures: dict[str, Any] = {"n": len(rows), "own": own}
    for task, p in unseen.items():
        figures[task] = _figures(heads.tasks[task], p, wanted[task], rows[:own])
    (options.out / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n")
    sys.stdout.write(json.dumps(figures) + "\n")


def _label(row: dict[str, Any], task: str) -> str | None:
    return str(row[task]) if task in row else None


def _figures(
    task: Task, p: Floats, wanted: Sequence[str | None], own: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """What leaving one out gives on own sentences; those labelled by intent are no evidence."""
    asked = [i for i in range(len(own)) if wanted[i] is not None]
    figures: dict[str, Any] = {
        "n": len(asked),
        "temperature": round(task.temperature, 3),
        "threshold": round(task.threshold, 3),
        "abstained": round(float((p[asked].max(axis=1) < task.threshold).mean()), 4),
    }
    for language in ("zh", "en"):
        here = [i for i in asked if own[i]["language"] == language]
        truth = [str(wanted[i]) for i in here]
        named = [task.labels[k] for k in p[here].argmax(axis=1)]
        score = f1_score(truth, named, average="macro")
        figures[f"macro_f1_{language}"] = round(float(score), 4)
    return figures


def _utterances(folder: Path, seed: int) -> list[dict[str, Any]]:
    """Some utterances of every intent that tells a sentiment, from a pack's `nlu` folder."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    rows = []
    for language in ("zh", "en"):
        for intent, sentiment in (OPINIONS | dict.fromkeys(PLAIN, "neutral")).items():
            path = folder / language / f"{intent}.yml"
            texts = yaml.safe_load(path.read_text("utf-8"))["utterances"]
            plain = [_SLOT.sub(r"\1", str(text)) for text in texts]
            rng.shuffle(plain)
            rows += [
                {"text": text, "language": language, "sentiment": sentiment}
                for text in plain[: MOST[sentiment]]
            ]
    return rows


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fusion.feeling.train", description=__doc__)
    parser.add_argument("sentences", type=Path, help="JSON Lines: text language sentiment …")
    parser.add_argument("out", type=Path, help="folder for the heads and metrics.json")
    parser.add_argument("--utterances", type=Path, help="a pack's nlu folder: more sentiment")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
