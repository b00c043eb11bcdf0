"""Scores, by hand, and the command that prints them for every subset of modalities."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from fusion.checkpoint import FILE, Origin, save_checkpoint
from fusion.config import TaskConfig, model_config
from fusion.evaluate import main, task_scores
from fusion.losses import MISSING
from fusion.model import FusionModel
from fusion.padded import NAN
from tests.fusion.corpus import write_corpus


def test_macro_f1_counts_answered_rows_only() -> None:
    logits = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    found = task_scores(
        logits, torch.tensor([0, 1, 1, MISSING]), TaskConfig("classification", ("a", "b"))
    )
    assert found["n"] == 3
    assert found["score"] == pytest.approx(2 / 3)


def test_a_regression_scores_what_it_explains() -> None:
    task = TaskConfig("regression", mean=1.0, deviation=2.0)
    perfect = task_scores(torch.tensor([[0.0], [1.0], [9.0]]), torch.tensor([1.0, 3.0, NAN]), task)
    assert (perfect["n"], perfect["score"], perfect["mae"]) == (2, 1.0, 0.0)
    worse = task_scores(torch.tensor([[5.0], [-5.0]]), torch.tensor([1.0, 3.0]), task)
    assert worse["score"] == 0.0


def test_every_subset_of_modalities_is_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = {
        "modalities": {"text": {"tokens": "vocabulary"}, "series": {}},
        "tasks": {"verdict": {"kind": "classification", "labels": ["bad", "good"]}},
        "width": 8, "heads": 2, "layers": 1,
    }  # fmt: skip
    save_checkpoint(FusionModel(model_config(config)), tmp_path / FILE, Origin())
    main([str(tmp_path), str(write_corpus(tmp_path))])
    found = json.loads(capsys.readouterr().out)
    assert {name: each["n"] for name, each in found["by_modalities"].items()} == {
        "text+series": 24, "text": 24, "series": 20,
    }  # fmt: skip
    assert found["by_modalities"]["text"]["cross_modal_attention"] == 0.0
    assert found["weights"]["text"] + found["weights"]["series"] == pytest.approx(1.0, abs=0.01)


def test_what_cannot_be_scored_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="is not a fusion checkpoint"):
        main([str(tmp_path / "none"), str(tmp_path / "rows.jsonl")])
