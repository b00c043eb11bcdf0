"""Questions and corrections in the middle of things, as customers put them."""

from __future__ import annotations

import pytest

from dialogue import cues
from dialogue.domain import Domain
from dialogue.goods import compared
from dialogue.nlu.slots import SlotReader
from dialogue.openings import after_what
from dialogue.types import Act, Request, State, Understanding

from .conftest import Customer, FakeShop


def test_a_wish_after_a_no_needs_no_comma() -> None:
    assert after_what("算了 催一下吧") == "催一下吧"
    assert after_what("算了") == ""


def test_what_is_left_somewhere_is_not_dropped() -> None:
    assert not cues.says_stop("can you leave it with my neighbour")
    assert cues.says_stop("just leave it")


def test_not_that_but_this_corrects() -> None:
    assert cues.says_wrong("不是鸡蛋是番茄")
    assert not cues.says_wrong("是不是番茄")


def test_yes_or_no_is_asked_by_saying_both() -> None:
    assert cues.is_question("税号要不要")
    assert not cues.is_question("要")


def test_a_district_alone_is_no_address(fresh: Domain) -> None:
    reader, state = SlotReader(fresh), State(flow="change_address", expects="address")
    assert not [s for s in reader.read("浦东新区", state) if s.name == "address"]
    assert [s for s in reader.read("浦东新区碧波路690号", state) if s.name == "address"]


def test_one_product_is_set_beside_the_one_spoken_of(fresh: Domain) -> None:
    said = Understanding("跟香蕉比哪个贵", "zh", (("price_promo", 1.0),), confidence=1.0)
    assert compared(fresh, said, ("7",)) == ("7", "6")
    assert compared(fresh, said) == ()


def test_whether_a_coupon_comes_back_asks_for_no_code(customer: Customer) -> None:
    zh = customer.state.language == "zh"
    customer.knows(order_id="FD2024051")
    text = "优惠券还能退回来吗" if zh else "do i get my coupon back"
    assert customer.says(text, "coupon_problem").act is Act.ANSWER
    customer.says("券用不了" if zh else "my coupon fails", "coupon_problem")
    assert customer.state.flow == "coupon_problem"


def test_what_now_after_an_answer_that_does_not_help_offers_a_person(customer: Customer) -> None:
    zh = customer.state.language == "zh"
    customer.says("钱扣了没订单" if zh else "charged without an order", "payment_problem")
    offered = customer.says("那怎么办" if zh else "so what now", "out_of_scope")
    assert (offered.act, offered.topic) == (Act.CONFIRM, "human_agent")


def test_a_question_about_the_request_is_answered_and_the_request_goes_on(
    customer: Customer,
) -> None:
    zh = customer.state.language == "zh"
    customer.knows(order_id="FD2024051", phone_tail="1234")
    customer.says("开发票" if zh else "invoice please", "invoice_request")
    customer.says("青禾公司" if zh else "Maple Studio")
    asked = customer.says("税号要不要" if zh else "do i need a tax number?", "invoice_request")
    assert asked.before[0].act is Act.ANSWER
    assert (asked.act, asked.topic) == (Act.ASK, "email")


def test_no_it_was_another_order_asks_for_the_same_of_that(
    customer: Customer, shop: FakeShop
) -> None:
    zh = customer.state.language == "zh"
    shop.refusals["request_refund"] = ("not_delivered", {})
    customer.knows(order_id="FD2024051", phone_tail="1234")
    customer.says("退款" if zh else "refund please", "refund_request")
    shop.refusals.clear()
    customer.says("不对，是FD2024060" if zh else "no it was FD2024060", "deny")
    assert (customer.state.flow, customer.state.slot("order_id")) == (
        "refund_request",
        "FD2024060",
    )


def test_how_long_after_two_requests_may_be_about_the_first(
    customer: Customer, shop: FakeShop
) -> None:
    zh = customer.state.language == "zh"
    customer.knows(order_id="FD2024051", phone_tail="1234")
    further = Request("freshness_storage", "西瓜能放几天" if zh else "how do I keep melons")
    customer.says("退款" if zh else "refund please", "refund_request", also=(further,))
    customer.says("没有" if zh else "no", "deny")
    customer.says("好的" if zh else "yes", "affirm")
    assert (customer.state.topic, customer.state.earlier) == ("freshness_storage", "refund_request")
    customer.says("多久到账" if zh else "how long", "delivery_time", 0.9)
    assert shop.ran[-1][0] == "refund_status"


def test_asked_for_the_same_in_question_after_question_a_person_is_offered(
    customer: Customer,
) -> None:
    zh = customer.state.language == "zh"
    for intent in ("product_info", "stock_check", "product_info"):
        assert customer.says("那个呢" if zh else "is it nice", intent).topic == "product"
    assert customer.says("有货吗" if zh else "in stock", "stock_check").topic == "human_agent"


@pytest.mark.parametrize("text", ["发了吗", "sent yet"])
def test_few_words_beside_a_question_are_not_called_outside(customer: Customer, text: str) -> None:
    customer.says("查订单", "track_order")
    asked = customer.says(text, "out_of_scope", 0.7)
    assert (asked.topic, asked.before) == ("order_id", ())
