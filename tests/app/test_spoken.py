"""Spoken evaluation: a command is right when its intent and exactly its slots were found."""

from __future__ import annotations

from typing import Any

import pytest

from app.spoken import Command, SpokenTurn, right
from app.spoken_scores import error_rate, score_spoken

ROW: dict[str, Any] = {"audio": "a.flac", "intent": "orderDrink", "slots": {"size": "Small"}}


def turn(row: dict[str, Any], cascade: Command, joint: Command, gold: Command | None) -> SpokenTurn:
    return SpokenTurn(row, cascade, joint, gold, seconds=4.0, work=1.0)


@pytest.mark.parametrize(
    ("intent", "slots", "expected"),
    [
        ("orderDrink", {"size": "small"}, True),
        ("orderDrink", {"size": "large"}, False),
        ("orderDrink", {}, False),
        ("orderDrink", {"size": "small", "roast": "dark roast"}, False),
        ("greet", {"size": "small"}, False),
    ],
)
def test_a_command_with_a_slot_too_many_is_wrong(
    intent: str, slots: dict[str, str], expected: bool
) -> None:
    assert right(ROW, Command("", intent, slots)) is expected


def test_a_row_without_slots_asks_for_its_intent_only() -> None:
    assert right({"intent": "greet"}, Command("hi", "greet", {"name": "Ann"}))


def test_a_row_may_give_a_slot_as_it_was_said() -> None:
    row = {"intent": "stock_check", "slots": {"product": "蓝莓", "quantity": "两盒"}}
    values = {"product": "8", "quantity": "2"}
    assert right(row, Command("", "stock_check", values, {"product": "蓝莓", "quantity": "两盒"}))
    assert not right(row, Command("", "stock_check", values, {"product": "草莓"}))


def test_cascade_joint_and_gold_text_are_scored_apart() -> None:
    row = {**ROW, "text": "Small latte, please"}
    good = Command("small latte please", "orderDrink", {"size": "small"})
    bad = Command("", "out_of_scope", {})
    scores = score_spoken([turn(row, bad, good, good), turn(row, bad, bad, good)])
    assert (scores.cascade_command_accuracy, scores.command_accuracy) == (0.0, 0.5)
    assert (scores.gold_command_accuracy, scores.rtf) == (1.0, 0.25)
    assert (scores.wer, scores.cer) == (0.5, None)


def test_figures_that_need_words_are_left_out_without_them() -> None:
    good = Command("small latte", "orderDrink", {"size": "small"})
    scores = score_spoken([turn(ROW, good, good, None)])
    assert (scores.wer, scores.cer, scores.gold_intent_accuracy) == (None, None, None)


def test_error_rate_counts_edits_per_reference_unit() -> None:
    assert error_rate([("退货", "推货"), ("好", "")]) == pytest.approx(2 / 3)
