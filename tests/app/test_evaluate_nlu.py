"""`lingxi eval nlu`: files as they come, and errors that say the way out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.commands import evaluate_nlu
from app.commands.evaluate import evaluation
from fusion.text import HashingEmbedder

SAID = {
    "track": ["where is my parcel", "track my parcel", "has my parcel left", "parcel still away"],
    "fee": ["what does delivery cost", "delivery fee please", "cost of delivery", "is there a fee"],
    "oos": ["who won the match", "tell me a joke", "is it going to rain", "sing me a song"],
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGXI_VAR", str(tmp_path / "var"))
    monkeypatch.setattr(evaluate_nlu, "build_embedder", lambda settings: HashingEmbedder())


def table(folder: Path, header: str = "text,intent", name: str = "train.csv") -> str:
    rows = [f"{text},{intent}" for intent, texts in SAID.items() for text in texts]
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8-sig")
    return str(path)


def complaint(*words: str) -> str:
    found = CliRunner().invoke(evaluation, ["nlu", *words])
    assert found.exit_code == 2
    return " ".join(found.output.replace("│", " ").split())


@pytest.mark.parametrize("header", ["text,intent", "text,category", "text,label"])
def test_every_figure_is_there_whatever_the_label_is_called(tmp_path: Path, header: str) -> None:
    train = table(tmp_path, header)
    found = CliRunner().invoke(evaluation, ["nlu", train, "--train", train, "--json"])
    assert found.exit_code == 0, found.output
    scores = json.loads(found.stdout)
    keys = {"n", "accuracy", "macro_f1", "oos_recall", "oos_auroc", "ece", "baseline_accuracy"}
    assert keys < set(scores)
    assert scores["n"] == 12
    assert scores["accuracy"] > 0.9
    assert scores["oos_auroc"] > 0.9
    drawn = {path.name for path in Path(scores["figures"]).iterdir()}
    assert drawn == {"confusion.png", "confusion.json", "confidence.png", "confidence.json"}


def test_a_named_column_and_a_named_folder_are_used(tmp_path: Path) -> None:
    rows = [{"text": t, "wish": i} for i, texts in SAID.items() for t in texts]
    path = tmp_path / "m.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = ["nlu", str(path), "--train", str(path), "--label", "wish", "--json"]
    found = CliRunner().invoke(evaluation, [*words, "--out", str(tmp_path / "out")])
    assert found.exit_code == 0, found.output
    assert (tmp_path / "out" / "confusion.png").is_file()


def test_what_cannot_be_measured_is_told_by_file_and_row(tmp_path: Path) -> None:
    good, bad = table(tmp_path), tmp_path / "bad.csv"
    bad.write_bytes("text,intent\n退款,refund\n".encode("gb18030"))
    assert "bad.csv" in complaint(str(bad), "--train", good)
    bad.write_text("text,acts\nhello,greet\n")
    assert "none of intent, label, category" in complaint(good, "--train", str(bad))
    bad.write_text("text,intent\nhello,greet\n,greet\n")
    assert "row 2: has no 'text'" in complaint(good, "--train", str(bad))
    bad.write_text("text,intent\nhello,greet\nhi,greet\n")
    assert "takes two or more" in complaint(good, "--train", str(bad))
