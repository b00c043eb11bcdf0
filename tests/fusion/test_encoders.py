"""Encoders: raw values to tokens, and a new modality without touching the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from dialogue.types import AudioClip, Picture, Word
from fusion.alignment import Frames, TimedText
from fusion.config import ConfigError, model_config
from fusion.data.media import read_audio
from fusion.encoders import build_encoder, fit_options, register_modality
from fusion.encoders.mobilenet import MobileNetV3Small
from fusion.encoders.text import split
from fusion.extractors import e5
from fusion.model import FusionModel
from fusion.padded import Padded, Steps, pad, pool

HOUSE = Path(__file__).parents[2]
WEIGHTS = HOUSE / "var" / "models" / "whisper-base"
GREY = Picture(np.full((40, 60, 3), 127, np.uint8))


def encoder(name: str, **options: Any) -> Any:
    return build_encoder(name, 8, options).eval()


def test_pooling_means_what_is_there() -> None:
    rows = pad(
        [Steps(torch.tensor([[1.0], [3.0], [5.0]]), torch.tensor([[0.0, 1], [1, 2], [2, 3]]))]
    )
    pooled = pool(rows, 2)
    assert pooled.values.tolist() == [[[2.0], [5.0]]]
    assert pooled.times.tolist() == [[[0.0, 2.0], [2.0, 3.0]]]
    assert pooled.mask.tolist() == [[True, True]]


def test_words_and_characters_keep_their_places_in_the_text() -> None:
    assert split("我的ＦＤ 2 Orders!") == [
        ("我", 0, 1), ("的", 1, 2), ("fd", 2, 4), ("2", 5, 6), ("orders", 7, 13), ("!", 13, 14),
    ]  # fmt: skip


def test_a_vocabulary_is_learned_from_words_seen_twice() -> None:
    options = fit_options("text", {"tokens": "vocabulary"}, ["a red mark", "no red Mark", "b"])
    assert options["vocabulary"] == ["mark", "red"]


def test_words_outside_the_vocabulary_share_rows_that_are_the_same_everywhere() -> None:
    text = encoder("text", tokens="vocabulary", vocabulary=("red",))
    rows = text.prepare("red blue blue").values.tolist()
    assert rows[0] == 65
    assert rows[1] == rows[2] != 0
    assert rows[1] < 65


def test_timed_words_time_their_tokens() -> None:
    timed = TimedText("你好 ok", (Word("你好", 0.0, 0.5, 1.0),))
    steps = encoder("text", tokens="vocabulary").prepare(timed)
    assert steps.times is not None
    assert steps.times[:2].tolist() == [[0.0, 0.5], [0.0, 0.5]]
    assert steps.times[2].isnan().all()


def test_e5_tokens_begin_with_the_sentence_vector() -> None:
    steps = encoder("text").prepare("退款什么时候到")
    vector = e5().encode(["退款什么时候到"])[0]
    assert np.allclose(steps.values[0], vector, atol=1e-4)
    mean = steps.values[1:].mean(dim=0)
    assert np.allclose(mean, vector, atol=1e-4)


def test_sound_becomes_a_token_each_fifty_milliseconds() -> None:
    audio = encoder("audio", features="logmel")
    clip = AudioClip(np.sin(np.arange(8000) / 20).astype(np.float32), 8000)
    tokens = audio(pad([audio.prepare(clip), None]))
    assert tokens.values.shape == (2, 20, 8)
    assert tokens.times[0, 1].tolist() == pytest.approx([0.05, 0.1])
    assert tokens.present.tolist() == [True, False]
    assert not tokens.values[1].any()


def test_states_that_came_with_a_transcript_are_not_computed_again() -> None:
    audio = encoder("audio")
    steps = audio.prepare(np.ones((12, 512), np.float32))
    assert steps.values.shape == (12, 512)
    assert steps.times is not None
    assert steps.times[-1].tolist() == pytest.approx([0.22, 0.24])


@pytest.mark.skipif(not (WEIGHTS / "model.bin").exists(), reason="lingxi models prepare")
def test_speech_becomes_a_state_each_twenty_milliseconds() -> None:
    clip = read_audio(HOUSE / "tests" / "assets" / "speech" / "dark_roast.flac")
    steps = encoder("audio", weights=str(WEIGHTS)).prepare(clip)
    assert steps.times is not None
    assert steps.times[-1, 1].item() == pytest.approx(clip.seconds, abs=0.03)
    assert steps.values.shape[1] == 512
    assert steps.values.std() > 0.5


def test_whisper_that_is_not_there_names_the_way_out() -> None:
    audio = encoder("audio", weights="nowhere")
    with pytest.raises(ConfigError, match="logmel"):
        audio.prepare(AudioClip(np.ones(1600, np.float32), 16000))


@pytest.mark.parametrize("raw", [np.ones((3, 4, 5), np.float32), "sound.wav", np.ones((5, 7))])
def test_what_is_no_sound_is_refused(raw: Any) -> None:
    with pytest.raises(ValueError, match="audio must be"):
        encoder("audio", features="logmel").prepare(raw)


def test_a_picture_becomes_a_token_per_cell() -> None:
    image = encoder("image", resolution=64)
    tokens = image(pad([image.prepare(GREY), image.prepare([GREY, GREY])]))
    assert tokens.values.shape == (2, 8, 8)
    assert tokens.mask.sum(dim=1).tolist() == [4, 8]


def test_the_trained_backbone_has_the_size_in_the_paper() -> None:
    assert sum(p.numel() for p in MobileNetV3Small().parameters()) == 927_008


def test_batch_norms_learn_nothing_from_padding() -> None:
    means = []
    for extra in ([], [None]):
        torch.manual_seed(0)
        image = build_encoder("image", 8, {"backbone": "mobilenetv3-small", "resolution": 32})
        image.train()(pad([image.prepare(GREY), *extra, image.prepare(GREY)]))
        means.append(next(m for m in image.modules() if isinstance(m, nn.BatchNorm2d)).running_mean)
    assert torch.allclose(*means)


def test_a_film_becomes_a_token_per_frame() -> None:
    video = encoder("video", resolution=32)
    tokens = video(pad([video.prepare(Frames((GREY, GREY, GREY), (0.0, 0.5, 1.0)))]))
    assert tokens.values.shape == (1, 3, 8)
    assert tokens.times[0, 2].tolist() == [1.0, 1.5]


def test_a_series_is_read_in_training_deviations() -> None:
    options = fit_options("series", {"channels": 2}, [np.array([[0.0, 10], [2.0, 30]])])
    assert options["mean"] == [1.0, 20.0]
    assert options["deviation"] == [1.0, 10.0]
    series = encoder("series", **options)
    assert series(pad([series.prepare(np.ones((9, 2)))])).values.shape == (1, 3, 8)
    with pytest.raises(ValueError, match=r"\(time, 2\)"):
        series.prepare(np.ones((9, 3)))


class Points(nn.Module):
    """A point cloud: one token per point."""

    def __init__(self, width: int, *, scale: float = 1.0) -> None:
        super().__init__()
        self.scale, self.project = scale, nn.Linear(3, width)

    def prepare(self, raw: list[list[float]]) -> Steps:
        return Steps(torch.tensor(raw) * self.scale)

    def forward(self, batch: Padded) -> Padded:
        return Padded(self.project(batch.values), batch.mask, batch.times)


def test_a_registered_modality_works_in_the_model_as_it_is() -> None:
    register_modality("points", Points)
    task = {"kind": "classification", "labels": ["bolt", "nut"]}
    config = {
        "modalities": {"points": {"scale": 2.0}},
        "tasks": {"part": task},
        "width": 8,
        "heads": 2,
    }
    model = FusionModel(model_config(config))
    cloud = model.encoder("points").prepare([[0.0, 0.5, 1.0]] * 4)
    assert model({"points": pad([cloud])}).logits["part"].shape == (1, 2)


def test_unknown_modalities_and_options_list_the_valid_ones() -> None:
    with pytest.raises(ConfigError, match=r"unknown modality smell; choose from: text, image"):
        build_encoder("smell", 8, {})
    with pytest.raises(ConfigError, match=r"modalities.image: unknown option size.*resolution"):
        build_encoder("image", 8, {"size": 3})
    with pytest.raises(ConfigError, match="multiple of 32"):
        build_encoder("image", 8, {"resolution": 100})
