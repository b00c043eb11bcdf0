"""Trains encoder and head on photos of the catalogue: python -m fusion.vision.train DATA OUT."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track

from dialogue.types import Picture
from fusion.softmax import SoftmaxHead, calibrate, fit_head, load_head, save_head, unit
from fusion.vision.augment import vary
from fusion.vision.efficientnet import EfficientNetLite0, save_upper
from fusion.vision.familiar import Familiar, fit_familiar, load_familiar, save_familiar
from fusion.vision.photos import BATCH
from fusion.vision.strangers import strangers
from fusion.vision.tuning import tune, upper_features

Floats = NDArray[np.float32]

DOUBTFUL = 0.02
"""Share of rightly recognised unseen photos that may fall under the least probability."""
STRANGE = 0.01
"""Share of unseen photos that may count as unlike the catalogue."""


def main(arguments: Sequence[str] | None = None) -> None:
    """States, last blocks, head, temperature, threshold, figures: in that order."""
    options = _options(arguments)
    rows = [json.loads(x) for x in (options.data / "manifest.jsonl").read_text().splitlines()]
    train = [row for row in rows if row["split"] == "train"]
    unseen = [row for row in rows if row["split"] == "val"]
    catalogue = list(csv.DictReader((options.data / "catalogue.csv").read_text().splitlines()))
    labels = [row["fine_id"] for row in catalogue]
    encoder = EfficientNetLite0()

    # 1. States of the fixed blocks: each photo as it is, then `views` - 1 variations of it.
    studio = [options.data / row["iconic_image"] for row in catalogue]
    photos = [options.data / row["image"] for row in train] + studio
    states = torch.cat([_states(encoder, photos, v, options.cache) for v in range(options.views)])
    targets = ([str(row["fine_id"]) for row in train] + labels) * options.views
    truth = [str(row["fine_id"]) for row in unseen]
    others = _states(encoder, [options.data / row["image"] for row in unseen], 0, options.cache)
    # What is no product at all is told by the blocks as ImageNet left them: tuned ones forget it.
    familiar = fit_familiar(_features(encoder, states[: len(photos)]), targets[: len(photos)])
    least = _least(familiar.nearness(_features(encoder, others)), STRANGE)
    strange = encoder.features(strangers(options.seed))

    # 2. The last blocks, and the features they give.
    if options.epochs:
        wanted = [labels.index(t) for t in targets]
        tune(encoder.upper, states, wanted, options.epochs, options.seed)
        save_upper(encoder.upper, options.out / "upper.safetensors")
        encoder = EfficientNetLite0(tuned=options.out / "upper.safetensors")
    seen, held_out = _features(encoder, states), _features(encoder, others)

    # 3. Head, temperature, and how unlike the catalogue a photo may be; names of the classes.
    head = calibrate(fit_head(seen, targets, labels=labels, seed=options.seed), held_out, truth)
    _keep(head, replace(familiar, threshold=least), held_out, truth, options.out)
    _name(catalogue, options.out / "classes.csv")

    # 4. Figures, of the half-precision head that is served.
    head = load_head(options.out / "head.safetensors")
    familiar = load_familiar(options.out / "familiar.safetensors")
    figures = _figures(head, head.probabilities(held_out), truth)
    nearest = unit(held_out) @ unit(seen[len(train) : len(photos)]).T
    figures |= {f"nearest_top{n}": _top(nearest, truth, labels, n) for n in (1, 5)}
    figures["strangers_rejected"] = float((~familiar.knows(strange)).mean())
    figures |= {"views": options.views, "epochs": options.epochs, "seed": options.seed}
    (options.out / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n")
    sys.stdout.write(json.dumps(figures) + "\n")


def _features(encoder: EfficientNetLite0, states: torch.Tensor) -> Floats:
    return np.asarray(upper_features(encoder.upper, states).numpy())


def _name(catalogue: Sequence[dict[str, str]], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as table:
        rows = [("id", "name"), *((r["fine_id"], r["fine_class"]) for r in catalogue)]
        csv.writer(table, lineterminator="\n").writerows(rows)


def _keep(
    head: SoftmaxHead, familiar: Familiar, held_out: Floats, truth: Sequence[str], out: Path
) -> None:
    """Writes both, with the thresholds under which a photo counts as unknown."""
    p = head.probabilities(held_out)
    sure = p.max(axis=1)[_right(p, truth, head.labels)]
    save_head(replace(head, threshold=_least(sure, DOUBTFUL)), out / "head.safetensors")
    save_familiar(familiar, out / "familiar.safetensors")


def _least(values: Floats, below: float) -> float:
    # A little slack: the head that is served has half precision.
    return float(np.quantile(values, below, method="lower")) - 0.002


def _figures(head: SoftmaxHead, p: Floats, truth: Sequence[str]) -> dict[str, float]:
    figures = {f"top{n}": _top(p, truth, head.labels, n) for n in (1, 5)}
    answered = round(float((p.max(axis=1) >= head.threshold).mean()), 4)
    figures |= {"n": len(truth), "ece": _ece(p, truth, head.labels), "answered": answered}
    rounded = {"temperature": round(head.temperature, 3), "threshold": round(head.threshold, 3)}
    return figures | rounded


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fusion.vision.train", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with manifest.jsonl and catalogue.csv")
    parser.add_argument("out", type=Path, help="folder for head.safetensors and metrics.json")
    parser.add_argument("--views", type=int, default=3, help="times each photo is looked at")
    parser.add_argument("--epochs", type=int, default=4, help="of tuning; 0 leaves ImageNet's")
    parser.add_argument("--cache", type=Path, help="folder that keeps states between runs")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def _states(
    encoder: EfficientNetLite0, photos: Sequence[Path], view: int, cache: Path | None
) -> torch.Tensor:
    """(n, 192, 7, 7) in half precision: 19 kB a photo."""
    names = hashlib.sha256("\n".join(map(str, photos)).encode()).hexdigest()[:12]
    kept = cache / f"{names}-{view}.npy" if cache else None
    if kept is not None and kept.exists():
        return torch.from_numpy(np.load(kept))
    rng = random.Random(view)  # noqa: S311 - not for secrets
    rows = []
    for start in track(range(0, len(photos), BATCH), description=f"photos, view {view}"):
        pictures = [_picture(photo) for photo in photos[start : start + BATCH]]
        rows.append(encoder.states([vary(p, rng) if view else p for p in pictures]).half())
    states = torch.cat(rows)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, states.numpy())
    return states


def _picture(photo: Path) -> Picture:
    with Image.open(photo) as image:
        return Picture(np.asarray(image.convert("RGB")))


def _top(scores: Floats, truth: Sequence[str], labels: Sequence[str], n: int) -> float:
    best = np.argsort(-scores, axis=1)[:, :n]
    hits = [t in {labels[i] for i in row} for t, row in zip(truth, best, strict=True)]
    return round(float(np.mean(hits)), 4)


def _right(p: Floats, truth: Sequence[str], labels: Sequence[str]) -> NDArray[np.bool_]:
    best = np.array([labels[i] for i in p.argmax(axis=1)])
    return np.asarray(best == np.array(truth))


def _ece(p: Floats, truth: Sequence[str], labels: Sequence[str]) -> float:
    """Expected calibration error over ten bins of the best probability."""
    best = p.max(axis=1)
    right = _right(p, truth, labels)
    bins = np.minimum((best * 10).astype(int), 9)
    gaps = [abs(best[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
            for b in range(10) if (bins == b).any()]  # fmt: skip
    return round(float(sum(gaps)), 4)


if __name__ == "__main__":
    main()
