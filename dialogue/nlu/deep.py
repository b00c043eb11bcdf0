"""Deep: a perceptron over the embedding, which knows what is meant in words not seen before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from dialogue.nlu.features import Floats

if TYPE_CHECKING:
    from torch import nn

HIDDEN = 512
SCALE = 16.0
"""e5 vectors lie close together: without scale a model hardly moves on them."""
EPOCHS = 15
BATCH = 128
RATE = 4e-3
DECAY = 0.05
DROPPED = (0.2, 0.5)
"""Of the embedding, of the hidden layer."""
SMOOTHED = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Deep:
    """Centre, hidden layer (GELU), outputs."""

    centre: Floats
    """(width,) mean embedding of the training utterances."""
    inward: Floats
    """(width, hidden)."""
    inward_bias: Floats
    """(hidden,)."""
    outward: Floats
    """(hidden, intents)."""
    outward_bias: Floats
    """(intents,)."""

    def logits(self, meaning: Floats) -> Floats:
        """(n, intents) from (n, width) embeddings."""
        inner = (meaning - self.centre) * SCALE @ self.inward + self.inward_bias
        active = inner * 0.5 * (1 + erf(inner / np.sqrt(2)))
        return np.asarray(active @ self.outward + self.outward_bias, dtype=np.float32)


def train_deep(meaning: Floats, labels: NDArray[np.int64], seed: int = 0) -> Deep:
    """A perceptron of (n, width) embeddings; labels are 0 … intents - 1. Needs torch."""
    centre = meaning.mean(axis=0)
    with _alone(seed):
        net = _network(meaning.shape[1], int(labels.max()) + 1)
        _descend(net, (meaning - centre) * SCALE, labels)
    arrays = [p.detach().numpy().T.astype(np.float32) for p in net.parameters()]
    return Deep(centre, *arrays)


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """Leaves torch's dice and threads as others in this process set them."""
    import torch

    threads = torch.get_num_threads()
    # Steps are too small to share out: on busy cores two threads are ten times slower than one.
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


def _network(width: int, intents: int) -> nn.Sequential:
    from torch import nn

    return nn.Sequential(
        nn.Dropout(DROPPED[0]),
        nn.Linear(width, HIDDEN),
        nn.GELU(),
        nn.Dropout(DROPPED[1]),
        nn.Linear(HIDDEN, intents),
    )


def _descend(net: nn.Sequential, rows: Floats, labels: NDArray[np.int64]) -> None:
    import torch

    inputs, truth = torch.from_numpy(rows), torch.from_numpy(labels)
    steps = EPOCHS * -(-len(rows) // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    loss = torch.nn.CrossEntropyLoss(label_smoothing=SMOOTHED)
    for _ in range(EPOCHS):
        for batch in torch.split(torch.randperm(len(rows)), BATCH):
            optimizer.zero_grad()
            loss(net(inputs[batch]), truth[batch]).backward()
            optimizer.step()
            schedule.step()
