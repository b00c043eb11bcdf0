"""A softmax head over frozen features: fit, calibrate, keep in a file, serve."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from dialogue.types import Posterior

Floats = NDArray[np.float32]

TENSORS = ("weight", "bias", "centre")
BATCH = 64
LEARNING_RATE = 2e-3
TEMPERATURES = np.geomspace(0.3, 5.0, 60)


@dataclass(frozen=True, slots=True, eq=False)
class SoftmaxHead:
    """Class probabilities from unit-length, centred features."""

    labels: tuple[str, ...]
    weight: Floats
    """(classes, width)"""
    bias: Floats
    """(classes,)"""
    centre: Floats
    """(width,) mean of the unit-length training features."""
    scale: float
    """What centred features are multiplied with."""
    temperature: float = 1.0
    """Divides the logits; above 1 means less sure."""
    threshold: float = 0.0
    """Least probability of the best class at which an answer is given."""

    def logits(self, features: Floats) -> Floats:
        """(n, classes) before temperature, from (n, width) features."""
        return prepare(features, self.centre, self.scale) @ self.weight.T + self.bias

    def probabilities(self, features: Floats) -> Floats:
        """(n, classes) calibrated probabilities, from (n, width) features."""
        return softmax(self.logits(features) / self.temperature)


def load_head(path: Path) -> SoftmaxHead:
    """The head kept in the safetensors file `path`."""
    with safe_open(str(path), framework="numpy") as file:
        tensors = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
        notes = json.loads(file.metadata()["head"])
    return SoftmaxHead(labels=tuple(notes.pop("labels")), **tensors, **notes)


def save_head(head: SoftmaxHead, path: Path) -> None:
    """Keeps `head` in the safetensors file `path`, numbers in half precision."""
    # safetensors writes the memory as it lies: a column-ordered array would come back scrambled.
    tensors = {
        name: np.ascontiguousarray(getattr(head, name), dtype=np.float16) for name in TENSORS
    }
    notes: dict[str, Any] = {"labels": head.labels, "scale": head.scale}
    notes |= {"temperature": head.temperature, "threshold": head.threshold}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, str(path), metadata={"head": json.dumps(notes, ensure_ascii=False)})
    path.chmod(0o644)  # safetensors makes files that only their owner may read


def fit_head(
    features: Floats,
    targets: Sequence[str],
    *,
    labels: Sequence[str],
    scale: float = 30.0,
    decay: float = 0.1,
    epochs: int = 25,
    seed: int = 0,
) -> SoftmaxHead:
    """A head trained with AdamW on (n, width) `features`; the same seed gives the same head."""
    import torch  # a second that those who only serve a head do not wait

    centre = unit(features).mean(axis=0)
    x = torch.from_numpy(prepare(features, centre, scale))
    y = torch.tensor([labels.index(target) for target in targets])
    linear = torch.nn.Linear(x.shape[1], len(labels))
    torch.nn.init.zeros_(linear.weight)
    torch.nn.init.zeros_(linear.bias)
    optimizer = torch.optim.AdamW(linear.parameters(), lr=LEARNING_RATE, weight_decay=decay)
    order = torch.Generator().manual_seed(seed)
    steps = epochs * -(-len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(epochs):
        for rows in torch.split(torch.randperm(len(x), generator=order), BATCH):
            loss = torch.nn.functional.cross_entropy(linear(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    weight, bias = linear.weight.detach().numpy(), linear.bias.detach().numpy()
    return SoftmaxHead(tuple(labels), weight, bias, centre, scale)


def calibrate(head: SoftmaxHead, features: Floats, targets: Sequence[str]) -> SoftmaxHead:
    """`head` with the temperature that makes unseen `targets` most probable (Guo et al. 2017)."""
    return replace(head, temperature=best_temperature(head.logits(features), head.labels, targets))


def best_temperature(logits: Floats, labels: Sequence[str], targets: Sequence[str]) -> float:
    """The temperature under which `targets` are most probable."""
    rows = np.arange(len(targets))
    columns = np.array([labels.index(target) for target in targets])
    losses = [-np.log(softmax(logits / t)[rows, columns] + 1e-9).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def least_sure(best: Floats, right: NDArray[np.bool_], wanted: float) -> float:
    """The least probability above which the share `wanted` of the answers is right."""
    for least in np.arange(0.0, 0.95, 0.01):
        answered = right[best >= least]
        if not len(answered) or answered.mean() >= wanted:
            return float(least)
    return 0.95


def softmax(logits: Floats) -> Floats:
    """(n, classes) probabilities."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def unit(features: Floats) -> Floats:
    """`features` with every row of length one."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(lengths, 1e-9), dtype=np.float32)


def posterior(labels: Sequence[str], probabilities: Floats, n: int | None = None) -> Posterior:
    """The `n` most probable `labels` (all of them by default), most probable first."""
    best = np.argsort(-probabilities)[:n]
    return tuple((labels[int(i)], round(float(probabilities[i]), 4)) for i in best)


def prepare(features: Floats, centre: Floats, scale: float) -> Floats:
    """(n, width) what a head multiplies: unit length, centred, scaled."""
    return np.asarray((unit(features) - centre) * scale, dtype=np.float32)
