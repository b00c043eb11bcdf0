"""N-grams beside the kernel: how much they say, and to whom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, identity

from dialogue.nlu.classifier import IntentClassifier
from dialogue.nlu.examples import Example
from dialogue.nlu.keywords import KeywordClassifier
from dialogue.nlu.mixture import SHARES, Judged
from dialogue.nlu.wide import NEVER, left_out_by_folds, train_wide


class Deaf:
    """Gives every sentence the same meaning."""

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """(n, 4) unit-length rows."""
        return np.full((len(texts), 4), 0.5, np.float32)


def lines(*, spelled: bool) -> tuple[Example, ...]:
    """Two intents, mostly told apart by a word if `spelled`, else by nothing."""
    rng = np.random.default_rng(0)
    names = np.array(["greet", "thanks"])
    which = np.arange(160) % 2
    intents, words = names[which], names[(which + (rng.random(160) < 0.2)) % 2]
    if not spelled:
        words = np.full(160, "word")
    return tuple(
        Example(f"{word} {' '.join(rng.choice(list('abcdefgh'), 6))}", intent)
        for word, intent in zip(words, intents, strict=True)
    )


def judged(known: float, right: float) -> Judged:
    """Two models of which each is right by so much more than it wavers."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 400)
    kernel, wide = (rng.normal(size=(400, 4)).astype(np.float32) for _ in range(2))
    kernel[np.arange(400), truth] += known
    wide[np.arange(400), truth] += right
    return Judged(kernel / 10, wide, truth)


def test_n_grams_are_heard_where_they_know_more_and_not_where_they_guess() -> None:
    assert judged(known=1, right=3).share() == max(SHARES)
    assert judged(known=3, right=0).share() == 0


def test_a_row_is_judged_by_a_model_that_did_not_see_it() -> None:
    labels = np.random.default_rng(0).integers(0, 2, 60)
    own = csr_matrix(identity(60, dtype=np.float32))  # a word of its own for every row
    assert (train_wide(own, labels).logits(own).argmax(axis=1) == labels).all()
    assert (left_out_by_folds(own, labels, 2).argmax(axis=1) == labels).mean() < 0.8


def test_an_intent_said_once_is_never_expected_by_the_fold_without_it() -> None:
    labels = np.array([0, 1] * 10 + [2])
    table = csr_matrix(np.eye(3, dtype=np.float32)[labels])
    assert left_out_by_folds(table, labels, 3)[-1, 2] == NEVER


def test_words_as_typed_are_judged_by_both_and_guesses_at_speech_by_the_kernel_alone() -> None:
    trained = IntentClassifier.train(lines(spelled=True), Deaf())
    typed, heard = trained.posteriors(["thanks a b"]), trained.readings(["thanks a b"])
    assert typed[0][0][0] == heard[0][0][0] == "thanks"
    assert typed[0][0][1] != pytest.approx(heard[0][0][1], abs=1e-3)
    assert trained.readings([]) == []


def test_where_n_grams_help_nothing_both_are_the_kernel() -> None:
    trained = IntentClassifier.train(lines(spelled=False), Deaf())
    typed, heard = trained.posteriors(["word a b"]), trained.readings(["word a b"])
    assert dict(typed[0]) == pytest.approx(dict(heard[0]), abs=1e-6)


def test_a_saved_head_says_the_same_of_typed_and_of_heard_words(tmp_path: Path) -> None:
    trained = IntentClassifier.train(lines(spelled=True), Deaf())
    trained.save(tmp_path / "head.npz")
    again = IntentClassifier.load(tmp_path / "head.npz", Deaf())
    texts = ["thanks a b", "greet c d", "e f"]
    for before, after in (
        (trained.posteriors(texts), again.posteriors(texts)),
        (trained.readings(texts), again.readings(texts)),
    ):
        for one, other in zip(before, after, strict=True):
            assert dict(one) == pytest.approx(dict(other), abs=0.01)


def test_keywords_judge_heard_words_as_typed_ones() -> None:
    keywords = KeywordClassifier(lines(spelled=True))
    assert keywords.readings(["thanks"]) == keywords.posteriors(["thanks"])
