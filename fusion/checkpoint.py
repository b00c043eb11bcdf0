"""Checkpoint: one safetensors file that explains itself: weights, config, vocabulary, origin."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from fusion.config import ConfigError, model_config, plain
from fusion.model import FusionModel

FILE = "model.safetensors"
FORMAT = "lingxi-fusion-1"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where weights come from."""

    data: str = ""
    """Fingerprint of the training data."""
    revision: str = ""
    """Of the code in git, `+` where it had changes."""
    step: int = 0
    """Optimizer steps taken."""
    scores: dict[str, float] = field(default_factory=dict)
    """On the validation data, which also chose the step."""


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A model and what is known about it."""

    model: FusionModel
    origin: Origin


def save_checkpoint(model: FusionModel, path: Path, origin: Origin) -> None:
    """Writes `path`, whole or not at all. Frozen extractors are named in the config, not stored."""
    tensors = {
        name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()
    }
    notes = {
        "format": FORMAT,
        "config": json.dumps(plain(model.config), ensure_ascii=False),
        "origin": json.dumps(asdict(origin)),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    save_file(tensors, unfinished, notes)
    unfinished.chmod(0o644)  # safetensors makes files that only their owner may read
    unfinished.replace(path)


def load_checkpoint(
    path: Path, overrides: Mapping[str, Mapping[str, Any]] | None = None
) -> Checkpoint:
    """The checkpoint at `path`, a file or the folder of one; `overrides` by modality.

    ConfigError where there is none, where it is something else, or where weights do not fit.
    """
    path = path / FILE if path.is_dir() else path
    tensors, notes = _read(path)
    # Written before there was a choice.
    given = {"join": "gated"} | json.loads(notes["config"])
    for modality, options in (overrides or {}).items():
        if modality not in given["modalities"]:
            listed = ", ".join(given["modalities"])
            raise ConfigError(f"unknown modality {modality}; {path} has: {listed}")
        given["modalities"][modality] |= options
    model = FusionModel(model_config(given, str(path)))
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise ConfigError(f"{path}: the weights do not fit the configuration: {error}") from error
    return Checkpoint(model.eval(), Origin(**json.loads(notes["origin"])))


@cache
def revision() -> str:
    """The git revision of this code, `+` where it has changes; "" outside a repository."""
    here = Path(__file__).parent
    try:
        found = _git(here, "rev-parse", "--short=12", "HEAD")
        changed = _git(here, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found + "+" * bool(changed)


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(  # noqa: S603 - no word comes from outside
        ["git", "-C", str(folder), *words],  # noqa: S607
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def _read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    try:
        with safe_open(str(path), framework="pt") as file:
            notes = file.metadata() or {}
            if notes.get("format") != FORMAT:
                raise ConfigError(f"{path} is a safetensors file, but no {FORMAT} checkpoint")
            return {name: file.get_tensor(name) for name in file.keys()}, notes  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise ConfigError(
            f"{path} is not a fusion checkpoint ({error}); python -m fusion.train makes one"
        ) from error
