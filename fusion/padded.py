"""Padded: sequences of different lengths side by side, with a mask and times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

NAN = float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """One sequence: what an encoder makes of one raw value, before any trained weight."""

    values: Tensor
    """(time, …)"""
    times: Tensor | None = None
    """(time, 2) start and end of each step in seconds; None where steps have no place in time."""


@dataclass(frozen=True, slots=True, eq=False)
class Padded:
    """A batch of sequences."""

    values: Tensor
    """(batch, time, …), zeros where nothing is."""
    mask: Tensor
    """(batch, time) True where something is; no True in a row that lacks the modality."""
    times: Tensor
    """(batch, time, 2) start and end in seconds; NaN where unknown."""

    @property
    def present(self) -> Tensor:
        """(batch,) whether the row has anything at all."""
        return self.mask.any(dim=1)

    def to(self, device: torch.device | str) -> Padded:
        """The same on `device`."""
        return Padded(self.values.to(device), self.mask.to(device), self.times.to(device))


def pad(rows: Sequence[Steps | None]) -> Padded:
    """The rows as one batch; None is a missing row. ValueError when all are missing."""
    some = [row for row in rows if row is not None]
    if not some:
        raise ValueError("no row has this modality; leave it out of the batch")
    length = max(1, *(len(row.values) for row in some))
    shape, kind = some[0].values.shape[1:], some[0].values.dtype
    values = torch.zeros(len(rows), length, *shape, dtype=kind)
    mask = torch.zeros(len(rows), length, dtype=torch.bool)
    times = torch.full((len(rows), length, 2), NAN)
    for i, row in enumerate(rows):
        if row is not None:
            n = len(row.values)
            values[i, :n] = row.values
            mask[i, :n] = True
            if row.times is not None:
                times[i, :n] = row.times
    return Padded(values, mask, times)


def pool(batch: Padded, stride: int) -> Padded:
    """Means over `stride` steps that are there; a step is there if one of its parts is."""
    rest = -batch.mask.shape[1] % stride
    padded = torch.nn.functional.pad
    mask = padded(batch.mask, (0, rest)).unflatten(1, (-1, stride))
    values = padded(batch.values, (0, 0, 0, rest)).unflatten(1, (-1, stride))
    count = mask.sum(dim=2).clamp(min=1)[..., None]
    mean = (values * mask[..., None]).sum(dim=2) / count
    times = padded(batch.times, (0, 0, 0, rest), value=NAN).unflatten(1, (-1, stride))
    known = ~times.isnan()
    start = torch.where(known, times, torch.inf)[..., 0].amin(dim=2)
    end = torch.where(known, times, -torch.inf)[..., 1].amax(dim=2)
    spans = torch.stack([start, end], dim=-1)
    return Padded(mean, mask.any(dim=2), torch.where(spans.isinf(), NAN, spans))


def join(batches: Sequence[Padded]) -> Padded:
    """Several modalities' tokens of one width, one after another in time."""
    return Padded(
        torch.cat([b.values for b in batches], dim=1),
        torch.cat([b.mask for b in batches], dim=1),
        torch.cat([b.times for b in batches], dim=1),
    )
