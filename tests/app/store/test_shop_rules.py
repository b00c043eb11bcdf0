"""What the articles promise and the shop keeps: time limits, and what makes up for a delay."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select

from app.store.shop import SqlActions
from app.store.shop_tables import CouponRow, OrderRow
from dialogue.engines import Caller

KEYS = (f"rule{n}" for n in itertools.count())


def caller(given) -> Caller:
    """Somebody who proved to own the order in question."""
    return Caller("c", next(KEYS), (given.get("order_id", ""),))


@pytest.fixture
def run(shop, clock):
    actions = SqlActions(shop, clock)
    return lambda action, **given: actions.run(action, given, caller(given))


@pytest.fixture
def check(shop, clock):
    actions = SqlActions(shop, clock)
    return lambda action, **given: actions.check(action, given, caller(given))


def order_with_both_kinds(shop) -> OrderRow:
    """A delivered order that holds fresh and packaged goods."""
    with shop.reading() as session:
        wanted = select(OrderRow).where(OrderRow.status == "delivered").order_by(OrderRow.id)
        for order in session.scalars(wanted):
            if {line.product.fresh for line in order.lines} == {True, False} and not order.refunds:
                [line.product for line in order.lines]
                return order
    raise AssertionError("the seed has no such order")


def delivered(shop, order_id, when):
    with shop.writing() as session:
        session.get(OrderRow, order_id).delivered_at = when


@pytest.mark.parametrize(
    ("hours", "kind", "code"),
    [(47, "damaged", ""), (49, "damaged", "fresh_too_late"), (49, "refund", "fresh_too_late"),
     (49, "wrong", ""), (49, "missing", ""), (170, "missing", "too_late")],
)  # fmt: skip
def test_fresh_goods_are_judged_within_two_days(shop, clock, run, hours, kind, code):
    delivered(shop, "FD2024053", clock.now)
    clock.move(hours=hours)
    given = {"order_id": "FD2024053", "kind": kind, "product": "4"}
    assert run("request_refund", **given).code == code


def test_packaged_goods_of_the_order_can_still_be_refunded(shop, clock, run):
    order = order_with_both_kinds(shop)
    delivered(shop, order.id, clock.now)
    clock.move(hours=49)
    refused = run("request_refund", order_id=order.id, kind="refund")
    assert refused.code == "partly_too_late"
    packaged = [line.product_id for line in order.lines if not line.product.fresh]
    assert [item["product"] for item in refused.facts["items"]] == packaged
    given = {"order_id": order.id, "kind": "refund", "product": packaged[0]}
    assert run("request_refund", **given).outcome == "done"


def test_one_of_several_products_is_found_in_the_order_or_asked_for(run):
    given = {"order_id": "FD2024053", "kind": "damaged"}
    assert run("request_refund", product="0|1|2|3|4", **given).facts["product"] == "4"
    asked = run("request_refund", product="40|55", **given)
    assert asked.code == "which_product"
    assert [item["product"] for item in asked.facts["items"]] == ["40", "55"]


def test_invoices_are_issued_for_ninety_days(shop, clock, run):
    delivered(shop, "FD2024053", clock.now)
    clock.move(days=91)
    given = {"order_id": "FD2024053", "name": "x", "email": "a@b.cn"}
    refused = run("request_invoice", **given)
    assert (refused.code, refused.facts["days"]) == ("too_late", 90)
    clock.move(days=-2)
    assert run("request_invoice", **given).outcome == "done"


@pytest.mark.parametrize(
    ("minutes", "value"), [(20, None), (31, "5.00"), (59, "5.00"), (61, "10.00")]
)
def test_a_delay_is_made_good_by_a_coupon(shop, clock, run, minutes, value):
    with shop.writing() as session:
        clock.now = session.get(OrderRow, "FD2024051").shipment.eta
    clock.move(minutes=minutes)
    facts = run("report_delivery_problem", order_id="FD2024051", reason="late").facts
    assert facts.get("value") == value
    if value:
        assert run("check_coupon", coupon_code=facts["coupon_code"]).facts["value"] == value


def test_a_delay_reported_twice_brings_one_coupon_of_the_larger_worth(shop, clock, run):
    with shop.writing() as session:
        clock.now = session.get(OrderRow, "FD2024051").shipment.eta
    values = []
    for _ in range(3):
        clock.move(minutes=35)
        facts = run("report_delivery_problem", order_id="FD2024051", reason="late").facts
        values.append(facts["value"])
    assert values == ["5.00", "10.00", "10.00"]
    with shop.reading() as session:
        assert len([c for c in session.scalars(select(CouponRow)) if c.code[:4] == "LATE"]) == 1


def test_the_discount_of_a_cancelled_order_comes_back(shop, run):
    with shop.writing() as session:
        order = session.get(OrderRow, "FD2024056")
        order.discount = order.total / 10
        worth = order.discount
    facts = run("cancel_order", order_id="FD2024056").facts
    assert float(facts["value"]) == pytest.approx(float(worth), abs=0.01)
    assert run("check_coupon", coupon_code=facts["coupon_code"]).outcome == "done"
    assert facts["refund"]["amount"] == facts["amount"]


@pytest.mark.parametrize(
    ("action", "order_id", "code"),
    [
        ("change_address", "FD2024051", "out_for_delivery"),
        ("change_address", "FD2024056", ""),
        ("request_invoice", "FD2024060", "already_issued"),
        ("request_invoice", "FD2024053", ""),
    ],
)
def test_whether_it_can_be_done_is_known_before_everything_is_asked(check, action, order_id, code):
    assert check(action, order_id=order_id).code == code


def test_nothing_is_done_with_arguments_missing(run):
    with pytest.raises(ValueError, match="address"):
        run("change_address", order_id="FD2024056")
