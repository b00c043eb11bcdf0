"""Padded: sequences of different lengths side by side, with a mask and times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool1d, max_pool2d

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
    there = batch.mask[..., None].to(batch.values.dtype)
    # Two means over the same windows: whatever a window at the end divides by cancels out.
    share = _windows(avg_pool1d, there, stride)
    values = _windows(avg_pool1d, batch.values * there, stride) / share.clamp(min=1e-6)
    start, end = batch.times.nan_to_num(nan=torch.inf), batch.times.nan_to_num(nan=-torch.inf)
    spans = torch.stack(
        [-_windows(_highest, -start, stride)[..., 0], _windows(_highest, end, stride)[..., 1]],
        dim=-1,
    )
    mask = share[..., 0] > 0
    return Padded(values * mask[..., None], mask, spans.where(spans.isfinite(), NAN))


def _windows(reduce: Callable[..., Tensor], values: Tensor, stride: int) -> Tensor:
    """(batch, windows, width) of (batch, time, width); the last window may be short."""
    return reduce(values.transpose(1, 2), stride, stride, ceil_mode=True).transpose(1, 2)


def _highest(values: Tensor, window: int, stride: int, *, ceil_mode: bool) -> Tensor:
    # As a picture of one row: the exporter takes the length for a constant in max_pool1d.
    return max_pool2d(values[:, :, None], (1, window), (1, stride), ceil_mode=ceil_mode)[:, :, 0]


def join(batches: Sequence[Padded]) -> Padded:
    """Several modalities' tokens of one width, one after another in time."""
    return Padded(
        torch.cat([b.values for b in batches], dim=1),
        torch.cat([b.mask for b in batches], dim=1),
        torch.cat([b.times for b in batches], dim=1),
    )
