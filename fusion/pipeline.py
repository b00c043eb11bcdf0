"""MultiModalPipeline: a trained model and everything around it, in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from fusion.checkpoint import Origin, load_checkpoint
from fusion.config import ConfigError, check_names, load_mapping, read
from fusion.data.collate import answer_tables, told
from fusion.data.measure import measured_quality
from fusion.data.media import RowError, open_raw
from fusion.device import choose_device
from fusion.heads import posterior
from fusion.model import FusionModel, FusionOutput
from fusion.padded import Padded, Steps, pad

Answers = Mapping[str, Mapping[str, Any]] | Sequence[Mapping[str, Mapping[str, Any]]]
"""What heads from elsewhere say, by modality, then task: of one input, or a list."""


@dataclass(frozen=True, slots=True)
class PipelineConfig:
    """What `from_pretrained` reads."""

    model_path: Path
    """A checkpoint, or the folder of one."""
    device: str = "auto"
    """"auto" takes CUDA where there is one; else any device of torch."""
    modality_config: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Options of encoders that differ from those in training, by modality."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model thinks about one task."""

    value: str | float | tuple[str, ...]
    """The best label, the regression's value, or all labels above a half."""
    posterior: tuple[tuple[str, float], ...]
    """(label, probability), most probable first; empty for a regression."""
    weights: tuple[tuple[str, float], ...]
    """How much each modality counted for this task; sums to 1."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the model thinks about one input."""

    tasks: dict[str, Answer]
    modality_weights: tuple[tuple[str, float], ...]
    """The mean over tasks."""
    cross_modal_attention: float
    """Share of attention that went from one modality to another: 0 with a single modality."""
    quality: tuple[tuple[str, float], ...]
    """What was given or measured, 0 to 1."""


class MultiModalPipeline:
    """Any subset of a model's modalities in, typed answers out. Thread-safe."""

    def __init__(self, model: FusionModel, origin: Origin, device: str = "auto") -> None:
        self.device = choose_device(device)
        self.model = model.eval().to(self.device)
        self.origin = origin

    @classmethod
    def from_pretrained(cls, config: Mapping[str, Any] | Path | str) -> MultiModalPipeline:
        """From a mapping or a YAML or JSON file with the keys of `PipelineConfig`."""
        given = read(PipelineConfig, load_mapping(config), "pipeline")
        found = load_checkpoint(given.model_path, given.modality_config)
        return cls(found.model, found.origin, given.device)

    def __call__(
        self,
        *,
        quality: Mapping[str, float | Sequence[float]] | None = None,
        answers: Answers | None = None,
        **inputs: Any,
    ) -> Result | list[Result]:
        """A result for single values, a list for lists of them (None where a row lacks one).

        `pipeline(text="…", image=path)` or `pipeline(text=["…", "…"], image=[picture, None])`.
        Quality from 0 to 1 is measured where it is not given. `answers` of heads from elsewhere
        are, by modality, then task, probabilities by label, as in a manifest; lists of them beside
        lists of inputs. ConfigError lists valid modalities.
        """
        check_names(inputs, self.model.modalities, "input", "modality")
        check_names(quality or {}, self.model.modalities, "quality", "modality")
        given = {name: raw for name, raw in inputs.items() if not _blank(raw)}
        if not given:
            raise ConfigError(f"nothing to read; give any of: {', '.join(self.model.modalities)}")
        batched = [isinstance(raw, list | tuple) for raw in given.values()]
        if any(batched) and not all(batched):
            raise ConfigError("give either a list for every modality or a single value for each")
        if not batched[0]:
            return self._rows({m: [raw] for m, raw in given.items()}, quality or {}, answers)[0]
        return self._rows({m: list(rows) for m, rows in given.items()}, quality or {}, answers)

    def _rows(
        self, inputs: dict[str, list[Any]], quality: Mapping[str, Any], answers: Answers | None
    ) -> list[Result]:
        count = _length(inputs)
        said = self._said(answers, count)
        raws = {
            name: [None if _blank(raw) else open_raw(name, raw) for raw in rows]
            for name, rows in inputs.items()
        }
        table = torch.ones(count, len(self.model.modalities))
        for column, name in enumerate(self.model.modalities):
            for row, raw in enumerate(raws.get(name, [])):
                if raw is not None:
                    table[row, column] = _given(quality, name, row, count, raw)
        empty = [i for i in range(count) if all(rows[i] is None for rows in raws.values())]
        if empty or not count:
            raise ConfigError(f"nothing to read in row {empty[0] if empty else 0}")
        with torch.inference_mode(), self._precision():
            output = self.model(self._batch(raws), table.to(self.device), said)
        return [self._result(output, table, i) for i in range(count)]

    def _said(self, answers: Answers | None, count: int) -> dict[str, torch.Tensor]:
        """The tables that a residual model reads `answers` from."""
        if not answers:
            return {}
        if self.model.config.join == "gated":
            raise ConfigError("a gated model takes no answers; train one with join: residual")
        rows = [answers] if isinstance(answers, Mapping) else list(answers)
        if len(rows) != count:
            raise ConfigError(f"answers: {len(rows)} for {count} rows")
        tasks, tables = self.model.config.tasks, []
        for number, row in enumerate(rows):
            check_names(row, self.model.modalities, "answers", "modality")
            for said in row.values():
                check_names(said, tasks, "answers", "task")
            try:
                tables.append(told(tasks, row, f"answers, row {number}"))
            except RowError as error:
                raise ConfigError(str(error)) from error
        made = answer_tables(tables, self.model.modalities)
        return {task: table.to(self.device) for task, table in made.items()}

    def _batch(self, raws: Mapping[str, Sequence[Any]]) -> dict[str, Padded]:
        batch = {}
        for name, rows in raws.items():
            steps = [self._steps(name, row, raw) for row, raw in enumerate(rows)]
            if any(each is not None for each in steps):
                batch[name] = pad(steps).to(self.device)
        return batch

    def _steps(self, name: str, row: int, raw: Any) -> Steps | None:
        if raw is None:
            return None
        try:
            return self.model.encoder(name).prepare(raw)
        except ValueError as error:
            raise ConfigError(f"{name}, row {row}: {error}") from error

    def _precision(self) -> AbstractContextManager[Any]:
        if self.device.type != "cuda":
            return nullcontext()
        return torch.autocast("cuda", torch.bfloat16)

    def _result(self, output: FusionOutput, quality: torch.Tensor, row: int) -> Result:
        weights = output.weights[row].float().cpu()
        here = [i for i, w in enumerate(weights.mean(dim=0).tolist()) if w > 0]
        names = self.model.modalities

        def named(values: torch.Tensor) -> tuple[tuple[str, float], ...]:
            return tuple((names[i], float(values[i])) for i in here)

        answers = {
            task: self._answer(output, task, row, named(weights[i]))
            for i, task in enumerate(self.model.tasks)
        }
        ratio = float(output.cross_modal[row])
        return Result(answers, named(weights.mean(dim=0)), ratio, named(quality[row]))

    def _answer(
        self, output: FusionOutput, name: str, row: int, weights: tuple[tuple[str, float], ...]
    ) -> Answer:
        task = self.model.config.tasks[name]
        p = posterior(output.logits[name][row : row + 1], task)[0].cpu().tolist()
        if task.kind == "regression":
            return Answer(p[0], (), weights)
        ranked = tuple(sorted(zip(task.labels, p, strict=True), key=lambda pair: -pair[1]))
        if task.exclusive:
            return Answer(ranked[0][0], ranked, weights)
        return Answer(tuple(label for label, each in ranked if each > 0.5), ranked, weights)


def _blank(raw: Any) -> bool:
    """Whether there is nothing to read, as in a manifest: None, or a text without a character."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


def _length(inputs: Mapping[str, Sequence[Any]]) -> int:
    lengths = {name: len(rows) for name, rows in inputs.items()}
    if len(set(lengths.values())) > 1:
        raise ConfigError(f"modalities of one batch differ in length: {lengths}")
    return next(iter(lengths.values()))


def _given(quality: Mapping[str, Any], name: str, row: int, count: int, raw: Any) -> float:
    if name not in quality:
        return measured_quality(name, raw)
    value = quality[name]
    if not isinstance(value, int | float):
        if len(value) != count:
            raise ConfigError(f"quality of {name}: {len(value)} values for {count} rows")
        value = value[row]
    if not 0 <= value <= 1:
        raise ConfigError(f"quality of {name} must lie between 0 and 1, not {value}")
    return float(value)
