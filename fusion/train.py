"""Trains a fusion model: python -m fusion.train CONFIG, or torchrun -m fusion.train CONFIG.

Nothing random is remembered from one step to the next: order, variations, hidden modalities and
dropout are drawn from seeds made of epoch, row and step. A run that was killed therefore goes on,
from its last saved state, to exactly the weights it would have had.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from fusion.alignment import fineness
from fusion.checkpoint import FILE, Origin, load_checkpoint, revision, save_checkpoint
from fusion.config import ConfigError, ModelConfig
from fusion.data.augment import Augment
from fusion.data.collate import Batch, batches, collate
from fusion.data.dataset import MultiModalDataset
from fusion.data.manifest import fingerprint
from fusion.data.media import RowError
from fusion.data.prepared import PreparedRows
from fusion.evaluate import evaluate, flat_scores, predict
from fusion.losses import MultiModalLoss, distillation
from fusion.model import PARTS, FusionModel
from fusion.processes import World, agreed, join_world, leave_world, unshared, wrapped
from fusion.recipe import Recipe, Stage, class_counts, fit_model, identity, read_recipe
from fusion.settle import scale, set_temperatures, shares, temperatures
from fusion.state import Position, load_state, save_state

logger = logging.getLogger(__name__)

STATE = "state.pt"
RESULTS = "results.json"


class Step(nn.Module):
    """Model and loss as one module, so that all their gradients are shared between processes."""

    def __init__(self, model: FusionModel, loss: MultiModalLoss) -> None:
        super().__init__()
        self.model, self.loss = model, loss
        self.together = True
        """Whether modalities meet in this stage, or heads learn each by itself."""

    def forward(
        self, batch: Batch, taught: dict[str, Tensor], fine: float
    ) -> tuple[Tensor, dict[str, float]]:
        """The loss to minimise, and its parts; `taught` are a teacher's logits, if there is one."""
        output = self.model(batch.inputs, batch.quality, batch.answers)
        found = self.loss(output, batch.targets, batch.weight, fine, together=self.together)
        total = found.total
        for name, logits in taught.items():
            learned = distillation(output.logits[name], logits)
            total = total + self.loss.config.distil * learned
        return total, found.parts


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Everything that stays the same while a model is trained."""

    recipe: Recipe
    world: World
    step: Step
    rows: PreparedRows
    held_out: PreparedRows
    taught: list[dict[str, Tensor]]
    """A teacher's logits for each training row; empty where nobody teaches."""
    fingerprint: str
    """Of the training data."""
    identity: str
    """What must be the same for a saved state to fit."""
    board: Any
    """TensorBoard's writer, or None."""
    best: dict[str, Tensor] = field(default_factory=dict)
    """The model's best weights so far."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the recipe, trains, writes results.json and prints it."""
    parser = argparse.ArgumentParser(prog="python -m fusion.train", description=__doc__)
    parser.add_argument("config", type=Path, help="YAML or JSON; see docs/fusion.md")
    parser.add_argument("--skip-bad", action="store_true", help="leave unreadable rows out")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        results = train(read_recipe(options.config), skip_bad=options.skip_bad)
    except (ConfigError, RowError) as error:
        sys.exit(str(error))
    if results is not None:
        sys.stdout.write(json.dumps(results) + "\n")


def train(recipe: Recipe, *, skip_bad: bool = False) -> dict[str, Any] | None:
    """Trains to the end, from a saved state where there is one; results on the first process."""
    world = join_world(recipe.training.device)
    try:
        return _train(recipe, world, skip_bad=skip_bad)
    finally:
        leave_world()


def _train(recipe: Recipe, world: World, *, skip_bad: bool) -> dict[str, Any] | None:
    started = time.monotonic()
    # 1. Data, and the model that what is in them asks for.
    seen, unseen = _datasets(recipe)
    config, data = fit_model(recipe, seen, skip_bad=skip_bad), fingerprint(seen.rows)
    torch.manual_seed(recipe.seed)
    model = FusionModel(config).to(world.device)
    model.trunk.checkpointing = recipe.training.checkpointing
    loss = MultiModalLoss(config.tasks, recipe.loss, class_counts(config, seen)).to(world.device)
    rows = _read(seen, model, world, "training rows", skip_bad=skip_bad)
    run = Run(
        recipe, world, Step(model, loss), rows,
        _read(unseen, model, world, "validation rows", skip_bad=skip_bad),
        _teach(recipe, config, rows), data,
        json.dumps(identity(recipe, config, data), default=str), _board(recipe, world),
    )  # fmt: skip
    # 2. Where an earlier run of the same recipe stopped.
    state = load_state(recipe.out / STATE, run.identity)
    at = Position(**state["position"]) if state else Position()
    if state:
        run.step.load_state_dict(state["step"])
        run.best.update(state["best"])
    # 3. Stage by stage.
    for number in range(at.stage, len(recipe.stages)):
        _stage(run, at, state["optimizer"] if state else None)
        at.stage, at.epoch, at.step, at.waited, state = number + 1, 0, 0, 0, None
    if run.board is not None:
        run.board.close()
    # 4. Results.
    return _results(run, at, time.monotonic() - started) if world.first else None


def _stage(run: Run, at: Position, optimizer_state: dict[str, Any] | None) -> None:
    """Trains the parts that the stage at hand thaws, for its epochs or until nothing improves.

    It begins with the best weights of the stage before, and a residual model's are settled at its
    end.
    """
    stage, training = run.recipe.stages[at.stage], run.recipe.training
    if not at.epoch and not at.step and run.best:
        run.step.model.load_state_dict(run.best)
    optimizer = _optimizer(run.step, stage, run.recipe)
    if optimizer_state:
        optimizer.load_state_dict(optimizer_state)
    shared = wrapped(run.step, run.world)

    def keep() -> None:
        if run.world.first:
            path = run.recipe.out / STATE
            save_state(path, run.identity, at, run.step, optimizer, run.best)

    while at.epoch < stage.epochs:
        for losses in _epoch(run, shared, optimizer, at):
            _note(run.board, losses, at.total_steps)
            if at.total_steps % training.save_every == 0:
                keep()
        _score(run, at)
        if at.waited >= training.patience:
            at.epoch = stage.epochs
        keep()
    if run.step.model.config.join == "residual":
        _settle(run, at)


def _settle(run: Run, at: Position) -> None:
    """Gives the best weights the temperatures and the share of correction that validation rows ask.

    A run that is killed here does it again, from the weights before.
    """
    model, world = run.step.model, run.world
    model.load_state_dict(run.best)
    if "heads" in run.recipe.stages[at.stage].parts:
        set_temperatures(model, agreed(temperatures(model, run.held_out), world))
    if run.step.together:
        scale(model, agreed(shares(model, run.held_out), world))
    named = flat_scores(agreed(evaluate(model, run.held_out), world))
    at.best = named["score"]
    logger.info("settled: score %.4f", at.best)
    _keep_best(run, at, named)


def _epoch(
    run: Run, shared: nn.Module, optimizer: torch.optim.Optimizer, at: Position
) -> Iterator[dict[str, float]]:
    """Takes the epoch's remaining optimizer steps, and yields the mean loss parts of each."""
    stage = run.recipe.stages[at.stage]
    run.rows.dataset.epoch = at.total_epochs
    plan = _plan(run, at.total_epochs)
    left = range(at.step, len(plan))
    shared.train()
    for part in PARTS:  # what stands still answers as it will be asked
        getattr(run.step.model, part).train(part in stage.parts)
    for number in _shown(left, f"epoch {at.total_epochs + 1}", run.world):
        progress = (at.epoch + number / len(plan)) / stage.epochs
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(progress, stage.learning_rate, run.recipe.training.warmup)
        parts = _optimize(run, shared, optimizer, plan[number], progress, at.total_steps)
        at.step, at.total_steps = number + 1, at.total_steps + 1
        yield parts


def _optimize(
    run: Run, shared: nn.Module, optimizer: torch.optim.Optimizer,
    group: Sequence[Sequence[int]], progress: float, step: int,
) -> dict[str, float]:  # fmt: skip
    """One optimizer step over a group of accumulated batches."""
    optimizer.zero_grad(set_to_none=True)
    sums: dict[str, float] = {}
    for number, indices in enumerate(group):
        torch.manual_seed(_seed(run.recipe.seed, step, number, run.world.rank))
        batch, taught = _batch(run, indices)
        with _precision(run), unshared(shared, share=number == len(group) - 1):
            total, parts = shared(batch, taught, fineness(progress))
            (total / len(group)).backward()
        for name, value in {"loss": float(total.detach()), **parts}.items():
            sums[name] = sums.get(name, 0.0) + value / len(group)
    trained = [p for p in shared.parameters() if p.requires_grad]
    clip_grad_norm_(trained, run.recipe.training.clip)
    optimizer.step()
    return sums


def _batch(run: Run, indices: Sequence[int]) -> tuple[Batch, dict[str, Tensor]]:
    """The rows with some modalities hidden, and what a teacher says who sees them whole."""
    share, rows = run.recipe.training.modality_dropout, run.rows.take(indices)
    hidden = [run.rows.hidden(i, row, share) for i, row in zip(indices, rows, strict=True)]
    batch = collate(rows, list(run.recipe.modalities), hidden)
    taught = {
        name: torch.stack([run.taught[i][name] for i in indices]).to(run.world.device)
        for name in (run.taught[0] if run.taught else ())
    }
    return batch.to(run.world.device), taught


def _plan(run: Run, epoch: int) -> list[list[list[int]]]:
    """This process's optimizer steps: groups of batches of row numbers."""
    rng = random.Random(f"{run.recipe.seed}/plan/{epoch}")  # noqa: S311 - not for secrets
    found = batches(run.rows.lengths, run.recipe.training.most_steps, rng)
    # Every process takes as many batches as the others, or they would wait for each other for ever.
    while len(found) % run.world.size:
        found.append(found[rng.randrange(len(found))])
    own = found[run.world.rank :: run.world.size]
    n = run.recipe.training.accumulate
    return [own[i : i + n] for i in range(0, len(own), n)]


def learning_rate(progress: float, highest: float, warmup: float) -> float:
    """Rises in a line over `warmup`, then falls as half a cosine, over a stage from 0 to 1."""
    if progress < warmup:
        return highest * (progress + 1e-3) / (warmup + 1e-3)
    return highest * 0.5 * (1 + math.cos(math.pi * (progress - warmup) / max(1e-9, 1 - warmup)))


def _score(run: Run, at: Position) -> None:
    """Scores an epoch on the validation rows and keeps the weights if they are the best so far."""
    model = run.step.model
    named = flat_scores(agreed(evaluate(model, run.held_out), run.world))
    better = named["score"] > at.best
    at.best, at.waited = max(at.best, named["score"]), 0 if better else at.waited + 1
    at.history.append({"stage": at.stage, "steps": at.total_steps, **named})
    at.epoch, at.step, at.total_epochs = at.epoch + 1, 0, at.total_epochs + 1
    _note(run.board, {f"validation/{name}": s for name, s in named.items()}, at.total_steps)
    if run.world.first:
        logger.info("epoch %d: score %.4f%s", at.total_epochs, named["score"], " *" * better)
    if better:
        _keep_best(run, at, named)


def _keep_best(run: Run, at: Position, named: dict[str, float]) -> None:
    model = run.step.model
    run.best.update({name: value.detach().clone() for name, value in model.state_dict().items()})
    if run.world.first:
        origin = Origin(run.fingerprint, revision(), at.total_steps, named)
        save_checkpoint(model, run.recipe.out / FILE, origin)


def _results(run: Run, at: Position, seconds: float) -> dict[str, Any]:
    path = run.recipe.out / FILE
    best = load_checkpoint(path).origin
    results = {
        "checkpoint": str(path), "scores": best.scores, "step": best.step, "data": best.data,
        "revision": best.revision, "rows": len(run.rows), "validation_rows": len(run.held_out),
        "skipped": len(run.rows.bad) + len(run.held_out.bad), "steps": at.total_steps,
        "parameters": sum(p.numel() for p in run.step.model.parameters()),
        "processes": run.world.size, "seconds": round(seconds, 1), "history": at.history,
    }  # fmt: skip
    written = json.dumps(results, indent=2) + "\n"
    (run.recipe.out / RESULTS).write_text(written, encoding="utf-8")
    return results


def _datasets(recipe: Recipe) -> tuple[MultiModalDataset, MultiModalDataset]:
    names, tasks = list(recipe.modalities), list(recipe.tasks)
    vary = Augment(recipe.data.augment) if recipe.data.augment else None
    open_manifest = MultiModalDataset.from_manifest
    return (
        open_manifest(
            recipe.data.train, names, tasks, recipe.data.alignment, vary, seed=recipe.seed
        ),
        open_manifest(recipe.data.validation, names, tasks, recipe.data.alignment),
    )


def _read(
    dataset: MultiModalDataset, model: FusionModel, world: World, what: str, *, skip_bad: bool
) -> PreparedRows:
    rows = PreparedRows(dataset, model.encoders, model.config.tasks)  # type: ignore[arg-type]
    rows.read(_shown(range(len(dataset)), what, world), skip_bad=skip_bad)
    return rows


def _shown(numbers: range, what: str, world: World) -> Iterable[int]:
    """The numbers, with a progress bar on a terminal."""
    silent = not (world.first and sys.stderr.isatty())
    return track(numbers, what, console=Console(stderr=True), disable=silent)


def _teach(recipe: Recipe, config: ModelConfig, rows: PreparedRows) -> list[dict[str, Tensor]]:
    """The teacher's logits for each training row, with all the modalities that the teacher has."""
    if recipe.teacher is None:
        return []
    teacher = load_checkpoint(recipe.teacher).model
    common = [
        name for name, task in config.tasks.items() if task.exclusive and name in teacher.tasks
    ]
    for name in common:
        if teacher.config.tasks[name].labels != config.tasks[name].labels:
            raise ConfigError(f"the teacher's labels of {name} differ from the student's")
    whole = MultiModalDataset.from_manifest(
        recipe.data.train, teacher.modalities, (), recipe.data.alignment
    )
    numbers = {row.place: number for number, row in enumerate(whole.rows)}
    seen = PreparedRows(whole, teacher.encoders, {})  # type: ignore[arg-type]
    places = [numbers[rows.dataset.rows[i].place] for i in rows.places]
    seen.read(places, skip_bad=False)
    logits = predict(teacher, seen, range(len(seen)), set(teacher.modalities)).logits
    return [{name: logits[name][i] for name in common} for i in range(len(seen))]


def _optimizer(step: Step, stage: Stage, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW over the parts that this stage thaws; the others stand still."""
    for part in PARTS:
        module: nn.Module = getattr(step.model, part)
        module.requires_grad_(part in stage.parts)
    step.together = bool({"cross", "gate"} & set(stage.parts))
    learned = recipe.loss.weighting == "uncertainty"
    step.loss.log_variance.requires_grad_(learned)
    trained = [p for p in step.parameters() if p.requires_grad]
    return torch.optim.AdamW(
        trained, stage.learning_rate, weight_decay=recipe.training.weight_decay
    )


def _precision(run: Run) -> AbstractContextManager[Any]:
    wanted, device = run.recipe.training.precision, run.world.device.type
    if wanted == "fp32" or (wanted == "auto" and device != "cuda"):
        return nullcontext()
    return torch.autocast(device, torch.bfloat16)


def _seed(*parts: int) -> int:
    return random.Random("/".join(map(str, parts))).getrandbits(63)  # noqa: S311 - not for secrets


def _board(recipe: Recipe, world: World) -> Any:
    if not (recipe.training.tensorboard and world.first):
        return None
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ConfigError("tensorboard is missing: pip install -e '.[training]'") from error
    return SummaryWriter(str(recipe.out / "tensorboard"))


def _note(board: Any, values: dict[str, float], step: int) -> None:
    for name, value in values.items() if board is not None else ():
        board.add_scalar(name, value, step)


if __name__ == "__main__":
    main()
