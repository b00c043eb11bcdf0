"""Why not, what now, are you sure, do it after all: what is said of the answer just given."""

from __future__ import annotations

import pytest

from dialogue import reasons
from dialogue.types import Act

from .conftest import Customer, FakeShop


@pytest.mark.parametrize(
    "text", ["why not", "why", "how come", "凭什么", "为什么不能退", "怎么就退不了", "谁规定的"]
)
def test_a_reason_is_asked_for(text: str) -> None:
    assert reasons.asks_why(text)
    assert not reasons.asks_what_now(text)


@pytest.mark.parametrize(
    "text", ["so what now", "what can i do", "那怎么办", "咋办", "有别的办法吗"]
)
def test_it_is_asked_what_can_be_done(text: str) -> None:
    assert reasons.asks_what_now(text)


@pytest.mark.parametrize("text", ["where is it", "what can you do", "我的订单到哪了", "多少钱"])
def test_a_request_asks_for_no_reason(text: str) -> None:
    assert (reasons.asks_why(text), reasons.asks_what_now(text)) == (False, False)


@pytest.mark.parametrize("text", ["are u sure", "你确定吗", "真的吗", "really?"])
def test_it_is_doubted(text: str) -> None:
    assert reasons.doubts(text)


@pytest.mark.parametrize("text", ["are you sure the apples are red", "确定取消", "really rotten"])
def test_more_than_a_doubt_is_none(text: str) -> None:
    assert not reasons.doubts(text)


def test_the_rule_that_refused_is_told_once_then_a_person_offered(
    customer: Customer, shop: FakeShop
) -> None:
    shop.refusals["cancel_order"] = ("out_for_delivery", {})
    why = "为什么" if customer.state.language == "zh" else "why"
    customer.knows(order_id="FD2024051", phone_tail="1234")
    customer.says("取消订单", "cancel_order")
    assert customer.state.ended == "cancel_order.refused.out_for_delivery"
    assert customer.says(why, "affirm").topic == "why.cancel_order.refused.out_for_delivery"
    again = customer.says(why, "affirm")
    assert (again.act, again.topic) == (Act.CONFIRM, "human_agent")


def test_nothing_was_refused_and_no_reason_is_told(customer: Customer) -> None:
    customer.says("为什么" if customer.state.language == "zh" else "why", "out_of_scope")
    assert customer.state.ended == ""


def test_what_was_dropped_goes_on_when_it_is_wanted_after_all(customer: Customer) -> None:
    zh = customer.state.language == "zh"
    customer.knows(order_id="FD2024051", phone_tail="1234")
    customer.says("取消订单", "cancel_order")
    customer.says("算了" if zh else "never mind", "deny")
    asked = customer.says("还是取消吧" if zh else "no i do want to cancel", "deny")
    assert (asked.act, asked.topic) == (Act.CONFIRM, "cancel_order")
