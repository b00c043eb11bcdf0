"""Fusion on composed turns, against averages and pools of heads: python bench/composed.py --help.

FROZEN is what `bench/frozen.py` wrote. Trains heads, pools and fusion models for one language
and prints macro-F1 of each on the turns for reporting, whole and with one modality taken away.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gated import gated
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from turns import (
    Parts,
    Turn,
    about,
    answers,
    find_names,
    hear,
    load_photos,
    load_voices,
    load_words,
    look,
    odds,
    qualities,
    read,
    tones,
)  # fmt: skip

from fusion.pool import averaged, fit_pool, multiplied

Floats = NDArray[np.float32]

TONES = ("negative", "neutral", "positive")
COUNTS = {"train": (1500, 1500), "validation": (300, 300), "report": (900, 900)}
"""Turns of one tone, turns about products."""
TIMES = {"train": 3, "validation": 3, "report": 1}
"""Sentences of each other tone for one recording."""
ASKED = {"sentiment": ("sentence", "voice"), "product": ("asked", "photo")}
RARE = 4
"""One turn at odds in so many is taken where they shall be rare."""
SOFT = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Inverse penalties of a pool, chosen on the validation turns."""


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("frozen", type=Path)
    parser.add_argument("work", type=Path, help="folder for what the models are trained on")
    parser.add_argument("--language", required=True, choices=("zh", "en"))
    parser.add_argument("--seeds", type=int, default=3, help="gated models of each kind; 0: none")
    options = parser.parse_args()
    parts, products = load(options.frozen, options.language)
    sets = composed(parts)
    found: dict[str, Any] = {
        "turns": {k: {s: len(t) for s, t in v.items()} for k, v in sets.items()}
    }
    found["heads"] = alone_on_values(parts, products)
    found["sentiment"] = sentiment(parts, sets)
    found["product"] = product(parts, sets, products)
    found["models"] = gated(options.work / options.language, parts, sets, options.seeds, score)
    sys.stdout.write(json.dumps(found) + "\n")


def load(frozen: Path, language: str) -> tuple[dict[str, Parts], list[str]]:
    """Values and the heads' answers by part, and the product ids."""
    texts, asked = (_texts(frozen / f"{n}.npz", language) for n in ("sentences", "asked"))
    parts = {
        "sentence": load_words(frozen / "sentences.npz", "sentiment", language, (0.7, 0.1)),
        "asked": load_words(frozen / "asked.npz", "named", language, (0.6, 0.1)),
        "voice": load_voices(frozen / f"voices-{language}.npz"),
        "photo": load_photos(frozen / "photos.npz"),
    }
    products = find_names(parts["asked"], asked, language)
    read(parts["sentence"], texts)
    hear(parts["voice"])
    look(parts["photo"], products)
    return parts, products


def _texts(path: Path, language: str) -> dict[str, list[str]]:
    kept = np.load(path)
    here = kept["language"] == language
    return {"clean": kept["text"][here].tolist(), "spoiled": kept["slipped"][here].tolist()}


def composed(parts: dict[str, Parts]) -> dict[str, dict[str, list[Turn]]]:
    """Turns by kind and split, drawn by fixed seeds."""
    sets: dict[str, dict[str, list[Turn]]] = {"agree": {}, "odds": {}, "asked": {}}
    for split, (agreeing, asking) in COUNTS.items():
        rng = random.Random(f"{split}")
        words, voices, photos = parts["sentence"], parts["voice"], parts["photo"]
        sets["agree"][split] = tones(words, voices, photos, split, agreeing, rng)
        sets["odds"][split] = odds(words, voices, split, TIMES[split], rng)
        sets["asked"][split] = about(parts["asked"], photos, split, asking, rng)
    return sets


def alone_on_values(parts: dict[str, Parts], products: Sequence[str]) -> dict[str, float]:
    """What each head is worth on the values themselves, clean and spoiled."""
    found = {}
    for name, labels in (("sentence", TONES), ("voice", TONES), ("photo", products)):
        here = parts[name].where("report")
        truth = [parts[name].labels[i] for i in here]
        for version, p in parts[name].answers.items():
            named = [labels[k] for k in p[here].argmax(axis=1)]
            found[f"{name}, {version}"] = score(truth, named)
    return found


def sentiment(parts: dict[str, Parts], sets: dict[str, Any]) -> dict[str, Any]:
    """Every way, on turns of one tone, at odds, and with one part taken away."""
    found: dict[str, Any] = {}
    sets = sets | {"a few odds": {split: turns[::RARE] for split, turns in sets["odds"].items()}}
    for trained in (("agree",), ("odds",), ("agree", "a few odds"), ("agree", "odds")):
        ways = _pools(parts, [sets[k] for k in trained])
        found["trained on " + " and ".join(trained)] = {
            kind: _rated(ways, parts, sets[kind]["report"]) for kind in ("agree", "odds")
        }
    return found


def product(
    parts: dict[str, Parts], sets: dict[str, Any], products: Sequence[str]
) -> dict[str, Any]:
    """Every way on turns about products; a pool of 81 classes may not look at pairs."""
    turns = sets["asked"]["report"]
    heads = [answers(turns, part, parts[part]) for part in ASKED["product"]]
    ways = {"words alone": heads[0], "photo alone": heads[1], "average": averaged(heads)}
    power = _power(parts, sets["asked"]["train"], products)
    ways["product"] = multiplied(heads)
    ways["log-linear"] = multiplied([heads[0] ** power[0], heads[1] ** power[1]])
    truth = [turn.product for turn in turns]
    found: dict[str, Any] = {"powers": power}
    for shown in ((0, 1), (0,), (1,)):
        here = [i for i, t in enumerate(turns) if all(_has(t, ASKED["product"][k]) for k in shown)]
        if len(shown) == 1:
            here = [i for i in here if not _has(turns[i], ASKED["product"][1 - shown[0]])]
        key = {(0, 1): "both there", (0,): "words only", (1,): "photo only"}[shown]
        found[key] = {"n": len(here)} | {
            name: score([truth[i] for i in here],
                        [products[k] for k in np.nan_to_num(p)[here].argmax(axis=1)])
            for name, p in ways.items()
        }  # fmt: skip
    whole = {name: np.nan_to_num(p).argmax(axis=1) for name, p in ways.items()}
    found["all"] = {n: score(truth, [products[k] for k in best]) for n, best in whole.items()}
    return found


def _power(parts: dict[str, Parts], turns: Sequence[Turn], products: Sequence[str]) -> list[float]:
    """Exponents of both heads' answers that make the training turns most probable."""
    heads = [answers(turns, part, parts[part]) for part in ASKED["product"]]
    column = [products.index(str(turn.product)) for turn in turns]
    best = (-np.inf, [1.0, 1.0])
    for one in (0.3, 0.5, 0.7, 1.0, 1.4, 2.0):
        for two in (0.3, 0.5, 0.7, 1.0, 1.4, 2.0):
            p = multiplied([heads[0] ** one, heads[1] ** two])
            likely = float(np.log(p[np.arange(len(p)), column] + 1e-9).mean())
            best = max(best, (likely, [one, two]))
    return best[1]


def _has(turn: Turn, part: str) -> bool:
    return getattr(turn, part) is not None


def _pools(parts: dict[str, Parts], sets: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Pools of every shape, trained on some kinds of turns; one part alone learns the same."""
    shown, unseen = (_joined(parts, sets, split) for split in ("train", "validation"))
    shapes = {"pool": ((0, 1), False), "pool of pairs": ((0, 1), True),
              "text alone": ((0,), False), "sound alone": ((1,), False)}  # fmt: skip
    ways = {}
    for name, (heads, pairs) in shapes.items():
        best = (-1.0, None)
        for soft in SOFT:
            pool = fit_pool([shown[0][h] for h in heads], shown[2], shown[1][:, list(heads)],
                            pairs=pairs, softness=soft)  # fmt: skip
            p = pool.probabilities([unseen[0][h] for h in heads], unseen[1][:, list(heads)])
            reached = score(unseen[2], [pool.labels[k] for k in p.argmax(axis=1)])
            best = max(best, (reached, (heads, pool)), key=lambda pair: pair[0])
        ways[name] = best[1]
    return ways


def _joined(parts: dict[str, Parts], sets: Sequence[dict[str, Any]], split: str) -> tuple[Any, ...]:
    turns = [turn for kind in sets for turn in kind[split]]
    heads = [answers(turns, part, parts[part]) for part in ASKED["sentiment"]]
    quality = np.stack([qualities(turns, p, parts[p]) for p in ASKED["sentiment"]], axis=1)
    return heads, quality, [turn.sentiment for turn in turns]


def _rated(ways: dict[str, Any], parts: dict[str, Parts], turns: Sequence[Turn]) -> dict[str, Any]:
    """Macro-F1 of every way: of all turns, and of those that have both with one hidden."""
    heads, quality, truth = _joined(parts, [{"": list(turns)}], "")
    both = np.flatnonzero(~np.isnan(heads[0][:, 0]) & ~np.isnan(heads[1][:, 0]))
    found: dict[str, Any] = {"n": len(turns), "both": len(both)}
    blank = np.full_like(heads[0], np.nan)
    for key, rows, given in (
        ("all", np.arange(len(turns)), heads),
        ("both there", both, heads),
        ("sound hidden", both, [heads[0], blank]),
        ("text hidden", both, [blank, heads[1]]),
    ):
        told = {"average": averaged(given), "product": multiplied(given),
                "text head": given[0], "sound head": given[1], "either": either(given)}  # fmt: skip
        named = {n: [TONES[k] for k in np.nan_to_num(p).argmax(axis=1)] for n, p in told.items()}
        for name, (used, pool) in ways.items():
            p = pool.probabilities([given[h] for h in used], quality[:, list(used)])
            named[name] = [pool.labels[k] for k in p.argmax(axis=1)]
        found[key] = {n: score([truth[i] for i in rows], [g[i] for i in rows])
                      for n, g in named.items()}  # fmt: skip
    return found


def either(heads: Sequence[Floats]) -> Floats:
    """(n, 3) negative where either head says so, else positive where either does."""
    one, other = (np.where(np.isnan(p), [[0, 1, 0]], p) for p in heads)
    negative = 1 - (1 - one[:, 0]) * (1 - other[:, 0])
    neutral = one[:, 1] * other[:, 1]
    return np.asarray(np.stack([negative, neutral, 1 - negative - neutral], axis=1), np.float32)


def score(truth: Sequence[Any], named: Sequence[Any]) -> float:
    """Macro-F1 over the classes that occur: turns at odds are never neutral."""
    labels = sorted(set(map(str, truth)))
    f1 = f1_score(list(map(str, truth)), list(map(str, named)), labels=labels, average="macro")
    return round(float(f1), 4)


if __name__ == "__main__":
    main()
