"""Processes that train together: who is among them, and which gradients they share."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from fusion.device import choose_device

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class World:
    """Who trains together."""

    rank: int
    size: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this process writes files."""
        return self.rank == 0


def join_world(device: str) -> World:
    """One process alone, or one of those that torchrun started."""
    here = choose_device(device)
    if "WORLD_SIZE" not in os.environ:
        return World(0, 1, here)
    distributed.init_process_group("nccl" if here.type == "cuda" else "gloo")
    if here.type == "cuda":
        here = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    return World(distributed.get_rank(), distributed.get_world_size(), here)


def leave_world() -> None:
    """Ends what `join_world` began."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


def agreed(value: T, world: World) -> T:
    """The first process's `value`: running means of batch norms differ between processes."""
    if world.size == 1:
        return value
    values = [value]
    distributed.broadcast_object_list(values)
    return values[0]


def wrapped(step: nn.Module, world: World) -> nn.Module:
    """`step`, sharing its gradients with the other processes."""
    if world.size == 1:
        return step
    # A batch may lack a modality, whose encoder then has no gradient to share.
    return DistributedDataParallel(step, find_unused_parameters=True)


def unshared(step: nn.Module, *, share: bool) -> AbstractContextManager[Any]:
    """Gradients stay in this process until the last of accumulated batches."""
    if share or not isinstance(step, DistributedDataParallel):
        return nullcontext()
    return step.no_sync()
