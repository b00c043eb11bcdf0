"""State: everything a killed training run needs to go on, in one file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from fusion.config import ConfigError


@dataclass(slots=True)
class Position:
    """Where a run stands; what a saved state holds beside weights."""

    stage: int = 0
    epoch: int = 0
    """Of the stage."""
    step: int = 0
    """Optimizer steps taken in this epoch."""
    total_steps: int = 0
    total_epochs: int = 0
    best: float = -1.0
    waited: int = 0
    """Epochs since the best."""
    history: list[dict[str, Any]] = field(default_factory=list)


def save_state(
    path: Path,
    identity: str,
    at: Position,
    step: nn.Module,
    optimizer: torch.optim.Optimizer,
    best: dict[str, Tensor],
) -> None:
    """Writes everything a run needs to go on, whole or not at all; `best` are its best weights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {
        "identity": identity, "position": asdict(at), "step": step.state_dict(),
        "optimizer": optimizer.state_dict(), "best": best,
    }  # fmt: skip
    unfinished = path.with_suffix(".part")
    torch.save(state, unfinished)
    unfinished.replace(path)


def load_state(path: Path, wanted: str) -> dict[str, Any] | None:
    """The saved state at `path`, None where there is none. ConfigError if of another recipe."""
    if not path.exists():
        return None
    # weights_only: a file that somebody else wrote cannot run code.
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    if state["identity"] != wanted:
        raise ConfigError(
            f"{path} is of another recipe or other data; name another `out`, or delete the file"
        )
    return state
