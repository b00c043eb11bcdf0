"""The phrase cache is filled with what replies open with, while nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.house import open_settings
from app.store.tables import ConversationRow
from app.warming import first_clauses, rehearsed, warm
from dialogue.knowledge import read_articles
from dialogue.pack import load_domain
from dialogue.types import AudioClip, Language
from tests.fakes import cheap_settings, small_pack

PACK = Path(__file__).parents[2] / "data" / "domains" / "fresh"


class RecordingVoice:
    language: Language = "zh"

    def __init__(self) -> None:
        self.said: list[str] = []

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Iterator[AudioClip]:
        self.said.append(text)
        yield AudioClip(np.zeros(10, np.float32), 24_000)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_openings_of_wording_and_articles_are_found_without_values(language: Language) -> None:
    articles = read_articles(PACK / "knowledge")
    phrases = first_clauses(load_domain(PACK), articles, language)
    assert len(phrases) > 100
    assert len(set(phrases)) == len(phrases)
    assert not any("{" in phrase for phrase in phrases)


def test_nothing_is_said_while_a_customer_waits() -> None:
    voice, looks = RecordingVoice(), iter([True, False, False])
    warm(voice, ["您好，", "好的，"], lambda: next(looks), threading.Event())
    assert voice.said == ["您好，", "好的，"]
    assert next(looks, None) is None


def test_warming_ends_when_the_server_stops() -> None:
    voice, stop = RecordingVoice(), threading.Event()
    stop.set()
    warm(voice, ["您好，"], lambda: True, stop)
    assert voice.said == []


def test_replies_with_values_are_rehearsed_in_every_variant_and_nothing_is_done(
    tmp_path: Path,
) -> None:
    small_pack(tmp_path / "domains")
    house = open_settings(cheap_settings(tmp_path / "var", tmp_path / "domains"))
    try:
        found = rehearsed(house.conversation, ["do you have blueberries"] * 2, "en")
        assert found
        assert any("lueberries" in phrase for phrase in found)
        assert len(set(found)) == len(found)
        with house.database.reading() as session:
            assert session.query(ConversationRow).count() == 0
    finally:
        house.database.close()
