"""Losses, each against a number worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from fusion.config import ConfigError, TaskConfig
from fusion.losses import (
    MISSING,
    LossConfig,
    MultiModalLoss,
    alignment_loss,
    class_weights,
    distillation,
    info_nce,
    task_loss,
    uncertain,
    word_pairs,
)
from fusion.model import FusionOutput
from fusion.padded import NAN, Steps, pad

INTENT = TaskConfig("classification", ("a", "b"))
SIZE = TaskConfig("regression", mean=10.0, deviation=2.0)
TAGS = TaskConfig("multilabel", ("x", "y"))
ONES = torch.ones(2)


def test_cross_entropy_with_label_smoothing() -> None:
    logits = torch.tensor([[math.log(3.0), 0.0]])  # probabilities .75 and .25
    rows, _ = task_loss(logits, torch.tensor([0]), INTENT, 0.2, ONES)
    assert rows.item() == pytest.approx(-(0.9 * math.log(0.75) + 0.1 * math.log(0.25)))


def test_a_row_without_an_answer_costs_nothing() -> None:
    rows, there = task_loss(torch.zeros(2, 2), torch.tensor([MISSING, 1]), INTENT, 0.0, ONES)
    assert rows.tolist() == pytest.approx([0.0, math.log(2)])
    assert there.tolist() == [False, True]
    rows, there = task_loss(torch.zeros(2, 1), torch.tensor([NAN, 10.0]), SIZE, 0.0, ONES)
    assert rows.tolist() == [0.0, 0.0]
    assert there.tolist() == [False, True]


def test_a_regression_counts_deviations() -> None:
    rows, _ = task_loss(torch.tensor([[0.5]]), torch.tensor([14.0]), SIZE, 0.0, ONES)
    assert rows.item() == pytest.approx((0.5 - 2.0) ** 2)


def test_each_label_of_many_is_a_question_of_its_own() -> None:
    rows, _ = task_loss(
        torch.tensor([[0.0, math.log(3.0)]]), torch.tensor([[1.0, 0.0]]), TAGS, 0.0, ONES
    )
    assert rows.item() == pytest.approx((math.log(2) - math.log(0.25)) / 2)


def test_rare_classes_count_as_much_as_frequent_ones() -> None:
    weights = class_weights([6, 2, 0])
    assert weights.tolist() == pytest.approx([8 / 12, 2.0, 0.0])
    assert (weights * torch.tensor([6, 2, 0])).tolist() == pytest.approx([4.0, 4.0, 0.0])


def test_learned_uncertainty_weighs_as_in_the_paper() -> None:
    s = torch.tensor(math.log(4.0))
    assert uncertain(torch.tensor(2.0), s, regression=False).item() == pytest.approx(
        0.5 + math.log(2)
    )
    assert uncertain(torch.tensor(2.0), s, regression=True).item() == pytest.approx(
        0.25 + math.log(2)
    )


def test_info_nce_of_two_pairs() -> None:
    one = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    # Own cosine 1, other 0, temperature 1: -ln(e / (e + 1)) both ways.
    assert info_nce(one, one, 1.0).item() == pytest.approx(math.log(1 + math.exp(-1)))
    assert info_nce(one, one.flip(0), 1.0).item() == pytest.approx(math.log(1 + math.e))
    assert info_nce(one[:1], one[:1], 1.0).item() == 0.0


def test_words_are_paired_with_the_mean_of_their_frames() -> None:
    words = pad([Steps(torch.eye(2), torch.tensor([[0.0, 1.0], [NAN, NAN]]))])
    frames = pad(
        [Steps(torch.tensor([[2.0, 0.0], [0.0, 4.0], [9.0, 9.0]]),
               torch.tensor([[0.0, 0.5], [0.5, 1.0], [1.0, 1.5]]))]
    )  # fmt: skip
    said, heard = word_pairs(words, frames)
    assert said.tolist() == [[1.0, 0.0]]
    assert heard.tolist() == [[1.0, 2.0]]


def test_alignment_moves_from_clips_to_words() -> None:
    spans = torch.tensor([[0.0, 1.0], [1.0, 2.0]])
    words = pad([Steps(torch.eye(2), spans), Steps(-torch.eye(2), spans)])
    swapped = pad([Steps(torch.eye(2).flip(0), spans), Steps(-torch.eye(2).flip(0), spans)])
    tokens = {"text": words, "audio": swapped}
    # Clip means agree; the words inside each clip do not.
    coarse, fine = (alignment_loss(tokens, f, 0.1).item() for f in (0.0, 1.0))
    assert coarse == pytest.approx(0.0, abs=1e-6)
    assert fine == pytest.approx(10.0, abs=0.1)


def test_a_student_that_agrees_loses_nothing() -> None:
    teacher = torch.tensor([[2.0, 0.0]])
    assert distillation(teacher, teacher).item() == pytest.approx(0.0, abs=1e-7)
    wanted = torch.tensor([math.e / (math.e + 1), 1 / (math.e + 1)])
    kl = float((wanted * (wanted / 0.5).log()).sum())
    assert distillation(torch.zeros(1, 2), teacher).item() == pytest.approx(4 * kl)


def output(logits: dict[str, torch.Tensor]) -> FusionOutput:
    return FusionOutput(logits, torch.ones(2, 1, 1), torch.zeros(2), {})


def test_rows_count_by_weight_and_tasks_by_theirs() -> None:
    loss = MultiModalLoss({"intent": TaskConfig("classification", ("a", "b"), weight=2.0)})
    logits = torch.tensor([[math.log(3.0), 0.0], [0.0, 0.0]])
    found = loss(
        output({"intent": logits}), {"intent": torch.tensor([0, 0])}, torch.tensor([3.0, 1.0])
    )
    mean = (-3 * math.log(0.75) + math.log(2)) / 4
    assert found.total.item() == pytest.approx(2 * mean)
    assert found.parts["intent"] == pytest.approx(mean)


def test_learned_weights_follow_the_losses() -> None:
    loss = MultiModalLoss({"intent": INTENT, "size": SIZE}, LossConfig(weighting="uncertainty"))
    logits = {"intent": torch.zeros(2, 2), "size": torch.full((2, 1), 5.0)}
    targets = {"intent": torch.tensor([0, 1]), "size": torch.tensor([10.0, 10.0])}
    loss(output(logits), targets, torch.ones(2)).total.backward()
    # d/ds of exp(-s)·L + s/2 at 0 is 1/2 - L, half the first term for values.
    assert loss.log_variance.grad.tolist() == pytest.approx([0.5 - math.log(2), 0.5 - 12.5])


def test_a_smoothing_of_one_is_refused() -> None:
    with pytest.raises(ConfigError, match="smoothing"):
        LossConfig(smoothing=1.0)
