"""What few words mean after what was just spoken of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogue.domain import Domain
from dialogue.manager import start, step
from dialogue.state import update
from dialogue.types import Act, Language, Understanding

from .conftest import Customer, FakeShop

WORDS = {
    "track": ("我的订单到哪了", "where is my order"),
    "cancel": ("我要取消订单", "I want to cancel my order"),
    "yes": ("好的", "yes please"),
    "fee": ("等等，运费多少？", "wait, how much is shipping?"),
}


def say(customer: Customer, key: str) -> str:
    return WORDS[key][customer.state.language == "en"]


def verify(customer: Customer) -> None:
    customer.says("FD2024051")
    customer.says("1234")


def tracked(customer: Customer) -> None:
    customer.says(say(customer, "track"), "track_order")
    verify(customer)


@pytest.mark.parametrize(
    ("language", "words", "done"),
    [
        ("zh", "那还要多久啊", "track_order.done.paid"),
        ("en", "and how much longer?", "track_order.done.paid"),
        ("zh", "催一下啊", "report_delivery_problem.done"),
        ("en", "can you hurry them up", "report_delivery_problem.done"),
    ],
    indirect=["language"],
)
def test_a_follow_up_is_about_the_order_just_tracked(
    customer: Customer, words: str, done: str
) -> None:
    tracked(customer)
    assert customer.says(words, "delivery_time", 0.6).topic == done


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "多久到账"), ("en", "how long does that take?")],
    indirect=["language"],
)  # fmt: skip
def test_how_long_after_a_cancellation_asks_for_the_refund(customer: Customer, words: str) -> None:
    customer.says(say(customer, "cancel"), "cancel_order")
    verify(customer)
    customer.says(say(customer, "yes"), "affirm")
    assert customer.says(words, "delivery_time", 0.95).topic == "refund_status.done"


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "那多久能好"), ("en", "how long will that take")],
    indirect=["language"],
)  # fmt: skip
def test_a_general_question_leans_on_the_last_topic(customer: Customer, words: str) -> None:
    customer.says("注销账号", "delete_my_data")
    answer = customer.says(words, "delivery_time", 0.95)
    assert (answer.act, dict(answer.arguments)["within"]) == (Act.ANSWER, "delete_my_data")


def test_a_sure_request_does_not_lean(customer: Customer, shop: FakeShop) -> None:
    customer.says("注销账号", "delete_my_data")
    assert customer.says(say(customer, "fee"), "shipping_fee").topic == "shipping_fee"
    assert "within" not in dict(customer.says("这个呢？ that?", "price_promo", 0.9).arguments)


def test_words_not_understood_come_with_guesses(customer: Customer) -> None:
    told = customer.says("阿巴", "track_order", 0.2)
    assert dict(told.arguments)["guesses"] == ("track_order",)


def test_a_long_question_not_understood_is_looked_for_in_the_articles(customer: Customer) -> None:
    answer = customer.says("就买一个柠檬送不送 is one lemon delivered", "greet", 0.2)
    assert (answer.act, answer.topic) == (Act.ANSWER, "unclear")


@pytest.mark.parametrize(
    ("language", "name"), [("zh", "个人 张三"), ("en", "Jane Human-Smith")], indirect=["language"]
)
def test_a_name_that_was_asked_for_fetches_nobody(customer: Customer, name: str) -> None:
    customer.says("发票", "invoice_request")
    verify(customer)
    told = customer.says(name.replace("Human", "Hume"), "human_agent", 0.87)
    assert (told.act, told.topic) == (Act.ASK, "email")


@pytest.mark.parametrize(
    ("language", "name", "address"),
    [
        ("zh", "人工智能有限公司", "kefu@human.cn"),
        ("en", "Human Resources Ltd", "billing@agent.com"),
    ],
    indirect=["language"],
)
def test_a_firm_or_an_address_that_sounds_like_staff_fetches_nobody(
    customer: Customer, name: str, address: str
) -> None:
    customer.says("发票", "invoice_request")
    verify(customer)
    assert customer.says(name, "human_agent", 0.9).topic == "email"
    asked = customer.says(address, "human_agent", 0.9)
    assert (asked.act, asked.topic) == (Act.CONFIRM, "request_invoice")


def test_who_asks_for_a_person_where_an_address_was_asked_for_gets_one(
    customer: Customer, language: Language
) -> None:
    customer.says("发票", "invoice_request")
    verify(customer)
    customer.says("a@b.cn", "invoice_request")
    words = "转人工" if language == "zh" else "I want to talk to a person"
    assert customer.says(words, "human_agent").act is Act.HANDOFF


def test_a_question_is_never_taken_for_a_no(customer: Customer) -> None:
    told = customer.says("那要是不到呢？ what if it doesn't?", "deny", 0.95)
    assert told.topic != "deny"


def test_after_two_other_questions_a_flow_is_not_asked_for_again(customer: Customer) -> None:
    customer.says("优惠券", "coupon_problem")
    for _ in range(2):
        assert customer.says(say(customer, "fee"), "shipping_fee").act is Act.ASK
    assert customer.says(say(customer, "fee"), "shipping_fee").act is Act.ANSWER
    assert customer.state.flow is None


@pytest.mark.parametrize(("text", "angry"), [("tell me a joke", False), ("fuck this", True)])
def test_small_talk_is_no_anger_unless_it_swears(fresh: Domain, text: str, angry: bool) -> None:
    state, _ = start("en")
    meaning = Understanding(
        text,
        "en",
        (("out_of_scope", 0.95),),
        sentiment=(("negative", 0.9),),
        emotion=(("angry", 0.9),),
        confidence=0.95,
    )
    assert bool(update(fresh, state, meaning).anger) is angry


def test_abuse_is_no_reason_for_a_complaint(customer: Customer, shop: FakeShop) -> None:
    customer.says("投诉", "complaint")
    assert customer.says("傻逼 idiots", "out_of_scope", 0.97).topic == "reason"
    assert not shop.ran


def test_jokes_in_a_row_fetch_nobody(customer: Customer) -> None:
    acts = [customer.says("tell me a joke", "out_of_scope", 0.97).act for _ in range(4)]
    assert set(acts) == {Act.TELL}


@pytest.mark.parametrize(
    ("language", "milk", "which"),
    [("zh", "那牛奶呢", "无乳糖的"), ("en", "and milk", "lactose-free")],
    indirect=["language"],
)
def test_a_bare_product_that_is_several_is_asked_about(
    customer: Customer, milk: str, which: str
) -> None:
    asked = customer.says(milk, "missing_item", 0.35)
    assert (asked.act, dict(asked.arguments)["because"]) == (Act.ASK, "which")
    assert customer.says(which, "wrong_item", 0.4).topic == "about_product"


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "我的订单FD2024051到哪了"), ("en", "so my order FD2024051")],
    indirect=["language"],
)
def test_either_of_two_likely_requests_is_begun_with_the_order_at_hand(
    customer: Customer, words: str
) -> None:
    slots = tuple(customer.reader.read(words, customer.state))
    torn = Understanding(
        words,
        customer.state.language,
        (("order_status", 0.5), ("track_order", 0.48), ("refund_status", 0.02)),
        slots,
        confidence=0.5,
        abstained=True,
    )
    _, decision = step(customer.domain, customer.state, torn)
    assert (decision.act, decision.topic) == (Act.ASK, "phone_tail")
    lost = replace(torn, intents=(("order_status", 0.3), ("praise", 0.3)), confidence=0.3)
    _, decision = step(customer.domain, customer.state, lost)
    assert decision.topic == "what_about"


def test_how_long_after_an_answer_that_says_so_tells_that_again(customer: Customer) -> None:
    zh = customer.state.language == "zh"
    customer.says("被扣了两次" if zh else "i was charged twice", "payment_problem")
    said = ("24小时内自动退回。", "不用申请。") if zh else ("It is back within 24 hours.", "Sorry.")
    customer.state = replace(customer.state, said=said)
    told = customer.says("多久" if zh else "how long", "delivery_time", 0.9)
    assert (told.act, dict(told.arguments)["told"]) == (Act.REPEAT, said[:1])
    customer.state = replace(customer.state, said=said[1:])
    assert customer.says("多久" if zh else "how long", "delivery_time", 0.9).act is Act.ANSWER


def test_who_is_reported_did_what_was_just_told(customer: Customer, shop: FakeShop) -> None:
    zh = customer.state.language == "zh"
    story = "配送员把东西扔在楼下就走了" if zh else "the driver threw it over the fence and left"
    customer.says(story, "delivery_problem")
    customer.says("投诉他" if zh else "report him", "complaint")
    assert ("file_complaint", {"reason": story}) in shop.ran


def test_a_complaint_about_something_else_is_asked_for(customer: Customer, shop: FakeShop) -> None:
    zh = customer.state.language == "zh"
    customer.says("被投诉的事" if zh else "nothing", "greet")
    asked = customer.says("我要投诉" if zh else "i want to complain", "complaint")
    assert (asked.act, asked.topic) == (Act.ASK, "reason")


def test_an_order_number_that_is_not_at_hand_is_found_somewhere(customer: Customer) -> None:
    zh = customer.state.language == "zh"
    told = customer.says("没有订单号" if zh else "i lost my order number", "order_status")
    assert (told.act, told.topic) == (Act.TELL, "lacks.order_id")
    assert customer.state.flow is None
