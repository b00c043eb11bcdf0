"""Losses: what a model is asked to make small, as pure functions and one module that joins them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    kl_div,
    log_softmax,
    normalize,
    softmax,
)

from fusion.alignment import overlap
from fusion.config import ConfigError, TaskConfig
from fusion.model import FusionOutput
from fusion.padded import Padded

MISSING = -100
"""Class of a row that has no answer to a task; NaN in the other kinds."""


@dataclass(frozen=True, slots=True)
class LossConfig:
    """How the parts of the loss are weighed."""

    weighting: Literal["fixed", "uncertainty"] = "fixed"
    """Task weights as configured, or learned (Kendall et al. 2018)."""
    smoothing: float = 0.0
    """Probability that label smoothing spreads over all classes (Szegedy et al. 2016)."""
    balance: bool = False
    """Classes weighed so that rare ones count as much as frequent ones."""
    contrastive: float = 0.0
    """Weight of the alignment between modalities."""
    temperature: float = 0.1
    """Of the alignment."""
    alone: float = 1.0
    """Weight of each modality's own answer in a residual model (gradient blending)."""
    distil: float = 0.0
    """Weight of a teacher's answers, where there is a teacher."""

    def __post_init__(self) -> None:
        if not 0 <= self.smoothing < 1 or self.temperature <= 0:
            raise ConfigError("smoothing must lie in [0, 1) and temperature above 0")


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """A loss to minimise and the parts it is made of."""

    total: Tensor
    parts: dict[str, float] = field(default_factory=dict)
    """Unweighted, by task; `contrastive` beside them."""


class MultiModalLoss(nn.Module):
    """The sum over tasks, weighed, and the alignment of modalities."""

    def __init__(
        self,
        tasks: Mapping[str, TaskConfig],
        config: LossConfig | None = None,
        counts: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        """`counts` tells how often each class occurs in training, by task, for balancing."""
        super().__init__()
        self.tasks, self.config = dict(tasks), config or LossConfig()
        learned = self.config.weighting == "uncertainty"
        self.log_variance = nn.Parameter(torch.zeros(len(tasks)), requires_grad=learned)
        for name, task in tasks.items():
            wanted = self.config.balance and counts and name in counts and task.exclusive
            balance = class_weights((counts or {})[name]) if wanted else torch.ones(task.outputs)
            self.register_buffer(f"balance_{name}", balance, persistent=False)

    def forward(
        self,
        output: FusionOutput,
        targets: Mapping[str, Tensor],
        weight: Tensor,
        fine: float = 0.0,
        *,
        together: bool = True,
    ) -> Loss:
        """The loss of a batch; rows count by `weight` (batch,), `fine` moves clips to words.

        Not `together`, the heads of a residual model learn each by itself alone.
        """
        total, parts = weight.new_zeros(()), {}
        for i, (name, task) in enumerate(self.tasks.items()):
            if name not in targets:
                continue
            balance = getattr(self, f"balance_{name}")
            rows, there = task_loss(
                output.logits[name], targets[name], task, self.config.smoothing, balance
            )
            mean = weighted_mean(rows, weight * there)
            parts[name] = float(mean.detach())
            if output.alone:
                own = self._alone(output, name, targets[name], weight, balance)
                mean = (mean if together else 0.0) + self.config.alone * own
            total = total + self._weighed(mean, task, self.log_variance[i], bool(there.any()))
        if self.config.contrastive:
            aligned = alignment_loss(output.tokens, fine, self.config.temperature)
            parts["contrastive"] = float(aligned.detach())
            total = total + self.config.contrastive * aligned
        return Loss(total, parts)

    def _alone(
        self, output: FusionOutput, name: str, target: Tensor, weight: Tensor, balance: Tensor
    ) -> Tensor:
        """The mean over rows and the modalities they have of each one's own loss."""
        assert output.present is not None
        losses, counts = [], []
        for column, present in enumerate(output.present.T):
            logits = output.alone[name][:, column]
            task, smoothing = self.tasks[name], self.config.smoothing
            rows, there = task_loss(logits, target, task, smoothing, balance)
            losses.append(rows)
            counts.append(weight * there * present)
        return weighted_mean(torch.cat(losses), torch.cat(counts))

    def _weighed(self, mean: Tensor, task: TaskConfig, log_variance: Tensor, there: bool) -> Tensor:
        if self.config.weighting == "fixed" or not there:
            return task.weight * mean
        return uncertain(mean, log_variance, regression=task.kind == "regression")


def task_loss(
    logits: Tensor, target: Tensor, task: TaskConfig, smoothing: float, balance: Tensor
) -> tuple[Tensor, Tensor]:
    """(batch,) losses and whether the row has an answer; rows without one are zero.

    `target`: (batch,) classes, (batch,) values in the task's unit, or (batch, labels) zeros and
    ones, smoothed towards a half.
    """
    match task.kind:
        case "classification":
            there = target != MISSING
            rows = cross_entropy(
                logits.float(), target, balance, ignore_index=MISSING, reduction="none",
                label_smoothing=smoothing,
            )  # fmt: skip
        case "multilabel":
            there = ~target.isnan().any(dim=1)
            soft = target.nan_to_num() * (1 - smoothing) + smoothing / 2
            rows = binary_cross_entropy_with_logits(logits.float(), soft, reduction="none").mean(1)
        case "regression":
            there = ~target.isnan()
            wanted = (target.nan_to_num() - task.mean) / task.deviation
            rows = (logits.float()[:, 0] - wanted) ** 2
    return torch.where(there, rows, torch.zeros_like(rows)), there


def uncertain(loss: Tensor, log_variance: Tensor, *, regression: bool) -> Tensor:
    """A task's loss under learned uncertainty s = log σ² (Kendall et al. 2018).

    exp(-s)·L + s/2 for classes, exp(-s)·L/2 + s/2 for values.
    """
    return (-log_variance).exp() * loss * (0.5 if regression else 1.0) + log_variance / 2


def class_weights(counts: Sequence[int]) -> Tensor:
    """Weights inverse to how often classes occur, 1 on average over rows; 0 for unseen ones."""
    n = torch.tensor(counts, dtype=torch.float32)
    seen = n > 0
    return torch.where(seen, n.sum() / (seen.sum() * n.clamp(min=1)), torch.zeros_like(n))


def weighted_mean(rows: Tensor, weight: Tensor) -> Tensor:
    """Mean of (batch,) rows by weight; 0 where nothing counts."""
    return (rows * weight).sum() / weight.sum().clamp(min=1e-9)


def info_nce(one: Tensor, other: Tensor, temperature: float) -> Tensor:
    """InfoNCE both ways (van den Oord et al. 2018; Radford et al. 2021): row i belongs to row i.

    Both (n, width). 0 for fewer than two rows: there is nothing to tell apart.
    """
    if len(one) < 2:
        return one.new_zeros(())
    logits = normalize(one.float(), dim=-1) @ normalize(other.float(), dim=-1).T / temperature
    own = torch.arange(len(one), device=one.device)
    return (cross_entropy(logits, own) + cross_entropy(logits.T, own)) / 2


def alignment_loss(tokens: Mapping[str, Padded], fine: float, temperature: float) -> Tensor:
    """Mean InfoNCE over pairs of modalities: of clips, of words with their frames, or between.

    Where no word has a time, only clips are compared.
    """
    names = sorted(tokens)
    first = tokens[names[0]].values
    losses = [first.new_zeros(())]
    for i, name in enumerate(names):
        for other in names[i + 1 :]:
            one, two = tokens[name], tokens[other]
            if fine < 1:
                losses.append((1 - fine) * info_nce(*clip_pairs(one, two), temperature))
            if fine > 0 and "text" in (name, other):
                words, frames = (one, two) if name == "text" else (two, one)
                losses.append(fine * info_nce(*word_pairs(words, frames), temperature))
    pairs = max(1, len(names) * (len(names) - 1) // 2)
    return torch.stack(losses).sum() / pairs


def clip_pairs(one: Padded, other: Padded) -> tuple[Tensor, Tensor]:
    """(n, width) means of the two modalities in the rows that have both."""
    both = one.present & other.present
    return _means(one)[both], _means(other)[both]


def word_pairs(words: Padded, frames: Padded) -> tuple[Tensor, Tensor]:
    """(n, width) timed words of all rows, and the mean of the frames during each."""
    pairs = []
    for i in range(len(words.mask)):
        spans = words.times[i].masked_fill(~words.mask[i][:, None], torch.nan)
        heard = frames.times[i].masked_fill(~frames.mask[i][:, None], torch.nan)
        share = overlap(spans, heard)
        timed = share.sum(dim=1) > 0
        pairs.append((words.values[i][timed], (share @ frames.values[i].float())[timed]))
    return torch.cat([a for a, _ in pairs]), torch.cat([b for _, b in pairs])


def distillation(student: Tensor, teacher: Tensor, temperature: float = 2.0) -> Tensor:
    """Mean KL from a teacher's softened classes to a student's, times T² (Hinton et al. 2015)."""
    wanted = softmax(teacher.float() / temperature, dim=-1)
    given = log_softmax(student.float() / temperature, dim=-1)
    return kl_div(given, wanted, reduction="batchmean") * temperature**2


def _means(tokens: Padded) -> Tensor:
    count = tokens.mask.sum(dim=1, keepdim=True).clamp(min=1)
    return (tokens.values * tokens.mask[..., None]).sum(dim=1) / count
