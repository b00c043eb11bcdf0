"""Two products in one question are set side by side, and advice becomes steps."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialogue.comparison import named_in
from dialogue.domain import Domain, PackError
from dialogue.goods import compared
from dialogue.pack import load_domain
from dialogue.response.cards import cards_for, steps_card
from dialogue.response.wording import Wording
from dialogue.types import Act, Decision, Language, Understanding

from .conftest import FRESH, Customer
from .test_forms import plan

NOW = datetime(2026, 11, 25, tzinfo=UTC)
BANANA = {
    "name_zh": "香蕉", "name_en": "bananas", "price": "5.90", "unit_zh": "500克",
    "unit_en": "500 g", "stock": 3, "storage_zh": "不要进冰箱。",
    "storage_en": "Not in the fridge.",
    "image": "products/06.jpg",
}  # fmt: skip
APPLE = {**BANANA, "name_zh": "青苹果", "name_en": "Granny Smith apples", "price": "12.80"}
NAMES = {
    "6": ("香蕉", "bananas", "banana"),
    "1": ("青苹果", "苹果", "apple"),
    "2": ("红苹果", "苹果"),
}


def asks(text: str, intent: str = "product_info", sure: float = 0.9) -> Understanding:
    return Understanding(text, "zh", ((intent, sure),), confidence=sure)


def test_the_longest_names_win_and_come_in_the_order_they_were_said() -> None:
    assert named_in(NAMES, "香蕉和红苹果哪个甜") == ("6", "2")
    assert named_in(NAMES, "苹果和香蕉") == ("1", "6")
    assert named_in(NAMES, "an APPLE or a banana?") == ("1", "6")
    assert named_in(NAMES, "pineapple or a banana?") == ("6",)
    assert named_in(NAMES, "哪个苹果甜") == ("1",)


def test_only_a_question_that_compares_does(fresh: Domain) -> None:
    assert compared(fresh, asks("香蕉和青苹果哪个甜")) == ("6", "1")
    assert compared(fresh, asks("香蕉和青苹果")) == ()
    assert compared(fresh, asks("香蕉和青苹果都坏了，哪个能退", "damaged_item")) == ()
    assert compared(fresh, asks("香蕉和青苹果哪个甜", "damaged_item", 0.3)) == ("6", "1")


@pytest.mark.parametrize("text", ["香蕉和青苹果哪个甜", "compare bananas and Granny Smith apples"])
def test_both_are_looked_up_at_once_and_nothing_is_asked(customer: Customer, text: str) -> None:
    told = customer.says(text, "product_info")
    assert (told.act, told.topic) == (Act.TELL, "compare_products.done")
    assert customer.shop.ran == [("compare_products", {"product": "6", "other": "1"})]
    assert customer.state.slot("other") is None


def test_a_flow_under_way_waits_for_the_comparison(customer: Customer) -> None:
    customer.says("我要退款 / I want a refund FD2024051", "refund_request")
    customer.knows(order_id="FD2024051", phone_tail="1234")
    customer.state = replace(customer.state, verified=("FD2024051",))
    told = customer.says("香蕉和青苹果哪个甜", "product_info")
    assert "compare_products.done" in [d.topic for d in (*told.before, told)]
    assert customer.state.flow == "refund_request"


def test_a_comparison_tells_the_prices_and_shows_the_rest(
    fresh: Domain, language: Language
) -> None:
    facts = (("products", [BANANA, APPLE]), ("product", "6"), ("other", "1"))
    made = plan(fresh, Decision(Act.TELL, "compare_products.done", facts), language, text="x")
    assert made.forms == ("text", "card")
    assert made.reason == "seen: steps and comparisons are pictures"
    (card,) = made.cards
    assert card.kind == "comparison"
    assert [c.image for c in card.columns] == ["/media/products/06.jpg"] * 2
    price = next(row for row in card.cells if "12.80" in row[2])
    assert "5.90" in price[1]
    assert "¥12.80" in "".join(made.clauses)


def test_a_row_that_one_side_lacks_stays_and_one_that_both_lack_goes(fresh: Domain) -> None:
    bare = {k: v for k, v in APPLE.items() if k not in ("stock", "storage_en")}
    (card,) = cards_for(fresh, Wording(fresh), {"products": [BANANA, bare]}, "en", NOW)
    assert ("In stock", "3", "") in card.cells
    assert not any(row[0] == "Where it's from" for row in card.cells)
    assert len(card.cells) == 3


def test_advice_is_cut_into_steps(fresh: Domain) -> None:
    zh = steps_card(fresh, "6", "香蕉怎么保存", "常温阴凉处存放，不要进冰箱，3至5天内吃完。", "zh")
    assert zh is not None
    assert [s.label for s in zh.steps] == ["常温阴凉处存放", "不要进冰箱", "3至5天内吃完"]
    en = steps_card(fresh, "6", "x", "Keep at 0 to 6 °C; finish within 5 days. Shake first.", "en")
    assert en is not None
    assert [s.label for s in en.steps] == [
        "Keep at 0 to 6 °C",
        "Finish within 5 days",
        "Shake first",
    ]
    assert steps_card(fresh, "6", "x", "Keep cool.", "en") is None


def test_several_products_share_the_name_they_are_asked_for_by(fresh: Domain) -> None:
    milks = ("38", "39", "40", "41", "42", "43")
    assert (fresh.family(milks, "zh"), fresh.family(milks, "en")) == ("牛奶", "milk")
    assert fresh.family(("6", "14"), "en") == ""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('flow = "compare_products"', 'flow = "stock_check"', r"comparison\.flow: wants a flow"),
        ('flow = "compare_products"', 'flows = "x"', r"comparison: unknown key 'flows'"),
        ('intents = ["product_info", "price', 'intents = ["goods", "price', r"unknown intent 'goo"),
    ],
)
def test_a_broken_comparison_says_where(
    tmp_path: Path,
    old: str,
    new: str,
    complaint: str,
) -> None:
    copy = shutil.copytree(FRESH, tmp_path / "fresh", ignore=shutil.ignore_patterns("media", "nlu"))
    path = copy / "domain.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackError, match=complaint):
        load_domain(copy)
    assert load_domain(FRESH).comparison.flow


@pytest.mark.parametrize(
    ("text", "extreme"),
    [("最贵的苹果是哪种", "dearest"), ("which apple is cheapest", "cheapest")],
)
def test_a_whole_family_is_compared_by_its_extremes(
    customer: Customer, text: str, extreme: str
) -> None:
    customer.says(text, "price_promo")
    [(action, arguments)] = customer.shop.ran
    assert (action, arguments["other"]) == ("compare_products", extreme)
    assert len(arguments["product"].split("|")) > 2


def test_an_extreme_in_a_complaint_compares_nothing(customer: Customer) -> None:
    customer.says("最贵的苹果坏了", "damaged_item")
    assert "compare_products" not in [action for action, _ in customer.shop.ran]
