"""Scores of a model on a manifest: python -m fusion.evaluate CHECKPOINT MANIFEST."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, r2_score
from torch import Tensor

from fusion.checkpoint import load_checkpoint
from fusion.config import ConfigError, TaskConfig
from fusion.data.collate import collate
from fusion.data.dataset import MultiModalDataset
from fusion.data.media import RowError
from fusion.data.prepared import PreparedRows
from fusion.heads import posterior
from fusion.losses import MISSING
from fusion.model import FusionModel

ROWS = 32
"""Rows of one forward pass."""


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What a model says about rows, and what is true of them."""

    logits: dict[str, Tensor]
    """(n, outputs) by task."""
    targets: dict[str, Tensor]
    weights: Tensor
    """(n, tasks, modalities)"""
    cross_modal: Tensor
    """(n,)"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints one JSON object: scores with everything, and with each subset of modalities."""
    parser = argparse.ArgumentParser(prog="python -m fusion.evaluate", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--skip-bad", action="store_true", help="leave unreadable rows out")
    options = parser.parse_args(arguments)
    try:
        model = load_checkpoint(options.checkpoint).model
        dataset = MultiModalDataset.from_manifest(options.manifest, model.modalities, model.tasks)
        rows = PreparedRows(dataset, model.encoders, model.config.tasks)  # type: ignore[arg-type]
        rows.read(range(len(dataset)), skip_bad=options.skip_bad)
    except (ConfigError, RowError) as error:
        sys.exit(str(error))
    subsets = {"+".join(each): evaluate(model, rows, each) for each in _subsets(model.modalities)}
    whole = subsets["+".join(model.modalities)]
    result = {"n": len(rows), "skipped": len(rows.bad), **whole, "by_modalities": subsets}
    sys.stdout.write(json.dumps(result) + "\n")


def evaluate(
    model: FusionModel, rows: PreparedRows, modalities: Sequence[str] | None = None
) -> dict[str, Any]:
    """Scores by task, their mean, mean weights and attention ratio, seeing only `modalities`.

    A row that has none of them is left out.
    """
    shown = set(modalities or model.modalities)
    indices = [i for i in range(len(rows)) if rows[i].steps.keys() & shown]
    if not indices:
        return {"n": 0, "score": 0.0, "tasks": {}}
    found = predict(model, rows, indices, shown)
    scores = {
        name: task_scores(found.logits[name], found.targets[name], task)
        for name, task in model.config.tasks.items()
    }
    mean = float(np.mean([each["score"] for each in scores.values() if each["n"]] or [0.0]))
    shares = dict(zip(model.modalities, found.weights.mean(dim=(0, 1)).tolist(), strict=True))
    return {
        "n": len(indices), "score": round(mean, 4), "tasks": scores,
        "weights": {name: round(w, 3) for name, w in shares.items()},
        "cross_modal_attention": round(float(found.cross_modal.mean()), 3),
    }  # fmt: skip


def predict(
    model: FusionModel, rows: PreparedRows, indices: Sequence[int], shown: set[str]
) -> Predictions:
    """What the model says about some rows when it sees only the modalities `shown`."""
    device = next(model.parameters()).device
    training, outputs, batches = model.training, [], []
    model.eval()
    hidden = set(model.modalities) - shown
    with torch.inference_mode():
        for start in range(0, len(indices), ROWS):
            taken = rows.take(indices[start : start + ROWS])
            batch = collate(taken, model.modalities, [hidden] * len(taken))
            moved = batch.to(device)
            outputs.append(model(moved.inputs, moved.quality, moved.answers))
            batches.append(batch)
    model.train(training)
    tasks = batches[0].targets
    return Predictions(
        {t: torch.cat([o.logits[t] for o in outputs]).float().cpu().clone() for t in model.tasks},
        {t: torch.cat([b.targets[t] for b in batches]) for t in tasks},
        torch.cat([o.weights for o in outputs]).float().cpu(),
        torch.cat([o.cross_modal for o in outputs]).float().cpu(),
    )


def task_scores(logits: Tensor, targets: Tensor, task: TaskConfig) -> dict[str, float]:
    """`score` is what checkpoints are chosen by: macro-F1, or R² where it is above zero."""
    p = posterior(logits, task).numpy()
    truth = targets.numpy()
    with warnings.catch_warnings():
        # Too few rows for R² leave it undefined, and the score zero.
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        match task.kind:
            case "classification":
                return _exclusive(p[truth != MISSING].argmax(axis=1), truth[truth != MISSING])
            case "multilabel":
                here = ~np.isnan(truth).any(axis=1)
                return _labels(p[here] > 0.5, truth[here] > 0.5)
            case "regression":
                here = ~np.isnan(truth)
                return _values(p[here, 0], truth[here])


def _exclusive(guess: NDArray[Any], truth: NDArray[Any]) -> dict[str, float]:
    if not len(truth):
        return {"n": 0, "score": 0.0}
    f1 = float(f1_score(truth, guess, average="macro"))
    right = float(accuracy_score(truth, guess))
    return {"n": len(truth), "score": f1, "macro_f1": f1, "accuracy": right}


def _labels(guess: NDArray[Any], truth: NDArray[Any]) -> dict[str, float]:
    if not len(truth):
        return {"n": 0, "score": 0.0}
    f1 = float(f1_score(truth, guess, average="macro", zero_division=0))
    return {"n": len(truth), "score": f1, "macro_f1": f1}


def _values(guess: NDArray[Any], truth: NDArray[Any]) -> dict[str, float]:
    if not len(truth):
        return {"n": 0, "score": 0.0}
    error = float(mean_absolute_error(truth, guess))
    r2 = float(r2_score(truth, guess)) if len(truth) > 1 else float("nan")
    return {"n": len(truth), "score": max(0.0, r2) if r2 == r2 else 0.0, "mae": error}


def _subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for n in range(len(names), 0, -1):
        yield from combinations(names, n)


def flat_scores(found: Mapping[str, Any]) -> dict[str, float]:
    """The score of each task and their mean, as a checkpoint notes them."""
    return {"score": found["score"]} | {t: each["score"] for t, each in found["tasks"].items()}


if __name__ == "__main__":
    main()
