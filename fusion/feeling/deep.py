"""Feeling from the last layers of e5, tuned on customers' sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from fusion.e5 import E5
from fusion.padded import Padded, Steps, pad
from fusion.text import UNDER

Floats = NDArray[np.float32]

LAYERS = UNDER
"""Of e5's twelve that are tuned; those under them are shared with everything else."""
WIDTH, HEADS, INNER = 384, 12, 1536
EPSILON = 1e-12
DROPOUT = 0.1
BATCH = 32
LEARNING_RATE, HEAD_LEARNING_RATE = 1e-4, 2e-3
DECAY = 0.01
SMOOTHING = 0.05
"""Label smoothing (Szegedy et al. 2016)."""
UNASKED = -100
"""Target of a row that has no label for a task."""


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Sentences to learn from."""

    states: Sequence[Floats]
    """(tokens, width) of each, under the tuned layers."""
    targets: Mapping[str, NDArray[np.int64]]
    """(n,) places in the task's labels, or `UNASKED`."""


class DeepWords(nn.Module):
    """e5's last layers and one linear head per task over the mean of their tokens."""

    def __init__(self, labels: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self.labels = {task: tuple(names) for task, names in labels.items()}
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                WIDTH, HEADS, INNER, DROPOUT, "gelu", EPSILON, batch_first=True
            )
            for _ in range(LAYERS)
        )
        self.heads = nn.ModuleDict({t: nn.Linear(WIDTH, len(n)) for t, n in self.labels.items()})

    def forward(self, states: Padded) -> dict[str, Tensor]:
        """(batch, classes) logits by task, of the states under the tuned layers."""
        values = states.values
        for layer in self.layers:
            values = layer(values, src_key_padding_mask=~states.mask)
        there = states.mask[..., None]
        mean = (values.float() * there).sum(dim=1) / there.sum(dim=1)
        return {task: head(mean) for task, head in self.heads.items()}

    @torch.inference_mode()
    def logits(self, states: Sequence[Floats]) -> dict[str, Floats]:
        """(n, classes) by task, of n sentences' states. Thread-safe."""
        found = {
            task: np.zeros((len(states), len(n)), np.float32) for task, n in self.labels.items()
        }
        for rows in _alike([len(s) for s in states], range(len(states))):
            for task, scores in self(_padded([states[row] for row in rows])).items():
                found[task][rows] = scores.numpy()
        return found


def fit_deep(
    e5: E5, lesson: Lesson, labels: Mapping[str, Sequence[str]], epochs: int, seed: int = 0
) -> DeepWords:
    """The last layers of `e5` tuned on `lesson`; the same seed gives the same model.

    Every class of a task counts the same, and every task as if all rows had it.
    """
    torch.manual_seed(seed)
    model = DeepWords(labels)
    for layer, weights in zip(model.layers, e5.last(LAYERS), strict=True):
        layer.load_state_dict(weights)
    model.train()
    groups = [(model.layers, LEARNING_RATE), (model.heads, HEAD_LEARNING_RATE)]
    optimizer = torch.optim.AdamW(
        [{"params": part.parameters(), "lr": rate} for part, rate in groups], weight_decay=DECAY
    )
    steps = epochs * -(-len(lesson.states) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [rate for _, rate in groups], steps, pct_start=0.15
    )
    balance = {task: _balance(lesson.targets[task], len(n)) for task, n in labels.items()}
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        for rows in _shuffled([len(s) for s in lesson.states], rng):
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(_padded([lesson.states[row] for row in rows]))
            loss = _loss(logits, {t: y[rows] for t, y in lesson.targets.items()}, balance)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return model.eval()


def save_deep(model: DeepWords, path: Path) -> None:
    """Keeps `model` in the safetensors file `path`, numbers in half precision."""
    kept = {name: weight.half().contiguous() for name, weight in model.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(kept, path, metadata={"labels": json.dumps(model.labels)})
    path.chmod(0o644)  # safetensors makes files that only their owner may read


def load_deep(path: Path) -> DeepWords:
    """What `save_deep` kept in `path`."""
    with safe_open(str(path), framework="pt") as file:
        model = DeepWords(json.loads(file.metadata()["labels"]))
        weights = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    model.load_state_dict(weights)
    return model.eval()


def _loss(
    logits: Mapping[str, Tensor],
    targets: Mapping[str, NDArray[np.int64]],
    balance: Mapping[str, tuple[Tensor, float]],
) -> Tensor:
    total = torch.zeros(())
    for task, scores in logits.items():
        weight, share = balance[task]
        lost = cross_entropy(
            scores.float(), torch.from_numpy(targets[task]), weight, reduction="none",
            ignore_index=UNASKED, label_smoothing=SMOOTHING,
        )  # fmt: skip
        total = total + lost.mean() / share
    return total / len(logits)


def _balance(targets: NDArray[np.int64], classes: int) -> tuple[Tensor, float]:
    """Weight of each class, and the share of rows that have the task at all."""
    asked = targets[targets != UNASKED]
    counts = np.bincount(asked, minlength=classes)
    weight = len(asked) / (classes * np.maximum(counts, 1))
    return torch.from_numpy(weight.astype(np.float32)), max(len(asked) / len(targets), 1e-6)


def _padded(states: Sequence[Floats]) -> Padded:
    return pad([Steps(torch.from_numpy(np.asarray(s, np.float32))) for s in states])


def _alike(lengths: Sequence[int], rows: Sequence[int]) -> Iterator[list[int]]:
    """Batches of `rows` of similar length."""
    ordered = sorted(rows, key=lambda row: lengths[row])
    yield from (ordered[at : at + BATCH] for at in range(0, len(ordered), BATCH))


def _shuffled(lengths: Sequence[int], rng: np.random.Generator) -> Iterator[list[int]]:
    """All rows in random batches whose rows are of similar length."""
    order = rng.permutation(len(lengths))
    pools = [order[at : at + 16 * BATCH].tolist() for at in range(0, len(order), 16 * BATCH)]
    batches = [batch for some in pools for batch in _alike(lengths, some)]
    yield from (batches[at] for at in rng.permutation(len(batches)))
