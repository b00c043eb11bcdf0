"""The pipeline: any subset in, typed answers out, and refusals that say what is valid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from dialogue.types import AudioClip, Picture
from fusion.checkpoint import FILE, Origin, load_checkpoint, save_checkpoint
from fusion.config import ConfigError, model_config
from fusion.model import FusionModel
from fusion.pipeline import MultiModalPipeline, Result

GREY = Picture(np.full((40, 60, 3), 127, np.uint8))
TONE = np.sin(np.arange(8000) / 8).astype(np.float32)
CONFIG: dict[str, Any] = {
    "modalities": {
        "text": {"tokens": "vocabulary", "vocabulary": ["broken", "milk"]},
        "image": {"backbone": "mobilenetv3-small", "resolution": 32},
        "audio": {"features": "logmel"},
    },
    "tasks": {
        "intent": {"kind": "classification", "labels": ["damaged", "late"]},
        "tags": {"kind": "multilabel", "labels": ["urgent", "polite"]},
        "price": {"kind": "regression", "mean": 5.0},
    },
    "width": 8, "heads": 2, "layers": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path: Path = tmp_path_factory.mktemp("model")
    save_checkpoint(
        FusionModel(model_config(CONFIG)), path / FILE, Origin("abc", "1f", 7, {"score": 0.5})
    )
    return path


@pytest.fixture(scope="module")
def pipeline(folder: Path) -> MultiModalPipeline:
    return MultiModalPipeline.from_pretrained({"model_path": folder})


def single(found: Any) -> Result:
    assert isinstance(found, Result)
    return found


def test_the_configuration_of_the_readme_works(folder: Path) -> None:
    config = {
        "model_path": str(folder),
        "device": "auto",
        "modality_config": {
            "text": {"max_length": 512},
            "image": {"resolution": 512},
            "audio": {"sample_rate": 16000},
        },
    }  # fmt: skip
    file = folder / "pipeline.json"
    file.write_text(json.dumps(config))
    for source in (config, file, str(file)):
        built = MultiModalPipeline.from_pretrained(source)
        assert built.model.config.modalities["image"]["resolution"] == 512
    result = single(built(text="broken milk", image=GREY, audio=TONE))
    assert dict(result.modality_weights).keys() == {"text", "image", "audio"}


def test_answers_are_typed(pipeline: MultiModalPipeline) -> None:
    result = single(pipeline(text="broken milk", audio=AudioClip(TONE, 16000)))
    intent, tags, price = (result.tasks[name] for name in ("intent", "tags", "price"))
    assert sum(p for _, p in intent.posterior) == pytest.approx(1.0, abs=1e-5)
    assert intent.value == intent.posterior[0][0]
    assert isinstance(tags.value, tuple)
    assert isinstance(price.value, float)
    assert sum(w for _, w in intent.weights) == pytest.approx(1.0, abs=1e-5)
    assert 0 < result.cross_modal_attention < 1
    assert dict(result.quality)["text"] == pytest.approx(10 / 12)


@pytest.mark.parametrize("given", [{"text": "milk"}, {"image": GREY}, {"audio": TONE}])
def test_any_modality_will_do_alone(pipeline: MultiModalPipeline, given: dict[str, Any]) -> None:
    result = single(pipeline(**given))
    assert result.modality_weights == ((next(iter(given)), pytest.approx(1.0)),)
    assert result.cross_modal_attention == 0.0


def test_a_batch_answers_as_its_rows_do_alone(pipeline: MultiModalPipeline) -> None:
    results = pipeline(text=["milk", None, "broken " * 9], image=[GREY, GREY, None])
    assert isinstance(results, list)
    alone = [pipeline(text="milk", image=GREY), pipeline(image=GREY), pipeline(text="broken " * 9)]
    for one, other in zip(results, map(single, alone), strict=True):
        for task in one.tasks:
            assert dict(one.tasks[task].posterior) == pytest.approx(
                dict(other.tasks[task].posterior), abs=1e-5
            )
        assert dict(one.modality_weights) == pytest.approx(dict(other.modality_weights), abs=1e-5)


def test_a_modality_of_low_quality_weighs_less_in_a_gated_model() -> None:
    model = FusionModel(model_config(CONFIG | {"join": "gated"}))
    pipeline = MultiModalPipeline(model, Origin())
    good, bad = (
        single(pipeline(text="milk", audio=TONE, quality={"text": 0.8, "audio": q}))
        for q in (0.8, 0.2)
    )
    assert dict(good.modality_weights)["audio"] == pytest.approx(0.5)
    assert dict(bad.modality_weights)["audio"] == pytest.approx(0.2)


def test_refusals_list_what_is_valid(pipeline: MultiModalPipeline, folder: Path) -> None:
    with pytest.raises(
        ConfigError, match="unknown modality smell; choose from: text, image, audio"
    ):
        pipeline(smell="sour")
    with pytest.raises(ConfigError, match="give any of: text, image, audio"):
        pipeline()
    with pytest.raises(ConfigError, match="list for every modality"):
        pipeline(text=["a"], image=GREY)
    with pytest.raises(ConfigError, match="differ in length"):
        pipeline(text=["a"], image=[GREY, GREY])
    with pytest.raises(ConfigError, match="nothing to read in row 1"):
        pipeline(text=["a", None])
    with pytest.raises(ConfigError, match="unknown key path; choose from: model_path, device"):
        MultiModalPipeline.from_pretrained({"path": folder})
    with pytest.raises(ConfigError, match=r"modalities\.image: unknown option size"):
        MultiModalPipeline.from_pretrained(
            {"model_path": folder, "modality_config": {"image": {"size": 9}}}
        )
    with pytest.raises(ConfigError, match="unknown modality smell"):
        MultiModalPipeline.from_pretrained({"model_path": folder, "modality_config": {"smell": {}}})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": 3}, "text, row 0: text must be a string, not int"),
        ({"image": [GREY, 3]}, r"image, row 1: a picture must be"),
        ({"text": "late", "quality": {"text": 7.0}}, "quality of text must lie between 0 and 1"),
        ({"text": " "}, "give any of: text, image, audio"),
        ({"text": ["late", ""]}, "nothing to read in row 1"),
    ],
)
def test_values_that_cannot_be_read_are_refused_by_name_and_row(
    pipeline: MultiModalPipeline, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        pipeline(**given)


def test_a_tuple_is_a_batch_too(pipeline: MultiModalPipeline) -> None:
    assert pipeline(text=("late", "broken")) == pipeline(text=["late", "broken"])


@pytest.mark.parametrize("device", ["gpu0", "meta9x", "cuda:99"])
def test_a_device_that_is_not_there_is_refused(folder: Path, device: str) -> None:
    with pytest.raises(ConfigError, match=f"device '{device}' is not here .* choose auto or cpu"):
        MultiModalPipeline.from_pretrained({"model_path": folder, "device": device})


def test_a_checkpoint_explains_itself(folder: Path) -> None:
    found = load_checkpoint(folder)
    assert found.origin == Origin("abc", "1f", 7, {"score": 0.5})
    assert found.model.config.modalities["text"]["vocabulary"] == ["broken", "milk"]
    assert not [name for name in found.model.state_dict() if "e5" in name or "whisper" in name]


def test_what_is_no_checkpoint_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none.*not a fusion checkpoint"):
        load_checkpoint(tmp_path / "none")
    (tmp_path / "text.bin").write_text("hello")
    with pytest.raises(ConfigError, match=r"text\.bin is not a fusion checkpoint"):
        load_checkpoint(tmp_path / "text.bin")
    save_file({"weight": torch.ones(2)}, tmp_path / "other.safetensors")
    with pytest.raises(ConfigError, match="no lingxi-fusion-1 checkpoint"):
        load_checkpoint(tmp_path / "other.safetensors")


def test_weights_that_do_not_fit_are_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="do not fit"):
        load_checkpoint(folder, {"audio": {"features": "whisper"}})
