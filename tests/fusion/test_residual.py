"""The residual join starts as the average; one modality is its head; rows decide the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from fusion.checkpoint import FILE, Origin, load_checkpoint, save_checkpoint
from fusion.config import ConfigError, TaskConfig, model_config
from fusion.data import MultiModalDataset, RowError
from fusion.data.prepared import PreparedRows
from fusion.encoders import register_modality
from fusion.heads import posterior
from fusion.model import FusionModel
from fusion.padded import Padded, Steps, pad
from fusion.pipeline import MultiModalPipeline, Result
from fusion.recipe import read_recipe
from fusion.residual import averaged_logits
from fusion.settle import scale, set_temperatures, shares, temperatures
from fusion.train import train
from tests.fusion.corpus import recipe

LABELS = ["bad", "fair", "good"]
TASKS: dict[str, Any] = {
    "verdict": {"kind": "classification", "labels": LABELS},
    "tags": {"kind": "multilabel", "labels": ["worn", "wet"]},
    "size": {"kind": "regression", "mean": 5.0, "deviation": 2.0},
}


class Numbers(torch.nn.Module):
    """A vector as it is."""

    def __init__(self, width: int, *, size: int = 3) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(size, width)

    def prepare(self, raw: Any) -> Steps:
        return Steps(torch.as_tensor(np.asarray(raw, np.float32)).reshape(1, -1))

    def forward(self, batch: Padded) -> Padded:
        return Padded(self.layer(batch.values) * batch.mask[..., None], batch.mask, batch.times)


for _name in ("left", "right"):
    register_modality(_name, Numbers)


def model(tasks: dict[str, Any] | None = None, **changes: Any) -> FusionModel:
    torch.manual_seed(1)
    given = {"modalities": {"left": {}, "right": {}}, "tasks": tasks or TASKS} | changes
    return FusionModel(model_config(given | {"width": 8, "heads": 2, "layers": 1})).eval()


def batch(*names: str, rows: int = 5) -> dict[str, Padded]:
    chance = torch.Generator().manual_seed(3)
    made = {
        name: pad([Steps(torch.randn(1, 3, generator=chance)) for _ in range(rows)])
        for name in ("left", "right")
    }
    return {name: made[name] for name in names}


def stirred(built: FusionModel) -> FusionModel:
    """As after training: nothing that began at zero is there any more."""
    torch.manual_seed(2)
    with torch.no_grad():
        for part in (built.gate, built.cross):
            for value in part.parameters():
                value.add_(torch.randn_like(value))
    return built


def said(built: FusionModel, *names: str, quality: Any = None) -> dict[str, torch.Tensor]:
    logits = built(batch(*names), quality).logits
    return {name: posterior(logits[name], task) for name, task in built.config.tasks.items()}


def test_an_untrained_join_is_the_average_whatever_the_quality() -> None:
    built, quality = model(), torch.tensor([[0.9, 0.2]]).expand(5, 2)
    left, right, both = said(built, "left"), said(built, "right"), said(built, "left", "right")
    foggy = said(built, "left", "right", quality=quality)
    for name in TASKS:
        mean = (left[name] + right[name]) / 2
        assert not torch.allclose(left[name], right[name], atol=1e-3)
        assert torch.allclose(both[name], mean, atol=1e-5), name
        assert torch.allclose(foggy[name], mean, atol=1e-5), name


def test_one_modality_is_its_head_whatever_was_learned_of_several() -> None:
    before, after = model(), stirred(model())
    for name in ("left", "right"):
        alone, still = said(before, name), said(after, name)
        tokens = {name: before.trunk(name, before.encoders[name](batch(name)[name]))}
        _, own = before.heads(tokens)
        column = before.modalities.index(name)
        for task, config in before.config.tasks.items():
            head = posterior(own[task][:, column], config)
            assert torch.allclose(alone[task], head, atol=1e-5)
            assert torch.allclose(still[task], head, atol=1e-5)
    assert not torch.allclose(
        said(before, "left", "right")["verdict"], said(after, "left", "right")["verdict"], atol=0.01
    )


def test_a_row_with_one_modality_is_its_head_beside_rows_with_two() -> None:
    built = stirred(model())
    mixed = batch("left", "right")
    mixed["right"].mask[2] = False
    mixed["right"].values[2] = 0
    alone = said(built, "left")["verdict"][2]
    told = built(mixed).logits["verdict"].softmax(dim=1)
    assert torch.allclose(told[2], alone, atol=1e-5)


def test_weights_of_zero_leave_no_infinite_gradient() -> None:
    alone = torch.randn(1, 2, 3, requires_grad=True)
    averaged_logits(alone, torch.tensor([[1.0, 0.0]]), "classification").sum().backward()
    assert alone.grad is not None
    assert alone.grad.isfinite().all()


def test_heads_from_elsewhere_stand_in_the_place_of_the_own() -> None:
    built = model()
    set_temperatures(built, {"verdict": [1.0, 0.0]})  # the own head's, not theirs
    given = torch.full((5, 2, 3), float("nan"))
    given[:, 0] = torch.tensor([0.7, 0.2, 0.1])
    found = built(batch("left"), None, {"verdict": given}).logits["verdict"].softmax(dim=1)
    assert found.tolist() == [pytest.approx([0.7, 0.2, 0.1], abs=1e-4)] * 5
    other = said(built, "right")["verdict"]
    both = built(batch("left", "right"), None, {"verdict": given}).logits["verdict"].softmax(dim=1)
    assert torch.allclose(both, (other + torch.tensor([0.7, 0.2, 0.1])) / 2, atol=1e-4)


def rows(built: FusionModel, folder: Path, truth: Any, count: int = 60) -> PreparedRows:
    """Rows of noise whose verdict is `truth(number of the row)`."""
    chance, lines = np.random.default_rng(0), []
    for i in range(count):
        row: dict[str, Any] = {"size": 5.0, "tags": ["wet"]}
        for name in ("left", "right"):
            value = chance.standard_normal(3).astype(np.float32)
            np.save(folder / f"{name}-{i}.npy", value)
            row[name] = f"{name}-{i}.npy"
            row.setdefault("verdict", truth(i))
        lines.append(json.dumps(row))
    path = folder / "rows.jsonl"
    path.write_text("\n".join(lines))
    dataset = MultiModalDataset.from_manifest(path, built.modalities, built.tasks)
    made = PreparedRows(dataset, built.encoders, built.config.tasks)  # type: ignore[arg-type]
    made.read(range(count), skip_bad=False)
    return made


def test_what_harms_on_validation_rows_is_taken_back(tmp_path: Path) -> None:
    built, plain = stirred(model()), model()
    held_out = rows(built, tmp_path, lambda _: "good")
    with torch.no_grad():  # learned for good, and for bad
        tell: Any = built.cross.get_submodule("tell.verdict")
        tell.bias.copy_(torch.tensor([40.0, 0.0, 0.0]))
    chosen = shares(built, held_out)
    assert chosen["verdict"] == 0.0
    scale(built, chosen)
    both = ("left", "right")
    assert torch.allclose(said(built, *both)["verdict"], said(plain, *both)["verdict"], atol=1e-5)


def test_what_helps_on_validation_rows_stays(tmp_path: Path) -> None:
    built = model()
    held_out = rows(built, tmp_path, lambda _: "good")
    with torch.no_grad():
        tell: Any = built.cross.get_submodule("tell.verdict")
        tell.bias.copy_(torch.tensor([0.0, 0.0, 4.0]))
    assert shares(built, held_out) == {"verdict": 1.0, "tags": 0.0, "size": 0.0}


def test_a_head_that_is_too_sure_is_made_less_so(tmp_path: Path) -> None:
    built = model({"verdict": TASKS["verdict"]})
    held_out = rows(built, tmp_path, lambda i: LABELS[i % 3])
    before = said(built, "left")["verdict"].max(dim=1).values.mean()
    with torch.no_grad():
        for name in ("left", "right"):
            last: Any = built.heads.get_submodule(f"each.{name}.verdict.layers.4")
            last.weight.mul_(8)
    sure = said(built, "left")["verdict"].max(dim=1).values.mean()
    set_temperatures(built, temperatures(built, held_out))
    assert sure > before + 0.1
    assert said(built, "left")["verdict"].max(dim=1).values.mean() < sure - 0.1


def test_trained_by_stages_it_learns_and_can_be_asked_with_answers(tmp_path: Path) -> None:
    given = recipe(tmp_path, tasks={"verdict": {"kind": "classification"}})
    own, together = ("encoders", "trunk", "heads"), ("cross", "gate")
    default = read_recipe({name: value for name, value in given.items() if name != "stages"})
    assert [stage.parts for stage in default.stages] == [own, together]
    stages = [{"epochs": 12, "parts": own, "learning_rate": 0.02}, {"epochs": 3, "parts": together}]
    read = read_recipe(given | {"stages": stages})
    torch.set_num_threads(1)
    results = train(read)
    assert results is not None
    assert results["scores"]["verdict"] == 1.0
    pipeline = MultiModalPipeline.from_pretrained({"model_path": tmp_path / "out"})
    told = {"text": {"verdict": {"good": 0.9, "bad": 0.1}}}
    found = pipeline(text="a scratch", answers=told)
    assert isinstance(found, Result)
    assert found.tasks["verdict"].value == "good"
    with pytest.raises(ConfigError, match=r"unknown task mood; choose from: verdict"):
        pipeline(text="a scratch", answers={"text": {"mood": {}}})
    with pytest.raises(ConfigError, match=r"unknown label ok; choose from: bad, good"):
        pipeline(text="a scratch", answers={"text": {"verdict": {"ok": 1.0}}})


def test_answers_in_a_manifest_reach_the_batch_and_bad_ones_are_named(tmp_path: Path) -> None:
    row = {"left": "left.npy", "verdict": "bad", "answers": {"left": {"verdict": {"bad": 0.6}}}}
    np.save(tmp_path / "left.npy", np.zeros(3, np.float32))
    path = tmp_path / "rows.jsonl"
    built = model({"verdict": TASKS["verdict"]})

    def read() -> PreparedRows:
        path.write_text(json.dumps(row))
        dataset = MultiModalDataset.from_manifest(path, ["left"], ["verdict"])
        made = PreparedRows(dataset, built.encoders, built.config.tasks)  # type: ignore[arg-type]
        made.read(range(1), skip_bad=False)
        return made

    assert read()[0].answers["left"]["verdict"].tolist() == pytest.approx([0.6, 0.0, 0.0])
    row["answers"] = {"left": {"verdict": {"bad": 7}}}
    with pytest.raises(RowError, match=r"rows\.jsonl:1: verdict: probabilities lie between 0 and"):
        read()
    row["answers"] = {"left": {"verdict": "bad"}}
    with pytest.raises(RowError, match="must name probabilities by label"):
        read()


def test_a_checkpoint_from_before_there_was_a_choice_is_gated(tmp_path: Path) -> None:
    path = tmp_path / FILE
    save_checkpoint(model(join="gated"), path, Origin())
    with safe_open(str(path), framework="pt") as file:
        notes = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    config = json.loads(notes["config"])
    del config["join"]
    save_file(tensors, path, notes | {"config": json.dumps(config)})
    found = load_checkpoint(path).model
    assert found.config.join == "gated"
    with pytest.raises(ConfigError, match="a gated model takes no answers"):
        MultiModalPipeline(found, Origin())(left=np.zeros((1, 3)), answers={"left": {}})


def test_few_rows_set_no_temperature(tmp_path: Path) -> None:
    built = model({"verdict": TASKS["verdict"]})
    held_out = rows(built, tmp_path, lambda _: "bad", count=9)
    assert temperatures(built, held_out) == {"verdict": [0.0, 0.0]}


def test_an_unknown_join_lists_what_there_is() -> None:
    with pytest.raises(ConfigError, match="'residual' or 'gated'"):
        model(join="mixed")
    assert TaskConfig("classification", ("a", "b")).exclusive
