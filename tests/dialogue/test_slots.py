"""Values read in running text, and words that only look like values."""

from __future__ import annotations

import pytest

from dialogue.domain import Domain
from dialogue.nlu.slots import SlotReader
from dialogue.nlu.spelling import Speller
from dialogue.nlu.which import ordered
from dialogue.types import State


def read(fresh: Domain, text: str) -> dict[str, str]:
    reader = SlotReader(fresh, Speller(fresh).knows)
    return {slot.name: slot.value for slot in reader.read(text, State())}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FD5590233 three hours overdue", {"order_id": "FD5590233"}),
        ("new number is 138 0013 8000", {"phone": "13800138000"}),
        ("改地址 改到北京路12号3楼", {"address": "北京路12号3楼"}),
        ("送到长江路九号", {"address": "长江路九号"}),
        ("等了两个小时", {}),
        ("说好十点前到", {"time_window": "十点前"}),
        ("between 4 and 6 please", {"time_window": "between 4 and 6"}),
        ("下午好", {}),
        ("昨晚那单", {"date": "昨晚"}),
        ("抬头：上海明达贸易有限公司", {"name": "上海明达贸易有限公司"}),
        ("what is the price", {}),
        ("I've an issue", {}),
        ("can I use apple pay", {}),
        ("你们那个老李送的", {}),
        ("are you one of the staff", {}),
        ("I was charged £12.40", {"amount": "12.40"}),
        ("少收我六块", {"amount": "六块"}),
        ("cancel it, lemmons not needed", {"product": "8"}),
    ],
)
def test_a_value_is_read_as_it_was_meant(fresh: Domain, text: str, found: dict[str, str]) -> None:
    assert read(fresh, text) == found


def test_a_mistyped_word_becomes_the_packs_word(fresh: Domain) -> None:
    speller = Speller(fresh)
    assert speller.mended("i want a refnd for my oder") == "i want a refund for my order"
    assert speller.mended("who won the cup") == "who won the cup"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("第二个到哪了", "FD2"),
        ("取消第三单", "FD3"),
        ("最新的那个取消掉", "FD1"),
        ("最后一个什么时候到", "FD3"),
        ("the second one, where is it?", "FD2"),
        ("cancel my third order please", "FD3"),
        ("where's the latest", "FD1"),
        ("my last order", "FD1"),
        ("the last one", "FD3"),
        ("第五个", None),
        ("it is late", None),
        ("when is the first delivery of the day", None),
        ("第一次买", None),
    ],
)
def test_the_one_of_the_orders_told_that_is_meant(text: str, meant: str | None) -> None:
    slot = ordered(text, ("FD1", "FD2", "FD3"))
    assert (slot.value if slot else None) == meant
    assert ordered(text, ()) is None


def test_of_one_order_it_is_that_one() -> None:
    slot = ordered("cancel it", ("FD1",))
    assert slot is not None
    assert slot.value == "FD1"
