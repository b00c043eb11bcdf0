from __future__ import annotations

from pathlib import Path

import numpy as np

from speech.joint.fit import FAITH, Observation, accuracy, cross_validated, fit
from speech.joint.weights import Weights, read_weights, write_weights


def observations(n: int = 24) -> list[Observation]:
    """Two readings each: the sound favours the right one, the language the wrong one."""
    generator = np.random.default_rng(0)
    found = []
    for number in range(n):
        truth = number % 3
        wrong = (truth + 1) % 3
        views = np.log(np.full((2, 2, 3), 0.05))
        views[:, 0, wrong] = views[:, 1, truth] = np.log(0.9)
        noise = generator.normal(0, 0.3)
        evidence = np.array([[0.0, 0.0, 0.0, 1.0, 0.0], [4.0 + noise, 0.0, -2.0, 0.0, 0.0]])
        found.append(Observation(evidence, np.array([0.5, 0.0]), views, truth))
    return found


def test_weights_learn_which_evidence_to_trust() -> None:
    seen = observations()
    distrusting = Weights(phonetic=0.0, fit=0.5, literal=0.5)
    found = fit(seen, distrusting)
    assert accuracy(seen, distrusting) == 0.0
    assert accuracy(seen, found) == 1.0
    assert found.phonetic > distrusting.phonetic


def test_weights_of_other_recordings_are_left_for_good_reason_alone() -> None:
    seen, before = observations(), Weights(phonetic=0.0, fit=0.5, literal=0.5)
    refined, anew = fit(seen, before, FAITH), fit(seen, before)
    assert before.phonetic < refined.phonetic < anew.phonetic


def test_a_right_reading_that_is_outnumbered_wins_by_being_what_was_heard() -> None:
    views = np.log(np.full((2, 4, 3), 0.05))
    views[0, 0, 0] = views[0, 1:, 1] = np.log(0.9)
    evidence = np.zeros((4, 5))
    evidence[0, 3] = 1.0
    seen = [Observation(evidence, np.zeros(4), views, 0)]
    even = {"phonetic": 0.0, "literal": 0.0, "sounds": 0.0}
    assert accuracy(seen, Weights(**even)) == 0.0
    assert accuracy(seen, Weights(**even, heard=1.0)) == 1.0
    assert fit(seen).heard > 0.0


def test_the_recognizers_own_words_may_come_to_count_several_nats() -> None:
    """Heard rightly, beside guesses whose sounds fit better or worse by chance."""
    generator = np.random.default_rng(1)
    seen = []
    for _ in range(40):
        evidence = np.zeros((6, 5))
        evidence[0, 3] = 1.0
        evidence[1:, 0] = generator.normal(0.0, 3.0, 5)
        views = np.log(np.full((2, 6, 3), 0.05))
        views[0, 0, 0] = views[0, 1:, 1] = np.log(0.9)
        seen.append(Observation(evidence, np.array([0.0, *[0.4] * 5]), views, 0))
    assert fit(seen).literal > 3.0


def test_cross_validation_fits_on_other_sentences() -> None:
    seen = observations()
    assert cross_validated(seen, [str(n % 8) for n in range(len(seen))], folds=4) > 0.9


def test_weights_come_back_from_their_file(tmp_path: Path) -> None:
    written = {"zh": Weights(phonetic=0.31, sounds=1.5), "en": Weights()}
    write_weights(tmp_path / "deep" / "fresh.json", written)
    assert read_weights(tmp_path / "deep" / "fresh.json") == written
    assert read_weights(tmp_path / "missing.json") == {}
