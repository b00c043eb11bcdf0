"""What a synthesizer says of a marked text: clauses in spoken words, and pauses between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from dialogue.types import AudioClip, Language
from dialogue.types.marks import DIGITS, LONGEST_PAUSE, PAUSE, unmarked
from speech import english, mandarin
from speech.saying import say
from speech.sentences import clauses

Pause = float
"""Seconds."""


def spoken(text: str, language: Language) -> Iterator[str | Pause]:
    """Clauses of `text` as they are said, and the pauses where its marks ask for one.

    Anything that looks like a mark and is none is left out: no engine ever reads one out.
    """
    pieces = PAUSE.split(DIGITS.sub(lambda m: _one_by_one(m[1], language), text))
    for number, piece in enumerate(pieces):
        if number % 2:
            yield min(int(piece), LONGEST_PAUSE) / 1000
            continue
        for clause in clauses(re.sub(r"[<>]", " ", unmarked(piece))):
            yield say(clause, language)


def sounds(
    text: str, language: Language, rate: int, make: Callable[[str], AudioClip | None]
) -> Iterator[AudioClip]:
    """The sound of each clause, by `make`, and silence of exactly the pauses' lengths."""
    for piece in spoken(text, language):
        if isinstance(piece, float):
            yield AudioClip(np.zeros(round(piece * rate), np.float32), rate)
        elif (clip := make(piece)) is not None:
            yield clip


def _one_by_one(value: str, language: Language) -> str:
    """Letters apart, and digits one after the other: FD20 → F D, two zero."""
    parts = re.findall(r"[A-Za-z]+|\d+", value)
    digits = mandarin.digits if language == "zh" else english.digits
    return ", ".join(digits(p) if p.isdigit() else " ".join(p.upper()) for p in parts)
