"""Training data: reading, aligning, varying, batching, and what is said about what is wrong."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from dialogue.types import AudioClip, Picture
from fusion.alignment import Frames, TimedText
from fusion.config import ConfigError, TaskConfig
from fusion.data import MultiModalDataset, RowError
from fusion.data.augment import Augment, faster, in_room, noisy, spec_augment
from fusion.data.collate import Prepared, batches, collate, dropped, target
from fusion.data.manifest import fingerprint, read_manifest
from fusion.data.measure import measured_quality, sound_quality
from fusion.data.media import open_raw, read_audio, read_picture, read_video
from fusion.data.wording import mistyped, reworded
from fusion.losses import MISSING
from fusion.padded import Steps

TONE = AudioClip(0.5 * np.sin(np.arange(16000) / 8).astype(np.float32), 16000)
INTENT = TaskConfig("classification", ("a", "b"))


def write_video(path: Path, frames: int, rate: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width = stream.height = 32
        for i in range(frames):
            pixels = np.full((32, 32, 3), 10 * i, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        container.mux(stream.encode())


def write_rows(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def test_files_with_one_name_are_one_row(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("no finding")
    Image.new("L", (40, 40), 90).save(tmp_path / "b.png")
    dataset = MultiModalDataset(
        [tmp_path / "a.txt", tmp_path / "b.txt"], [tmp_path / "b.png"],
        targets={"b": {"finding": "none"}},
    )  # fmt: skip
    assert [sorted(sample.raws) for sample in (dataset[0], dataset[1])] == [
        ["text"],
        ["image", "text"],
    ]
    assert dataset[1].targets == {"finding": "none"}
    assert dataset[1].raws["image"].pixels.shape == (40, 40, 3)


def test_files_that_cannot_be_matched_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two text files have the id a"):
        MultiModalDataset([tmp_path / "x" / "a.txt", tmp_path / "y" / "a.txt"])
    with pytest.raises(ConfigError, match="targets for ids without a file: q"):
        MultiModalDataset([tmp_path / "a.txt"], targets={"q": {}})
    with pytest.raises(ConfigError, match="choose from: frame_level, clip_level"):
        MultiModalDataset([tmp_path / "a.txt"], alignment_strategy="exact")  # type: ignore[arg-type]


def test_frame_level_alignment_keeps_the_clock_and_asks_for_it(tmp_path: Path) -> None:
    words = [{"text": "hi", "start": 0.1, "end": 0.4}]
    (tmp_path / "a.json").write_text(json.dumps({"text": "hi", "words": words}))
    (tmp_path / "b.txt").write_text("hi")
    soundfile.write(tmp_path / "a.wav", TONE.samples, 16000)
    soundfile.write(tmp_path / "b.wav", TONE.samples, 16000)
    texts, sounds = (
        [tmp_path / "a.json", tmp_path / "b.txt"],
        [tmp_path / "a.wav", tmp_path / "b.wav"],
    )
    fine = MultiModalDataset(texts, (), sounds, (), "frame_level")
    assert isinstance(fine[0].raws["text"], TimedText)
    with pytest.raises(RowError, match=r"row b: frame_level alignment needs words"):
        fine[1]
    coarse = MultiModalDataset(texts, (), sounds, (), "clip_level")
    assert coarse[0].raws["text"] == coarse[1].raws["text"] == "hi"


def test_frames_of_a_film_are_taken_by_the_clock(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", frames=20, rate=10)
    film = read_video(tmp_path / "a.mp4")
    assert film.times == pytest.approx((0.0, 0.5, 1.0, 1.5))
    assert [int(p.pixels.mean()) // 10 for p in film.pictures] == pytest.approx(
        [0, 5, 10, 15], abs=1
    )


def test_sound_of_any_kind_becomes_mono_at_its_own_rate(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.stack([TONE.samples, -TONE.samples * 0], axis=1), 8000)
    clip = read_audio(tmp_path / "a.flac")
    assert (clip.rate, len(clip.samples)) == (8000, 16000)


def test_deep_pictures_are_scaled_and_turned_ones_stand_upright(tmp_path: Path) -> None:
    deep = np.linspace(1000, 5000, 32 * 32).reshape(32, 32).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    pixels = read_picture(tmp_path / "deep.png").pixels
    assert (pixels.min(), pixels.max()) == (0, 255)
    turned = Image.new("RGB", (40, 20))
    turned.getexif()[0x0112] = 6
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    assert read_picture(tmp_path / "turned.jpg").pixels.shape == (40, 20, 3)


@pytest.mark.parametrize(
    ("modality", "name"),
    [("image", "a.png"), ("audio", "a.wav"), ("video", "a.mp4"), ("series", "a.npy")],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, modality: str, name: str) -> None:
    with pytest.raises(RowError, match=f"missing.{name}: not readable as {modality}"):
        open_raw(modality, tmp_path / f"missing-{name}")
    (tmp_path / name).write_bytes(b"nonsense")
    with pytest.raises(RowError, match=f"{name}: not readable as {modality}"):
        open_raw(modality, tmp_path / name)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": 3}, "text must be a string"),
        ({"text": "a", "image": 3}, "image must name a file"),
        ({"text": "a", "quality": {"text": 2}}, "between 0 and 1"),
        ({"text": "a", "words": [{"word": "a"}]}, "text, start and end"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(
    tmp_path: Path, row: dict[str, Any], message: str
) -> None:
    path = write_rows(tmp_path, {"text": "fine", "image": "a.png"}, row)
    with pytest.raises(RowError, match=rf"rows\.jsonl:2: .*{message}"):
        read_manifest(path, ["text", "image"], [])


def test_a_task_or_modality_that_no_row_has_is_refused(tmp_path: Path) -> None:
    path = write_rows(tmp_path, {"text": "fine"})
    with pytest.raises(ConfigError, match="task mood"):
        read_manifest(path, ["text"], ["mood"])
    with pytest.raises(ConfigError, match="modality image"):
        read_manifest(path, ["text", "image"], [])


def test_the_fingerprint_changes_with_what_is_said(tmp_path: Path) -> None:
    prints = {
        fingerprint(read_manifest(write_rows(tmp_path, {"text": t, "mood": m}), ["text"], ["mood"]))
        for t, m in (("a", "x"), ("b", "x"), ("a", "y"), ("a", "x"))
    }
    assert len(prints) == 3


def test_quality_becomes_the_weight_of_a_row(tmp_path: Path) -> None:
    path = write_rows(tmp_path, {"text": "abc"}, {"text": "abc", "quality": {"text": 0.0}},
                      {"text": "abc", "weight": 3})  # fmt: skip
    dataset = MultiModalDataset.from_manifest(path, ["text"])
    assert [dataset[i].weight for i in range(3)] == pytest.approx([0.25, 0.1, 3.0])


def test_noise_lowers_measured_quality() -> None:
    speech = AudioClip(TONE.samples * (np.arange(16000) % 4000 > 1500), 16000)
    scores = [sound_quality(noisy(speech, db, np.random.default_rng(0))) for db in (40, 10, 0)]
    assert scores[0] > scores[1] > scores[2] > 0
    assert measured_quality("text", "退款") < measured_quality("text", "我要退款因为它坏了啊啊啊啊")
    assert measured_quality("series", np.ones(3)) == 1.0


def test_variations_are_the_same_for_the_same_epoch_and_row(tmp_path: Path) -> None:
    path = write_rows(tmp_path, {"text": "please refund the broken parcel " * 4})
    dataset = MultiModalDataset.from_manifest(path, ["text"], transform=Augment(["text"]))
    first, again = dataset[0].raws["text"], dataset[0].raws["text"]
    dataset.epoch = 1
    assert first == again != dataset[0].raws["text"]


def test_words_and_slips_keep_digits() -> None:
    rng = random.Random(0)
    said = {reworded("我要退款", rng) for _ in range(40)}
    assert said == {"我要退款", "我要退钱"}
    typed = mistyped("order 12345 发货", random.Random(1), share=1.0)
    assert "12345" in typed
    assert typed.endswith("发火")


def test_sound_is_varied_by_hand_checked_amounts() -> None:
    assert len(faster(TONE, 2.0).samples) == 8000
    spoilt = noisy(TONE, 10.0, np.random.default_rng(0)).samples - TONE.samples
    assert 10 * np.log10(np.mean(TONE.samples**2) / np.mean(spoilt**2)) == pytest.approx(
        10, abs=0.5
    )
    impulse = np.zeros(1600, np.float32)
    impulse[0] = 1.0
    echo = in_room(AudioClip(impulse, 16000), 0.05, np.random.default_rng(0)).samples
    assert echo[0] == pytest.approx(1.0)
    assert np.abs(echo[:100]).mean() > 10 * np.abs(echo[700:800]).mean()


def test_spec_augment_hides_one_stretch_and_some_bands() -> None:
    values = torch.arange(2000.0).view(50, 40)
    hidden = (spec_augment(Steps(values), random.Random(3)).values != values).float()
    assert 0 < hidden.mean() < 0.3
    with pytest.raises(ConfigError, match="choose from: text, image, audio"):
        Augment(["smell"])


def test_targets_are_checked_against_labels() -> None:
    assert target(INTENT, "b", "f:1").item() == 1
    assert target(INTENT, None, "f:1").item() == MISSING
    tags = TaskConfig("multilabel", ("x", "y"))
    assert target(tags, ["y"], "f:1").tolist() == [0.0, 1.0]
    with pytest.raises(RowError, match="f:1: unknown label c; choose from: a, b"):
        target(INTENT, "c", "f:1")
    with pytest.raises(RowError, match="is no number"):
        target(TaskConfig("regression"), "tall", "f:1")


def row(name: str, **lengths: int) -> Prepared:
    steps = {m: Steps(torch.ones(n, 2)) for m, n in lengths.items()}
    return Prepared(name, steps, {"intent": torch.tensor(0)}, {"text": 0.5}, 1.0)


def test_a_batch_pads_and_hides() -> None:
    batch = collate(
        [row("a", text=2, image=3), row("b", text=4)], ["text", "image"], [{"text"}, set()]
    )
    assert batch.inputs["text"].mask.tolist() == [[False] * 4, [True] * 4]
    assert batch.inputs["image"].present.tolist() == [True, False]
    assert batch.quality.tolist() == [[0.5, 1.0], [0.5, 1.0]]
    assert "image" not in collate([row("b", text=4)], ["text", "image"], [set()]).inputs


def test_batches_hold_every_row_once_within_the_budget() -> None:
    rng = random.Random(0)
    lengths = [rng.randint(1, 60) for _ in range(200)] + [900]
    plan = batches(lengths, 256, rng)
    assert sorted(i for batch in plan for i in batch) == list(range(201))
    padded = [max(lengths[i] for i in batch) * len(batch) for batch in plan]
    assert [size for size in padded if size > 256] == [900]
    # Rows of similar length meet: little is padding.
    assert sum(padded) < 1.2 * sum(lengths)


def test_a_row_is_never_hidden_whole() -> None:
    rng = random.Random(0)
    hidden = [dropped(row("a", text=1, image=1), 0.9, rng) for _ in range(100)]
    assert all(len(h) < 2 for h in hidden)
    assert any(hidden)


def test_a_picture_stays_a_picture() -> None:
    grey = Picture(np.full((64, 48, 3), 127, np.uint8))
    varied = Augment(["image"])({"image": grey, "text": "a"}, random.Random(0))
    assert varied["image"].pixels.shape[0] in range(45, 65)
    assert varied["text"] == "a"
    film = Frames((grey,), (0.0,))
    assert measured_quality("video", film) == measured_quality("image", grey)
