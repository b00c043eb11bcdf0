"""Who the customer is: nobody, somebody with an order number, or whom the host vouches for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dialogue.manager import start
from dialogue.state import from_json, identity, to_json
from dialogue.types import Act, Decision, State

from .conftest import DONE, Customer, FakeShop

OWN, OTHER = "FD2024051", "FD2024052"
NOT_VERIFIED = ("not_verified", {"order_id": OTHER})


def where(customer: Customer, order: str = "") -> Decision:
    """Asks where an order is."""
    words = (f"{order}到哪了", f"where is {order}")[customer.state.language == "en"]
    return customer.says(words if order else words.strip(), "track_order")


@pytest.fixture
def vouched(customer: Customer) -> Customer:
    """A customer whom the host site vouches for."""
    customer.state, _ = start(customer.state.language, "c7")
    return customer


def test_a_host_that_vouches_needs_no_phone_tail(vouched: Customer, shop: FakeShop) -> None:
    assert where(vouched, OWN).topic == "track_order.done.paid"
    assert [name for name, _ in shop.ran] == ["track_order"]


def test_which_order_is_meant_is_still_asked(vouched: Customer, shop: FakeShop) -> None:
    assert where(vouched).topic == "order_id"
    assert vouched.says(OWN).topic == "track_order.done.paid"
    assert [name for name, _ in shop.ran] == ["list_orders", "track_order"]


def listing(shop: FakeShop, monkeypatch: pytest.MonkeyPatch, *orders: str) -> None:
    """The shop lists `orders` as the customer's own."""
    facts = {"orders": [{"order_id": order, "status": "paid"} for order in orders]}
    monkeypatch.setitem(DONE, "list_orders", facts)


def test_their_only_order_is_meant(
    vouched: Customer, shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing(shop, monkeypatch, OWN)
    assert where(vouched).topic == "track_order.done.paid"
    assert shop.ran == [("list_orders", {}), ("track_order", {"order_id": OWN})]


def test_of_several_orders_one_is_chosen_and_they_are_listed_once(
    vouched: Customer, shop: FakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing(shop, monkeypatch, OTHER, OWN)
    asked = where(vouched)
    assert (asked.topic, dict(asked.arguments)["because"]) == ("order_id", "mine")
    assert vouched.says("嗯" if vouched.state.language == "zh" else "yes").topic == "order_id"
    second = "第二个" if vouched.state.language == "zh" else "second one"
    assert vouched.says(second).topic == "track_order.done.paid"
    assert [name for name, _ in shop.ran] == ["list_orders", "track_order"]


def test_a_number_heard_by_ear_is_still_read_back(vouched: Customer, shop: FakeShop) -> None:
    where(vouched)
    asked = vouched.says(OWN, spoken=True)
    assert (asked.act, asked.topic) == (Act.CONFIRM, "read_back.order_id")
    assert shop.ran == [("list_orders", {})]
    assert vouched.says("对" if vouched.state.language == "zh" else "yes", "affirm").topic == (
        "track_order.done.paid"
    )


def test_an_order_of_somebody_else_needs_the_phone_tail(vouched: Customer, shop: FakeShop) -> None:
    shop.refusals["track_order"] = NOT_VERIFIED
    asked = where(vouched, OTHER)
    assert (asked.topic, dict(asked.arguments)["because"]) == ("phone_tail", "foreign")
    del shop.refusals["track_order"]
    assert vouched.says("1234").topic == "track_order.done.paid"
    assert [name for name, _ in shop.ran] == ["track_order", "verify_order", "track_order"]


def test_it_takes_nothing_from_their_own_orders(vouched: Customer, shop: FakeShop) -> None:
    shop.refusals["track_order"] = NOT_VERIFIED
    where(vouched, OTHER)
    vouched.says("算了" if vouched.state.language == "zh" else "never mind", "cancel")
    del shop.refusals["track_order"]
    shop.ran.clear()
    assert where(vouched, OWN).topic == "track_order.done.paid"
    assert where(vouched, OTHER).topic == "phone_tail"
    assert [arguments["order_id"] for _, arguments in shop.ran] == [OWN]


def test_nothing_is_changed_without_a_yes(vouched: Customer, shop: FakeShop) -> None:
    vouched.says(
        f"取消{OWN}" if vouched.state.language == "zh" else f"cancel {OWN}", "cancel_order"
    )
    assert vouched.state.expects == "confirm"
    assert (shop.checked, shop.ran) == (["cancel_order"], [])


def test_a_shop_that_never_agrees_is_not_asked_for_ever(vouched: Customer, shop: FakeShop) -> None:
    shop.refusals["track_order"] = NOT_VERIFIED
    where(vouched, OTHER)
    vouched.says("1234")
    assert vouched.calls <= 3
    assert vouched.state.verified == ()


def test_three_levels_of_identity(customer: Customer) -> None:
    assert identity(customer.state) == "anonymous"
    where(customer, OWN)
    assert identity(customer.state) == "claimed"
    customer.says("1234")
    assert identity(customer.state) == "verified"
    assert identity(State(customer="c7")) == "verified"


def test_who_is_vouched_for_survives_json_and_older_states_load() -> None:
    state = replace(start("en", "c7")[0], foreign=(OTHER,))
    assert from_json(to_json(state)) == state
    older = json.loads(to_json(state))
    del older["customer"], older["foreign"]
    assert from_json(json.dumps(older)) == replace(state, customer="", foreign=())


MINE = ("我的订单有哪些", "which orders do I have")


def test_their_orders_are_listed_to_whom_the_host_vouches_for(
    vouched: Customer, shop: FakeShop
) -> None:
    told = vouched.says(MINE[vouched.state.language == "en"], "order_status", 0.3)
    assert (told.topic, shop.ran) == ("list_orders.done", [("list_orders", {})])
    assert vouched.state.flow is None


def test_a_flow_goes_on_after_the_list(vouched: Customer, shop: FakeShop) -> None:
    assert where(vouched).topic == "order_id"
    asked = vouched.says(MINE[vouched.state.language == "en"], "out_of_scope")
    assert asked.before[0].topic == "list_orders.done"
    assert (asked.topic, vouched.state.flow) == ("order_id", "track_order")


def test_nobody_else_gets_a_list(customer: Customer, shop: FakeShop) -> None:
    asked = customer.says(MINE[customer.state.language == "en"], "order_status")
    assert (asked.topic, shop.ran) == ("order_id", [])
