"""Export: ONNX and 8 bit answer as torch does, for any number of rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from fusion.checkpoint import FILE, Origin, save_checkpoint
from fusion.config import model_config
from fusion.export import main
from fusion.model import FusionModel
from tests.fusion.corpus import write_corpus

pytest.importorskip("onnxscript", reason="pip install -e '.[training]'")


@pytest.mark.slow
def test_the_exported_model_answers_as_torch_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)
    config = {
        "modalities": {"text": {"tokens": "vocabulary", "vocabulary": ["dent"]}, "series": {}},
        "tasks": {"verdict": {"kind": "classification", "labels": ["bad", "good"]}},
        "width": 8, "heads": 2, "layers": 1,
    }  # fmt: skip
    save_checkpoint(FusionModel(model_config(config)), tmp_path / FILE, Origin())
    # main() itself refuses logits that differ, and reads one row after all of them.
    main([str(tmp_path), str(write_corpus(tmp_path)), str(tmp_path / "out")])
    table = json.loads(capsys.readouterr().out)
    assert table["onnx"]["scores"] == table["torch"]["scores"]
    assert (tmp_path / "out" / "model.int8.onnx").exists()
    assert table["onnx_int8"]["scores"].keys() == {"verdict"}
    assert table["torch"]["agrees"] == table["onnx"]["agrees"] == {"verdict": 1.0}
    assert 0.0 <= table["onnx_int8"]["agrees"]["verdict"] <= 1.0
