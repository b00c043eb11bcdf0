"""Values read in running text, and words that only look like values."""

from __future__ import annotations

import pytest

from dialogue.domain import Domain
from dialogue.nlu.slots import SlotReader
from dialogue.nlu.spelling import Speller
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
