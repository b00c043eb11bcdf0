"""What validation rows decide of a residual model: how sure heads are, and how much is corrected.

Both are chosen by likelihood, which is steadier than a score on few rows, and neither has a
gradient: on the rows that they were trained on, heads are right and any correction helps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy

import torch
from torch import Tensor

from fusion.config import TaskConfig
from fusion.data.collate import Prepared
from fusion.data.prepared import PreparedRows
from fusion.evaluate import predict
from fusion.losses import MISSING, task_loss, weighted_mean
from fusion.model import FusionModel
from fusion.residual import Agreement

TEMPERATURES = torch.logspace(-1.2, 1.6, 57, base=2.718281828)
"""From .3 to 5."""
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of what was learned beyond the average."""
ENOUGH = 10
"""Least rows that may set a temperature."""


def temperatures(model: FusionModel, rows: PreparedRows) -> dict[str, list[float]]:
    """log T by task and modality, under which each head alone is most probable (Guo et al. 2017).

    A modality with few answered rows keeps what it has; a regression has none to set.
    """
    found = {name: agreement(model, name).log_temperature.tolist() for name in model.tasks}
    for name, task in model.config.tasks.items():
        for column, modality in enumerate(model.modalities):
            here = [i for i in range(len(rows)) if _own(rows[i], modality, name)]
            if task.kind == "regression" or len(here) < ENOUGH:
                continue
            said = predict(model, rows, here, {modality})
            logits, target = said.logits[name], said.targets[name]
            if int(_answered(target, task).sum()) >= ENOUGH:
                losses = [_loss(logits / t, target, task) for t in TEMPERATURES]
                found[name][column] += float(TEMPERATURES[losses.index(min(losses))].log())
    return found


def set_temperatures(model: FusionModel, found: Mapping[str, list[float]]) -> None:
    """Makes `model` as sure as `temperatures` found."""
    for name, values in found.items():
        kept = agreement(model, name).log_temperature
        kept.copy_(torch.tensor(values, dtype=kept.dtype))


def shares(model: FusionModel, rows: PreparedRows) -> dict[str, float]:
    """How much of what was learned beyond the average makes each task's answers most probable.

    None, unless the gain is twice its standard error over the rows.
    """
    losses: dict[str, dict[float, Tensor]] = {name: {} for name in model.tasks}
    for share in SHARES:
        tried = deepcopy(model)
        scale(tried, dict.fromkeys(model.tasks, share))
        said = predict(tried, rows, range(len(rows)), set(model.modalities))
        for name, task in model.config.tasks.items():
            lost, there = _losses(said.logits[name], said.targets[name], task)
            losses[name][share] = lost[there]
    return {name: _share(tried) for name, tried in losses.items()}


def _share(losses: Mapping[float, Tensor]) -> float:
    best = min(losses, key=lambda share: float(losses[share].mean()))
    gain = losses[0.0] - losses[best]
    if len(gain) < ENOUGH or float(gain.mean()) <= 2 * float(gain.std()) / len(gain) ** 0.5:
        return 0.0
    return best


@torch.no_grad()
def scale(model: FusionModel, wanted: Mapping[str, float]) -> None:
    """Keeps the share `wanted` by task of everything that began at zero; 0 leaves the average."""
    for name, share in wanted.items():
        for value in _learned(model, name):
            value.mul_(share)


def agreement(model: FusionModel, task: str) -> Agreement:
    """The module that holds what is learned of a task's answers together."""
    found = model.gate.get_submodule(f"agree.{task}")
    assert isinstance(found, Agreement)
    return found


def _learned(model: FusionModel, task: str) -> Iterator[Tensor]:
    """What moves a task away from the average."""
    number = model.tasks.index(task)
    of_task = slice(number, number + 1)
    yield model.gate.get_parameter("weigh.log_trust").data[of_task]
    for modality in model.modalities:
        for name in ("weight", "bias"):
            yield model.gate.get_parameter(f"weigh.content.{modality}.{name}").data[of_task]
    yield from (value.data for value in agreement(model, task).parameters())
    yield from (value.data for value in model.cross.get_submodule(f"tell.{task}").parameters())


def _answered(target: Tensor, task: TaskConfig) -> Tensor:
    if task.exclusive:
        return target != MISSING
    return ~target.reshape(len(target), -1).isnan().any(dim=1)


def _own(row: Prepared, modality: str, task: str) -> bool:
    """Whether the model's own head answers; those from elsewhere are taken as they are."""
    return modality in row.steps and task not in row.answers.get(modality, {})


def _losses(logits: Tensor, target: Tensor, task: TaskConfig) -> tuple[Tensor, Tensor]:
    return task_loss(logits, target, task, 0.0, torch.ones(task.outputs))


def _loss(logits: Tensor, target: Tensor, task: TaskConfig) -> float:
    rows, there = _losses(logits, target, task)
    return float(weighted_mean(rows, there.to(rows.dtype)))
