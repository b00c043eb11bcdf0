"""Collate: samples to padded batches, rows of similar length together."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from fusion.config import TaskConfig
from fusion.data.dataset import Sample
from fusion.data.media import RowError
from fusion.encoders import ModalityEncoder
from fusion.losses import MISSING
from fusion.padded import NAN, Padded, Steps, pad


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A sample as tensors, before any trained weight."""

    id: str
    steps: dict[str, Steps]
    targets: dict[str, Tensor]
    quality: dict[str, float]
    weight: float
    answers: dict[str, dict[str, Tensor]] = field(default_factory=dict)
    """(outputs,) what heads from elsewhere say, by modality, then task."""

    @property
    def length(self) -> int:
        """Steps of the longest modality."""
        return max(len(steps.values) for steps in self.steps.values())


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What one forward and backward pass takes."""

    inputs: dict[str, Padded]
    quality: Tensor
    """(batch, modalities)"""
    targets: dict[str, Tensor]
    """By task, see `fusion.losses.task_loss`."""
    weight: Tensor
    """(batch,)"""
    answers: dict[str, Tensor] = field(default_factory=dict)
    """(batch, modalities, outputs) by task, see `fusion.residual.instead`; only if given."""

    def to(self, device: torch.device | str) -> Batch:
        """The same on `device`."""
        return Batch(
            {name: each.to(device) for name, each in self.inputs.items()},
            self.quality.to(device),
            {name: each.to(device) for name, each in self.targets.items()},
            self.weight.to(device),
            {name: each.to(device) for name, each in self.answers.items()},
        )


def prepare(
    sample: Sample, encoders: Mapping[str, ModalityEncoder], tasks: Mapping[str, TaskConfig]
) -> Prepared:
    """`sample` as tensors. RowError where an encoder or a task cannot take it."""
    steps = {}
    for name, raw in sample.raws.items():
        try:
            steps[name] = encoders[name].prepare(raw)
        except ValueError as error:
            raise RowError(f"{sample.place}: {name}: {error}") from error
    targets = {
        name: target(task, sample.targets.get(name), f"{sample.place}: {name}")
        for name, task in tasks.items()
    }
    said = told(tasks, sample.answers, sample.place)
    return Prepared(sample.id, steps, targets, sample.quality, sample.weight, said)


def told(
    tasks: Mapping[str, TaskConfig], answers: Mapping[str, Mapping[str, Any]], place: str
) -> dict[str, dict[str, Tensor]]:
    """(outputs,) answers by modality and task, of those that `tasks` ask. RowError if malformed."""
    return {
        modality: {t: answer(tasks[t], a, f"{place}: {t}") for t, a in said.items() if t in tasks}
        for modality, said in answers.items()
    }


def answer(task: TaskConfig, value: Any, place: str) -> Tensor:
    """(outputs,) a head's answer: probabilities by label, what is left out 0, or a number."""
    if task.kind == "regression":
        return target(task, value, place)[None]
    if not isinstance(value, Mapping):
        raise RowError(f"{place}: an answer must name probabilities by label, not {value!r}")
    unknown = [str(label) for label in value if label not in task.labels]
    if unknown:
        listed = ", ".join(task.labels)
        raise RowError(f"{place}: unknown label {', '.join(unknown)}; choose from: {listed}")
    shares = [value.get(label, 0.0) for label in task.labels]
    if not all(isinstance(p, int | float) and 0 <= p <= 1 for p in shares):
        raise RowError(f"{place}: probabilities lie between 0 and 1: {dict(value)!r}")
    return torch.tensor(shares, dtype=torch.float32)


def target(task: TaskConfig, value: Any, place: str) -> Tensor:
    """What the loss takes for `value`; None has no answer. RowError lists valid labels."""
    if value is None:
        return _nothing(task)
    if task.kind == "regression":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RowError(f"{place}: {value!r} is no number")
        return torch.tensor(float(value))
    named = value if task.kind == "multilabel" and isinstance(value, list) else [value]
    unknown = [str(each) for each in named if str(each) not in task.labels]
    if unknown:
        listed = ", ".join(task.labels)
        raise RowError(f"{place}: unknown label {', '.join(unknown)}; choose from: {listed}")
    if task.exclusive:
        return torch.tensor(task.labels.index(str(value)))
    names = {str(each) for each in named}
    return torch.tensor([float(label in names) for label in task.labels])


def collate(
    rows: Sequence[Prepared], modalities: Sequence[str], hidden: Sequence[set[str]]
) -> Batch:
    """The rows padded to one length each modality; `hidden` are the modalities left out by row."""
    inputs = {}
    for name in modalities:
        steps = [
            None if name in hide else row.steps.get(name)
            for row, hide in zip(rows, hidden, strict=True)
        ]
        if any(each is not None for each in steps):
            inputs[name] = pad(steps)
    tasks = rows[0].targets
    return Batch(
        inputs,
        torch.tensor([[row.quality.get(name, 1.0) for name in modalities] for row in rows]),
        {task: torch.stack([row.targets[task] for row in rows]) for task in tasks},
        torch.tensor([row.weight for row in rows], dtype=torch.float32),
        answer_tables([row.answers for row in rows], modalities),
    )


def answer_tables(
    rows: Sequence[Mapping[str, Mapping[str, Tensor]]], modalities: Sequence[str]
) -> dict[str, Tensor]:
    """(batch, modalities, outputs) by task that any row has an answer to; NaN where it has none."""
    found: dict[str, Tensor] = {}
    for number, row in enumerate(rows):
        for column, modality in enumerate(modalities):
            for task, said in row.get(modality, {}).items():
                if task not in found:
                    found[task] = torch.full((len(rows), len(modalities), len(said)), NAN)
                found[task][number, column] = said
    return found


def batches(lengths: Sequence[int], most_steps: int, rng: random.Random) -> list[list[int]]:
    """Every row once, in batches of at most `most_steps` padded steps (but one row at least).

    Rows of similar length share a batch; who meets whom, and the order, are drawn from `rng`.
    """
    order = sorted(range(len(lengths)), key=lambda i: lengths[i] * rng.uniform(0.9, 1.1))
    found: list[list[int]] = []
    longest = 0
    for i in order:
        longest = max(longest, lengths[i]) if found else lengths[i]
        if not found or longest * (len(found[-1]) + 1) > most_steps:
            found.append([])
            longest = lengths[i]
        found[-1].append(i)
    rng.shuffle(found)
    return found


def dropped(row: Prepared, share: float, rng: random.Random) -> set[str]:
    """Modalities to hide from a training row, each with probability `share`; one always stays."""
    names = sorted(row.steps)
    hidden = {name for name in names if rng.random() < share}
    return hidden - {rng.choice(names)} if len(hidden) == len(names) else hidden


def _nothing(task: TaskConfig) -> Tensor:
    match task.kind:
        case "classification":
            return torch.tensor(MISSING)
        case "multilabel":
            return torch.full((task.outputs,), NAN)
        case "regression":
            return torch.tensor(NAN)
