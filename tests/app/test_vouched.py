"""A customer whom the host site vouches for talks to the whole line and the demo shop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from app.answering import Turned, answer
from app.conversation import Conversation
from app.house import House
from dialogue.types import AudioClip, Language
from speech.asr.replay import ReplayRecognizer
from speech.audio import encode_wav
from tests.fakes import cheap_house

CUSTOMER, OWN = "C001", "FD2024051"
OTHERS = ("FD2024052", "FD2024053", "FD2024059")
"""Packed, delivered, out for delivery."""
WISHES: dict[Language, tuple[str, ...]] = {
    "zh": (
        "{}到哪了",
        "取消订单{}",
        "{}的收货地址改成上海市南京西路1号",
        "{}要退款",
        "{}退款到哪一步了",
        "{}开发票",
        "{}的外卖还没送到",
    ),
    "en": (
        "where is {}",
        "cancel order {}",
        "change the address of {} to 1 Nanjing West Road Shanghai",
        "I want a refund for {}",
        "how is the refund of {} going",
        "I need an invoice for {}",
        "{} still hasn't arrived",
    ),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = cheap_house(tmp_path_factory.mktemp("house"))
    yield opened
    opened.database.close()


def signed_in(house: House, language: Language) -> str:
    """A conversation of a customer who is vouched for."""
    return house.store.start(language, "widget", CUSTOMER)[0]


def asked(turned: Turned) -> list[tuple[str, str, str]]:
    """What was asked of the shop, and how it answered."""
    return [(a["action"], a["outcome"], a["code"]) for a in turned.record["actions"]]


@pytest.mark.parametrize(("language", "words"), [("zh", "{}到哪了"), ("en", "where is {}")])
def test_their_own_order_is_shown_at_once(house: House, language: Language, words: str) -> None:
    here = signed_in(house, language)
    turned = answer(house, language, words.format(OWN), conversation_id=here)
    assert asked(turned) == [("track_order", "done", "out_for_delivery")]


@pytest.mark.parametrize(
    ("language", "wish"), [(lang, wish) for lang, wishes in WISHES.items() for wish in wishes]
)
def test_nothing_of_anybody_elses_order_is_shown_or_done(
    house: House, language: Language, wish: str
) -> None:
    yes = "好的，确认" if language == "zh" else "yes, please"
    refused = 0
    for order in OTHERS:
        here = signed_in(house, language)
        for words in (wish.format(order), yes, yes):
            turned = answer(house, language, words, conversation_id=here)
            for action in turned.record["actions"]:
                assert (action["outcome"], action["code"]) == ("refused", "not_verified")
                assert action["facts"] == {"order_id": order}
                refused += 1
            assert not any(part.card for part in turned.parts)
    assert refused >= len(OTHERS)


def test_what_was_typed_is_gone_on_with_by_voice_on_another_device(house: House) -> None:
    here = signed_in(house, "en")
    answer(house, "en", "where is my order", conversation_id=here)
    again = house.store.resume(CUSTOMER)
    assert again is not None
    engines = replace(
        house.engines, recognizer=ReplayRecognizer(otherwise=(f"it is {OWN}", f"it's {OWN}"))
    )
    laptop = replace(house, engines=engines, conversation=Conversation(engines, house.store))
    at = np.arange(16_000) / 16_000
    hum = 0.3 * np.sin(2 * np.pi * 220 * at) * (np.sin(2 * np.pi * 3 * at) > 0)
    quiet = np.zeros(4_000)
    sound = np.concatenate([quiet, hum, quiet]).astype(np.float32)
    note = encode_wav(AudioClip(sound, 16_000))
    turned = answer(laptop, "en", files=(("audio", note),), conversation_id=again[0])
    assert (again[0], turned.record["decision"]["topic"]) == (here, "read_back.order_id")
    told = answer(house, "en", "yes", conversation_id=here)
    assert asked(told) == [("track_order", "done", "out_for_delivery")]
