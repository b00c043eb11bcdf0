"""The language a message is written in, with the conversation as prior."""

from __future__ import annotations

import re

from dialogue.types import Language

_HAN = re.compile(r"[㐀-鿿]")
_WORD = re.compile(r"[a-z]{2,}", re.IGNORECASE)
_CODE = re.compile(r"\b(?=\w*\d)\w+\b")
"""Order numbers and the like, which belong to no language."""


def written_language(text: str, home: Language) -> Language:
    """zh where there is any Chinese; en for English words; else `home`.

    One English word alone ("ok", "app") does not take a Chinese conversation into English.
    """
    if _HAN.search(text):
        return "zh"
    words = _WORD.findall(_CODE.sub(" ", text))
    return "en" if len(words) >= 2 or (words and home == "en") else home
