"""The words head: meaning and spelling together, kept and read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fusion.feeling.words import fit_words, load_words, ngrams, save_words

TEXTS = tuple(f"{mood} {thing}" for mood in ("lovely", "awful") for thing in "abcdefgh")
MOODS = ["positive"] * 8 + ["negative"] * 8
BLANK = np.ones((16, 4), np.float32)
"""Vectors that tell nothing."""


def test_spelling_alone_tells_what_vectors_do_not() -> None:
    head, unseen = fit_words(TEXTS, BLANK, MOODS)
    p = head.probabilities(["lovely z", "awful z"], BLANK[:2])
    assert [head.labels[i] for i in p.argmax(axis=1)] == ["positive", "negative"]
    assert [head.labels[i] for i in unseen.argmax(axis=1)] == MOODS


def test_vectors_alone_tell_what_spelling_does_not() -> None:
    vectors = np.repeat(np.eye(2, 4, dtype=np.float32), 8, axis=0)
    head, _ = fit_words(["same"] * 16, vectors, MOODS)
    assert head.probabilities(["same"], vectors[:1]).argmax() == head.labels.index("positive")


def test_a_kept_head_answers_as_before(tmp_path: Path) -> None:
    head, _ = fit_words(TEXTS, BLANK, MOODS)
    save_words(head, tmp_path / "new" / "sentiment.safetensors")
    kept = load_words(tmp_path / "new" / "sentiment.safetensors")
    assert (kept.labels, kept.threshold) == (head.labels, pytest.approx(head.threshold))
    both = [each.probabilities(TEXTS, BLANK) for each in (head, kept)]
    assert np.allclose(*both, atol=0.01)


def test_a_class_too_rare_to_be_checked_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'positive' is too rare"):
        fit_words(TEXTS[6:], BLANK[6:], MOODS[6:])


def test_which_digits_and_which_width_say_nothing_but_marks_do() -> None:
    one, other, asked = ngrams(["FD2024051！", "fd2031999!", "fd2024051?"])
    assert abs(one - other).max() < 1e-6
    assert abs(one - asked).max() > 0.01
