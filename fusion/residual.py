"""Residual join: a head for each modality, their average, and a correction that starts at nothing.

What is trained by itself stays whole: with one modality the answer is that modality's head. With
several it is the mean of the heads' probabilities (a linear opinion pool, Stone 1961), moved by
what is learned of whom to believe, of what two answers mean together, and by attention across
modalities. All of that begins at zero, so that an untrained join is the average (residual
learning, He et al. 2016); heads learn by losses of their own, for a joint loss lets the modality
that learns first starve the others (Wang et al. 2020, "What makes training multi-modal
classification networks hard?").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from fusion.attention import CrossModal
from fusion.config import TaskConfig
from fusion.gate import Pooling
from fusion.heads import task_heads
from fusion.padded import Padded

LEAST = 1e-4
"""Probability below which a given answer is taken to be as sure as it can be."""
FEW = 16
"""Most classes of a task for which pairs of answers are looked at together."""
STEP = 10.0
"""What powers and pairs are multiplied with: a step as small as attention's would not move them."""


class SingleHeads(nn.Module):
    """A head for each modality and task, which never sees another modality."""

    def __init__(
        self, width: int, modalities: Sequence[str], tasks: Mapping[str, TaskConfig], dropout: float
    ) -> None:
        super().__init__()
        self.modalities, self.tasks = tuple(modalities), dict(tasks)
        self.pool = Pooling(width)
        self.each = nn.ModuleDict({m: task_heads(tasks, width, dropout) for m in modalities})

    def forward(self, tokens: Mapping[str, Padded]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """(batch, width) by modality, and (batch, modalities, outputs) logits by task."""
        pooled = {name: self.pool(each) for name, each in tokens.items()}
        first = next(iter(pooled.values()))
        found = {}
        for name, task in self.tasks.items():
            nothing = first.new_zeros(len(first), task.outputs)
            said = [
                self.each.get_submodule(f"{m}.{name}")(pooled[m]) if m in pooled else nothing
                for m in self.modalities
            ]
            found[name] = torch.stack(said, dim=1)
        return pooled, found


class Agreement(nn.Module):
    """What a task's answers mean together: how sure each is, its power, and pairs of them."""

    log_temperature: Tensor
    together: Tensor | None

    def __init__(self, modalities: int, task: TaskConfig) -> None:
        super().__init__()
        self.kind = task.kind
        self.pairs = list(combinations(range(modalities), 2))
        # Set on validation rows: a gradient on training rows would find every head sure.
        self.register_buffer("log_temperature", torch.zeros(modalities))
        self.power = nn.Parameter(torch.zeros(modalities))
        n = task.outputs
        few = bool(self.pairs) and task.exclusive and n <= FEW
        cube = nn.Parameter(torch.zeros(len(self.pairs), n, n, n)) if few else None
        self.register_parameter("together", cube)

    def calibrated(self, alone: Tensor) -> Tensor:
        """(batch, modalities, outputs) the heads' logits, as sure as they are right."""
        if self.kind == "regression":
            return alone
        return alone / self.log_temperature.exp()[:, None]

    def forward(self, alone: Tensor, present: Tensor) -> Tensor:
        """(batch, outputs) to add to the average; `alone` are calibrated logits."""
        here = present[..., None].to(alone.dtype)
        if self.kind != "classification":
            return (STEP * self.power[:, None] * alone * here).sum(dim=1)
        logs = alone.log_softmax(dim=-1)
        logs = logs - logs.mean(dim=-1, keepdim=True)
        moved = (STEP * self.power[:, None] * logs * here).sum(dim=1)
        if self.together is None:
            return moved
        p = alone.softmax(dim=-1) * here
        both = torch.stack([p[:, i, :, None] * p[:, k, None, :] for i, k in self.pairs], dim=1)
        return moved + torch.einsum("bpij,pijo->bo", both, STEP * self.together)


class Correction(nn.Module):
    """What only tokens of several modalities tell together, by attention; nothing at first."""

    def __init__(
        self, width: int, layers: int, heads: int, dropout: float, tasks: Mapping[str, TaskConfig]
    ) -> None:
        super().__init__()
        self.attend = CrossModal(width, layers, heads, dropout)
        self.pool = Pooling(width)
        self.norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)
        self.tell = nn.ModuleDict({name: nn.Linear(width, t.outputs) for name, t in tasks.items()})
        for layer in self.tell.values():
            assert isinstance(layer, nn.Linear)
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, tokens: Mapping[str, Padded]) -> tuple[dict[str, Tensor], Tensor]:
        """(batch, outputs) by task, and the (batch,) share of attention between modalities."""
        seen, ratio = self.attend(tokens)
        here = torch.stack([each.present for each in seen.values()], dim=1)
        pooled = torch.stack([self.pool(each) for each in seen.values()], dim=1)
        fused = pooled.sum(dim=1) / here.sum(dim=1, keepdim=True).clamp(min=1)
        told = self.drop(self.norm(fused))
        return {name: layer(told) for name, layer in self.tell.items()}, ratio


def averaged_logits(alone: Tensor, weights: Tensor, kind: str) -> Tensor:
    """(batch, outputs) logits of the mean of the answers, by (batch, modalities) weights.

    `alone` (batch, modalities, outputs) are logits. A mean of probabilities, or of values; with
    one weight of 1 the answer of that modality as it is.
    """
    if kind == "regression":
        return (alone * weights[..., None]).sum(dim=1)
    # A weight of zero would be minus infinity, whose gradient is no number.
    share = weights.clamp(min=torch.finfo(weights.dtype).tiny).log()[..., None]
    if kind == "classification":
        return torch.logsumexp(share + alone.log_softmax(dim=-1), dim=1)
    yes, no = (torch.logsumexp(share + logsigmoid(s * alone), dim=1) for s in (1, -1))
    return yes - no


def instead(own: Tensor, given: Tensor, task: TaskConfig) -> Tensor:
    """`own` logits, or those of answers `given` by heads from elsewhere; NaN where there are none.

    Both (batch, modalities, outputs); `given` are probabilities or values, taken as they are.
    """
    told = given.nan_to_num(nan=0.5)
    match task.kind:
        case "classification":
            told = told.clamp(min=LEAST).log()
        case "multilabel":
            told = told.clamp(LEAST, 1 - LEAST).logit()
        case "regression":
            told = (told - task.mean) / task.deviation
    return torch.where(given.isnan(), own, told.to(own.dtype))
