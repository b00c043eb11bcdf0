"""Device: where a model computes."""

from __future__ import annotations

import torch

from fusion.config import ConfigError


def choose_device(wanted: str) -> torch.device:
    """CUDA where there is one for "auto", else the device of that name; ConfigError without it."""
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(f"device {wanted!r} is not here ({error}); choose auto or cpu") from error
    return device
