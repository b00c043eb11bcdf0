"""Cross-fitted answers: nobody answers about what it was shown."""

from __future__ import annotations

import numpy as np
import pytest

from fusion.crossfit import cross_answers
from fusion.feeling.ridge import fit_ridge


def test_a_head_that_learns_by_heart_is_not_asked_about_what_it_knows() -> None:
    chance = np.random.default_rng(0)
    features = chance.standard_normal((61, 200)).astype(np.float32)
    targets = [("bad", "good")[i] for i in chance.integers(0, 2, 61)]
    # Each row twice, as a recording is in several turns: a fold must not part the two.
    twice, groups = np.concatenate([features, features]), [*range(61), *range(61)]
    head, said = cross_answers(fit_ridge, twice, targets * 2, groups)
    known = [head.labels[k] for k in head.probabilities([twice]).argmax(axis=1)]
    unseen = [max(p, key=p.__getitem__) for p in said]
    assert np.mean(np.array(known) == targets * 2) == 1.0
    assert np.mean(np.array(unseen) == targets * 2) < 0.75
    assert all(sum(p.values()) == pytest.approx(1.0, abs=1e-4) for p in said)
    apart = cross_answers(fit_ridge, twice, targets * 2, range(122))[1]
    assert np.mean([max(p, key=p.__getitem__) for p in apart] == np.array(targets * 2)) > 0.75


def test_too_few_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="5 folds need as many groups; there are 2"):
        cross_answers(fit_ridge, np.zeros((4, 2), np.float32), ["a", "b"] * 2, [1, 1, 2, 2])
