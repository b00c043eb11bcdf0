"""The phrase cache is filled with what replies open with, while nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.warming import first_clauses, warm
from dialogue.knowledge import read_articles
from dialogue.pack import load_domain
from dialogue.types import AudioClip, Language

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
