"""What the first words of a turn say of the rest of it."""

from __future__ import annotations

import pytest

from dialogue.openings import after_what, goes_on


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("没听明白？少给我两个苹果", "少给我两个苹果"),
        ("啥？我说的是取消订单", "我说的是取消订单"),
        ("what? I said cancel it", "I said cancel it"),
        ("huh i said cancel it", "i said cancel it"),
        ("什么时候送到", ""),
        ("What time is it", ""),
        ("没听清", ""),
        ("sorry?", ""),
    ],
)
def test_what_follows_a_what(text: str, request_: str) -> None:
    assert after_what(text) == request_


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("那信用卡呢？", "信用卡"),
        ("and for cards?", "cards"),
        ("what about wechat", "wechat"),
        ("and how much longer?", ""),
        ("and cancel my order please", ""),
        ("你们什么时候送", ""),
    ],
)
def test_what_the_same_is_asked_of(text: str, named: str) -> None:
    assert goes_on(text) == named
