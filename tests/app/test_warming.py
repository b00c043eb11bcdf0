"""The phrase cache is filled with what replies open with, while nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.store.tables import ConversationRow
from app.warming import fixed_clauses, fixed_phrases, rehearsed, warm
from dialogue.knowledge import read_articles
from dialogue.pack import load_domain
from dialogue.response.wording import quoted
from dialogue.types import AudioClip, Language
from speech.sentences import clauses
from tests.fakes import cheap_house

PACK = Path(__file__).parents[2] / "data" / "domains" / "fresh"


class RecordingVoice:
    language: Language = "zh"

    def __init__(self) -> None:
        self.said: list[str] = []

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
        self.said.append(text)
        yield AudioClip(np.zeros(10, np.float32), 24_000)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_clauses_of_wording_and_articles_are_found_without_values(language: Language) -> None:
    articles = read_articles(PACK / "knowledge")
    phrases = fixed_clauses(load_domain(PACK), articles, language)
    assert len(set(phrases)) == len(phrases)
    assert not any("{" in phrase or "\u3400" in phrase for phrase in phrases)
    for article in (a for a in articles if a.language == language):
        for section in article.sections:
            said = [c for s in quoted(section.text) for c in clauses(s)]
            assert set(said) <= set(phrases)


def test_what_replies_open_with_is_said_before_what_follows() -> None:
    wording = {
        "ask": {"zh": ("请告诉我订单号，FD开头加七位数字。",), "zh_sorry": ("真抱歉。请说。",)}
    }
    domain: Any = SimpleNamespace(wording=wording, products={})
    found = fixed_clauses(domain, (), "zh")
    assert found == ("请告诉我订单号，", "真抱歉。", "FD开头加七位数字。", "请说。")


def test_openings_of_every_language_are_said_before_what_follows_in_any() -> None:
    wording = {
        "ask": {
            "en": ("Tell me the number of your order, it begins with FD and has seven digits.",),
            "zh": ("请告诉我订单号，FD开头加七位数字。",),
        }
    }
    domain: Any = SimpleNamespace(wording=wording, products={}, languages=("zh", "en"))
    assert fixed_phrases(domain, ()) == (
        ("zh", "请告诉我订单号，"),
        ("en", "Tell me the number of your order,"),
        ("zh", "FD开头加七位数字。"),
        ("en", "it begins with FD and has seven digits."),
    )


def test_values_that_the_pack_knows_are_said_too() -> None:
    wording = {"answer.storage": {"zh": ("保存方法是这样的：{product}，{storage}",)}}
    ginger = SimpleNamespace(names={"zh": "生姜"}, storage={"zh": "常温放2周。"})
    unknown = SimpleNamespace(names={"zh": "盐"}, storage={"zh": ""})
    domain: Any = SimpleNamespace(wording=wording, products={"g": ginger, "s": unknown})
    assert fixed_clauses(domain, (), "zh") == ("保存方法是这样的：", "生姜，常温放2周。")


def test_what_follows_a_value_is_found_however_long_the_value_is() -> None:
    wording = {"tell": {"zh": ("现在有货，{product}，今天送，放心。",)}}
    domain: Any = SimpleNamespace(wording=wording, products={})
    found = set(fixed_clauses(domain, (), "zh"))
    for value in ("梨", "一斤装的香蕉", "有机低温巴氏杀菌全脂牛奶"):
        said = clauses(f"现在有货，{value}，今天送，放心。")
        assert {clause for clause in said if value not in clause} <= found


def test_nothing_is_said_while_a_customer_waits() -> None:
    voice, looks = RecordingVoice(), iter([True, False, False])
    said: list[tuple[Language, str]] = [("zh", "您好，"), ("zh", "好的，")]
    warm({"zh": voice}, said, lambda: next(looks), threading.Event())
    assert voice.said == ["您好，", "好的，"]
    assert next(looks, None) is None


def test_warming_ends_when_the_server_stops() -> None:
    voice, stop = RecordingVoice(), threading.Event()
    stop.set()
    warm({"zh": voice}, [("zh", "您好，")], lambda: True, stop)
    assert voice.said == []


def test_replies_with_values_are_rehearsed_in_every_variant_and_nothing_is_done(
    tmp_path: Path,
) -> None:
    house = cheap_house(tmp_path)
    try:
        found = rehearsed(house.conversation, ["do you have blueberries"] * 2, "en")
        assert found
        assert any("lueberries" in phrase for phrase in found)
        assert len(set(found)) == len(found)
        with house.database.reading() as session:
            assert session.query(ConversationRow).count() == 0
    finally:
        house.database.close()
