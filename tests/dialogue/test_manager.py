"""A whole conversation, turn by turn, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogue.domain import Domain
from dialogue.manager import step
from dialogue.state import from_json, remember, to_json
from dialogue.types import Act, Language, Request, Sighting, Understanding

from .conftest import DONE, Customer, FakeShop

WORDS = {
    "track": ("我的订单到哪了", "where is my order"),
    "cancel": ("我要取消订单", "I want to cancel my order"),
    "broken": ("收到的草莓坏了", "the item arrived broken"),
    "yes": ("好的", "yes please"),
    "no": ("不用了", "no thanks"),
    "stop": ("算了不退了", "never mind"),
    "fee": ("等等，运费多少？", "wait, how much is shipping?"),
    "human": ("转人工", "a person please"),
    "noise": ("阿巴阿巴", "blah blah"),
    "again": ("再说一遍", "say that again"),
}


def say(customer: Customer, key: str) -> str:
    return WORDS[key][customer.state.language == "en"]


def verify(customer: Customer) -> None:
    customer.says("FD2024051")
    customer.says("1234")


def test_an_order_is_tracked_after_number_and_phone_tail(
    customer: Customer, shop: FakeShop
) -> None:
    assert customer.says(say(customer, "track"), "track_order").topic == "order_id"
    assert customer.says("FD2024051", "praise", 0.99).topic == "phone_tail"
    told = customer.says("1234", "payment_problem", 0.99)
    assert (told.act, told.topic) == (Act.TELL, "track_order.done.paid")
    assert [name for name, _ in shop.ran] == ["verify_order", "track_order"]
    assert customer.state.verified == ("FD2024051",)
    assert customer.state.flow is None


@pytest.mark.parametrize(
    "words", ["FD2024051", "fd 202 4051", "FD二零二四零五幺", "f d two oh two four zero five one"]
)
def test_a_spoken_order_number_is_read_from_the_question(customer: Customer, words: str) -> None:
    customer.says(say(customer, "track"), "track_order")
    customer.says(words, "account_problem", 0.9)
    assert customer.state.slot("order_id") == "FD2024051"


def test_nothing_is_cancelled_without_a_yes(customer: Customer, shop: FakeShop) -> None:
    customer.says(say(customer, "cancel"), "cancel_order")
    customer.says("FD2024051")
    asked = customer.says("1234")
    assert (asked.act, asked.topic) == (Act.CONFIRM, "cancel_order")
    assert shop.checked == ["cancel_order"]
    assert customer.says(say(customer, "no"), "deny").topic == "stopped"
    assert "cancel_order" not in dict(shop.ran)


@pytest.mark.parametrize(
    ("language", "yes"),
    [
        ("zh", w)
        for w in ("好的", "嗯", "可以", "确认", "是的，取消吧", "好的取消吧", "嗯取消", "行")
    ]
    + [("en", w) for w in ("yes", "ok", "sure", "yes please", "go ahead and cancel", "go ahead")],
    indirect=["language"],
)
def test_a_yes_in_any_words_lets_the_cancellation_happen(
    customer: Customer, shop: FakeShop, yes: str
) -> None:
    customer.says(say(customer, "cancel"), "cancel_order")
    verify(customer)
    assert customer.says(yes, "out_of_scope", 0.3).topic == "cancel_order.done"
    assert ("cancel_order", {"order_id": "FD2024051"}) in shop.ran


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_words_that_may_be_a_yes_do_nothing_irreversible(
    customer: Customer, shop: FakeShop
) -> None:
    customer.says(say(customer, "cancel"), "cancel_order")
    verify(customer)
    customer.says("it's about that stuff", "affirm", 0.79)
    assert "cancel_order" not in dict(shop.ran)
    assert customer.state.expects == "confirm"


@pytest.mark.parametrize(
    ("language", "cry"),
    [("zh", "真是的"), ("zh", "唉，服了"), ("en", "come on"), ("en", "oh for god's sake!")],
    indirect=["language"],
)
def test_an_outcry_is_no_yes_however_sure_of_it_the_classifier_is(
    customer: Customer, shop: FakeShop, cry: str
) -> None:
    customer.says(say(customer, "cancel"), "cancel_order")
    verify(customer)
    customer.says(cry, "affirm", 0.998)
    assert "cancel_order" not in dict(shop.ran)
    assert customer.state.expects == "confirm"


@pytest.mark.parametrize(
    ("language", "again"),
    [("zh", "取消吧"), ("zh", "取消"), ("en", "cancel it")],
    indirect=["language"],
)
def test_the_request_said_again_is_a_yes(customer: Customer, shop: FakeShop, again: str) -> None:
    customer.says(say(customer, "cancel"), "cancel_order")
    verify(customer)
    assert customer.says(again, "cancel_order", 0.9).topic == "cancel_order.done"
    assert ("cancel_order", {"order_id": "FD2024051"}) in shop.ran


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "好的但是先等等"),
        ("zh", "可以便宜一点"),
        ("zh", "能取消吗"),
        ("zh", "不是这个"),
        ("zh", "多少钱退回来？"),
        ("en", "yes but change the address first"),
        ("en", "wait"),
        ("en", "is it free?"),
    ],
    indirect=["language"],
)
def test_half_a_yes_is_no_yes(customer: Customer, shop: FakeShop, words: str) -> None:
    customer.says(say(customer, "cancel"), "cancel_order")
    verify(customer)
    customer.says(words, "cancel_order", 0.5)
    assert "cancel_order" not in dict(shop.ran)


def test_a_refusal_comes_before_the_confirmation(customer: Customer, shop: FakeShop) -> None:
    shop.refusals["cancel_order"] = ("already_delivered", {})
    customer.says(say(customer, "cancel"), "cancel_order")
    customer.says("FD2024051")
    assert customer.says("1234").topic == "cancel_order.refused.already_delivered"
    assert customer.state.flow is None


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "不对，是FD2024052那单"), ("en", "no, the other one, FD2024052")],
    indirect=["language"],
)
def test_a_corrected_order_is_verified_again(
    customer: Customer, shop: FakeShop, words: str
) -> None:
    customer.says(say(customer, "cancel"), "cancel_order")
    verify(customer)
    asked = customer.says(words, "deny")
    assert asked.act is Act.CONFIRM
    assert shop.ran[-1] == ("verify_order", {"order_id": "FD2024052", "phone_tail": "1234"})
    customer.says(say(customer, "yes"), "affirm")
    assert shop.ran[-1] == ("cancel_order", {"order_id": "FD2024052"})


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "不对，是昨天那单"), ("en", "no, the other order")],
    indirect=["language"],
)
def test_a_correction_without_a_value_asks_for_it(customer: Customer, words: str) -> None:
    customer.says(say(customer, "cancel"), "cancel_order")
    verify(customer)
    asked = customer.says(words, "deny")
    assert (asked.act, asked.topic) == (Act.ASK, "order_id")


def test_wrong_phone_digits_are_asked_again_with_the_tries_left(
    customer: Customer, shop: FakeShop
) -> None:
    shop.refusals["verify_order"] = ("mismatch", {"tries_left": 4})
    customer.says(say(customer, "track"), "track_order")
    customer.says("FD2024051")
    asked = customer.says("9999")
    assert (asked.act, asked.topic) == (Act.ASK, "phone_tail")
    assert dict(asked.arguments)["tries_left"] == 4
    shop.refusals.clear()
    assert customer.says("1234").topic == "track_order.done.paid"


def test_a_locked_conversation_says_so(customer: Customer, shop: FakeShop) -> None:
    shop.refusals["verify_order"] = ("locked", {"minutes": 15})
    customer.says(say(customer, "track"), "track_order")
    customer.says("FD2024051")
    assert customer.says("9999").topic == "verify_order.refused.locked"


def test_a_side_question_is_answered_and_the_flow_goes_on(customer: Customer) -> None:
    customer.says(say(customer, "track"), "track_order")
    back = customer.says(say(customer, "fee"), "shipping_fee", 0.9)
    assert [(d.act, d.topic) for d in back.before] == [(Act.ANSWER, "shipping_fee")]
    assert (back.act, back.topic) == (Act.ASK, "order_id")


def test_another_flow_may_be_started_in_the_middle(customer: Customer) -> None:
    customer.says(say(customer, "track"), "track_order")
    customer.says(say(customer, "cancel"), "cancel_order")
    assert customer.state.flow == "cancel_order"


def test_a_flow_can_be_dropped(customer: Customer) -> None:
    customer.says(say(customer, "track"), "refund_request")
    assert customer.says(say(customer, "stop"), "deny", 0.5).topic == "stopped"
    assert customer.state.flow is None


def test_a_second_request_of_the_turn_is_served_next(customer: Customer) -> None:
    asked = customer.says(
        say(customer, "fee"), "shipping_fee", also=(Request("track_order", "where is it"),)
    )
    assert [d.topic for d in asked.before] == ["shipping_fee", "next"]
    assert (asked.act, asked.topic) == (Act.ASK, "order_id")


def test_two_requests_that_ask_the_shop_are_told_in_one_reply(customer: Customer) -> None:
    customer.knows(order_id="FD2024051", phone_tail="1234")
    both = customer.says(
        say(customer, "track"), "track_order", also=(Request("order_status", "did it go through"),)
    )
    assert [d.topic for d in both.before] == ["track_order.done.paid"]
    assert both.topic == "order_status.done.paid"
    assert customer.calls <= 3


def test_a_photo_is_offered_and_may_be_declined(customer: Customer, shop: FakeShop) -> None:
    customer.knows(order_id="FD2024051", phone_tail="1234")
    customer.says("草莓坏了" if customer.state.language == "zh" else "broken", "damaged_item")
    asked = customer.says("香蕉" if customer.state.language == "zh" else "bananas", "product_info")
    assert asked.topic == "photo"
    confirm = customer.says("没有" if customer.state.language == "zh" else "no", "deny")
    assert (confirm.act, confirm.topic) == (Act.CONFIRM, "request_refund")
    customer.says(say(customer, "yes"), "affirm")
    assert dict(shop.ran)["request_refund"]["kind"] == "damaged"


def test_a_product_that_is_not_in_the_order_is_asked_again(
    customer: Customer, shop: FakeShop
) -> None:
    items = [{"name_zh": "牛奶", "name_en": "milk"}]
    shop.refusals["request_refund"] = ("not_in_order", {"items": items})
    customer.knows(order_id="FD2024051", phone_tail="1234")
    customer.says(say(customer, "broken"), "damaged_item")
    asked = customer.says("香蕉" if customer.state.language == "zh" else "bananas")
    assert (asked.act, asked.topic) == (Act.ASK, "product")
    assert dict(asked.arguments)["because"] == "not_in_order"


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "没有照片"), ("zh", "我没拍"), ("en", "I don't have a photo"), ("en", "no picture")],
    indirect=["language"],
)
def test_no_photo_said_one_step_late_does_not_drop_the_refund(
    customer: Customer, shop: FakeShop, words: str
) -> None:
    customer.knows(order_id="FD2024051", phone_tail="1234")
    customer.says("退款" if customer.state.language == "zh" else "refund", "refund_request")
    assert customer.says(words, "out_of_scope", 0.2).act is Act.CONFIRM
    assert customer.says(words, "out_of_scope", 0.2).act is Act.CONFIRM
    customer.says(say(customer, "yes"), "affirm")
    assert dict(shop.ran)["request_refund"]["order_id"] == "FD2024051"


def test_a_second_request_is_answered_in_the_customers_own_words(customer: Customer) -> None:
    customer.knows(order_id="FD2024051", phone_tail="1234")
    fee = Request("shipping_fee", "what does a watermelon cost to bring")
    told = customer.says(say(customer, "track"), "track_order", also=(fee,))
    assert (told.act, told.query) == (Act.ANSWER, fee.text)


def test_a_second_request_waits_until_the_first_is_done(customer: Customer, shop: FakeShop) -> None:
    customer.knows(order_id="FD2024051", phone_tail="1234")
    address = Request("change_address", "and another address")
    assert (
        customer.says(say(customer, "cancel"), "cancel_order", also=(address,)).act is Act.CONFIRM
    )
    done = customer.says(say(customer, "yes"), "affirm")
    assert (done.act, done.topic) == (Act.ASK, "address")
    assert done.before[0].topic == "cancel_order.done"


def test_two_complaints_about_one_parcel_are_one_request(customer: Customer) -> None:
    refund = Request("refund_request", "money back")
    customer.says(say(customer, "broken"), "damaged_item", also=(refund,))
    assert customer.state.waiting == ()


def test_a_product_looked_up_in_the_middle_does_not_lose_the_refund(
    customer: Customer, shop: FakeShop
) -> None:
    customer.says("退款" if customer.state.language == "zh" else "refund", "refund_request")
    text = "柠檬有货吗" if customer.state.language == "zh" else "are lemons in stock"
    back = customer.says(text, "stock_check")
    assert [name for name, _ in shop.ran] == ["stock_check"]
    assert (back.act, back.topic) == (Act.ASK, "order_id")
    assert customer.state.flow == "refund_request"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "ok"),
        ("zh", "ok thanks"),
        ("zh", "FD2024051"),
        ("en", "好的"),
        ("en", "上海市静安区1号"),
    ],
    indirect=["language"],
)
def test_a_yes_or_a_value_does_not_change_the_language(
    customer: Customer, language: str, words: str
) -> None:
    customer.says(say(customer, "track"), "change_address")
    if "市" in words:
        customer.state = replace(customer.state, expects="address")
    other = "en" if language == "zh" else "zh"
    slots = customer.reader.read(words, customer.state)
    meaning = Understanding(words, other, (("affirm", 0.9),), slots=slots)
    assert step(customer.domain, customer.state, meaning)[0].language == language


@pytest.mark.parametrize(
    ("language", "words", "asked"),
    [
        ("zh", "几点到", True),
        ("zh", "多久到账", False),
        ("en", "when will it be here", True),
        ("en", "how long does delivery take", False),
    ],
    indirect=["language"],
)
def test_when_it_comes_is_told_of_the_order_that_was_shown(
    customer: Customer, words: str, asked: bool
) -> None:
    customer.says(say(customer, "track"), "track_order")
    verify(customer)
    told = customer.says(words, "delivery_time")
    assert (told.topic == "track_order.done.paid") is asked


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "等等 先别取消 改个地址行不行"), ("en", "wait, can you change the address instead")],
    indirect=["language"],
)
def test_another_wish_in_place_of_a_yes_is_followed(
    customer: Customer, shop: FakeShop, words: str
) -> None:
    customer.says(say(customer, "cancel"), "cancel_order")
    verify(customer)
    asked = customer.says(words, "change_address")
    assert (asked.act, asked.topic) == (Act.ASK, "address")
    assert "cancel_order" not in dict(shop.ran)


def test_a_question_without_a_product_asks_for_one_and_takes_it_up(customer: Customer) -> None:
    zh = customer.state.language == "zh"
    asked = customer.says("怎么保存" if zh else "how do I store it", "freshness_storage")
    assert asked.topic == "which_product"
    told = customer.says("香蕉" if zh else "bananas", "out_of_scope", 0.6)
    assert (told.act, told.topic) == (Act.ANSWER, "freshness_storage")
    assert dict(told.arguments)["product"] == "6"


def test_and_lemons_asks_the_same_of_lemons(customer: Customer, shop: FakeShop) -> None:
    zh = customer.state.language == "zh"
    customer.says("香蕉有货吗" if zh else "bananas in stock?", "stock_check")
    customer.says("那柠檬呢" if zh else "and lemons?", "price_promo", 0.4)
    assert shop.ran[-1] == ("stock_check", {"product": "8"})


def test_a_refusal_comes_before_what_is_still_missing_is_asked(
    customer: Customer, shop: FakeShop
) -> None:
    shop.refusals["change_address"] = ("out_for_delivery", {})
    zh = customer.state.language == "zh"
    customer.says("改地址" if zh else "change the address", "change_address")
    customer.says("FD2024051")
    assert customer.says("1234").topic == "change_address.refused.out_for_delivery"


def test_the_product_the_shop_found_is_the_one_to_be_confirmed(
    customer: Customer, shop: FakeShop
) -> None:
    customer.knows(order_id="FD2024051", phone_tail="1234")
    DONE["request_refund"]["product"] = "4"
    try:
        customer.says(
            "苹果坏了" if customer.state.language == "zh" else "bad apples", "damaged_item"
        )
        asked = customer.says(say(customer, "no"), "deny")
    finally:
        del DONE["request_refund"]["product"]
    assert dict(asked.arguments)["product"] == "4"


def test_three_failed_questions_offer_a_person(customer: Customer) -> None:
    customer.says(say(customer, "track"), "track_order")
    decisions = [customer.says(say(customer, "noise"), "praise", 0.1) for _ in range(3)]
    assert (decisions[-1].act, decisions[-1].topic) == (Act.CONFIRM, "human_agent")
    assert customer.says(say(customer, "yes"), "affirm").act is Act.HANDOFF
    assert customer.state.owner == "queue"


def test_a_person_is_fetched_when_asked_for_and_the_bot_falls_silent(customer: Customer) -> None:
    assert customer.says(say(customer, "human"), "human_agent").act is Act.HANDOFF
    assert customer.says("FD2024051", "order_status", 0.5).topic == "queued"
    assert customer.says("1234").act is Act.SILENT
    assert customer.says(say(customer, "track"), "track_order").topic == "queued"
    assert customer.says(say(customer, "stop"), "deny").topic == "back_to_bot"
    assert customer.state.owner == "bot"


def test_who_no_longer_waits_is_served_at_once(customer: Customer) -> None:
    customer.says(say(customer, "human"), "human_agent")
    words = "不等了 运费多少" if customer.state.language == "zh" else "never mind, what's delivery"
    assert customer.says(words, "shipping_fee").topic == "shipping_fee"
    assert customer.state.owner == "bot"


def test_what_else_was_spoilt_comes_next(customer: Customer, shop: FakeShop) -> None:
    words = ("牛奶漏了 香蕉也烂了", "the milk leaked and the bananas are rotten")
    customer.knows(order_id="FD2024051", phone_tail="1234")
    customer.says(words[customer.state.language == "en"], "damaged_item")
    customer.says("没有照片" if customer.state.language == "zh" else "no photo", "deny")
    customer.says("是" if customer.state.language == "zh" else "yes", "affirm")
    assert customer.state.slot("product") == "6"
    assert customer.state.expects == "confirm"


def test_a_complaint_of_spoilt_goods_is_filed_and_the_goods_are_seen_to(customer: Customer) -> None:
    words = ("你们太差了", "you're terrible"), ("香蕉全烂了", "the bananas were all rotten")
    english = customer.state.language == "en"
    customer.says(words[0][english], "complaint")
    asked = customer.says(words[1][english], "damaged_item")
    assert (asked.act, asked.topic, asked.flow) == (Act.ASK, "order_id", "damaged_item")
    assert asked.before[0].topic == "file_complaint.done"


def test_repeated_anger_fetches_a_person(customer: Customer) -> None:
    acts = [customer.says(say(customer, "fee"), "shipping_fee", anger=0.9).act for _ in range(3)]
    assert acts[-1] is Act.HANDOFF


def test_repeat_keeps_the_question_open(customer: Customer) -> None:
    customer.says(say(customer, "track"), "track_order")
    customer.state = remember(customer.state, ("x",))
    assert customer.says(say(customer, "again"), "repeat").act is Act.REPEAT
    assert customer.state.expects == "order_id"


def test_a_picture_alone_names_the_product(customer: Customer) -> None:
    told = customer.says("", sightings=(Sighting(0, (("6", 0.9),)),))
    assert told.topic == "picture.product"
    assert dict(told.arguments)["product"] == "6"


def test_an_order_number_in_a_photo_fills_the_question(customer: Customer) -> None:
    customer.says(say(customer, "track"), "track_order")
    customer.says("", sightings=(Sighting(0, lines=("鲜到家", "订单号 FD2024051")),))
    assert customer.state.slot("order_id") == "FD2024051"


@pytest.mark.parametrize("language", ["zh"], indirect=True)
@pytest.mark.parametrize("text", ["Where's my order?", "Delivery fee?", "(hi there)"])
def test_marks_beside_words_do_not_hide_their_language(
    customer: Customer, language: str, text: str
) -> None:
    meaning = Understanding(text, "en", (("track_order", 0.9),))
    assert step(customer.domain, customer.state, meaning)[0].language == "en"


def test_a_photo_sent_before_it_is_asked_for_is_kept_and_said_to_have_come(
    customer: Customer,
) -> None:
    customer.says(say(customer, "track"), "track_order")
    asked = customer.says("", sightings=(Sighting(0, (("6", 0.9),)),))
    assert [told.topic for told in asked.before] == ["picture.kept"]
    assert customer.state.expects == "order_id"
    assert customer.state.slot("product") == "6"


def test_state_survives_json(customer: Customer) -> None:
    customer.says(
        say(customer, "cancel"),
        "cancel_order",
        also=(Request("shipping_fee", "what does it cost"),),
    )
    verify(customer)
    assert from_json(to_json(customer.state)) == customer.state


def test_a_held_answer_survives_json(fresh: Domain, customer: Customer) -> None:
    customer.knows(order_id="FD2024051", phone_tail="1234")
    meaning = Understanding(
        "x", "zh", (("shipping_fee", 0.9),), also=(Request("track_order", "where is it"),)
    )
    state, decision = step(fresh, customer.state, meaning)
    assert decision.act is Act.CALL
    assert state.held
    assert from_json(to_json(state)) == state


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("英文说可以吗", "en"),
        ("switch to English please", "en"),
        ("能说中文吗", "zh"),
        ("can you speak Mandarin?", "zh"),
    ],
)
def test_the_language_is_changed_when_asked(
    fresh: Domain, shop: FakeShop, words: str, wanted: Language
) -> None:
    customer = Customer(fresh, "zh" if wanted == "en" else "en", shop)
    customer.says(say(customer, "cancel"), "cancel_order")
    decision = customer.says(words, "account_update", 0.9)
    assert customer.state.language == wanted
    assert (decision.act, decision.topic) == (Act.ASK, "order_id")
    assert decision.before[0].topic == "language"


@pytest.mark.parametrize("words", ["英文发票怎么开", "an English breakfast", "中文说明书有吗"])
def test_speaking_of_a_language_changes_none(customer: Customer, words: str) -> None:
    assert customer.says(words, "help", 0.9).topic != "language"


@pytest.mark.parametrize("language", ["zh", "en"], indirect=True)
def test_a_kind_of_name_is_no_name(customer: Customer, shop: FakeShop) -> None:
    customer.says("发票" if customer.state.language == "zh" else "an invoice", "invoice_request")
    verify(customer)
    kind = "个人" if customer.state.language == "zh" else "personal"
    asked = customer.says(kind, "human_agent", 0.9)
    assert (asked.act, asked.topic, customer.state.slot("name")) == (Act.ASK, "name", None)
    assert customer.says("张三", "out_of_scope", 0.6).topic == "email"


def test_a_refund_asked_for_of_what_is_damaged_is_the_same_request(
    customer: Customer, shop: FakeShop
) -> None:
    facts = {"items": [{"name_zh": "牛奶", "name_en": "milk"}]}
    shop.refusals["request_refund"] = ("not_in_order", facts)
    customer.says(say(customer, "broken"), "damaged_item")
    verify(customer)
    assert customer.state.expects == "product"
    again = customer.says(
        "我要退款" if customer.state.language == "zh" else "refund", "refund_request"
    )
    assert (again.act, again.topic, customer.state.flow) == (Act.ASK, "product", "damaged_item")
