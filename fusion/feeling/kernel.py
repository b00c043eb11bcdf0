"""A kernel machine over sentences: what they mean in four layers of e5, and how they are spelt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from fusion.feeling.words import WANTED, ngrams
from fusion.softmax import best_temperature, least_sure, softmax

Floats = NDArray[np.float32]

NARROWNESS = 1.0
"""Of the Gaussian kernel, times the squared distance of unit-length features."""
SPELLING = 0.5
"""What n-grams in common count beside it."""
PENALTY = 0.1
SPREAD = 4.0
"""Score of the right class; brings temperatures to about one."""
STEPS = 24.0
"""Of an 8-bit number, in a standardised feature's deviation."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One question about a sentence."""

    labels: tuple[str, ...]
    duals: Floats
    """(known sentences, classes)"""
    spelling: Floats
    """(n-grams, classes)"""
    temperature: float
    threshold: float
    """Least probability of the best class at which an answer is given."""


@dataclass(frozen=True, slots=True, eq=False)
class KernelHeads:
    """Several questions answered by likeness to the same known sentences. Thread-safe."""

    known: NDArray[np.int8]
    """(known sentences, layers * width) standardised features in 1 / `STEPS` of a deviation."""
    rows: Floats
    """(known sentences, layers * width) `known` with rows of length one."""
    mean: Floats
    """(layers * width,)"""
    deviation: Floats
    """(layers * width,)"""
    tasks: Mapping[str, Task]

    def probabilities(self, task: str, texts: Sequence[str], layers: Floats) -> Floats:
        """(n, classes) calibrated, of `texts` given their (n, layers, width) means."""
        return self.answers(texts, layers, (task,))[task]

    def answers(
        self, texts: Sequence[str], layers: Floats, tasks: Sequence[str] = ()
    ) -> dict[str, Floats]:
        """The same of several `tasks`, of all by default: likeness and n-grams are found once."""
        likeness = _likeness(_unit(_stepped(layers, self.mean, self.deviation)), self.rows)
        table = ngrams(texts)
        found = {}
        for name in tasks or self.tasks:
            asked = self.tasks[name]
            scores = likeness @ asked.duals + table @ asked.spelling
            found[name] = softmax(np.asarray(scores / asked.temperature, np.float32))
        return found


def fit_kernel(
    texts: Sequence[str], layers: Floats, targets: Mapping[str, Sequence[str | None]]
) -> tuple[KernelHeads, dict[str, Floats]]:
    """Calibrated heads, and (n, classes) probabilities of each text with that text left out.

    A target of None is not asked. Leaving one out takes no second fit (Allen 1974).
    """
    flat = layers.reshape(len(texts), -1)
    mean, deviation = flat.mean(axis=0), flat.std(axis=0) + 1e-6
    known = _stepped(layers, mean, deviation)
    table = ngrams(texts)
    tasks, unseen = {}, {}
    for name, wanted in targets.items():
        asked = np.array([place for place, label in enumerate(wanted) if label is not None])
        named = [str(wanted[place]) for place in asked]
        likeness = _likeness(_unit(known[asked]), _unit(known[asked]))
        likeness += SPELLING * (table[asked] @ table[asked].T).toarray() / 2
        task, left_out = _solve(likeness, named)
        duals = np.zeros((len(texts), len(task.labels)), np.float32)
        duals[asked] = task.duals
        spelling = np.asarray(table[asked].T @ task.duals * SPELLING / 2, np.float32)
        tasks[name] = Task(task.labels, duals, spelling, task.temperature, task.threshold)
        unseen[name] = np.full((len(texts), len(task.labels)), np.nan, np.float32)
        unseen[name][asked] = left_out
    return KernelHeads(known, _unit(known), mean, deviation, tasks), unseen


def _solve(kernel: Floats, targets: Sequence[str]) -> tuple[Task, Floats]:
    """A task without spelling, and (n, classes) probabilities with each row left out."""
    labels = tuple(sorted(set(targets)))
    columns = np.array([labels.index(target) for target in targets])
    right = columns[:, None] == np.arange(len(labels))
    wanted = np.where(right, SPREAD, -SPREAD / (len(labels) - 1)).astype(np.float32)
    # A row of a rare class is fitted more closely.
    slack = PENALTY * len(labels) * np.bincount(columns)[columns] / len(columns)
    kernel[np.diag_indices_from(kernel)] += slack.astype(np.float32)
    inverse = np.linalg.inv(kernel)
    duals = np.asarray(inverse @ wanted, np.float32)
    scores = np.asarray(wanted - duals / np.diag(inverse)[:, None], np.float32)
    temperature = best_temperature(scores, labels, targets)
    p = softmax(scores / temperature)
    threshold = least_sure(p.max(axis=1), p.argmax(axis=1) == columns, WANTED)
    return Task(labels, duals, np.zeros((0, 0), np.float32), temperature, threshold), p


def save_kernel(heads: KernelHeads, path: Path) -> None:
    """Keeps `heads` in the safetensors file `path`: features in 8 bits, the rest in 16."""
    kept: dict[str, NDArray[Any]] = {"known": heads.known}
    kept |= {name: getattr(heads, name).astype(np.float16) for name in ("mean", "deviation")}
    notes = {}
    for name, task in heads.tasks.items():
        kept |= {
            f"{name}.{part}": np.ascontiguousarray(getattr(task, part), np.float16)
            for part in ("duals", "spelling")
        }
        notes[name] = {
            "labels": task.labels,
            "temperature": task.temperature,
            "threshold": task.threshold,
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(kept, str(path), metadata={"tasks": json.dumps(notes)})
    path.chmod(0o644)  # safetensors makes files that only their owner may read


def load_kernel(path: Path) -> KernelHeads:
    """What `save_kernel` kept in `path`."""
    with safe_open(str(path), framework="numpy") as file:
        kept = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        notes = json.loads(file.metadata()["tasks"])
    floats = {name: t.astype(np.float32) for name, t in kept.items() if name != "known"}
    tasks = {
        name: Task(
            tuple(told.pop("labels")),
            floats[f"{name}.duals"],
            floats[f"{name}.spelling"],
            **told,
        )
        for name, told in notes.items()
    }
    known = kept["known"]
    return KernelHeads(known, _unit(known), floats["mean"], floats["deviation"], tasks)


def _stepped(layers: Floats, mean: Floats, deviation: Floats) -> NDArray[np.int8]:
    flat = layers.reshape(len(layers), -1)
    return np.asarray(np.clip(np.rint((flat - mean) / deviation * STEPS), -127, 127), np.int8)


def _unit(rows: NDArray[np.int8]) -> Floats:
    found = rows.astype(np.float32)
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
    return found


def _likeness(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.exp(-NARROWNESS * (2 - 2 * one @ other.T)), np.float32)
