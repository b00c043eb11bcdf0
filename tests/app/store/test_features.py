"""Vectors are kept until others were used more lately."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from app.store.features import Features

VECTOR = np.array([0.25, -1.5, 3e-7], dtype=np.float32)


def test_a_vector_comes_back_exactly(database, clock):
    features = Features(database, clock=clock)
    features.put("a", "image", VECTOR)
    assert np.array_equal(features.get("a", "image"), VECTOR)
    assert features.get("a", "text") is None


def test_putting_again_replaces(database, clock):
    features = Features(database, clock=clock)
    features.put("a", "image", VECTOR)
    features.put("a", "image", VECTOR * 2)
    assert np.array_equal(features.get("a", "image"), VECTOR * 2)


def test_what_was_not_used_for_longest_goes_first(database, clock):
    features = Features(database, limit=2, clock=clock)
    steps = [
        lambda: features.put("a", "k", VECTOR),
        lambda: features.put("b", "k", VECTOR),
        lambda: features.get("a", "k"),
        lambda: features.put("c", "k", VECTOR),
    ]
    for step in steps:
        clock.move(seconds=1)
        step()
    assert [features.get(key, "k") is None for key in "abc"] == [False, True, False]


def test_only_a_vector_is_kept(database):
    with pytest.raises(ValueError, match="one vector"):
        Features(database).put("a", "k", np.zeros((2, 2), np.float32))


def test_the_same_vector_put_at_once_is_no_error(database):
    features, failures = Features(database), []

    def put():
        try:
            features.put("a", "k", VECTOR)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=put) for _ in range(6)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert failures == []
