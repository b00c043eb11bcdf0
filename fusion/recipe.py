"""Recipe: everything that decides how a model is trained, read from one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import torch

from fusion.config import ConfigError, ModelConfig, load_mapping, model_config, plain, read
from fusion.data.dataset import MultiModalDataset, Strategy
from fusion.encoders import fit_options
from fusion.losses import LossConfig
from fusion.model import PARTS

Precision = Literal["auto", "fp32", "bf16"]


@dataclass(frozen=True, slots=True)
class DataConfig:
    """What to learn from."""

    train: Path
    validation: Path
    alignment: Strategy = "clip_level"
    augment: tuple[str, ...] = ()
    """Modalities to vary anew each epoch: text, image, audio."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of training in which some parts learn."""

    epochs: int
    parts: tuple[str, ...] = PARTS
    learning_rate: float = 3e-4

    def __post_init__(self) -> None:
        unknown = sorted(set(self.parts) - set(PARTS))
        if unknown:
            listed = ", ".join(PARTS)
            raise ConfigError(f"unknown part {', '.join(unknown)}; choose from: {listed}")


@dataclass(frozen=True, slots=True)
class Training:
    """How steps are taken."""

    most_steps: int = 4096
    """Padded time steps of the longest modality in one batch: long rows make small batches."""
    accumulate: int = 1
    """Batches to one optimizer step."""
    modality_dropout: float = 0.2
    """Probability that a modality is hidden from a training row; one always stays."""
    warmup: float = 0.1
    """Share of a stage in which the learning rate rises; afterwards it falls as a cosine."""
    weight_decay: float = 0.01
    clip: float = 1.0
    """Largest norm of the gradient."""
    patience: int = 5
    """Epochs without a better validation score after which a stage ends."""
    precision: Precision = "auto"
    """"auto" is bf16 on a GPU and fp32 elsewhere."""
    checkpointing: bool = False
    """Compute the trunk's activations twice instead of keeping them."""
    save_every: int = 50
    """Optimizer steps between saved states."""
    tensorboard: bool = False
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A training run."""

    out: Path
    data: DataConfig
    modalities: dict[str, dict[str, Any]]
    tasks: dict[str, dict[str, Any]]
    model: dict[str, Any] = field(default_factory=dict)
    """Width, layers and the like; see `fusion.config.ModelConfig`."""
    loss: LossConfig = field(default_factory=LossConfig)
    stages: tuple[Stage, ...] = (Stage(20),)
    """One after another; a single stage of all parts trains jointly."""
    training: Training = Training()
    teacher: Path | None = None
    """A checkpoint with the same tasks whose answers to whole rows are learned from as well."""
    seed: int = 0


STAGED = {
    "residual": (
        {"epochs": 15, "parts": ["encoders", "trunk", "heads"]},
        {"epochs": 15, "parts": ["cross", "gate"]},
    ),
    "gated": (
        {"epochs": 5, "parts": ["encoders", "heads"]},
        {"epochs": 10, "parts": ["trunk", "cross", "gate", "heads"]},
        {"epochs": 5, "parts": ["heads"], "learning_rate": 1e-4},
    ),
}
"""What `stages: staged` stands for: what each modality knows first, then what they know together.

It is the default of a residual model, whose heads would otherwise starve each other.
"""


def read_recipe(source: Mapping[str, Any] | Path | str) -> Recipe:
    """The recipe in a mapping or a YAML or JSON file; its paths are relative to the file."""
    given, folder = load_mapping(source), Path()
    if not isinstance(source, Mapping):
        folder = Path(source).parent
    join = dict(given.get("model", {})).get("join", "residual")
    if given.get("stages") == "staged" or (join == "residual" and "stages" not in given):
        given["stages"] = list(STAGED.get(join, ()))
    parts: dict[str, type[Any]] = {"data": DataConfig, "loss": LossConfig, "training": Training}
    for name, kind in parts.items():
        if name in given:
            given[name] = read(kind, _mapping(given[name], name), name)
    if "stages" in given:
        stages = [_mapping(each, "stages") for each in given["stages"]]
        given["stages"] = tuple(read(Stage, s, f"stages.{i}") for i, s in enumerate(stages))
    recipe = read(Recipe, given, "recipe")
    if unknown := [task for task in recipe.tasks if not isinstance(recipe.tasks[task], Mapping)]:
        raise ConfigError(f"tasks.{unknown[0]}: must be a mapping with a kind")
    return _beside(recipe, folder)


def fit_model(recipe: Recipe, train: MultiModalDataset, *, skip_bad: bool) -> ModelConfig:
    """The model's config with what is learned from training rows: words, labels, means."""
    modalities = {}
    for name, options in recipe.modalities.items():
        raws = train.values(name, skip_bad=skip_bad)
        modalities[name] = fit_options(name, options, raws)
    tasks = {name: _fit_task(name, dict(task), train) for name, task in recipe.tasks.items()}
    return model_config({**recipe.model, "modalities": modalities, "tasks": tasks}, "recipe")


def class_counts(config: ModelConfig, train: MultiModalDataset) -> dict[str, list[int]]:
    """How often each class occurs in training, for every classification."""
    found = {}
    for name, task in config.tasks.items():
        values = [str(row.targets[name]) for row in train.rows if name in row.targets]
        if task.exclusive:
            found[name] = [values.count(label) for label in task.labels]
    return found


def identity(recipe: Recipe, config: ModelConfig, data: str) -> dict[str, Any]:
    """What must be the same for a run to go on: recipe, fitted model, and data."""
    shown = asdict(recipe) | {"model": plain(config), "data_fingerprint": data}
    # A run may move to another folder or machine.
    return {name: value for name, value in shown.items() if name not in ("out", "data")}


def _fit_task(name: str, task: dict[str, Any], train: MultiModalDataset) -> dict[str, Any]:
    values = [row.targets[name] for row in train.rows if name in row.targets]
    if task.get("kind") == "regression":
        if not all(isinstance(v, int | float) for v in values):
            raise ConfigError(f"tasks.{name}: not all training values are numbers")
        numbers = torch.tensor([float(v) for v in values], dtype=torch.float64)
        deviation = float(numbers.std(correction=0).clamp(min=1e-6))
        return {"mean": float(numbers.mean()), "deviation": deviation} | task
    each = [v for value in values for v in (value if isinstance(value, list) else [value])]
    return {"labels": sorted({str(v) for v in each})} | task


def _mapping(given: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise ConfigError(f"{where}: must be a mapping, not {given!r}")
    return given


def _beside(recipe: Recipe, folder: Path) -> Recipe:
    data = recipe.data
    data = replace(data, train=folder / data.train, validation=folder / data.validation)
    teacher = folder / recipe.teacher if recipe.teacher else None
    return replace(recipe, out=folder / recipe.out, data=data, teacher=teacher)
