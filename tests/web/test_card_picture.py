"""A card as a picture: it stands by itself, tells everything in words, and stays a picture."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from web.card_picture import WIDTH, card_svg

SVG = "{http://www.w3.org/2000/svg}"
ORDER: dict[str, Any] = {
    "kind": "order",
    "title": "订单 FD2024051",
    "alt": "订单 FD2024051",
    "rows": [["状态", "配送中"], ["商品", "皇家嘎啦苹果、Arla全脂牛奶、普通番茄和香蕉，还有西瓜"]],
    "steps": [
        {"label": "已付款", "done": True, "time": "11月25日06:42"},
        {"label": "配送中", "done": True, "time": "11月25日09:34"},
        {"label": "已送达", "done": False, "time": ""},
    ],
}


def texts(drawn: str) -> list[ET.Element]:
    return list(ET.fromstring(drawn).iter(f"{SVG}text"))


def test_everything_the_card_says_is_drawn_and_told() -> None:
    drawn = card_svg(ORDER, "zh")
    shown = "".join(node.text or "" for node in texts(drawn))
    told = ET.fromstring(drawn).findtext(f"{SVG}title") or ""
    for words in ("订单 FD2024051", "配送中", "已送达", "11月25日09:34", "普通番茄和香蕉"):
        assert words in shown
        assert words in told
    assert told.count("✓") == 2


def test_the_timeline_tells_what_is_done_and_what_lies_ahead() -> None:
    dots = [node.get("class") for node in ET.fromstring(card_svg(ORDER, "zh")).iter(f"{SVG}circle")]
    assert dots == ["done", "done", "next"]
    (now,) = (node.text for node in texts(card_svg(ORDER, "zh")) if node.get("class") == "now")
    assert now == "配送中"


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "</text></svg><img src=x onerror=alert(1)>",
        "a & b < c \" ' \x00\x08\ufffe",
        "]]>",
    ],
)
def test_nothing_a_card_says_becomes_markup(words: str) -> None:
    hostile = {"title": words, "body": words, "alt": words, "rows": [[words, words]]}
    root = ET.fromstring(card_svg({**hostile, "kind": "order"}, "en"))
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {
        "svg",
        "title",
        "style",
        "rect",
        "g",
        "text",
        "line",
    }


def test_long_words_stay_inside_and_long_texts_end() -> None:
    card = {
        "title": "苹" * 200,
        "body": "word " * 200 + "x" * 300,
        "rows": [["价格", "¥19.80/" * 12]],
    }
    root = ET.fromstring(card_svg(card, "zh"))
    lines = list(root.iter(f"{SVG}text"))
    assert len(lines) < 60
    assert max(len(n.text or "") for n in lines if n.get("class") == "title") * 17 <= WIDTH - 30
    assert any((n.text or "").endswith("…") for n in lines)
    assert float(root.get("height") or 0) < 1200


def test_nothing_comes_from_elsewhere() -> None:
    drawn = card_svg({**ORDER, "image": "/media/products/01.jpg"}, "zh", b"\xff\xd8photo")
    (photo,) = ET.fromstring(drawn).iter(f"{SVG}image")
    assert (photo.get("href") or "").startswith("data:image/jpeg;base64,")
    assert "url(" not in drawn
    assert drawn.count("http") == 1
    assert "prefers-color-scheme:dark" in drawn


COMPARISON: dict[str, Any] = {
    "kind": "comparison",
    "title": "香蕉和青苹果",
    "alt": "香蕉和青苹果",
    "columns": [{"title": "香蕉", "image": ""}, {"title": "青苹果", "image": ""}],
    "cells": [
        ["价格", "¥5.90/500克", "¥12.80/500克"],
        ["保存", "常温阴凉处存放，不要进冰箱，3至5天内吃完。", ""],
    ],
}


def test_a_comparison_stands_side_by_side_and_is_told_by_name() -> None:
    drawn = card_svg(COMPARISON, "zh", b"", [b"\xff\xd8one", b"\xff\xd8two"])
    root = ET.fromstring(drawn)
    assert len(list(root.iter(f"{SVG}image"))) == 2
    at = {node.text: node.get("x") for node in texts(drawn)}
    assert at["¥5.90/500克"] == at["香蕉"] != at["青苹果"] == at["¥12.80/500克"]
    told = root.findtext(f"{SVG}title") or ""
    assert "价格: 香蕉 ¥5.90/500克; 青苹果 ¥12.80/500克" in told
    assert "青苹果 –" in told
    inside = [int(n.get("x") or 0) + len(n.text or "") * 14 for n in texts(drawn)]
    assert max(inside) <= WIDTH + 14


def test_advice_is_numbered_and_nothing_of_it_is_done() -> None:
    card = {
        "kind": "advice",
        "title": "香蕉怎么保存",
        "steps": [
            {"label": "常温阴凉处存放", "done": False, "time": ""},
            {"label": "不要进冰箱" * 6, "done": False, "time": ""},
        ],
    }
    counts = [n.text for n in texts(card_svg(card, "zh")) if n.get("class") == "count"]
    assert counts == ["1", "2"]
    assert "✓" not in card_svg(card, "zh")
