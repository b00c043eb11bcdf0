from __future__ import annotations

import pytest

from speech.saying import say

ZH = {
    "订单FD2024051": "订单F D 二零二四零五幺",
    "¥12.50": "十二元五角",
    "¥12.05": "十二元零五分",
    "¥2": "两元",
    "¥0.05": "五分",
    "¥1,200.00": "一千二百元",
    "10.5元": "十元五角",
    "2024-05-01": "二零二四年五月一日",
    "14:30": "下午两点半",
    "下午2:05": "下午两点零五分",
    "14:00-16:00": "下午两点到下午四点",
    "尾号****5678": "尾号五六七八",
    "138****5678": "尾号五六七八",
    "13812345678": "幺三八幺二三四五六七八",
    "2-3天": "两到三天",
    "500g": "五百克",
    "1.5kg": "一点五公斤",
    "2个苹果，12盒": "两个苹果，十二盒",
    "20%": "百分之二十",
    "10086人": "一万零八十六人",
    "110室": "一百一十室",
}
EN = {
    "Order FD2024051": "Order F D, two zero two four, zero five one",
    "¥12.50": "12.5 yuan",
    "¥3.00": "3 yuan",
    "2024-05-01": "May 1st, 2024",
    "14:00-16:30": "2 PM to 4:30 PM",
    "9:30 am": "9:30 am",
    "13812345678": "one three eight, one two three four, five six seven eight",
    "138****5678": "ending in five six seven eight",
    "2-3 days": "2 to 3 days",
    "500g": "500 grams",
    "1kg": "1 kilogram",
    "I'm on 3rd street": "I'm on 3rd street",
}


@pytest.mark.parametrize("text", ZH)
def test_mandarin_figures_are_said_as_people_say_them(text: str) -> None:
    assert say(text, "zh") == ZH[text]


@pytest.mark.parametrize("text", EN)
def test_english_figures_are_said_as_people_say_them(text: str) -> None:
    assert say(text, "en") == EN[text]


@pytest.mark.parametrize("text", [*ZH, *EN])
def test_saying_twice_changes_nothing(text: str) -> None:
    for language in ("zh", "en"):
        once = say(text, language)
        assert say(once, language) == once
