"""The order that is meant, by how far it is: 没付款的那单, "the packed one"."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogue.domain import Domain
from dialogue.manager import step
from dialogue.stages import stage_meant
from dialogue.types import Act, ActionResult, Language, Outcome, State, Understanding

ORDERS = [
    {"order_id": "FD2024205", "status": "placed", "items": []},
    {"order_id": "FD2024285", "status": "packed", "items": []},
]
VOUCHED = State(language="en", customer="C038")


def meant(text: str, language: Language, intent: str, sure: float = 0.9) -> Understanding:
    return Understanding(text, language, ((intent, sure),), confidence=sure)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("取消没付款的那单", "placed"),
        ("打包好的那单能取消吗", "packed"),
        ("已取消的订单", "cancelled"),
        ("cancel the unpaid one", "placed"),
        ("the one that's packed", "packed"),
        ("the order that is on its way", "out_for_delivery"),
        ("取消订单", ""),
        ("取消那单", ""),
        ("is my order coming", ""),
        ("my order came wrong", ""),
        ("送到那个小区", ""),
    ],
)
def test_a_state_tells_an_order_only_where_it_stands_with_one(
    fresh: Domain, text: str, status: str
) -> None:
    assert stage_meant(fresh, VOUCHED, text) == status


def test_a_strangers_orders_are_not_told_apart(fresh: Domain) -> None:
    assert stage_meant(fresh, State(), "取消没付款的那单") == ""


def test_the_state_alone_answers_which_order_is_meant(fresh: Domain) -> None:
    asked = replace(VOUCHED, expects="order_id", listed=("FD2024205", "FD2024285"))
    assert stage_meant(fresh, asked, "打包好的") == "packed"
    assert stage_meant(fresh, asked, "unpaid") == "placed"


@pytest.mark.parametrize(
    ("text", "order"), [("cancel the unpaid one", "FD2024205"), ("取消打包好的那单", "FD2024285")]
)
def test_only_the_order_in_that_state_is_taken(fresh: Domain, text: str, order: str) -> None:
    state, decision = step(fresh, VOUCHED, meant(text, "en", "cancel_order"))
    assert (decision.act, decision.topic) == (Act.CALL, "list_orders")
    listed = ActionResult("list_orders", Outcome.DONE, facts={"orders": ORDERS})
    state, decision = step(fresh, state, listed)
    assert decision.act is Act.CHECK
    assert dict(decision.arguments)["order_id"] == order


def test_after_a_list_the_state_says_which_one_is_asked_about(fresh: Domain) -> None:
    state = replace(VOUCHED, topic="order_status", listed=("FD2024205", "FD2024285"))
    _, decision = step(fresh, state, meant("the packed one", "en", "out_of_scope", 0.5))
    assert (decision.act, decision.topic) == (Act.CALL, "list_orders")


@pytest.mark.parametrize("text", ["另外一个到哪了", "where is the other one"])
def test_the_other_one_is_not_the_order_just_spoken_of(fresh: Domain, text: str) -> None:
    state = VOUCHED.with_slot("order_id", "FD2024205")
    state, decision = step(fresh, state, meant(text, "en", "track_order"))
    assert (decision.act, decision.topic) == (Act.CALL, "list_orders")
    listed = ActionResult("list_orders", Outcome.DONE, facts={"orders": ORDERS})
    _, decision = step(fresh, state, listed)
    assert dict(decision.arguments)["order_id"] == "FD2024285"
