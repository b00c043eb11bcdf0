"""Training: it learns, goes on exactly after a kill, and two processes learn what one does."""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import fusion.train as recipe_in_steps
from fusion.checkpoint import load_checkpoint
from fusion.config import ConfigError
from fusion.data import MultiModalDataset, RowError
from fusion.recipe import read_recipe
from fusion.train import learning_rate, train
from tests.fusion.corpus import recipe

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trained(given: dict[str, Any]) -> dict[str, Any]:
    results = train(read_recipe(given))
    assert results is not None
    return results


def state_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(folder / "out" / "state.pt", weights_only=True)
    return found


def assert_same(one: Path, other: Path) -> None:
    first, second = (load_file(each / "out" / "model.safetensors") for each in (one, other))
    assert all(torch.equal(first[name], second[name]) for name in first)
    states = [state_of(each)["step"] for each in (one, other)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_it_learns_and_says_from_what(tmp_path: Path) -> None:
    results = trained(recipe(tmp_path, stages=[{"epochs": 12, "learning_rate": 0.02}]))
    assert results["scores"]["verdict"] == 1.0
    assert results["scores"]["size"] > 0.5
    assert json.loads((tmp_path / "out" / "results.json").read_text()) == results
    found = load_checkpoint(tmp_path / "out")
    assert found.origin.data == results["data"]
    assert found.model.config.tasks["verdict"].labels == ("bad", "good")
    assert (tmp_path / "out" / "model.safetensors").stat().st_mode & 0o777 == 0o644
    assert "scratch" in found.model.config.modalities["text"]["vocabulary"]


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("loss", [{}, {"weighting": "uncertainty", "contrastive": 0.1}])
def test_killed_and_resumed_equals_uninterrupted_bit_for_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loss: dict[str, Any]
) -> None:
    stages = [{"epochs": 2, "parts": ["encoders", "heads"]}, {"epochs": 2}]
    changes = {"stages": stages, "loss": loss}
    whole, broken = (recipe(tmp_path / name, **changes) for name in ("whole", "broken"))
    steps = trained(whole)["steps"]
    kept = recipe_in_steps._note

    # Between saved states, in the first stage, at its end, and in the second.
    for kill in (3, steps // 2, steps - 1):

        def note(board: Any, losses: dict[str, float], step: int, kill: int = kill) -> None:
            if step == kill:
                raise Killed
            kept(board, losses, step)

        monkeypatch.setattr(recipe_in_steps, "_note", note)
        with pytest.raises(Killed):
            train(read_recipe(broken))
    monkeypatch.setattr(recipe_in_steps, "_note", kept)
    assert trained(broken)["steps"] == steps
    assert_same(tmp_path / "whole", tmp_path / "broken")


def test_a_stage_moves_only_what_it_thaws(tmp_path: Path) -> None:
    # A residual model's gate and correction are settled besides.
    model = {"width": 8, "heads": 2, "layers": 1, "join": "gated"}
    first = recipe(tmp_path / "a", stages=[{"epochs": 1}], model=model)
    stages = [{"epochs": 1}, {"epochs": 1, "parts": ["heads"]}]
    second = recipe(tmp_path / "b", stages=stages, model=model)
    trained(first)
    trained(second)
    before, after = (state_of(tmp_path / each)["step"] for each in ("a", "b"))
    moved = {name.split(".")[1] for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"heads"}


def _one_of_two(given: dict[str, Any], rank: int, port: int) -> None:
    """What torchrun starts: a process that knows its number, and where the others are."""
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    os.environ.update({"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"} | place)
    train(read_recipe(given))


@pytest.mark.filterwarnings("ignore:Grad strides:UserWarning")  # a cost in speed, not an error
def test_two_processes_learn_what_one_learns_from_twice_the_batches(tmp_path: Path) -> None:
    still = {"width": 8, "heads": 2, "layers": 1, "dropout": 0.0}
    # A row each: an even number of batches, of which some lack a modality.
    training = {"most_steps": 1, "modality_dropout": 0.0, "device": "cpu"}
    same = {"model": still, "stages": [{"epochs": 1}]}
    alone = recipe(tmp_path / "alone", training=training | {"accumulate": 2}, **same)
    two = recipe(tmp_path / "two", training=training, **same)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Forked, so that torch is imported once.
    start = multiprocessing.get_context("fork").Process
    processes = [start(target=_one_of_two, args=(two, rank, port)) for rank in (0, 1)]
    for process in processes:
        process.start()
    trained(alone)
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    results = json.loads((tmp_path / "two" / "out" / "results.json").read_text())
    assert results["processes"] == 2
    states = [state_of(tmp_path / name)["step"] for name in ("alone", "two")]
    differ = [n for n in states[0] if not torch.allclose(states[0][n], states[1][n], atol=1e-4)]
    assert not differ


def test_a_student_of_one_modality_learns_from_a_teacher_of_two(tmp_path: Path) -> None:
    trained(recipe(tmp_path / "teacher"))
    teacher = str(tmp_path / "teacher" / "out")
    changes: dict[str, Any] = {
        "stages": [{"epochs": 1}],
        "tasks": {"verdict": {"kind": "classification"}},
    }
    changes["modalities"] = {"series": {}}
    apart = recipe(tmp_path / "apart", **changes)
    taught = recipe(tmp_path / "taught", teacher=teacher, loss={"distil": 1.0}, **changes)
    trained(apart)
    trained(taught)
    one, other = (state_of(tmp_path / name)["step"] for name in ("apart", "taught"))
    assert one.keys() == other.keys()
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_a_teacher_of_other_labels_is_refused(tmp_path: Path) -> None:
    trained(recipe(tmp_path / "teacher", stages=[{"epochs": 1}]))
    tasks = {"verdict": {"kind": "classification", "labels": ["good", "bad"]}}
    taught = recipe(tmp_path / "taught", tasks=tasks, teacher=str(tmp_path / "teacher" / "out"))
    with pytest.raises(ConfigError, match="labels of verdict"):
        train(read_recipe(taught))


def test_a_row_that_varies_is_read_once_an_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    whole = MultiModalDataset.__getitem__

    def counted(dataset: MultiModalDataset, index: int) -> Any:
        read.append(dataset.rows[index].place)
        return whole(dataset, index)

    monkeypatch.setattr(MultiModalDataset, "__getitem__", counted)
    given = recipe(tmp_path, stages=[{"epochs": 3}])
    given["data"]["augment"] = ["text"]
    trained(given)
    times = Counter(place for place in read if "rows-0" in place)
    # Once to learn how long it is, then once an epoch.
    assert set(times.values()) == {1 + 3}


def test_curves_are_written_for_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="pip install -e '.[training]'")
    training = {"most_steps": 80, "tensorboard": True}
    trained(recipe(tmp_path, stages=[{"epochs": 1}], training=training))
    (events,) = (tmp_path / "out" / "tensorboard").glob("events*")
    assert b"validation/verdict" in events.read_bytes()


def test_another_recipe_does_not_go_on_from_the_state(tmp_path: Path) -> None:
    trained(recipe(tmp_path, stages=[{"epochs": 1}]))
    with pytest.raises(ConfigError, match="another recipe"):
        train(read_recipe(recipe(tmp_path, stages=[{"epochs": 2}])))


def test_a_bad_row_is_named_or_skipped_and_counted(tmp_path: Path) -> None:
    given = recipe(tmp_path, stages=[{"epochs": 1}])
    (tmp_path / "0-3.npy").write_bytes(b"no numbers")
    with pytest.raises(RowError, match=r"rows-0\.jsonl:4: .*0-3\.npy: not readable as series"):
        train(read_recipe(given))
    results = train(read_recipe(given), skip_bad=True)
    assert results is not None
    assert (results["rows"], results["skipped"]) == (23, 1)


def test_unknown_keys_list_the_valid_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"training: unknown key batch; choose from: most_steps"):
        read_recipe(recipe(tmp_path, training={"batch": 3}))
    with pytest.raises(ConfigError, match=r"unknown part eyes; choose from: encoders"):
        read_recipe(recipe(tmp_path, stages=[{"epochs": 1, "parts": ["eyes"]}]))


def test_the_learning_rate_rises_then_falls_to_nothing() -> None:
    rates = [learning_rate(p / 100, 1.0, 0.1) for p in range(101)]
    assert max(rates) == pytest.approx(rates[10]) == pytest.approx(1.0)
    assert rates[0] < 0.02
    assert rates[55] == pytest.approx(0.5)
    assert rates[100] == pytest.approx(0.0)
