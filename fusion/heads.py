"""Heads: one small network per task, sharing nothing with the others."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from fusion.config import TaskConfig


class TaskHead(nn.Module):
    """Answers one task from one vector."""

    def __init__(self, width: int, task: TaskConfig, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(width, task.outputs),
        )

    def forward(self, fused: Tensor) -> Tensor:
        """(batch, outputs) logits, or deviations from the mean for a regression."""
        out: Tensor = self.layers(fused)
        return out


def task_heads(tasks: Mapping[str, TaskConfig], width: int, dropout: float) -> nn.ModuleDict:
    """A head for each task, by name."""
    return nn.ModuleDict({name: TaskHead(width, task, dropout) for name, task in tasks.items()})


def posterior(logits: Tensor, task: TaskConfig) -> Tensor:
    """(batch, outputs) probabilities, or the regression's value in its own unit."""
    match task.kind:
        case "classification":
            return logits.float().softmax(dim=-1)
        case "multilabel":
            return logits.float().sigmoid()
        case "regression":
            return logits.float() * task.deviation + task.mean
