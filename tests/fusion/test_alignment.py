"""Alignment: words and frames by the clock."""

from __future__ import annotations

import pytest
import torch

from dialogue.types import Word
from fusion.alignment import TimedText, fineness, overlap
from fusion.padded import NAN

HELLO = TimedText("你好 my order", (
    Word("你好", 0.0, 0.4, 1.0), Word("my", 0.5, 0.6, 1.0), Word("order", 0.6, 1.1, 1.0),
))  # fmt: skip


def test_frames_belong_to_the_word_spoken_during_them() -> None:
    words = torch.tensor([[0.0, 0.3], [0.3, 0.4], [NAN, NAN]])
    frames = torch.tensor([[0.0, 0.2], [0.2, 0.4], [0.4, 0.6]])
    expected = torch.tensor([[2 / 3, 1 / 3, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    assert torch.allclose(overlap(words, frames), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [(0, 1, (0.0, 0.4)), (1, 2, (0.0, 0.4)), (3, 5, (0.5, 0.6)), (6, 11, (0.6, 1.1)), (2, 3, None)],
)
def test_characters_have_the_time_of_their_word(
    start: int, end: int, span: tuple[float, float] | None
) -> None:
    assert HELLO.span(start, end) == span


def test_alignment_is_coarse_first_and_fine_last() -> None:
    assert [fineness(p) for p in (0.0, 0.3, 0.7, 1.0)] == [0.0, 0.0, 1.0, 1.0]
    assert fineness(0.5) == pytest.approx(0.5)
