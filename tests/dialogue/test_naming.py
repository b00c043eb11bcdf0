"""What goods a customer asks for that the catalogue does not know."""

from __future__ import annotations

import pytest

from dialogue.domain import Domain
from dialogue.goods import thing_named
from dialogue.types import Act

from .conftest import Customer, FakeShop


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("有烟卖吗", "烟"),
        ("那你们卖榨汁机吗", "榨汁机"),
        ("洗衣液有吗", "洗衣液"),
        ("有牙膏没", "牙膏"),
        ("想买打火机", "打火机"),
        ("do you sell kitchen knives", "kitchen knives"),
        ("u sell batteries", "batteries"),
        ("have you got birthday candles", "birthday candles"),
        ("got any toothpaste?", "toothpaste"),
    ],
)
def test_the_thing_is_named(fresh: Domain, text: str, thing: str) -> None:
    assert thing_named(fresh, text) == thing


@pytest.mark.parametrize(
    "text",
    [
        *("有货吗", "这个有吗", "还有吗", "有啥喝的"),
        *("有红的吗", "什么时候有", "能买到吗", "有优惠吗"),
        *("is it in stock", "do you have it", "do you have any left", "what drinks do you have"),
        *("do you have more", "can i order online", "do you have any in stock"),
    ],
)
def test_no_thing_is_named(fresh: Domain, text: str) -> None:
    assert thing_named(fresh, text) == ""


def test_a_thing_nobody_knows_is_said_not_to_be_there(customer: Customer, shop: FakeShop) -> None:
    zh = customer.state.language == "zh"
    told = customer.says("有风筝卖吗" if zh else "do you sell kites", "stock_check")
    assert (told.act, told.topic) == (Act.TELL, "not_sold")
    assert dict(told.arguments)["product"] == ("风筝" if zh else "kites")
    assert shop.ran == []


def test_a_thing_known_not_to_be_sold_needs_no_look_in_the_shop(
    customer: Customer, shop: FakeShop
) -> None:
    zh = customer.state.language == "zh"
    told = customer.says("有草莓吗" if zh else "do you have strawberries", "stock_check")
    assert (told.topic, customer.state.slot("product"), shop.ran) == ("not_sold", None, [])
