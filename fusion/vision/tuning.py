"""Tunes the last blocks of a picture encoder on photos of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from rich.progress import track
from torch import Tensor, nn

from fusion.vision.photos import WIDTH

BATCH = 32
LEARNING_RATE, HEAD_LEARNING_RATE = 4e-4, 4e-3
DECAY = 0.05
SMOOTHING = 0.1
"""Label smoothing (Szegedy et al. 2016)."""
SHARPNESS = 16.0
"""What cosines are multiplied with before the softmax."""


class CosineHead(nn.Module):
    """Cosines to one direction per class: how bright or busy a photo is does not count."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.directions = nn.Parameter(torch.randn(classes, width) / width**0.5)

    def forward(self, features: Tensor) -> Tensor:
        """(n, classes) logits of (n, width) features."""
        unit = nn.functional.normalize
        return SHARPNESS * unit(features, dim=1) @ unit(self.directions, dim=1).T


def tune(
    upper: nn.Module, states: Tensor, targets: Sequence[int], epochs: int, seed: int = 0
) -> None:
    """Changes `upper` so that its features tell `targets` apart; same seed, same weights.

    `states` (n, 192, 7, 7) are what the fixed blocks made of n photos: only once, so that an
    epoch costs a fifth of one through the whole network. Batch normalisation stays folded.
    """
    torch.manual_seed(seed)
    wanted = torch.tensor(targets)
    head = CosineHead(WIDTH, int(wanted.max()) + 1)
    optimizer = torch.optim.AdamW(
        [
            {"params": upper.parameters(), "lr": LEARNING_RATE},
            {"params": head.parameters(), "lr": HEAD_LEARNING_RATE},
        ],
        weight_decay=DECAY,
    )
    rates = [group["lr"] for group in optimizer.param_groups]
    steps = epochs * -(-len(states) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, steps, pct_start=0.2)
    for epoch in range(epochs):
        batches = torch.split(torch.randperm(len(states)), BATCH)
        for rows in track(batches, f"tuning, epoch {epoch + 1} of {epochs}"):
            logits = head(upper(states[rows].float()))
            loss = nn.functional.cross_entropy(logits, wanted[rows], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()


@torch.inference_mode()
def upper_features(upper: nn.Module, states: Tensor) -> Tensor:
    """(n, 1280) features of (n, 192, 7, 7) states."""
    return torch.cat([upper(part.float()) for part in torch.split(states, BATCH)])
