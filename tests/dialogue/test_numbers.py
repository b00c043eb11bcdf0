"""Numbers said in pieces or by voice are put together, checked and read back."""

from __future__ import annotations

import pytest

from dialogue.types import Act

from .conftest import Customer, FakeShop

TRACK = {"zh": "我的订单到哪了", "en": "where is my order"}


def begin(customer: Customer) -> None:
    customer.says(TRACK[customer.state.language], "track_order")


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("zh", "FD 20 24", "0 51"),
        ("zh", "FD二零二四", "后面是零五幺"),
        ("en", "FD2024", "it's 051"),
        ("en", "two oh two four", "oh five one"),
    ],
    indirect=["language"],
)
def test_an_order_number_in_pieces_is_put_together_and_read_back(
    customer: Customer, shop: FakeShop, first: str, second: str
) -> None:
    begin(customer)
    more = customer.says(first, "change_address", 0.6)
    assert dict(more.arguments)["because"] == "more"
    assert dict(more.arguments)["missing"] == "3"
    asked = customer.says(second, "price_promo", 0.7)
    assert (asked.act, asked.topic) == (Act.CONFIRM, "read_back.order_id")
    assert dict(asked.arguments)["order_id"] == "FD2024051"
    assert customer.says("对" if customer.state.language == "zh" else "yes").topic == "phone_tail"


def test_a_piece_is_not_taken_for_a_phone(customer: Customer) -> None:
    begin(customer)
    customer.says("2024", "out_of_scope")
    assert customer.state.slot("phone_tail") is None


def test_a_denied_number_is_asked_for_again(customer: Customer) -> None:
    begin(customer)
    customer.says("FD2024")
    customer.says("052")
    asked = customer.says("不对" if customer.state.language == "zh" else "no", "deny")
    assert (asked.act, asked.topic) == (Act.ASK, "order_id")
    assert customer.state.slot("order_id") is None


def test_a_typed_number_takes_the_place_of_one_in_doubt(customer: Customer) -> None:
    begin(customer)
    customer.says("FD2024")
    customer.says("052")
    assert customer.says("FD2024051").topic == "phone_tail"
    assert customer.state.slot("order_id") == "FD2024051"


def test_a_spoken_order_number_is_read_back_and_a_typed_one_is_not(customer: Customer) -> None:
    begin(customer)
    assert customer.says("FD2024051", spoken=True).topic == "read_back.order_id"
    begin(customer)
    assert customer.says("FD2024051").topic == "phone_tail"


def test_a_number_that_is_too_long_is_told_so_and_started_over(customer: Customer) -> None:
    begin(customer)
    asked = customer.says("FD20240511")
    assert dict(asked.arguments)["because"] == "too_long"
    assert customer.says("FD2024051").topic == "phone_tail"


def test_whoever_starts_over_is_followed(customer: Customer) -> None:
    begin(customer)
    customer.says("FD2024")
    customer.says("FD20240")
    assert customer.says("51").topic == "read_back.order_id"
    assert customer.state.slot("order_id") == "FD2024051"


def test_a_phone_tail_in_pieces_is_read_back(customer: Customer, shop: FakeShop) -> None:
    begin(customer)
    customer.says("FD2024051")
    customer.says("12")
    assert customer.says("34").topic == "read_back.phone_tail"
    customer.says("对" if customer.state.language == "zh" else "yes", "affirm")
    assert shop.ran[0] == ("verify_order", {"order_id": "FD2024051", "phone_tail": "1234"})


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "我买了两个大西瓜"), ("en", "one moment")],
    indirect=["language"],
)
def test_a_number_in_a_sentence_is_no_piece(customer: Customer, words: str) -> None:
    begin(customer)
    asked = customer.says(words, "praise", 0.2)
    assert "because" not in dict(asked.arguments)


def test_four_digits_after_a_bare_order_number_are_the_phones(
    customer: Customer, shop: FakeShop
) -> None:
    assert customer.says("FD2024051").topic == "what_about"
    assert customer.says("1234").topic == "what_about"
    assert customer.says(TRACK[customer.state.language], "track_order").topic.startswith("track")
    assert [name for name, _ in shop.ran] == ["verify_order", "track_order"]
