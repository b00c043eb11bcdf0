"""Gate: how much each modality counts for each task, from its quality and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from fusion.padded import Padded

LEAST = 1e-4
"""Quality below which a modality counts as unusable; keeps the logarithm finite."""


class Pooling(nn.Module):
    """One vector per sequence: a mean over its tokens, weighted by what they say."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1, bias=False)
        # Zero weights make the untrained pooling the plain mean.
        nn.init.zeros_(self.score.weight)

    def forward(self, tokens: Padded) -> Tensor:
        """(batch, width); zeros where the row has nothing."""
        scores = self.score(tokens.values).squeeze(-1)
        scores = scores.masked_fill(~tokens.mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=1) * tokens.mask
        return torch.einsum("bt,btw->bw", weights, tokens.values)


class Gate(nn.Module):
    """Weights proportional to quality^trust · exp(content), per task, over what is there.

    Each task has its own gate: an angry voice may decide the emotion and leave the intent to the
    words. An untrained gate follows measured quality alone, or weighs all alike with `trust` 0.
    """

    def __init__(
        self, width: int, modalities: Sequence[str], tasks: Sequence[str], trust: float = 1.0
    ) -> None:
        super().__init__()
        self.trust = trust
        self.modalities, self.tasks = tuple(modalities), tuple(tasks)
        self.norm = nn.LayerNorm(width)
        self.content = nn.ModuleDict({name: nn.Linear(width, len(tasks)) for name in modalities})
        for layer in self.content.values():
            assert isinstance(layer, nn.Linear)
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.log_trust = nn.Parameter(torch.zeros(len(tasks)))

    def forward(self, pooled: Mapping[str, Tensor], quality: Tensor, present: Tensor) -> Tensor:
        """(batch, tasks, modalities) weights that sum to 1 over the modalities present.

        `pooled` (batch, width) by modality, `quality` from 0 to 1 and `present`, both
        (batch, modalities) in the order of `self.modalities`.
        """
        empty = quality.new_zeros(quality.shape[0], len(self.tasks))
        said = [
            self.content[name](self.norm(pooled[name])) if name in pooled else empty
            for name in self.modalities
        ]
        content = torch.stack(said, dim=-1)
        trust = (self.log_trust.exp() - 1 + self.trust)[None, :, None]
        logits = content + trust * quality.clamp(LEAST, 1.0).log()[:, None, :]
        logits = logits.masked_fill(~present[:, None, :], torch.finfo(logits.dtype).min)
        return logits.softmax(dim=-1)
