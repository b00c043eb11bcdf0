from __future__ import annotations

from itertools import groupby, product

import numpy as np
import pytest

from speech.joint.ctc import best_path, distinct, logprobs, telling

FRAMES = np.log(
    np.array([[0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.6, 0.1, 0.3], [0.1, 0.2, 0.7]], np.float32)
)


def enumerated(sequence: list[int]) -> float:
    """P(sequence) summed over every path there is."""
    total = 0.0
    for path in product(range(FRAMES.shape[1]), repeat=len(FRAMES)):
        said = [unit for unit, _ in groupby(path) if unit]
        if said == sequence:
            total += float(np.exp(sum(FRAMES[t, unit] for t, unit in enumerate(path))))
    return total


@pytest.mark.parametrize("sequence", [[], [1], [2], [1, 2], [1, 1], [2, 1, 2]])
def test_a_sequence_is_as_likely_as_all_its_paths_together(sequence: list[int]) -> None:
    assert np.exp(logprobs(FRAMES, [sequence])[0]) == pytest.approx(enumerated(sequence), rel=1e-4)


def test_sequences_are_weighed_together_as_alone() -> None:
    sequences = [[1], [1, 2, 1], [], [2, 2]]
    alone = [logprobs(FRAMES, [each])[0] for each in sequences]
    assert logprobs(FRAMES, sequences) == pytest.approx(alone, abs=1e-4)


def test_more_units_than_frames_cannot_have_been_said() -> None:
    assert logprobs(FRAMES, [[1, 2, 1, 2, 1]])[0] < -1000


def test_the_best_path_leaves_out_repeats_and_blanks() -> None:
    path = [1, 1, 0, 1, 2, 2, 0]
    frames = np.log(np.eye(3, dtype=np.float32)[path] * 0.9 + 0.03)
    assert best_path(frames) == [1, 1, 2]
    assert best_path(frames[:0]) == []


def test_of_silence_only_its_first_frame_is_kept() -> None:
    path = [0, 0, 0, 1, 0, 0, 2, 0, 0]
    frames = np.log(np.eye(3, dtype=np.float32)[path] * 0.999 + 0.0003)
    assert telling(frames).argmax(axis=1).tolist() == [1, 0, 2, 0]
    assert best_path(telling(frames)) == best_path(frames)


def test_what_is_unsure_or_short_was_not_said_distinctly() -> None:
    sure = np.log(np.eye(5, dtype=np.float32)[[1, 2, 3, 4]] * 0.95 + 0.01)
    assert distinct(sure)
    assert not distinct(sure[:2])
    assert not distinct(np.log(np.exp(sure) * 0.3 + 0.14))
