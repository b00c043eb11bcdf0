"""The day that tells one of a customer's orders from the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dialogue.dates import day_meant, made_on
from dialogue.domain import Domain
from dialogue.types import Act, ActionResult, Decision, Outcome, State

from .conftest import Customer, FakeShop

MONDAY = "2026-11-30"
ORDERS = [
    {"order_id": "FD2024070", "status": "paid", "placed_at": "2026-11-30T01:00:00+00:00"},
    {"order_id": "FD2024124", "status": "packed", "placed_at": "2026-11-29T02:00:00+00:00"},
    {"order_id": "FD2024110", "status": "packed", "placed_at": "2026-11-25T02:00:00+00:00"},
]


class Listing(FakeShop):
    """A shop that lists three orders."""

    def answer(self, decision: Decision) -> ActionResult:
        if decision.topic == "list_orders":
            facts: dict[str, Any] = {"orders": ORDERS}
            return ActionResult("list_orders", Outcome.DONE, "", facts)
        return super().answer(decision)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("昨天那单到哪了", "2026-11-29"),
        ("我昨晚下的单", "2026-11-29"),
        ("上周三的订单", "2026-11-25"),
        ("周日那单", "2026-11-29"),
        ("11月20号那单", "2026-11-20"),
        ("12月1号的订单", "2025-12-01"),
        ("where is yesterday's order", "2026-11-29"),
        ("cancel the one from today", "2026-11-30"),
        ("what i ordered the day before yesterday", "2026-11-28"),
        ("the order i placed last friday", "2026-11-27"),
    ],
)
def test_a_day_tells_an_order(fresh: Domain, text: str, day: str) -> None:
    assert day_meant(fresh, State(today=MONDAY), text) == day


@pytest.mark.parametrize(
    "text",
    [
        *("我的订单今天能到吗", "昨天买的苹果坏了", "2月30号那单"),
        *("where is my order today", "today one of my apples was bad"),
    ],
)
def test_a_day_of_something_else_tells_none(fresh: Domain, text: str) -> None:
    assert day_meant(fresh, State(today=MONDAY), text) == ""


def test_the_day_of_an_order_is_the_business_s_own(fresh: Domain) -> None:
    assert made_on("2026-11-29T17:00:00+00:00", fresh) == MONDAY
    assert made_on("", fresh) == ""


@pytest.fixture
def vouched(fresh: Domain, language: str) -> Customer:
    customer = Customer(fresh, "zh" if language == "zh" else "en", Listing())
    customer.state = replace(customer.state, customer="C054", today=MONDAY)
    return customer


def test_the_order_of_that_day_is_taken(vouched: Customer) -> None:
    zh = vouched.state.language == "zh"
    asked = vouched.says("取消昨天那单" if zh else "cancel yesterday's order", "cancel_order")
    assert (asked.act, asked.topic) == (Act.CONFIRM, "cancel_order")
    assert dict(asked.arguments)["order_id"] == "FD2024124"


def test_asked_which_a_day_alone_is_an_answer(vouched: Customer) -> None:
    zh = vouched.state.language == "zh"
    asked = vouched.says("取消订单" if zh else "cancel an order", "cancel_order")
    assert (asked.act, asked.topic) == (Act.ASK, "order_id")
    asked = vouched.says("昨天的" if zh else "yesterday's", "out_of_scope")
    assert dict(asked.arguments)["order_id"] == "FD2024124"


def test_another_day_means_another_order(vouched: Customer) -> None:
    zh = vouched.state.language == "zh"
    told = vouched.says("昨天那单到哪了" if zh else "where is yesterday's order", "track_order")
    assert told.topic.startswith("track_order.done")
    vouched.says("取消今天那单" if zh else "cancel today's order", "cancel_order")
    assert vouched.state.slot("order_id") == "FD2024070"


def test_nobody_s_order_is_found_by_its_day(customer: Customer) -> None:
    zh = customer.state.language == "zh"
    customer.state = replace(customer.state, today=MONDAY)
    asked = customer.says("昨天那单到哪了" if zh else "where is yesterday's order", "track_order")
    assert (asked.act, dict(asked.arguments).get("because")) == (Act.ASK, "dated")
    again = customer.says("昨天的" if zh else "yesterday's", "out_of_scope")
    assert (again.topic, dict(again.arguments).get("because")) == ("order_id", None)
