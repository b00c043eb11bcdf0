"""What follows when an answer was wrong, digits were another order's, or the customer swears."""

from __future__ import annotations

import pytest

from dialogue.domain import Domain
from dialogue.outcries import swears
from dialogue.state import upset
from dialogue.types import Act, Understanding

from .conftest import Customer, FakeShop


def track(customer: Customer) -> None:
    customer.says("where is my order FD2024051, phone ends 1234", "track_order")


@pytest.mark.parametrize("words", ["不对", "不对吧", "that's wrong", "that is not right"])
def test_an_answer_said_to_be_wrong_is_asked_about(customer: Customer, words: str) -> None:
    track(customer)
    asked = customer.says(words, "deny")
    assert (asked.act, asked.topic) == (Act.ASK, "correction")


@pytest.mark.parametrize("words", ["不用了", "no, thank you", "no"])
def test_a_plain_no_after_an_answer_is_let_be(customer: Customer, words: str) -> None:
    track(customer)
    assert customer.says(words, "deny").topic == "deny"


@pytest.mark.parametrize("words", ["送错了", "wrong item", "发错了一样"])
def test_wrong_goods_are_no_wrong_answer(customer: Customer, words: str) -> None:
    track(customer)
    asked = customer.says(words, "wrong_item", 0.95)
    assert (asked.act, asked.topic) != (Act.ASK, "correction")
    assert customer.state.flow == "wrong_item"


def test_nothing_was_answered_that_could_be_wrong(customer: Customer) -> None:
    assert customer.says("不对", "deny").topic == "deny"


def test_the_digits_of_one_order_are_no_try_at_another(customer: Customer, shop: FakeShop) -> None:
    track(customer)
    shop.refusals["verify_order"] = ("mismatch", {"tries_left": 4})
    asked = customer.says("and FD2024056?", "track_order")
    assert (asked.act, asked.topic) == (Act.ASK, "phone_tail")
    assert "tries_left" not in dict(asked.arguments)
    wrong = customer.says("9999")
    assert (wrong.act, wrong.topic) == (Act.ASK, "phone_tail")
    assert dict(wrong.arguments)["tries_left"] == 4


@pytest.mark.parametrize(
    "words", ["垃圾 滚", "滚", "你妈的", "王八蛋", "go to hell", "you bastards"]
)
def test_abuse_counts_as_anger_whatever_else_is_read(customer: Customer, words: str) -> None:
    for _ in range(3):
        done = customer.says(words, "out_of_scope", 0.9)
    assert done.act is Act.HANDOFF


@pytest.mark.parametrize("words", ["滚动条在哪", "我妈说的", "翻滚吧牛宝宝", "scrapbook"])
def test_what_only_looks_like_abuse_is_none(words: str) -> None:
    assert not swears(words)


@pytest.mark.parametrize(
    ("words", "tone", "sure", "angry"),
    [
        ("垃圾袋有货吗", "neutral", 0.98, False),
        ("damn that was quick, thank you", "positive", 0.99, False),
        ("你妈的", "neutral", 0.45, True),
        ("you guys suck", "negative", 0.92, True),
    ],
)
def test_a_rude_word_in_a_composed_tone_is_no_anger(
    fresh: Domain, words: str, tone: str, sure: float, angry: bool
) -> None:
    meant = Understanding(words, "zh", (("stock_check", 0.9),), sentiment=((tone, sure),))
    assert upset(fresh, meant) is angry


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "actually no wait"),
        ("en", "keep it"),
        ("en", "just keep my order please"),
        ("zh", "还是留着吧"),
    ],
    indirect=["language"],
)
def test_who_would_rather_keep_the_order_cancels_nothing(
    customer: Customer, shop: FakeShop, words: str
) -> None:
    customer.knows(order_id="FD2024051", phone_tail="1234")
    assert customer.says("取消", "cancel_order").act is Act.CONFIRM
    assert customer.says(words, "out_of_scope", 0.5).topic == "stopped"
    assert "cancel_order" not in dict(shop.ran)


def test_another_request_in_place_of_a_yes_is_no_correction(customer: Customer) -> None:
    customer.knows(order_id="FD2024051", phone_tail="1234")
    assert customer.says("取消", "cancel_order").act is Act.CONFIRM
    asked = customer.says("change address instead", "change_address", 0.99)
    assert (asked.act, asked.topic) == (Act.ASK, "address")
