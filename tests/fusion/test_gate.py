"""The gate: quality counts before anything is learned, and what is absent never counts."""

from __future__ import annotations

import pytest
import torch

from fusion.gate import Gate, Pooling
from fusion.padded import Steps, pad

HERE = torch.tensor([[True, True]])


def gate() -> Gate:
    return Gate(width=4, modalities=["text", "audio"], tasks=["intent", "emotion"])


def pooled() -> dict[str, torch.Tensor]:
    return {"text": torch.tensor([[1.0, 2, 3, 4]]), "audio": torch.tensor([[4.0, 3, 2, 1]])}


def test_untrained_weights_are_shares_of_quality() -> None:
    weights = gate()(pooled(), torch.tensor([[0.9, 0.3]]), HERE)
    assert weights[0].tolist() == [pytest.approx([0.75, 0.25])] * 2


def test_what_is_absent_weighs_nothing_whatever_its_quality() -> None:
    weights = gate()(pooled(), torch.tensor([[0.1, 1.0]]), torch.tensor([[True, False]]))
    assert weights[0].tolist() == [[1.0, 0.0]] * 2


def test_each_task_has_its_own_weights_from_content() -> None:
    built = gate()
    with torch.no_grad():
        # The second task listens: audio's content score is ln 3 higher there.
        built.content["audio"].bias.copy_(torch.tensor([1.0, 3.0]).log())
    weights = built(pooled(), torch.ones(1, 2), HERE)[0]
    assert weights[0].tolist() == pytest.approx([0.5, 0.5])
    assert weights[1].tolist() == pytest.approx([0.25, 0.75])


def test_more_trust_in_quality_makes_the_difference_larger() -> None:
    built = gate()
    with torch.no_grad():
        built.log_trust.copy_(torch.tensor([1.0, 2.0]).log())
    weights = built(pooled(), torch.tensor([[0.9, 0.3]]), HERE)[0]
    assert weights[1].tolist() == pytest.approx([0.9, 0.1])


def test_untrained_pooling_is_the_mean_of_what_is_there() -> None:
    tokens = pad([Steps(torch.tensor([[1.0, 0.0], [3.0, 2.0]])), Steps(torch.ones(3, 2)), None])
    found = Pooling(2)(tokens)
    assert found.tolist() == [[2.0, 1.0], [1.0, 1.0], [0.0, 0.0]]
