"""Config: what a fusion model is made of, read strictly from a mapping or a YAML or JSON file."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_type_hints

import yaml
from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")

Kind = Literal["classification", "regression", "multilabel"]
Join = Literal["residual", "gated"]


class ConfigError(ValueError):
    """A configuration that cannot be followed; the message says where and what would be valid."""


@dataclass(frozen=True, slots=True)
class TaskConfig:
    """One question that the model answers."""

    kind: Kind
    labels: tuple[str, ...] = ()
    """Classes; none for regression."""
    weight: float = 1.0
    """Of this task's loss where weights are fixed."""
    mean: float = 0.0
    """Of a regression's training targets: the head answers in deviations from it."""
    deviation: float = 1.0

    def __post_init__(self) -> None:
        if self.kind == "regression" and self.labels:
            raise ConfigError("a regression task has no labels")
        if self.kind != "regression" and len(self.labels) < (2 if self.exclusive else 1):
            raise ConfigError(f"a {self.kind} task needs labels; got {list(self.labels)}")
        if len(set(self.labels)) < len(self.labels):
            raise ConfigError(f"labels are listed twice: {sorted(self.labels)}")

    @property
    def exclusive(self) -> bool:
        """Whether exactly one label is right."""
        return self.kind == "classification"

    @property
    def outputs(self) -> int:
        """Numbers that the head gives."""
        return len(self.labels) or 1


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The shape of a model."""

    modalities: dict[str, dict[str, Any]]
    """Options of each modality's encoder, by name."""
    tasks: dict[str, TaskConfig]
    width: int = 128
    """Numbers per token inside the model."""
    layers: int = 2
    """Blocks of the trunk."""
    cross_layers: int = 1
    """Blocks in which all modalities attend to each other."""
    heads: int = 4
    """Of attention."""
    dropout: float = 0.1
    shared_trunk: bool = True
    """One trunk for all modalities; false gives each its own."""
    join: Join = "residual"
    """A head for each modality, averaged and corrected, or one head over a gated sum."""

    def __post_init__(self) -> None:
        if not self.modalities or not self.tasks:
            raise ConfigError("a model needs at least one modality and one task")
        if self.width % (2 * self.heads):
            raise ConfigError(f"width {self.width} is no multiple of twice {self.heads} heads")


def load_mapping(source: Mapping[str, Any] | Path | str) -> dict[str, Any]:
    """`source` itself, or what the YAML or JSON file of that name holds. ConfigError if neither."""
    if isinstance(source, Mapping):
        return dict(source)
    path = Path(source)
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: holds no mapping of keys to values")
    return found


def read(kind: type[T], given: Mapping[str, Any], where: str) -> T:
    """A `kind` (a dataclass) from `given`. ConfigError names the key and lists the valid ones."""
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    check_names(given, known, where, "key")
    needed = [
        name
        for name, f in known.items()
        if name not in given and f.default is MISSING and f.default_factory is MISSING
    ]
    if needed:
        raise ConfigError(f"{where}: missing {', '.join(needed)}")
    types = get_type_hints(kind)
    return _made(
        kind,
        {name: _typed(types[name], value, where, name) for name, value in given.items()},
        where,
    )


def check_names(given: Collection[str], valid: Collection[str], where: str, what: str) -> None:
    """ConfigError where `given` holds a name that is not `valid`."""
    unknown = sorted(str(name) for name in given if name not in valid)
    if unknown:
        listed = ", ".join(map(str, valid))
        raise ConfigError(f"{where}: unknown {what} {', '.join(unknown)}; choose from: {listed}")


def options_of(build: Callable[..., Any]) -> list[str]:
    """The keyword options that `build` takes."""
    parameters = inspect.signature(build).parameters.values()
    return [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]


def model_config(given: Mapping[str, Any], where: str = "model") -> ModelConfig:
    """A model's shape from plain values, such as `plain` gives."""
    tasks = given.get("tasks")
    if not isinstance(tasks, Mapping):
        raise ConfigError(f"{where}: tasks must be a mapping of names to kinds and labels")
    read_tasks = {
        name: read(TaskConfig, task, f"{where}.tasks.{name}") for name, task in tasks.items()
    }
    return read(ModelConfig, {**given, "tasks": read_tasks}, where)


def plain(config: ModelConfig) -> dict[str, Any]:
    """`config` as JSON can hold it."""
    return asdict(config)


def _typed(kind: Any, value: Any, where: str, name: str) -> Any:
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ConfigError(f"{where}.{name}: {first['msg']}; got {value!r}") from error


def _made(kind: type[T], values: dict[str, Any], where: str) -> T:
    try:
        return kind(**values)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error
