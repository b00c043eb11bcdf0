"""The kernel heads: likeness in meaning and in spelling, several questions, kept in 8 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fusion.feeling.kernel import fit_kernel, load_kernel, save_kernel

TEXTS = tuple(f"{mood} {thing}" for mood in ("lovely", "awful") for thing in "abcdefgh")
MOODS = ["positive"] * 8 + ["negative"] * 8
HURRY = ["1.0", "0.0"] * 4 + [None] * 8
BLANK = np.ones((16, 2, 4), np.float32)
"""Layers that tell nothing."""
TOLD = np.repeat(np.eye(2, 8, dtype=np.float32), 8, axis=0).reshape(16, 2, 4)


def test_spelling_alone_tells_what_layers_do_not() -> None:
    heads, unseen = fit_kernel(TEXTS, BLANK, {"mood": MOODS})
    labels = heads.tasks["mood"].labels
    p = heads.probabilities("mood", ["lovely z", "awful z"], BLANK[:2])
    assert [labels[i] for i in p.argmax(axis=1)] == ["positive", "negative"]
    assert [labels[i] for i in unseen["mood"].argmax(axis=1)] == MOODS


def test_layers_alone_tell_what_spelling_does_not() -> None:
    heads, _ = fit_kernel(["same"] * 16, TOLD, {"mood": MOODS})
    p = heads.probabilities("mood", ["same", "same"], TOLD[[0, 15]])
    assert [heads.tasks["mood"].labels[i] for i in p.argmax(axis=1)] == ["positive", "negative"]


def test_a_left_out_answer_is_that_of_heads_not_shown_the_sentence() -> None:
    noise = np.random.default_rng(0).normal(0, 1, (16, 2, 4)).astype(np.float32)
    heads, unseen = fit_kernel(TEXTS, noise, {"mood": MOODS})
    rest = np.arange(16) != 3
    mean, deviation = heads.mean, heads.deviation
    assert unseen["mood"][3].argmax() == heads.tasks["mood"].labels.index("positive")
    without, _ = fit_kernel(
        [TEXTS[i] for i in range(16) if rest[i]], noise[rest], {"mood": [*MOODS[:3], *MOODS[4:]]}
    )
    # The same standards, so that only the sentence itself is missing.
    near = type(without)(without.known, without.rows, mean, deviation, without.tasks)
    p = near.probabilities("mood", [TEXTS[3]], noise[3:4])
    assert p[0].argmax() == unseen["mood"][3].argmax()


def test_a_question_not_asked_of_a_sentence_learns_nothing_from_it() -> None:
    heads, unseen = fit_kernel(TEXTS, BLANK, {"mood": MOODS, "hurry": HURRY})
    assert (heads.tasks["hurry"].duals[8:] == 0).all()
    assert np.isnan(unseen["hurry"][8:]).all()
    assert not np.isnan(unseen["hurry"][:8]).any()


def test_kept_heads_answer_as_before(tmp_path: Path) -> None:
    heads, _ = fit_kernel(TEXTS, TOLD, {"mood": MOODS, "hurry": HURRY})
    save_kernel(heads, tmp_path / "new" / "words.safetensors")
    kept = load_kernel(tmp_path / "new" / "words.safetensors")
    assert kept.tasks["mood"].threshold == pytest.approx(heads.tasks["mood"].threshold)
    for task in ("mood", "hurry"):
        both = [each.probabilities(task, TEXTS, TOLD) for each in (heads, kept)]
        assert np.allclose(*both, atol=0.02)
