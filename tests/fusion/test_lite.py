"""EfficientNet-Lite0 in ONNX Runtime gives what it gives in torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from torch import nn

from dialogue.types import Picture
from fusion.vision.efficientnet import EfficientNetLite0
from fusion.vision.lite import PARTS, Lite0, prepare
from fusion.vision.lite_graph import _Graph

TUNED = Path(__file__).parents[2] / "data" / "models" / "products" / "upper.safetensors"


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("graphs"), TUNED)


def test_features_are_those_of_torch(
    graphs: Path, encoder: EfficientNetLite0, photos: dict[str, Picture]
) -> None:
    lite, pictures = Lite0(graphs), tuple(photos.values())[:3]
    ours, theirs = lite.states(pictures), encoder.states(pictures)
    assert np.allclose(ours, theirs.numpy(), atol=1e-3)
    assert np.allclose(lite.tuned(ours), encoder.tuned(theirs), atol=1e-3)
    assert np.allclose(lite.untuned(ours), encoder.untuned(theirs), atol=1e-3)
    assert not np.allclose(lite.tuned(ours), lite.untuned(ours), atol=1e-2)


def test_many_pictures_are_taken_and_none(graphs: Path, photos: dict[str, Picture]) -> None:
    lite, pictures = Lite0(graphs), [*photos.values()] * 2
    together = lite.features(pictures)
    assert together.shape == (len(pictures), 1280)
    assert np.allclose(together[1], lite.features(pictures[1:2])[0], atol=1e-3)
    assert lite.features([]).shape == (0, 1280)


def test_graphs_are_made_once_and_others_for_other_weights(graphs: Path, tmp_path: Path) -> None:
    made = {part: (graphs / f"{part}.onnx").stat().st_mtime_ns for part in PARTS}
    assert prepare(graphs.parent, TUNED) == graphs
    assert {part: (graphs / f"{part}.onnx").stat().st_mtime_ns for part in PARTS} == made
    assert prepare(tmp_path, None).name != graphs.name
    (graphs / "plain.onnx").unlink()
    assert (prepare(graphs.parent, TUNED) / "plain.onnx").is_file()


def test_a_layer_without_a_graph_is_refused() -> None:
    with pytest.raises(TypeError, match="Tanh"):
        _Graph().add(nn.Tanh(), "given")
