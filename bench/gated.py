"""Fusion models on composed turns: manifests of frozen features, training, scores."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from frozen import PRODUCTS
from numpy.typing import NDArray
from torch import nn
from turns import TONES, VERSIONS, Parts, Turn

from fusion.checkpoint import load_checkpoint
from fusion.data.dataset import MultiModalDataset
from fusion.data.prepared import PreparedRows
from fusion.encoders import register_modality
from fusion.evaluate import predict
from fusion.padded import Padded, Steps
from fusion.recipe import read_recipe
from fusion.train import train

Floats = NDArray[np.float32]

COMPONENTS = 128
"""Principal components of a voice's 18,432 statistics."""
MODALITY = {"sentence": "said", "asked": "said", "voice": "voice", "photo": "photo"}
WIDTHS = {"said": 384, "voice": COMPONENTS, "photo": 1280}
MODALITIES = ("said", "voice", "photo")
TRAINED = (("agree", "asked"), ("odds",))
"""Kinds of turns that one model is trained on."""
Score = Callable[[Sequence[Any], Sequence[Any]], float]
MODELS = {
    "gated, on features": ("gated", ""),
    "gated, with the heads' answers": ("gated", "tokens"),
    "residual, heads of its own": ("residual", ""),
    "residual, over the heads' answers": ("residual", "heads"),
}
"""How modalities are joined, and how the heads' answers are told: as a token, or as heads."""
STAGES = {
    "gated": [{"epochs": 25, "learning_rate": 1e-3}],
    "residual": [
        {"epochs": 25, "learning_rate": 1e-3, "parts": ["encoders", "trunk", "heads"]},
        {"epochs": 10, "learning_rate": 1e-3, "parts": ["cross", "gate"]},
    ],
}


class Vectors(nn.Module):
    """Vectors of frozen networks, a token each; a few numbers are hidden in training."""

    def __init__(self, width: int, *, size: int = 1, hide: float = 0.3) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Dropout(hide), nn.Linear(size, width), nn.LayerNorm(width))

    def prepare(self, raw: Floats) -> Steps:
        """(vectors, size) as they are."""
        return Steps(torch.from_numpy(np.asarray(raw, np.float32)))

    def forward(self, batch: Padded) -> Padded:
        """Tokens, one per vector."""
        return Padded(self.layers(batch.values) * batch.mask[..., None], batch.mask, batch.times)


for _name in WIDTHS:
    register_modality(_name, Vectors)


def gated(
    folder: Path,
    parts: dict[str, Parts],
    sets: dict[str, dict[str, list[Turn]]],
    seeds: int,
    score: Score,
) -> dict[str, Any]:
    """Scores by seed of every kind of model."""
    found: dict[str, Any] = {}
    for name, (join, told) in MODELS.items() if seeds else ():
        here = folder / (told or "features-alone")
        write(here, parts, sets, told)
        for kinds in TRAINED:
            rated_ = found.setdefault(f"{name}, trained on {' and '.join(kinds)}", [])
            for seed in range(seeds):
                results = train(read_recipe(recipe(here, kinds, join, seed)))
                assert results is not None
                rated_.append(rated(here, Path(results["checkpoint"]), kinds, score))
    return found


def write(
    folder: Path, parts: dict[str, Parts], sets: dict[str, dict[str, list[Turn]]], told: str
) -> None:
    """Feature files and a manifest a split and kind, with the heads' answers as `told`."""
    (folder / "features").mkdir(parents=True, exist_ok=True)
    for name, part in parts.items():
        for version, rows in _features(name, part).items():
            for number, row in enumerate(rows):
                answer = part.answers[version][number]
                kept = np.concatenate([row, _answer(answer, row)]) if told == "tokens" else row
                np.save(folder / "features" / f"{name}-{number}-{version}.npy", kept)
    for kind, turns in sets.items():
        for split, some in turns.items():
            rows = [json.dumps(_row(turn, parts, heads=told == "heads")) + "\n" for turn in some]
            (folder / f"{split}-{kind}.jsonl").write_text("".join(rows))


def _row(turn: Turn, parts: dict[str, Parts], *, heads: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"quality": {}, "answers": {}}
    for name, modality in MODALITY.items():
        place = getattr(turn, name)
        if place is not None:
            row[modality] = f"features/{name}-{place[0]}-{place[1]}.npy"
            row["quality"][modality] = float(
                parts[name].quality[place[0], VERSIONS.index(place[1])]
            )
            if heads:
                row["answers"][modality] = _said(name, parts[name], place)
    return row | {t: getattr(turn, t) for t in ("sentiment", "product") if getattr(turn, t)}


def _said(name: str, part: Parts, place: tuple[int, str]) -> dict[str, dict[str, float]]:
    task = "sentiment" if name in ("sentence", "voice") else "product"
    p = part.answers[place[1]][place[0]]
    return {task: {label: float(share) for label, share in zip(labels()[task], p, strict=True)}}


@cache
def labels() -> dict[str, list[str]]:
    """Of both tasks, in the order of the heads' answers."""
    with PRODUCTS.open(newline="", encoding="utf-8") as table:
        return {"sentiment": list(TONES), "product": [row["id"] for row in csv.DictReader(table)]}


def _features(name: str, part: Parts) -> dict[str, Floats]:
    """(n, vectors, size) by version, in deviations of the training values."""
    shown = part.where("train")
    if name == "voice":
        return _components(part, shown)
    known = np.concatenate([part.values[v][shown] for v in VERSIONS])
    mean, deviation = known.mean(axis=0), known.std(axis=0) + 1e-6
    shape = (-1, *((4, 384) if name != "photo" else (1, 1280)))
    return {v: ((part.values[v] - mean) / deviation).reshape(shape) for v in VERSIONS}


def _components(part: Parts, shown: list[int]) -> dict[str, Floats]:
    known = np.concatenate([part.values[v][shown] for v in VERSIONS])
    mean, deviation = known.mean(axis=0), known.std(axis=0) + 1e-6
    rows = (known - mean) / deviation
    _, _, basis = np.linalg.svd(rows @ rows.T)
    directions = basis[:COMPONENTS] @ rows
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    # One scale for all: standardised one by one, the last components would shout noise.
    scale = (rows @ directions.T).std()
    return {
        v: (((part.values[v] - mean) / deviation) @ directions.T / scale)[:, None] for v in VERSIONS
    }


def _answer(p: Floats, row: Floats) -> Floats:
    """(1, size) centred log probabilities, the rest zeros."""
    logs = np.log(np.maximum(p, 1e-4))
    told = np.zeros((1, row.shape[1]), np.float32)
    told[0, : len(p)] = logs - logs.mean()
    return told


def recipe(folder: Path, kinds: Sequence[str], join: str, seed: int) -> Path:
    """Writes the recipe; its numbers were set once and not searched."""
    name = "-".join((join, *kinds))
    for split in ("train", "validation"):
        lines = [(folder / f"{split}-{kind}.jsonl").read_text() for kind in kinds]
        (folder / f"{split}-of-{name}.jsonl").write_text("".join(lines))
    modalities = MODALITIES if "asked" in kinds else MODALITIES[:2]
    tasks = ("sentiment", "product") if "asked" in kinds else ("sentiment",)
    given = {
        "out": f"{name}-{seed}",
        "data": {
            "train": f"train-of-{name}.jsonl", "validation": f"validation-of-{name}.jsonl",
        },
        "modalities": {name: {"size": WIDTHS[name]} for name in modalities},
        "tasks": {t: {"kind": "classification", "labels": labels()[t]} for t in tasks},
        "model": {"width": 64, "layers": 1, "heads": 4, "dropout": 0.2, "join": join},
        "loss": {"smoothing": 0.05, "balance": True},
        "stages": STAGES[join],
        "training": {
            "most_steps": 160, "modality_dropout": 0.2, "patience": 6, "weight_decay": 0.05,
            "save_every": 100000,
        },
        "seed": seed,
    }  # fmt: skip
    path = folder / f"{name}-{seed}.json"
    path.write_text(json.dumps(given))
    return path


def rated(folder: Path, checkpoint: Path, kinds: Sequence[str], score: Score) -> dict[str, Any]:
    """Macro-F1 on the turns for reporting, whole and with one part hidden where both are there."""
    model = load_checkpoint(checkpoint).model
    result: dict[str, Any] = {}
    for kind in kinds:
        task = "product" if kind == "asked" else "sentiment"
        manifest = folder / f"report-{kind}.jsonl"
        truth = [json.loads(line) for line in manifest.read_text().splitlines()]
        truth = [row for row in truth if any(m in row for m in model.modalities)]
        used = [m for m in model.modalities if any(m in row for row in truth)]
        dataset = MultiModalDataset.from_manifest(manifest, used, [task])
        tasks = {task: model.config.tasks[task]}
        rows = PreparedRows(dataset, model.encoders, tasks)  # type: ignore[arg-type]
        rows.read(range(len(dataset)), skip_bad=False)
        result[kind] = _subsets(model, rows, truth, task, score)
    return result


def _subsets(
    model: Any, rows: PreparedRows, truth: list[dict[str, Any]], task: str, score: Score
) -> dict[str, Any]:
    both = ("said", "voice") if task == "sentiment" else ("said", "photo")
    whole = [i for i, row in enumerate(truth) if all(m in row for m in both)]
    named_, result = model.config.tasks[task].labels, {}
    for key, indices, shown in (
        ("all", range(len(truth)), set(model.modalities)),
        ("both there", whole, set(both)),
        (f"{both[1]} hidden", whole, {both[0]}),
        ("said hidden", whole, {both[1]}),
    ):
        if not shown & set(model.modalities):
            continue
        said = predict(model, rows, list(indices), shown)
        named = [named_[int(k)] for k in said.logits[task].argmax(dim=1)]
        result[key] = score([truth[i][task] for i in indices], named)
        if key == "both there":
            spread = said.weights.mean(dim=0)[list(model.tasks).index(task)].tolist()
            result["weights"] = dict(zip(model.modalities, np.round(spread, 3), strict=True))
            result["cross-modal"] = round(float(said.cross_modal.mean()), 3)
    return result
