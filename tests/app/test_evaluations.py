"""`lingxi eval` on pictures and feelings: figures by hand, and errors that say the way out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from app import feelings
from app.commands import evaluate_feeling, evaluate_products, evaluate_receipts
from app.commands.evaluate import evaluation
from dialogue.types import AudioClip, Picture, Posterior
from fusion.text import HashingEmbedder
from speech.audio import encode_wav


@dataclass
class Ranked:
    """Ranks products by how red the picture is."""

    names: dict[str, str] = field(default_factory=lambda: {"0": "Kiwi", "1": "Lemon"})

    def rank(self, picture: Picture, n: int) -> Posterior:
        return (("0", 0.9), ("1", 0.1)) if picture.pixels[0, 0, 0] > 99 else (("1", 0.8),)


@dataclass
class Printed:
    lines: tuple[str, ...] = ("Date 21/05/2018", "TOTAL 9.54")

    def read(self, picture: Picture) -> tuple[str, ...]:
        return self.lines


@dataclass
class Loudness:
    """Two layers that are as loud as the clip."""

    def layers(self, clip: AudioClip) -> np.ndarray:
        level = np.abs(clip.samples).max()
        return np.random.default_rng(0).normal(level, 0.01, (2, 5, 3)).astype(np.float32)


class TwoMoods:
    labels = ("negative", "positive")
    threshold = 0.0


def figures(*words: str) -> dict[str, object]:
    found = CliRunner().invoke(evaluation, [*words, "--json"])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def complaint(*words: str) -> str:
    found = CliRunner().invoke(evaluation, [*words, "--json"])
    assert found.exit_code == 2
    return " ".join(found.output.replace("│", " ").split())


def manifest(folder: Path, *rows: dict[str, object], name: str = "m.jsonl") -> str:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(path)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    Image.new("RGB", (9, 9), (200, 0, 0)).save(tmp_path / "red.png")
    Image.new("RGB", (9, 9), (0, 0, 200)).save(tmp_path / "blue.png")
    return tmp_path


def test_products_count_first_and_among_five_by_name_or_id(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_products, "build_products", lambda settings: Ranked())
    rows = [("red.png", "Kiwi"), ("red.png", "Lemon"), ("blue.png", "Kiwi")]
    by_name = manifest(photos, *({"image": i, "fine_class": c} for i, c in rows))
    expected = {"n": 3, "top1": pytest.approx(1 / 3), "top5": pytest.approx(2 / 3)}
    assert figures("products", by_name) == expected
    ids = {"Kiwi": "0", "Lemon": "1"}
    by_id = manifest(photos, *({"image": i, "id": ids[c]} for i, c in rows))
    assert figures("products", by_id, "--label", "id") == expected


def test_a_product_the_head_does_not_know_is_named(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_products, "build_products", lambda settings: Ranked())
    strange = manifest(photos, {"image": "red.png", "label": "Durian"})
    assert "'Durian'" in complaint("products", strange)


def test_receipts_compare_amounts_and_days_however_they_are_written(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_receipts, "build_text_reader", lambda settings: Printed())
    written = manifest(
        photos,
        {"image": "red.png", "total": "RM 9.54", "date": "21 May 2018"},
        {"image": "blue.png", "total": "9.50", "date": "21-05-18"},
    )
    assert figures("receipts", written) == {"n": 2, "total": 0.5, "date": 1.0}


def test_a_head_for_sound_is_trained_on_one_manifest_and_tried_on_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feelings, "build_sound_encoder", lambda *_: Loudness())
    for name, level in (("quiet", 0.1), ("loud", 0.9)):
        clip = AudioClip(np.full(1600, level, np.float32), 16_000)
        (tmp_path / f"{name}.wav").write_bytes(encode_wav(clip))
    rows = [{"audio": "quiet.wav", "emotion": "calm"}, {"audio": "loud.wav", "emotion": "angry"}]
    shown = manifest(tmp_path, *rows * 3, name="train.jsonl")
    found = figures("emotion", manifest(tmp_path, *rows, rows[0]), "--train", shown)
    assert (found["n"], found["macro_f1"], found["uar"]) == (3, 1.0, 1.0)
    assert found["confusion"] == {"labels": ["angry", "calm"], "rows_are_truth": [[1, 0], [0, 2]]}


@pytest.mark.parametrize("beside", [("--speaker", "who"), ("--adapt",)])
def test_voices_are_heard_beside_the_mean_of_their_speaker_or_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beside: tuple[str, ...]
) -> None:
    monkeypatch.setattr(feelings, "build_sound_encoder", lambda *_: Loudness())
    rows = []
    for who, levels in (("soft", (0.1, 0.2)), ("mid", (0.3, 0.5)), ("loud", (0.6, 0.9))):
        for label, level in zip(("calm", "angry"), levels, strict=True):
            clip = AudioClip(np.full(1600, level, np.float32), 16_000)
            (tmp_path / f"{who}-{label}.wav").write_bytes(encode_wav(clip))
            rows.append({"audio": f"{who}-{label}.wav", "emotion": label, "who": who})
    asked = ("emotion", manifest(tmp_path, *rows * 2), "--folds", "3", "--group", "who")
    # Anger of the soft voice is quieter than calm of the loud one.
    assert figures(*asked)["macro_f1"] < 0.8
    assert figures(*asked, *beside)["macro_f1"] == 1.0


@pytest.mark.parametrize("option", [("--speaker", "who"), ("--adapt",)])
def test_an_option_that_would_change_nothing_is_refused(
    tmp_path: Path, option: tuple[str, ...]
) -> None:
    told = manifest(tmp_path, {"text": "lovely", "label": "positive", "who": "x"})
    assert f"{option[0]} needs a column 'audio'" in complaint(
        "sentiment", told, "--folds", "2", *option
    )
    assert f"{option[0]} needs --train or --folds" in complaint("sentiment", told, *option)


def test_in_folds_every_row_is_judged_by_a_head_that_never_saw_its_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feelings, "build_embedder", lambda settings: HashingEmbedder())
    told = [
        {"text": f"{w} {i}", "label": w, "who": i} for w in ("lovely", "awful") for i in range(12)
    ]
    path = manifest(tmp_path, *told)
    assert figures("sentiment", path, "--folds", "3")["macro_f1"] == 1.0
    # One word per speaker: what was learned from the others says nothing about this one.
    odd = [
        {"text": f"{w} {w} {w}", "label": "ab"[n % 2], "who": w}
        for n, w in enumerate("uvwxyz")
        for _ in "1234"
    ]
    path = manifest(tmp_path, *odd)
    assert figures("sentiment", path, "--folds", "3")["macro_f1"] == 1.0
    assert figures("sentiment", path, "--folds", "3", "--group", "who")["macro_f1"] < 0.8


def test_a_head_for_words_is_trained_and_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feelings, "build_embedder", lambda settings: HashingEmbedder())
    rows = [{"text": f"{w} {i}", "label": w} for w in ("lovely", "awful") for i in "abcdef"]
    path = manifest(tmp_path, *rows)
    assert figures("sentiment", path, "--train", path)["macro_f1"] == 1.0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"label": "happy"}, "neither 'audio' nor 'text'"),
        ({"text": "hm"}, "label, intent, emotion, sentiment, fine_class"),
        ({"audio": "absent.wav", "label": "happy"}, "absent.wav"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: dict[str, object], said: str
) -> None:
    monkeypatch.setattr(feelings, "build_sound_encoder", lambda *_: Loudness())
    path = manifest(tmp_path, row)
    assert said in complaint("emotion", path, "--train", path)


def test_labels_the_shipped_head_cannot_give_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_feeling, "shipped_judge", lambda *_: TwoMoods())
    path = manifest(tmp_path, {"text": "hm", "emotion": "bored"})
    assert "but not bored; choose a column with --label" in complaint("sentiment", path)
