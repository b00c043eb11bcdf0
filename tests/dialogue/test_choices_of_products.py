"""A word that fits several products, a product that is not sold, a product on a photo."""

from __future__ import annotations

import pytest

from dialogue.domain import Domain
from dialogue.nlu.slots import SlotReader
from dialogue.types import Act, Sighting, State

from .conftest import Customer, FakeShop

APPLES = "0|1|2|3|4"


def ask_for_apples(customer: Customer) -> None:
    text = "苹果有货吗" if customer.state.language == "zh" else "apples in stock?"
    asked = customer.says(text, "stock_check")
    assert (asked.act, asked.topic) == (Act.ASK, "product")
    assert dict(asked.arguments)["product"] == APPLES


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("is the milk lactose free", {"Arla lactose-free medium-fat milk"}),
        ("牛奶有没有不含乳糖的", {"Arla lactose-free medium-fat milk"}),
        ("do you have any organic milk?", {"organic"}),
    ],
)
def test_other_words_tell_a_family_apart(fresh: Domain, text: str, names: set[str]) -> None:
    (value,) = (s.value for s in SlotReader(fresh).read(text, State()) if s.name == "product")
    found = {fresh.products[i].names["en"] for i in value.split("|")}
    assert found == names or all("organic" in name for name in found)


def test_a_question_about_a_family_leaves_it_whole(fresh: Domain) -> None:
    def fits(text: str) -> str:
        return next(s.value for s in SlotReader(fresh).read(text, State()) if s.name == "product")

    assert fits("苹果多少钱") == fits("苹果")
    assert fits("how much are the apples?") == fits("apples")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("苹果有货吗", APPLES),
        ("any apples?", APPLES),
        ("青苹果", "1"),
        ("tomatoes", "78"),
        ("草莓酸奶", "57"),
        ("草莓", "unsold-strawberries"),
        ("do you have grapes", "unsold-grapes"),
        ("do you have apple cider vinegar", "unsold-apple-cider-vinegar"),
        ("有苹果醋吗", "unsold-apple-cider-vinegar"),
        ("got any sushi?", "unsold-sushi"),
    ],
)
def test_a_name_stands_for_every_product_it_fits(fresh: Domain, text: str, value: str) -> None:
    (slot,) = [s for s in SlotReader(fresh).read(text, State()) if s.name == "product"]
    assert slot.value == value


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", w) for w in ("青苹果", "绿的", "要绿的那种", "第二个", "青的吧")]
    + [("en", w) for w in ("Granny Smith apples", "the green one", "the second one", "green")],
    indirect=["language"],
)
def test_the_one_that_is_meant_is_taken_up(customer: Customer, shop: FakeShop, words: str) -> None:
    ask_for_apples(customer)
    customer.says(words, "wrong_item", 0.4)
    assert shop.ran == [("stock_check", {"product": "1"})]


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "阿巴阿巴"), ("en", "the purple one")], indirect=["language"]
)
def test_an_answer_that_fits_none_asks_again(
    customer: Customer, shop: FakeShop, words: str
) -> None:
    ask_for_apples(customer)
    assert customer.says(words, "product_info", 0.2).topic == "product"
    assert shop.ran == []


def test_the_shop_finds_which_apple_of_an_order_is_meant(
    customer: Customer, shop: FakeShop
) -> None:
    customer.knows(order_id="FD2024051", phone_tail="1234")
    text = "苹果坏了" if customer.state.language == "zh" else "the apples are rotten"
    assert customer.says(text, "damaged_item").topic == "photo"
    shop.refusals["request_refund"] = ("which_product", {"items": []})
    asked = customer.says("没有" if customer.state.language == "zh" else "no", "deny")
    assert asked.act is Act.CONFIRM


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "这个多少钱"), ("en", "how much is this?")],
    indirect=["language"],
)
def test_the_price_of_what_a_photo_shows_is_told(
    customer: Customer, shop: FakeShop, words: str
) -> None:
    customer.says(words, "price_promo", sightings=(Sighting(0, (("8", 0.9),)),))
    assert shop.ran == [("product_info", {"product": "8"})]


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "这个多少钱"), ("en", "how much is this?")],
    indirect=["language"],
)
def test_an_unclear_photo_is_asked_about(customer: Customer, shop: FakeShop, words: str) -> None:
    seen = (Sighting(0, (("8", 0.4), ("9", 0.3), ("16", 0.02))),)
    asked = customer.says(words, "price_promo", sightings=seen)
    assert (asked.act, dict(asked.arguments)["product"]) == (Act.ASK, "8|9")
    customer.says("柠檬" if customer.state.language == "zh" else "lemons", "product_info")
    assert shop.ran == [("product_info", {"product": "8"})]


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "有什么优惠活动"), ("en", "are there any offers today")],
    indirect=["language"],
)
def test_offers_are_still_answered_from_the_articles(customer: Customer, words: str) -> None:
    assert customer.says(words, "price_promo").act is Act.ANSWER


def test_a_photo_of_damage_does_not_change_the_product(customer: Customer, shop: FakeShop) -> None:
    customer.knows(order_id="FD2024051", phone_tail="1234")
    text = "香蕉坏了" if customer.state.language == "zh" else "the bananas are bad"
    assert customer.says(text, "damaged_item").topic == "photo"
    customer.says("", sightings=(Sighting(0, (("73", 0.9),)),))
    assert customer.state.slot("product") == "6"


def test_a_question_about_another_thing_forgets_the_product_before(
    customer: Customer, shop: FakeShop
) -> None:
    customer.knows(product="6")
    text = (
        "请问你们那边有没有卖猕猴枣的呀"
        if customer.state.language == "zh"
        else ("could you tell me whether you have got any quinoa there")
    )
    assert customer.says(text, "stock_check").topic == "product"
    assert shop.ran == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "有猫粮吗"), ("en", "do you have cat food")],
    indirect=["language"],
)
def test_goods_that_are_not_sold_are_said_so_though_they_are_outside(
    customer: Customer, words: str
) -> None:
    told = customer.says(words, "out_of_scope")
    assert (told.topic, dict(told.arguments)["product"]) == ("not_sold", "unsold-cat-food")
    long = "my cat food from another shop was bad and I want to know whom I should talk to about it"
    assert customer.says(long, "out_of_scope").topic == "out_of_scope"


def test_an_order_number_beside_goods_that_are_not_sold_is_not_passed_over(
    customer: Customer,
) -> None:
    words = {"zh": "FD2024051 猫粮", "en": "FD2024051 cat food"}[customer.state.language]
    told = customer.says(words, "out_of_scope")
    assert (told.topic, dict(told.arguments)["order_id"]) == ("what_about", "FD2024051")


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("how much is the lactose free one", "39"),
        ("无乳糖的那种多少钱", "39"),
        ("which one is cheaper", None),
        ("I want a refund", None),
    ],
)
def test_one_of_those_just_spoken_of_is_told_by_a_word_of_its_name(
    fresh: Domain, text: str, product: str | None
) -> None:
    state = State(slots=(("product", "39|40"),))
    found = {slot.name: slot.value for slot in SlotReader(fresh).read(text, state)}
    assert found.get("product") == product
