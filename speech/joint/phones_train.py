"""Trains a PhoneReader: from the encoder states of recordings and the sounds of their words."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn
from torch.nn.functional import ctc_loss, gelu, log_softmax

from speech.joint.ctc import BLANK, best_path
from speech.joint.phones import KERNEL

WIDTH = 192
BATCH = 16
DROPOUT = 0.2
PEAK = 2e-3
"""Learning rate."""
MASKED = 8
"""Frames that are hidden in two places, at most (Park et al. 2019)."""


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """One recording as the recognizer's encoder sees it."""

    states: NDArray[np.float16]
    """(frames, width)."""
    phones: tuple[str, ...]


class PhoneNetwork(nn.Module):
    """Layer norm, a narrow layer and one convolution beside it, as `PhoneReader` reads them."""

    def __init__(self, states: int, phones: int, width: int = WIDTH) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(states)
        self.down = nn.Linear(states, width)
        self.conv = nn.Conv1d(width, width, KERNEL, padding=KERNEL // 2)
        self.out = nn.Linear(width, phones + 1)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """(batch, frames, phones + 1) ln P, the blank first, of `states` (batch, frames, width)."""
        hidden = self.drop(gelu(self.down(self.drop(self.norm(states)))))
        around = gelu(self.conv(hidden.transpose(1, 2)).transpose(1, 2))
        return log_softmax(self.out(hidden + self.drop(around)), dim=-1)


def train(
    utterances: Sequence[Utterance],
    epochs: int,
    seed: int = 0,
    told: Callable[[Iterator[int]], Iterator[int]] = iter,
    onto: Path | None = None,
) -> tuple[PhoneNetwork, list[str]]:
    """The network after `epochs` over `utterances`, and its phones. `told` may show progress.

    `onto` is a reader that goes on learning: its phones stay, others are left out.
    """
    torch.manual_seed(seed)
    chooser = random.Random(seed)  # noqa: S311
    network, phones = load(onto) if onto else _new(utterances)
    peak = PEAK / 2 if onto else PEAK
    optimizer = torch.optim.AdamW(network.parameters(), lr=peak, weight_decay=0.01)
    steps = epochs * -(-len(utterances) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=steps)
    number = {phone: n for n, phone in enumerate(phones, 1)}
    for _ in told(iter(range(epochs))):
        for batch in _batches(utterances, chooser):
            loss = _loss(network, batch, number, chooser)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            schedule.step()
    return network.eval(), phones


@torch.inference_mode()
def error_rate(network: PhoneNetwork, phones: list[str], utterances: Sequence[Utterance]) -> float:
    """Share of the true phones that the best path gets wrong, misses or has too many."""
    wrong = 0
    for each in utterances:
        frames = network(torch.from_numpy(each.states).float()[None])[0].numpy()
        wrong += _edits([phones[n - 1] for n in best_path(frames)], each.phones)
    return wrong / max(sum(len(each.phones) for each in utterances), 1)


def save(network: PhoneNetwork, phones: Sequence[str], path: Path) -> None:
    """Writes half-precision weights with the phones' names, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    halves = {name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}
    save_file(halves, partial, {"phones": " ".join(phones)})
    partial.replace(path)


def load(path: Path) -> tuple[PhoneNetwork, list[str]]:
    """The network that `save` wrote to `path`, ready to go on learning, and its phones."""
    with safe_open(path, "pt") as stored:
        phones = stored.metadata()["phones"].split(" ")
        weights = {name: stored.get_tensor(name).float() for name in stored.keys()}  # noqa: SIM118
    network = PhoneNetwork(weights["down.weight"].shape[1], len(phones), len(weights["down.bias"]))
    network.load_state_dict(weights)
    return network, phones


def _new(utterances: Sequence[Utterance]) -> tuple[PhoneNetwork, list[str]]:
    phones = sorted({phone for each in utterances for phone in each.phones})
    return PhoneNetwork(utterances[0].states.shape[1], len(phones)), phones


def _batches(
    utterances: Sequence[Utterance], chooser: random.Random
) -> Iterator[Sequence[Utterance]]:
    """Utterances of about the same length together, in random order."""
    order = sorted(utterances, key=lambda each: len(each.states) + chooser.random() * 20)
    starts = list(range(0, len(order), BATCH))
    chooser.shuffle(starts)
    for start in starts:
        yield order[start : start + BATCH]


def _loss(
    network: PhoneNetwork,
    batch: Sequence[Utterance],
    number: dict[str, int],
    chooser: random.Random,
) -> torch.Tensor:
    states = [_masked(torch.from_numpy(each.states).float(), chooser) for each in batch]
    frames = network(nn.utils.rnn.pad_sequence(states, batch_first=True)).transpose(0, 1)
    targets = [torch.tensor([number[p] for p in each.phones if p in number]) for each in batch]
    return ctc_loss(
        frames,
        torch.cat(targets),
        torch.tensor([len(each) for each in states]),
        torch.tensor([len(each) for each in targets]),
        blank=BLANK,
        zero_infinity=True,
    )


def _masked(states: torch.Tensor, chooser: random.Random) -> torch.Tensor:
    for _ in range(2):
        length = chooser.randint(0, MASKED)
        start = chooser.randint(0, max(1, len(states) - length))
        states[start : start + length] = 0.0
    return states


def _edits(heard: Sequence[str], said: Sequence[str]) -> int:
    row = list(range(len(said) + 1))
    for n, phone in enumerate(heard, 1):
        before, row[0] = row[0], n
        for m, other in enumerate(said, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (phone != other))
    return row[-1]
