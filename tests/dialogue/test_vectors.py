"""Vectors are computed once, kept between starts, and forgotten with their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dialogue.nlu.classifier import IntentClassifier
from dialogue.vectors import PROBE, KeptVectors, LocalVectors

from .test_nlu import EXAMPLES, LetterEmbedder


def kept(embedder: LetterEmbedder, folder: Path) -> KeptVectors:
    """As the next process would open them."""
    return KeptVectors(embedder, LocalVectors(folder), "vectors")


class Counting(LetterEmbedder):
    """Remembers what it was asked for."""

    def __init__(self, shift: int = 0) -> None:
        super().__init__(shift)
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 32) unit-length rows."""
        self.asked += texts
        return super().embed(texts)


def test_vectors_are_kept_for_the_next_training_and_no_longer(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    first = kept(Counting(), folder).embed(["运费", "hello", "运费"])
    again = Counting()
    assert np.array_equal(kept(again, folder).embed(["运费", "hello", "运费"]), first)
    assert again.asked == [PROBE]
    kept(again, folder).embed(["hello"])
    kept(again, folder).embed(["运费"])
    assert again.asked.count("运费") == 1
    assert "运费".encode() not in (folder / "vectors.npz").read_bytes()


def test_what_customers_ask_a_new_classifier_is_not_kept(tmp_path: Path) -> None:
    path, unseen = tmp_path / "shop.vectors.npz", [replace(EXAMPLES[0], text="包裹呢")]
    trained = IntentClassifier.train(EXAMPLES, Counting(), unseen * 200, path)
    taught = path.read_bytes()
    trained.posteriors(["我的身份证号是多少"])
    assert path.read_bytes() == taught
    again = Counting()
    IntentClassifier.train(EXAMPLES, again, (), path)
    assert set(again.asked) == {PROBE}


def test_vectors_of_another_embedder_or_a_broken_file_are_not_used(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npz"
    kept(LetterEmbedder(), tmp_path).embed(["hello"])
    other = Counting(shift=5)
    assert np.array_equal(kept(other, tmp_path).embed(["hello"]), other.embed(["hello"]))
    path.write_bytes(b"PK nonsense")
    assert len(kept(other, tmp_path).embed(["hello"])) == 1
