"""Trains the feeling heads: python -m fusion.feeling.train SENTENCES OUT [--utterances FOLDER]."""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from rich.progress import track
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from fusion.e5 import E5
from fusion.feeling.deep import LAYERS, UNASKED, Lesson, fit_deep, load_deep, save_deep
from fusion.feeling.head import BLENDS, DEEP, TASKS, fit_blend, write_blends
from fusion.feeling.words import WANTED, fit_words, save_words

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
TENTH = 10

_SLOT = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Sentences with what e5 makes of them."""

    rows: list[dict[str, Any]]
    own: int
    """Of the rows are written for this; the rest are labelled by their intent."""
    vectors: Floats
    states: list[Floats]

    def of(self, task: str) -> tuple[NDArray[np.int64], list[str]]:
        """The places of the rows that have a label for `task`, and the labels."""
        places = [place for place, row in enumerate(self.rows) if task in row]
        return np.array(places), [str(self.rows[place][task]) for place in places]


def main(arguments: Sequence[str] | None = None) -> None:
    """Vectors and states, heads of the words, tuned layers, and how to add them up."""
    options = _options(arguments)
    rows = [json.loads(line) for line in options.sentences.read_text("utf-8").splitlines()]
    own = len(rows)
    if options.utterances is not None:
        rows += _utterances(options.utterances, options.seed)
    e5 = E5()
    material = Material(rows, own, *_read(e5, [row["text"] for row in rows]))
    figures: dict[str, Any] = {"n": len(rows), "own": own}
    unseen: dict[str, tuple[tuple[str, ...], Floats]] = {}
    for task in TASKS:
        places, targets = material.of(task)
        said = [rows[place]["text"] for place in places]
        head, p = fit_words(said, material.vectors[places], targets, options.seed)
        save_words(head, options.out / f"{task}.safetensors")
        scattered = np.full((len(rows), len(head.labels)), np.nan, np.float32)
        scattered[places] = np.log(p + 1e-9)
        unseen[task] = head.labels, scattered
        figures[task] = {"words": _scores(material, task, places, head.labels, scattered)}
        figures[task]["words"]["threshold"] = round(head.threshold, 3)
    if options.epochs:
        _deepen(e5, material, unseen, figures, options)
    (options.out / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n")
    sys.stdout.write(json.dumps(figures) + "\n")


def _deepen(
    e5: E5,
    material: Material,
    unseen: Mapping[str, tuple[tuple[str, ...], Floats]],
    figures: dict[str, Any],
    options: argparse.Namespace,
) -> None:
    """Tunes the last layers on nine tenths; the last tenth says how much they are to count."""
    aside = _aside(material, options.seed)
    shown = np.setdiff1d(np.arange(len(material.rows)), aside)
    labels = {task: names for task, (names, _) in unseen.items()}
    targets = {task: np.full(len(material.rows), UNASKED) for task in TASKS}
    for task in TASKS:
        places, named = material.of(task)
        targets[task][places] = [labels[task].index(name) for name in named]
    lesson = Lesson(
        [material.states[i] for i in shown], {task: y[shown] for task, y in targets.items()}
    )
    model = fit_deep(e5, lesson, labels, options.epochs, options.seed)
    save_deep(model, options.out / DEEP)
    logits = load_deep(options.out / DEEP).logits([material.states[i] for i in aside])
    blends = {}
    for task in TASKS:
        asked = [n for n, place in enumerate(aside) if targets[task][place] != UNASKED]
        rows, deep = aside[asked], logits[task][asked]
        named = [labels[task][i] for i in targets[task][rows]]
        words = unseen[task][1][rows]
        blends[task] = blend = fit_blend(words, deep, labels[task], named, WANTED)
        for name, p in (
            ("words_aside", words),
            ("deep_aside", deep),
            ("blend_aside", blend.probabilities(words, deep)),
        ):
            scattered = np.full((len(material.rows), p.shape[1]), np.nan, np.float32)
            scattered[rows] = p
            figures[task][name] = _scores(material, task, rows, labels[task], scattered)
        figures[task]["blend"] = asdict(blend)
    write_blends(blends, options.out / BLENDS)


def _aside(material: Material, seed: int) -> NDArray[np.int64]:
    """The places of a tenth of the own sentences, every sentiment and language alike."""
    kinds = [f"{r['sentiment']} {r['language']}" for r in material.rows[: material.own]]
    folds = StratifiedKFold(TENTH, shuffle=True, random_state=seed)
    _, aside = next(iter(folds.split(kinds, kinds)))
    return np.asarray(aside)


def _scores(
    material: Material, task: str, places: NDArray[Any], labels: Sequence[str], scores: Floats
) -> dict[str, Any]:
    """Macro-F1 per language of own sentences; those labelled by their intent are no evidence."""
    found: dict[str, Any] = {}
    for language in ("zh", "en"):
        here = [i for i in places if i < material.own and material.rows[i]["language"] == language]
        truth = [str(material.rows[i][task]) for i in here]
        named = [labels[k] for k in scores[here].argmax(axis=1)]
        found[f"n_{language}"] = len(here)
        score = f1_score(truth, named, average="macro")
        found[f"macro_f1_{language}"] = round(float(score), 4)
    return found


def _read(e5: E5, texts: Sequence[str]) -> tuple[Floats, list[Floats]]:
    batches = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
    read = [e5.read([f"query: {t}" for t in batch], LAYERS) for batch in track(batches, "vectors")]
    return np.concatenate([v for v, _ in read]), [s for _, states in read for s in states]


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
    parser.add_argument("--epochs", type=int, default=4, help="of tuning; 0 leaves layers alone")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
