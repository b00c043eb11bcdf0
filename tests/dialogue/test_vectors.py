"""Vectors are computed once, kept between starts, and forgotten with their texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dialogue.vectors import PROBE, KeptVectors

from .test_nlu import LetterEmbedder


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
    path = tmp_path / "new" / "vectors.npz"
    first = KeptVectors(Counting(), path).embed(["运费", "hello", "运费"])
    again = Counting()
    assert np.array_equal(KeptVectors(again, path).embed(["运费", "hello", "运费"]), first)
    assert again.asked == [PROBE]
    KeptVectors(again, path).embed(["hello"])
    KeptVectors(again, path).embed(["运费"])
    assert again.asked.count("运费") == 1
    assert "运费".encode() not in path.read_bytes()


def test_vectors_of_another_embedder_or_a_broken_file_are_not_used(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npz"
    KeptVectors(LetterEmbedder(), path).embed(["hello"])
    other = Counting(shift=5)
    assert np.array_equal(KeptVectors(other, path).embed(["hello"]), other.embed(["hello"]))
    path.write_bytes(b"PK nonsense")
    assert len(KeptVectors(other, path).embed(["hello"])) == 1
