"""Figures as people say them: amounts, order numbers, dates, times, phone numbers, weights."""

from __future__ import annotations

from dialogue.types import Language
from speech import english, mandarin


def say(text: str, language: Language) -> str:
    """`text` with its figures written the way they are spoken; saying it twice changes nothing."""
    return mandarin.say(text) if language == "zh" else english.say(text)
